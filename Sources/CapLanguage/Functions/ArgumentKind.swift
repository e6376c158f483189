import Essentials

/// What an argument takes, and the Swift value that it is decoded to: `.number(.positive)` to a `Double`,
/// `.choice(Padding.self)` to a `Padding`.
public struct ArgumentKind<Content>: Sendable {
  /// What binding checks, and help shows.
  public let check: ParameterKind
  @usableFromInline let decoder: ArgumentDecoder<Content>

  /// A kind of one's own: `decode` sees only values that `check` accepts.
  public init(
    _ check: ParameterKind, decode: @escaping @Sendable (Value, ArgumentPlace) throws -> Content
  ) {
    self.check = check
    decoder = .ofValue(decode)
  }

  /// A kind whose content depends on the other arguments, too: a length in samples asks for the rate of the sound.
  public init(
    _ check: ParameterKind,
    decodingBesideOthers decode: @escaping @Sendable (Value, ArgumentPlace, Arguments) throws -> Content
  ) {
    self.check = check
    decoder = .besideOthers(decode)
  }

  /// Makes the content of a value that `check` accepted, for an argument of this place and beside these others. What
  /// it throws blames the argument.
  public func decode(_ value: Value, _ place: ArgumentPlace, _ arguments: Arguments) throws -> Content {
    switch decoder {
    case .ofValue(let decode): try decode(value, place)
    case .besideOthers(let decode): try decode(value, place, arguments)
    }
  }

  /// The same values, decoded further.
  public func map<Other>(_ transform: @escaping @Sendable (Content) throws -> Other) -> ArgumentKind<Other> {
    switch decoder {
    case .ofValue(let decode):
      ArgumentKind<Other>(check, decode: { try transform(try decode($0, $1)) })
    case .besideOthers(let decode):
      ArgumentKind<Other>(check, decodingBesideOthers: { try transform(try decode($0, $1, $2)) })
    }
  }

  /// The same values, of which `test` refuses some; it is told the parameter's name.
  public func checked(_ test: @escaping @Sendable (Content, String) throws -> Void) -> ArgumentKind {
    ArgumentKind(
      check,
      decodingBesideOthers: {
        let content = try decode($0, $1, $2)
        try test(content, $1.name)
        return content
      })
  }
}

/// How a value becomes content: one closure, since each costs a call its share.
@usableFromInline enum ArgumentDecoder<Content>: Sendable {
  case ofValue(@Sendable (Value, ArgumentPlace) throws -> Content)
  case besideOthers(@Sendable (Value, ArgumentPlace, Arguments) throws -> Content)
}

/// The argument that a value is decoded for.
public final class ArgumentPlace: Sendable {
  /// The name of the parameter.
  public let name: String

  @usableFromInline init(name: String) { self.name = name }
}

// MARK: The kinds of the language

/// An argument of a kind that a body tells apart or converts by itself. It knows its parameter, which failures blame.
public struct ArgumentValue {
  /// The name of the parameter.
  public let name: String
  /// What was given, or the default.
  public let value: Value
}

extension ArgumentKind where Content == ArgumentValue {
  /// Anything.
  public static var any: ArgumentKind { value(.any) }

  /// What a test accepts, called so in messages: "a number, a list of numbers or a tensor".
  public static func matching(_ phrase: String, _ accepts: @escaping @Sendable (Value) -> Bool)
    -> ArgumentKind
  {
    value(.matching(phrase, accepts))
  }

  /// What `check` accepts, for a body that tells its kinds apart.
  public static func value(_ check: ParameterKind) -> ArgumentKind {
    ArgumentKind(check) { value, place in ArgumentValue(name: place.name, value: value) }
  }
}

extension ArgumentKind where Content == Double {
  /// A number.
  public static var number: ArgumentKind { number(.any) }
  /// A number in a range.
  public static func number(_ range: NumberRange) -> ArgumentKind { amount(.number(range)) }
  /// A time, in seconds; a bare number counts seconds. The range is in seconds.
  public static func time(_ range: NumberRange = .any) -> ArgumentKind { amount(.time(range)) }
  /// A frequency, in hertz; a bare number counts hertz. The range is in hertz.
  public static func frequency(_ range: NumberRange = .any) -> ArgumentKind { amount(.frequency(range)) }

  private static func amount(_ check: ParameterKind) -> ArgumentKind {
    ArgumentKind(check) { value, _ in
      switch value {
      case .number(let number): return number
      case .quantity(let quantity): return quantity.amount
      default: throw unfit(value, check)
      }
    }
  }
}

extension ArgumentKind where Content == Int {
  /// A whole number.
  public static var integer: ArgumentKind { integer(.any) }
  /// A whole number in a range.
  public static func integer(_ range: NumberRange) -> ArgumentKind {
    ArgumentKind(.integer(range)) { value, _ in
      guard let whole = value.asInt else { throw unfit(value, .integer(range)) }
      return whole
    }
  }
}

extension ArgumentKind where Content == String {
  /// A string.
  public static var string: ArgumentKind {
    ArgumentKind(.string) { value, _ in
      guard case .string(let string) = value else { throw unfit(value, .string) }
      return string.text
    }
  }
}

extension ArgumentKind where Content == Bool {
  /// A bool.
  public static var bool: ArgumentKind {
    ArgumentKind(.bool) { value, _ in
      guard case .bool(let bool) = value else { throw unfit(value, .bool) }
      return bool
    }
  }
}

extension ArgumentKind where Content == RecordObject {
  /// A record.
  public static var record: ArgumentKind {
    ArgumentKind(.record) { value, _ in
      guard case .record(let record) = value else { throw unfit(value, .record) }
      return record
    }
  }
}

extension ArgumentKind where Content == FunctionObject {
  /// A function.
  public static var function: ArgumentKind {
    ArgumentKind(.function) { value, _ in
      guard case .function(let function) = value else { throw unfit(value, .function) }
      return function
    }
  }
}

extension ArgumentKind where Content: DomainObject {
  /// An object of this class, called so in messages: `.object("audio", AudioObject.self)`.
  public static func object(_ name: String, _ type: Content.Type) -> ArgumentKind {
    ArgumentKind(.object(name, type)) { value, _ in
      guard case .object(let object) = value, let typed = object as? Content else {
        throw unfit(value, .object(name, type))
      }
      return typed
    }
  }
}

extension ArgumentKind where Content: RawRepresentable & CaseIterable & Sendable, Content.RawValue == String {
  /// One word out of an enumeration's.
  public static func choice(_ type: Content.Type) -> ArgumentKind {
    choice(Array(Content.allCases)) { $0.rawValue }
  }
}

extension ArgumentKind where Content: Sendable {
  /// One of these, by their names.
  public static func choice(_ choices: [Content], named name: (Content) -> String) -> ArgumentKind {
    choice(choices.map { (name: name($0), value: $0) })
  }

  /// What a word stands for.
  public static func choice(_ choices: [(name: String, value: Content)]) -> ArgumentKind {
    let check = ParameterKind.choice(choices.map(\.name))
    return ArgumentKind(check) { value, _ in
      guard case .string(let string) = value, let chosen = choices.first(where: { $0.name == string.text })
      else { throw unfit(value, check) }
      return chosen.value
    }
  }
}

extension ArgumentKind {
  /// A list, whose items are decoded each; a range counts as a list.
  public static func list<Item>(_ item: ArgumentKind<Item>) -> ArgumentKind where Content == [Item] {
    let check = ParameterKind.list(item.check)
    return ArgumentKind(
      check,
      decodingBesideOthers: { value, place, arguments in
        try items(of: value, check).map { try item.decode($0, place, arguments) }
      })
  }

  /// `none`, which is nil, or what this takes.
  public static func optional<Wrapped>(_ kind: ArgumentKind<Wrapped>) -> ArgumentKind
  where Content == Wrapped? {
    switch kind.decoder {
    case .ofValue(let decode):
      ArgumentKind(
        .optional(kind.check),
        decode: { value, place in
          if case .nothing = value { return nil }
          return try decode(value, place)
        })
    case .besideOthers(let decode):
      ArgumentKind(
        .optional(kind.check),
        decodingBesideOthers: { value, place, arguments in
          if case .nothing = value { return nil }
          return try decode(value, place, arguments)
        })
    }
  }

  /// What any of these takes, decoded by the first that does.
  public static func oneOf(_ kinds: ArgumentKind...) -> ArgumentKind {
    let check = ParameterKind.oneOf(kinds.map(\.check))
    return ArgumentKind(
      check,
      decodingBesideOthers: { value, place, arguments in
        for kind in kinds where kind.check.mismatch(value) == nil {
          return try kind.decode(value, place, arguments)
        }
        throw unfit(value, check)
      })
  }
}

extension ArgumentKind where Content == [Value] {
  /// A list of anything; a range counts as a list.
  public static var list: ArgumentKind {
    ArgumentKind(.list) { value, _ in try items(of: value, .list) }
  }
}

private func items(of value: Value, _ check: ParameterKind) throws(Failure) -> [Value] {
  switch value {
  case .list(let list): return list
  case .object(let object as RangeObject):
    try Limits.checkListCount(object.length)
    return (0..<object.length).map { object.element(at: $0) }
  default: throw unfit(value, check)
  }
}

/// For what binding lets through by no means: the checks come first.
private func unfit(_ value: Value, _ check: ParameterKind) -> Failure {
  Failure(.type, "\(check.phrase) is wanted, not \(value.kindPhrase)")
}
