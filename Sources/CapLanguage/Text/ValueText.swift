import Essentials

/// How values are written.
extension Value: CustomStringConvertible {
  /// As a script would write it: strings in quotes, lists and records in full.
  public var description: String {
    var writer = ValueWriter()
    writer.write(self, quoted: true)
    return writer.text
  }

  /// What `print` and f-strings show: a string bare, everything else as `description`.
  public var displayText: String {
    if case .string(let string) = self { return string.text }
    return description
  }

  /// What a cell shows: as `description`, but long values are shortened, and what was left out is said.
  public func cellText(itemLimit: Int = 100, characterLimit: Int = 4000) -> String {
    var writer = ValueWriter(itemLimit: itemLimit, characterLimit: characterLimit)
    writer.write(self, quoted: true)
    return writer.text
  }
}

/// Writes a value, with limits or without.
struct ValueWriter {
  private(set) var text = ""
  private var depth = 0
  private let itemLimit: Int
  private let characterLimit: Int

  /// Values nested deeper than this are shown as `…`: the writer recurses.
  private static let depthLimit = 1000

  init(itemLimit: Int = .max, characterLimit: Int = .max) {
    self.itemLimit = max(2, itemLimit)
    self.characterLimit = characterLimit
  }

  mutating func write(_ value: Value, quoted: Bool) {
    switch value {
    case .nothing: text += "none"
    case .unset: text += "unset"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let number): text += NumberText.plain(number)
    case .quantity(let quantity): text += quantity.text
    case .string(let string): writeString(string.text, quoted: quoted)
    case .list(let list): writeList(list)
    case .record(let record): writeRecord(record)
    case .function(let function): text += "<function \(function.signature)>"
    case .object(let object): text += object.summary
    }
  }

  private mutating func writeString(_ string: String, quoted: Bool) {
    guard quoted else {
      text += string
      return
    }
    let limit = depth == 0 ? characterLimit : min(characterLimit, max(200, characterLimit / 10))
    if characterLimit != .max, string.utf8.count > limit, string.unicodeScalars.count > limit {
      let shown = String(string.unicodeScalars.prefix(limit))
      text +=
        Self.quote(shown) + "… (\(string.unicodeScalars.count - shown.unicodeScalars.count) more characters)"
    } else {
      text += Self.quote(string)
    }
  }

  private mutating func writeList(_ list: [Value]) {
    guard enter() else { return }
    text += "["
    writeItems(count: list.count, noun: "item") { writer, position in
      writer.write(list[position], quoted: true)
    }
    text += "]"
    depth -= 1
  }

  private mutating func writeRecord(_ record: RecordObject) {
    guard enter() else { return }
    text += "{"
    writeItems(count: record.count, noun: "field") { writer, position in
      let entry = record.entries[position]
      writer.text += Characters.isName(entry.key.text) ? entry.key.text : Self.quote(entry.key.text)
      writer.text += ": "
      writer.write(entry.value, quoted: true)
    }
    text += "}"
    depth -= 1
  }

  private mutating func enter() -> Bool {
    guard depth < Self.depthLimit else {
      text += "…"
      return false
    }
    depth += 1
    return true
  }

  /// Writes all items, or the first and last ones with the number of those between.
  private mutating func writeItems(
    count: Int, noun: String, _ write: (inout ValueWriter, Int) -> Void
  ) {
    // What is nested shows less: the whole is to be seen at a glance.
    let itemLimit = itemLimit == .max || depth == 1 ? itemLimit : min(itemLimit, max(8, itemLimit / 4))
    let head = count > itemLimit ? itemLimit - itemLimit / 10 - 1 : count
    var position = 0
    while position < count {
      if position > 0 { text += ", " }
      if position == head, head < count {
        let tail = itemLimit / 10
        text += "… (\(Wording.count(count - head - tail, "more " + noun))) …"
        position = count - tail
        continue
      }
      if text.utf8.count > characterLimit {
        text += "… (\(Wording.count(count - position, "more " + noun)))"
        return
      }
      // The text is not needed any more; who wanted it looks at the flag, too.
      if Interruption.isRequested {
        text += "…"
        return
      }
      write(&self, position)
      position += 1
    }
  }

  /// The text as a string literal of the language.
  static func quote(_ string: String) -> String {
    // As Python: double quotes here, single ones where that saves escapes.
    let delimiter: Unicode.Scalar = string.contains("\"") && !string.contains("'") ? "'" : "\""
    var quoted = String(delimiter)
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case "\\": quoted += "\\\\"
      case delimiter: quoted += "\\" + String(delimiter)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\x" + (hex.count < 2 ? "0" : "") + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + String(delimiter)
  }
}
