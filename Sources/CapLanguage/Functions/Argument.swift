import Essentials

/// A typed key of a declaration: what one argument is called and takes, and how the Swift value is made that the
/// body gets. Some stand for several arguments that make one value together (`group`).
public struct Argument<Content>: Sendable {
  /// What calls, help and completion see: one, or as many as a group has.
  public let parameters: [Parameter]
  /// Makes the content; `first` is the position of its first parameter.
  @usableFromInline let decode: @Sendable (_ arguments: Arguments, _ first: Int) throws -> Content

  @inlinable init(
    _ parameters: [Parameter], decode: @escaping @Sendable (Arguments, Int) throws -> Content
  ) {
    self.parameters = parameters
    self.decode = decode
  }

  /// An argument that must be given.
  /// - Parameters:
  ///   - also: names that a call may use in its place, shown in help.
  ///   - inner: what the floors below call it, so that their failures blame it.
  @inlinable public init(
    _ name: String, _ kind: ArgumentKind<Content>, also otherNames: [String] = [], inner: [String] = [],
    unit: String? = nil, _ documentation: String
  ) {
    self.init(
      Parameter(
        name, otherNames: otherNames, innerNames: inner, kind.check, defaultValue: nil, unit: unit,
        documentation), kind)
  }

  /// An argument that may be left out: the default is decoded in its place.
  @inlinable public init(
    _ name: String, _ kind: ArgumentKind<Content>, also otherNames: [String] = [], inner: [String] = [],
    default defaultValue: Value, unit: String? = nil, _ documentation: String
  ) {
    self.init(
      Parameter(
        name, otherNames: otherNames, innerNames: inner, kind.check, defaultValue: defaultValue, unit: unit,
        documentation), kind)
  }

  @inlinable init(_ parameter: Parameter, _ kind: ArgumentKind<Content>) {
    let place = ArgumentPlace(name: parameter.name)
    switch kind.decoder {
    case .ofValue(let decode):
      self.init([parameter]) { arguments, position in
        do {
          return try decode(arguments.values[position], place)
        } catch let failure as Failure {
          throw failure.blaming(place.name)
        }
      }
    case .besideOthers(let decode):
      self.init([parameter]) { arguments, position in
        do {
          return try decode(arguments.values[position], place, arguments)
        } catch let failure as Failure {
          throw failure.blaming(place.name)
        }
      }
    }
  }

  /// An argument that collects any number of values by position; those after it are given by name only.
  public static func variadic<Item>(
    _ name: String, _ kind: ArgumentKind<Item>, unit: String? = nil, _ documentation: String
  ) -> Argument where Content == [Item] {
    let place = ArgumentPlace(name: name)
    return Argument([.variadic(name, kind.check, unit: unit, documentation)]) { arguments, _ in
      do {
        return try arguments.collected.map { try kind.decode($0, place, arguments) }
      } catch let failure as Failure {
        throw failure.blaming(name)
      }
    }
  }

  /// An argument that collects any values by position.
  public static func values(_ name: String, _ documentation: String) -> Argument where Content == [Value] {
    Argument([.variadic(name, .any, documentation)]) { arguments, _ in arguments.collected }
  }

  /// Several arguments, one after the other in a call, that make one value.
  @inlinable public static func group<each Part>(
    _ parts: repeat Argument<each Part>, make: @escaping @Sendable (repeat each Part) throws -> Content
  ) -> Argument {
    var parameters: [Parameter] = []
    let placed = (repeat (each parts).placed(behind: &parameters))
    return Argument(parameters) { arguments, first in
      try make(repeat try (each placed).read(arguments, from: first))
    }
  }

  /// The same argument; the body gets nil where the call left it out.
  public var ifGiven: Argument<Content?> {
    let decode = decode
    return Argument<Content?>(parameters) { arguments, position in
      arguments.isGiven(position) ? try decode(arguments, position) : nil
    }
  }

  /// The same argument, decoded further.
  public func map<Other>(_ transform: @escaping @Sendable (Content) throws -> Other) -> Argument<Other> {
    let decode = decode
    return Argument<Other>(parameters) { arguments, position in
      try transform(try decode(arguments, position))
    }
  }

  /// With its place in a list of parameters, to which it adds its own.
  @inlinable func placed(behind parameters: inout [Parameter]) -> PlacedArgument<Content> {
    defer { parameters += self.parameters }
    return PlacedArgument(decode: decode, position: parameters.count)
  }
}

/// The arguments of a declaration, in the order of a call.
public struct ArgumentList<each Content>: Sendable {
  @usableFromInline let arguments: (repeat Argument<each Content>)

  /// At most 64.
  @inlinable public init(_ arguments: repeat Argument<each Content>) {
    self.arguments = (repeat each arguments)
  }

  /// With their places in a list of parameters, to which they add their own.
  @inlinable func placed(behind parameters: inout [Parameter]) -> (repeat PlacedArgument<each Content>) {
    (repeat (each arguments).placed(behind: &parameters))
  }
}

/// An argument at its place in a declaration.
@usableFromInline struct PlacedArgument<Content>: Sendable {
  @usableFromInline let decode: @Sendable (Arguments, Int) throws -> Content
  @usableFromInline let position: Int

  @inlinable init(decode: @escaping @Sendable (Arguments, Int) throws -> Content, position: Int) {
    self.decode = decode
    self.position = position
  }

  @inlinable func read(_ arguments: Arguments, from first: Int = 0) throws -> Content {
    try decode(arguments, first + position)
  }
}
