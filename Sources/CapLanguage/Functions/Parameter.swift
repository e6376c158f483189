import Essentials

/// One parameter of a library function: checking, help and completion read it.
public struct Parameter: Sendable {
  /// As written in a call: `frame_length`.
  public let name: String
  /// What it takes.
  public let kind: ParameterKind
  /// What stands when the argument is left out; nil if it must be given.
  public let defaultValue: Value?
  /// "Hz", "s", "samples": for help.
  public let unit: String?
  /// One sentence, no final period.
  public let documentation: String
  /// Whether it collects all further arguments by position.
  public let isVariadic: Bool

  /// A parameter that must be given.
  public init(_ name: String, _ kind: ParameterKind, unit: String? = nil, _ documentation: String) {
    self.init(name, kind, defaultValue: nil, unit, documentation, isVariadic: false)
  }

  /// A parameter that may be left out.
  public init(
    _ name: String, _ kind: ParameterKind, default defaultValue: Value, unit: String? = nil,
    _ documentation: String
  ) {
    self.init(name, kind, defaultValue: defaultValue, unit, documentation, isVariadic: false)
  }

  /// A parameter that collects any number of arguments by position; those after it are given by name only.
  public static func variadic(
    _ name: String, _ kind: ParameterKind, unit: String? = nil, _ documentation: String
  ) -> Parameter {
    Parameter(name, kind, defaultValue: nil, unit, documentation, isVariadic: true)
  }

  private init(
    _ name: String, _ kind: ParameterKind, defaultValue: Value?, _ unit: String?, _ documentation: String,
    isVariadic: Bool
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.unit = unit
    self.documentation = documentation
    self.isVariadic = isVariadic
  }
}

/// A range of numbers, either end open, closed or absent.
public struct NumberRange: Sendable {
  let low: Double
  let high: Double
  let includesLow: Bool
  let includesHigh: Bool

  /// Any number that is not NaN.
  public static let any = NumberRange(low: -.infinity, high: .infinity, includesLow: true, includesHigh: true)
  /// 0 and up.
  public static let nonNegative = NumberRange.atLeast(0)
  /// Above 0.
  public static let positive = NumberRange.above(0)
  /// From 0 to 1.
  public static let fraction = NumberRange.between(0, 1)
  /// `low` and up.
  public static func atLeast(_ low: Double) -> NumberRange {
    NumberRange(low: low, high: .infinity, includesLow: true, includesHigh: true)
  }
  /// Above `low`.
  public static func above(_ low: Double) -> NumberRange {
    NumberRange(low: low, high: .infinity, includesLow: false, includesHigh: true)
  }
  /// From `low` to `high`, ends included or not.
  public static func between(
    _ low: Double, _ high: Double, includesLow: Bool = true, includesHigh: Bool = true
  ) -> NumberRange {
    NumberRange(low: low, high: high, includesLow: includesLow, includesHigh: includesHigh)
  }

  func contains(_ number: Double) -> Bool {
    (includesLow ? number >= low : number > low) && (includesHigh ? number <= high : number < high)
  }

  /// "from 0 to 1", "of at least 1", "above 0"; empty for any number.
  var phrase: String {
    if low == -.infinity, high == .infinity { return "" }
    if high == .infinity {
      return includesLow ? " of at least \(NumberText.plain(low))" : " above \(NumberText.plain(low))"
    }
    if low == -.infinity {
      return includesHigh ? " of at most \(NumberText.plain(high))" : " below \(NumberText.plain(high))"
    }
    if includesLow, includesHigh { return " from \(NumberText.plain(low)) to \(NumberText.plain(high))" }
    let lower = includesLow ? "at least" : "above"
    let upper = includesHigh ? "at most" : "below"
    return " \(lower) \(NumberText.plain(low)) and \(upper) \(NumberText.plain(high))"
  }
}

/// What a parameter takes.
public indirect enum ParameterKind: Sendable {
  /// Anything.
  case any
  /// A number in a range.
  case number(NumberRange)
  /// A whole number in a range (which fits an Int, whatever the range).
  case integer(NumberRange)
  /// A time; a bare number counts seconds. The range is in seconds.
  case time(NumberRange)
  /// A frequency; a bare number counts hertz. The range is in hertz.
  case frequency(NumberRange)
  /// A length in samples: a whole number, or a time which the audio's own rate converts. The range bounds
  /// the number; a time is checked for its sign only.
  case sampleCount(NumberRange)
  /// A string.
  case string
  /// One of these strings.
  case choice([String])
  /// A bool.
  case bool
  /// A list whose items are of this kind; a range counts as a list.
  case list(ParameterKind)
  /// A record.
  case record
  /// A function.
  case function
  /// An object of this class, called so in messages: `.object("audio", AudioObject.self)`.
  case object(String, DomainObject.Type)
  /// What a test accepts, called so in messages: "a number, a list of numbers or a tensor".
  case matching(String, @Sendable (Value) -> Bool)
  /// What any of these takes.
  case oneOf([ParameterKind])
  /// `none`, or what this takes.
  case optional(ParameterKind)

  /// A number.
  public static let number = ParameterKind.number(.any)
  /// A whole number.
  public static let integer = ParameterKind.integer(.any)
  /// A time.
  public static let time = ParameterKind.time(.any)
  /// A frequency.
  public static let frequency = ParameterKind.frequency(.any)
  /// A number of samples or a time, not negative.
  public static let sampleCount = ParameterKind.sampleCount(.nonNegative)
  /// A list of anything.
  public static let list = ParameterKind.list(.any)

  /// What it takes, for messages and help: "a number from 0 to 1", "a string or none".
  public var phrase: String {
    switch self {
    case .any: "any value"
    case .number(let range): "a number\(range.phrase)"
    case .integer(let range): "a whole number\(range.phrase)"
    case .time(let range): "a time such as 3s\(range.phrase.isEmpty ? "" : ",\(range.phrase) s")"
    case .frequency(let range):
      "a frequency such as 16kHz\(range.phrase.isEmpty ? "" : ",\(range.phrase) Hz")"
    case .sampleCount(let range): "a number of samples\(range.phrase), or a time such as 3s"
    case .string: "a string"
    case .choice(let choices): Wording.alternatives(choices.map { ValueWriter.quote($0) })
    case .bool: "true or false"
    case .list(let item):
      if let plural = item.plural { "a list of \(plural)" } else { "a list" }
    case .record: "a record"
    case .function: "a function"
    case .object(let name, _): Wording.withArticle(name)
    case .matching(let phrase, _): phrase
    case .oneOf(let kinds): Wording.alternatives(kinds.map(\.phrase))
    case .optional(let kind): "\(kind.phrase), or none"
    }
  }

  private var plural: String? {
    switch self {
    case .any: nil
    case .number(let range): "numbers\(range.phrase)"
    case .integer(let range): "whole numbers\(range.phrase)"
    case .time: "times"
    case .frequency: "frequencies"
    case .sampleCount: "sample counts or times"
    case .string: "strings"
    case .choice(let choices): "words out of \(Wording.joined(choices.map { ValueWriter.quote($0) }))"
    case .bool: "bools"
    case .list(let item): item.plural.map { "lists of \($0)" } ?? "lists"
    case .record: "records"
    case .function: "functions"
    case .object(let name, _): "\(name) values"
    case .matching: nil
    case .oneOf(let kinds): Wording.alternatives(kinds.map { $0.plural ?? "values" })
    case .optional(let kind): "\(kind.plural ?? "values") or none"
    }
  }

  /// Nil if the value fits, else what is wrong with it.
  func mismatch(_ value: Value) -> Mismatch? {
    switch self {
    case .any: return nil
    case .number(let range):
      guard case .number(let number) = value else { return .kind }
      return range.contains(number) ? nil : .range
    case .integer(let range):
      guard case .number(let number) = value else { return .kind }
      guard number.magnitude < 0x1p53, number == number.rounded() else { return .wholeNumber }
      return range.contains(number) ? nil : .range
    case .time(let range): return measure(value, .second, range)
    case .frequency(let range): return measure(value, .hertz, range)
    case .sampleCount(let range):
      if case .quantity(let quantity) = value {
        guard quantity.unit == .second else { return .unit(wanted: "a time or a number of samples") }
        return quantity.amount.isFinite && (quantity.amount >= 0 || range.low < 0) ? nil : .range
      }
      return ParameterKind.integer(range).mismatch(value)
    case .string:
      if case .string = value { return nil }
      return .kind
    case .choice(let choices):
      guard case .string(let string) = value else { return .kind }
      return choices.contains(string.text) ? nil : .choice(NearNames.of(string.text, in: choices).first)
    case .bool:
      if case .bool = value { return nil }
      return .kind
    case .list(let item):
      if case .object(let object) = value, object is RangeObject { return nil }
      guard case .list(let list) = value else { return .kind }
      if case .any = item { return nil }
      for (position, element) in list.enumerated() {
        if let inner = item.mismatch(element) { return .item(position, element, inner) }
      }
      return nil
    case .record:
      if case .record = value { return nil }
      return .kind
    case .function:
      if case .function = value { return nil }
      return .kind
    case .object(_, let type):
      guard case .object(let object) = value else { return .kind }
      var current: AnyClass? = Swift.type(of: object)
      while let known = current {
        if known == type { return nil }
        current = _getSuperclass(known)
      }
      return .kind
    case .matching(_, let accepts): return accepts(value) ? nil : .kind
    case .oneOf(let kinds):
      // The most telling mismatch is that of a kind which took the value, but not its content.
      var best = Mismatch.kind
      for kind in kinds {
        guard let mismatch = kind.mismatch(value) else { return nil }
        if case .kind = best { best = mismatch }
      }
      if case .item = best { return best }
      if case .unit = best { return best }
      return best.isKind ? .kind : .range
    case .optional(let kind):
      if case .nothing = value { return nil }
      return kind.mismatch(value)
    }
  }

  /// Whether a list may be given, of numbers or of something else.
  var takesLists: Bool {
    switch self {
    case .list: true
    case .matching: true
    case .oneOf(let kinds): kinds.contains(where: \.takesLists)
    case .optional(let kind): kind.takesLists
    default: false
    }
  }

  /// The word of a choice that another one stands for: a near one, its beginning, its name elsewhere.
  func choice(meantBy text: String) -> String? {
    switch self {
    case .choice(let choices):
      let words = text.lowercased()
      let known = ["mean_squared_error": "mse", "mean_squared": "mse", "bce": "binary_crossentropy"][words]
      return NearNames.of(text, in: choices).first ?? choices.first { $0 == known }
        ?? choices.first { words.count > 2 && ($0.hasPrefix(words) || words.hasPrefix($0)) }
    case .oneOf(let kinds): return kinds.lazy.compactMap { $0.choice(meantBy: text) }.first
    case .optional(let kind): return kind.choice(meantBy: text)
    default: return nil
    }
  }

  private func measure(_ value: Value, _ unit: QuantityObject.Unit, _ range: NumberRange) -> Mismatch? {
    switch value {
    case .number(let number): return range.contains(number) ? nil : .range
    case .quantity(let quantity):
      guard quantity.unit == unit else {
        return .unit(wanted: unit == .second ? "a time such as 3s" : "a frequency such as 16kHz")
      }
      return range.contains(quantity.amount) ? nil : .range
    default: return .kind
    }
  }

  /// In which way a value does not fit.
  indirect enum Mismatch {
    case kind
    case wholeNumber
    case range
    case unit(wanted: String)
    case choice(String?)
    case item(Int, Value, Mismatch)

    /// Whether another argument may have been meant.
    var isWrongOrder: Bool {
      switch self {
      case .kind, .unit: true
      default: false
      }
    }

    var isKind: Bool {
      if case .kind = self { return true }
      return false
    }

    var failureKind: Failure.Kind {
      switch self {
      case .kind, .wholeNumber: .type
      case .range, .choice: .value
      case .unit: .unit
      case .item(_, _, let inner): inner.failureKind
      }
    }
  }
}
