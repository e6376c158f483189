import CapLanguage
import Notebook

/// The colours of an entry while it is edited.
struct Highlighting {
  private let styles: [(range: Range<Int>, style: String)]

  init(_ text: String) {
    styles = CodeColors.stretches(of: text).map { ($0.range, Self.style($0.color)) }
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

  private static func style(_ color: HighlightToken.Color) -> String {
    switch color {
    case .keyword: Style.magenta
    case .literal: Style.cyan
    case .string: Style.green
    case .comment: Style.dim
    case .call: Style.blue
    case .invalid: Style.red
    case .command: Style.yellow
    }
  }
}
