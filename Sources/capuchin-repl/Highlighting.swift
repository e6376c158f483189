import CapLanguage
import Notebook

/// The colours of an entry while it is edited.
struct Highlighting {
  private let styles: [(range: Range<Int>, style: String)]

  init(_ text: String) {
    if PromptCommand.isCommand(text) {
      let end = text.utf8.firstIndex(of: UInt8(ascii: " ")) ?? text.utf8.endIndex
      styles = [(0..<text.utf8.distance(from: text.startIndex, to: end), Style.yellow)]
    } else {
      styles = SourceText.tokens(of: text).compactMap { token in
        Self.style(token.kind).map { (token.range, $0) }
      }
    }
  }

  /// The style of the character at a byte offset.
  func style(at offset: Int) -> String {
    var low = 0
    var high = styles.count
    while low < high {
      let middle = (low + high) / 2
      if styles[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    guard low < styles.count, styles[low].range.contains(offset) else { return "" }
    return styles[low].style
  }

  private static func style(_ kind: HighlightToken.Kind) -> String? {
    switch kind {
    case .keyword: Style.magenta
    case .constant, .number: Style.cyan
    case .string: Style.green
    case .comment: Style.dim
    case .call: Style.blue
    case .invalid: Style.red
    case .name, .symbol, .bracket: nil
    }
  }
}
