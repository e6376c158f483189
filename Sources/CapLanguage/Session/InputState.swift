/// Whether a text at the prompt is a whole cell, or goes on.
public struct InputState: Sendable, Equatable {
  /// Whether brackets, blocks, strings and operators are all finished.
  public let isComplete: Bool
  /// Where the brackets stand that are open at the end, outermost first: byte offsets in the UTF-8 text.
  public let openBrackets: [Int]
  /// Whether the end lies inside a string.
  public let isInString: Bool
}

/// A coloured stretch of a text, for a prompt or a page.
public struct HighlightToken: Sendable, Equatable {
  /// What it is.
  public enum Kind: String, Sendable {
    /// `if`, `fn`, …
    case keyword
    /// `true`, `false`, `none`.
    case constant
    /// Any other name.
    case name
    /// A name right before `(`.
    case call
    /// A number, with its unit.
    case number
    /// A string, quotes included.
    case string
    /// A comment.
    case comment
    /// An operator.
    case symbol
    /// A bracket.
    case bracket
    /// What no script contains.
    case invalid
  }
  /// What it is.
  public let kind: Kind
  /// Byte offsets in the UTF-8 text.
  public let range: Range<Int>

  /// The colours of code. A prompt has an escape sequence for each, a page a style.
  public enum Color: String, Sendable, CaseIterable {
    /// `if`, `fn`, …
    case keyword
    /// Numbers, `true`, `false`, `none`.
    case literal
    /// Strings.
    case string
    /// Comments.
    case comment
    /// Names of functions where they are called.
    case call
    /// What no script contains.
    case invalid
    /// `%time` and its like.
    case command
  }

  /// The colour of the token; nil for what stays plain.
  public var color: Color? {
    switch kind {
    case .keyword: .keyword
    case .constant, .number: .literal
    case .string: .string
    case .comment: .comment
    case .call: .call
    case .invalid: .invalid
    case .name, .symbol, .bracket: nil
    }
  }
}
