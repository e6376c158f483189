/// A word, mark or literal of the source.
struct Token {
  enum Kind: Equatable {
    case name, number, string
    case newline, end
    case keyword(Word)
    case symbol(Symbol)
    /// Reported already.
    case invalid

    var isNumber: Bool { self == .number }
  }

  let kind: Kind
  let start: UInt32
  let end: UInt32

  var span: Span { Span(start, end) }
}

/// The reserved words.
enum Word: String {
  case and, or, not, `if`, `else`, `for`, `in`, `while`, `break`, `continue`, `return`, `try`, `catch`, raise,
    `import`, from, fn, `true`, `false`, none
}

/// The marks.
enum Symbol: String {
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
  case comma = ","
  case colon = ":"
  case semicolon = ";"
  case dot = "."
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case doubleSlash = "//"
  case percent = "%"
  case at = "@"
  case doubleStar = "**"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="
  case assign = "="
  case plusAssign = "+="
  case minusAssign = "-="
  case starAssign = "*="
  case slashAssign = "/="
  case doubleSlashAssign = "//="
  case percentAssign = "%="
  case atAssign = "@="
  case doubleStarAssign = "**="
  case arrow = "=>"
  case pipe = "|>"

  var isOpening: Bool { self == .leftParenthesis || self == .leftBracket || self == .leftBrace }
  var isClosing: Bool { self == .rightParenthesis || self == .rightBracket || self == .rightBrace }
  var partner: Symbol? {
    switch self {
    case .leftParenthesis: .rightParenthesis
    case .leftBracket: .rightBracket
    case .leftBrace: .rightBrace
    default: nil
    }
  }
}

/// Something wrong with the text.
struct Problem {
  let message: String
  let hint: String?
  let span: Span
  var notes: [Diagnostic.Note] = []

  init(_ message: String, hint: String? = nil, _ span: Span, notes: [Diagnostic.Note] = []) {
    self.message = message
    self.hint = hint
    self.span = span
    self.notes = notes
  }
}
