import CapLanguage

/// The colours of a cell's text: the language's tokens, or the name of a command.
public enum CodeColors {
  /// A stretch of one colour.
  public typealias Stretch = (range: Range<Int>, color: HighlightToken.Color)

  /// The coloured stretches of a cell, as byte offsets in its UTF-8 text, in order; what lies between them
  /// is plain.
  public static func stretches(of text: String) -> [Stretch] {
    if PromptCommand.isCommand(text) {
      let end =
        text.utf8.firstIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") } ?? text.utf8.endIndex
      let command: Stretch = (0..<text.utf8.distance(from: text.startIndex, to: end), .command)
      return [command] + (PromptCommand.codeOffset(in: text).map { code(of: text, from: $0) } ?? [])
    }
    return code(of: text, from: 0)
  }

  /// The stretches of the code that starts at a byte.
  private static func code(of text: String, from start: Int) -> [Stretch] {
    let code = start == 0 ? text : String(decoding: text.utf8.dropFirst(start), as: UTF8.self)
    return SourceText.tokens(of: code).compactMap { token in
      token.color.map { (token.range.lowerBound + start..<token.range.upperBound + start, $0) }
    }
  }
}
