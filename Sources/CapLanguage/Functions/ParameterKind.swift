import Essentials

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
  func choice(meantBy text: String, _ foreign: any ForeignWords) -> String? {
    switch self {
    case .choice(let choices):
      let words = text.lowercased()
      let known = foreign.choice(word: words)
      return NearNames.of(text, in: choices).first ?? choices.first { $0 == known }
        ?? choices.first { words.count > 2 && ($0.hasPrefix(words) || words.hasPrefix($0)) }
    case .oneOf(let kinds): return kinds.lazy.compactMap { $0.choice(meantBy: text, foreign) }.first
    case .optional(let kind): return kind.choice(meantBy: text, foreign)
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
