/// Text that was meant for a terminal, as the characters that it would leave there.
enum TerminalText {
  /// The text without escape sequences; of a line that was written over with carriage returns, what was written
  /// last.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 && $0 != 10 && $0 != 9 }) else { return text }
    var result = String.UnicodeScalarView()
    var line = String.UnicodeScalarView()
    var isOverwritten = false
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\u{1B}": skipSequence(&scalars)
      case "\n":
        result += line
        result.append("\n")
        line = .init()
        isOverwritten = false
      case "\r": isOverwritten = true
      case "\u{8}": if !line.isEmpty { line.removeLast() }
      case "\u{7}": break
      default:
        if isOverwritten { line = .init() }
        isOverwritten = false
        line.append(scalar)
      }
    }
    return String(result + line)
  }

  /// Skips what belongs to an escape character (ECMA-48).
  private static func skipSequence(_ scalars: inout Substring.UnicodeScalarView) {
    guard let kind = scalars.popFirst() else { return }
    switch kind {
    case "[":
      // Parameters and intermediates, then one final character; anything else is no sequence any more.
      while let next = scalars.first, (0x20...0x3F).contains(next.value) { scalars.removeFirst() }
      if let last = scalars.first, (0x40...0x7E).contains(last.value) { scalars.removeFirst() }
    case "]", "P", "_", "^", "X":
      // A string for the terminal, up to BEL or ESC \\.
      while let next = scalars.first, next != "\n" {
        scalars.removeFirst()
        if next == "\u{7}" { return }
        if next == "\u{1B}" {
          if scalars.first == "\\" { scalars.removeFirst() }
          return
        }
      }
    case " "..."/":
      if let last = scalars.first, (0x30...0x7E).contains(last.value) { scalars.removeFirst() }
    case "\n": scalars = Substring("\n" + String(scalars)).unicodeScalars
    default: break
    }
  }
}
