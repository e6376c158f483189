/// What went wrong, told to the person who asked for it.
///
/// Every module below the language throws this one type, so that the language can turn any failure
/// into a diagnostic without knowing where it came from.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds that a script can tell apart in `catch e { e.kind }`.
  public enum Kind: String, Sendable, CaseIterable {
    /// A name that nothing carries.
    case name
    /// A value of a kind that does not fit.
    case type
    /// The right kind of value, with a content that does not fit.
    case value
    /// Array shapes that do not go together.
    case shape
    /// A time where a frequency is wanted, and the like.
    case unit
    /// A position outside a list or an axis.
    case index
    /// A record without that key.
    case key
    /// Division by zero and its relatives.
    case arithmetic
    /// A file that is missing, unreadable or unwritable.
    case file
    /// A file whose content is not what it claims to be.
    case format
    /// More memory than there is.
    case memory
    /// A limit of the language: call depth, nesting.
    case recursion
    /// Text that does not parse.
    case syntax
    /// Something asked for too early or too late, such as `fit` before `compile`.
    case state
    /// The user asked to stop.
    case interrupt
    /// Raised by the script itself.
    case raised
  }

  /// The kind, for `catch`.
  public let kind: Kind
  /// One sentence that says what was wrong, and what was expected. No final period.
  public let message: String
  /// What to try, if there is something to try. No final period.
  public let hint: String?
  /// The name of the parameter at fault, so that a caret can stand under that argument.
  public var parameter: String?

  /// Makes a failure; `parameter` names the argument at fault where there is one.
  public init(_ kind: Kind, _ message: String, hint: String? = nil, parameter: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.parameter = parameter
  }

  /// The message with its hint.
  public var description: String {
    guard let hint else { return message }
    return "\(message); \(hint)"
  }

  /// The same failure, blamed on one parameter unless it names one already.
  public func blaming(_ parameter: String) -> Failure {
    if self.parameter != nil { return self }
    return Failure(kind, message, hint: hint, parameter: parameter)
  }

  /// A `file` failure from the C library's `errno`: `cannot ACTION 'PATH': REASON`.
  public static func system(_ action: String, path: String, errno code: Int32) -> Failure {
    Failure(.file, "cannot \(action) '\(path)': \(SystemError.text(code))")
  }
}
