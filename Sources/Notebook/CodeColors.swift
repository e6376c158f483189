import CapLanguage

/// The colours of a cell's text: the language's tokens, or the name of a command.
public enum CodeColors {
  /// A stretch of one colour.
  public typealias Stretch = (range: Range<Int>, color: HighlightToken.Color)

  /// The coloured stretches of a cell, as byte offsets in its UTF-8 text, in order; what lies between them
  /// is plain.
  public static func stretches(of text: String) -> [Stretch] {
    if PromptCommand.isCommand(text) {
      let end = text.utf8.firstIndex(of: UInt8(ascii: " ")) ?? text.utf8.endIndex
      return [(0..<text.utf8.distance(from: text.startIndex, to: end), .command)]
    }
    return SourceText.tokens(of: text).compactMap { token in token.color.map { (token.range, $0) } }
  }
}
