/// Whether a text at the prompt is a whole cell, or goes on.
public struct InputState: Sendable, Equatable {
  /// Whether brackets, blocks, strings and operators are all finished.
  public let isComplete: Bool
  /// How many levels of brackets and blocks are open at the end: the indentation of the next line.
  public let indentation: Int
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
}

/// What may stand at the cursor.
public struct Completion: Sendable {
  /// What is being written there.
  public enum Context: Sendable, Equatable {
    /// A name.
    case name
    /// A field after a dot.
    case field
    /// An argument of a call: parameters come first, then names.
    case argument(function: String)
    /// Inside a string: a path, perhaps; the text of the string up to the cursor.
    case string(prefix: String)
    /// Nothing that can be completed, such as a comment.
    case nothing
  }
  /// One proposal.
  public struct Candidate: Sendable, Equatable {
    /// What to write; `frame_length=` for a parameter.
    public let text: String
    /// "function", "keyword", "parameter", "field", or the kind of the variable's value.
    public let kind: String
    /// A line about it: a signature or a summary.
    public let detail: String
  }
  /// What is being written.
  public let context: Context
  /// The bytes that a candidate replaces.
  public let range: Range<Int>
  /// In the order to show them.
  public let candidates: [Candidate]
}

extension Interpreter {
  /// What may stand at byte `offset` of `text`.
  public func completion(in text: String, at offset: Int) -> Completion {
    Completion(context: .nothing, range: offset..<offset, candidates: [])
  }
}

/// Looks at a text without running it.
public enum SourceText {
  /// Whether the text is a whole cell.
  public static func inputState(of text: String) -> InputState {
    InputState(isComplete: true, indentation: 0, isInString: false)
  }
  /// The text's coloured stretches, in order; blanks are left out.
  public static func tokens(of text: String) -> [HighlightToken] { [] }
}
