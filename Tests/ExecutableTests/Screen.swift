/// As much of a terminal as the tests need: a grid of characters, a cursor, lines that scroll away.
struct Screen {
  private(set) var columns: Int
  private(set) var rows: Int
  private var lines: [[Character]] = [[]]
  private var row = 0
  private var column = 0
  private var pending: [UInt8] = []
  /// The escape sequence that has begun and not ended.
  private var sequence: String?
  /// Everything that came, as it came.
  private(set) var stream = ""

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// What it has shown, lines that scrolled away included, without trailing blanks.
  var text: String {
    lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  }

  /// The line that the cursor is in.
  var cursorLine: String { String(lines[row]) }
  /// The cell that the cursor is in, from 0.
  var cursorColumn: Int { column }

  /// A new size; lines that no longer fit wrap, as terminals do it.
  mutating func resize(columns: Int, rows: Int) {
    var wrapped: [[Character]] = []
    var newRow = 0
    for (index, line) in lines.enumerated() {
      if index == row {
        newRow = wrapped.count + column / columns
        column %= columns
      }
      var rest = line[...]
      repeat {
        wrapped.append(Array(rest.prefix(columns)))
        rest = rest.dropFirst(columns)
      } while !rest.isEmpty
    }
    lines = wrapped
    row = min(newRow, lines.count - 1)
    self.columns = columns
    self.rows = rows
  }

  mutating func write(_ bytes: ArraySlice<UInt8>) {
    pending += bytes
    // A character cut in two at the end waits for its rest.
    var whole = pending.count
    while whole > 0, pending.count - whole < 3, pending[whole - 1] & 0xC0 == 0x80 { whole -= 1 }
    if whole > 0, pending[whole - 1] >= 0xC0 { whole -= 1 } else { whole = pending.count }
    let text = String(decoding: pending[..<whole], as: UTF8.self)
    pending.removeFirst(whole)
    stream += text
    interpret(text)
  }

  private mutating func interpret(_ text: String) {
    for scalar in text.unicodeScalars {
      if var current = sequence {
        current.unicodeScalars.append(scalar)
        sequence = current
        if isComplete(current) {
          sequence = nil
          act(on: current)
        }
        continue
      }
      switch scalar {
      case "\u{1B}": sequence = "\u{1B}"
      case "\r": column = 0
      case "\n": moveDown()
      case "\u{8}": column = max(0, column - 1)
      case "\u{7}": break
      default: put(Character(scalar))
      }
    }
  }

  private func isComplete(_ sequence: String) -> Bool {
    // Long ones (pictures) come scalar by scalar: only their ends are looked at.
    let scalars = sequence.unicodeScalars
    guard let kind = scalars.dropFirst().first, let last = scalars.last else { return false }
    switch kind {
    case "[": return scalars.dropFirst(2).first != nil && (0x40...0x7E).contains(last.value)
    case "(": return scalars.dropFirst(2).first != nil
    case "P", "_", "]":
      return last == "\u{7}" && kind == "]" || last == "\\" && scalars.dropLast().last == "\u{1B}"
    default: return true
    }
  }

  private mutating func act(on sequence: String) {
    guard sequence.hasPrefix("\u{1B}["), let final = sequence.last else { return }
    let number = Int(sequence.dropFirst(2).dropLast()) ?? 1
    switch final {
    case "A": row = max(0, row - number)
    case "B": row = min(lines.count - 1, row + number)
    case "C": column = min(columns - 1, column + number)
    case "D": column = max(0, column - number)
    case "H":
      row = max(0, lines.count - rows)
      column = 0
    case "K": lines[row] = Array(lines[row].prefix(column))
    case "J":
      if sequence.hasSuffix("[2J") {
        lines.removeSubrange((row + 1)...)
        lines[row] = []
      } else {
        lines[row] = Array(lines[row].prefix(column))
        lines.removeSubrange((row + 1)...)
      }
    default: break
    }
  }

  private mutating func moveDown() {
    row += 1
    if row == lines.count { lines.append([]) }
  }

  private mutating func put(_ character: Character) {
    if column == columns {
      column = 0
      moveDown()
    }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = character
    column += 1
  }
}
