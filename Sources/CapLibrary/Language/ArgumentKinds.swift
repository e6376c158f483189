import CapLanguage
import Essentials
import Tensors

typealias Example = FunctionDeclaration.Example

// MARK: Values that a body converts

extension ArgumentKind where Content == ArgumentValue {
  /// Numbers in any arrangement: what `ArgumentValue.tensor` takes.
  static var array: ArgumentKind {
    matching("a number, a list of numbers or a tensor") { value in
      switch value {
      case .number, .bool, .list: true
      case .object(let object):
        object is any TensorConvertible || object is any SequenceTransformable || object is RangeObject
      default: false
      }
    }
  }

  /// Anything with items. The body checks it, since it can say more: the arguments may be swapped.
  static var items: ArgumentKind { matching("a list, or anything else with items") { _ in true } }

  /// A function. The body checks it, since it can say more: the arguments may be swapped.
  static var itemFunction: ArgumentKind { matching("a function") { _ in true } }
}

extension ArgumentValue {
  /// Its numbers.
  /// - Throws: a `type` or `shape` failure for a value that is no array.
  func tensor() throws -> Tensor { try Conversions.tensor(value, name: name) }

  /// Its items.
  /// - Throws: a `type` failure for a value without any, a `memory` failure for too many.
  func items() throws -> [Value] { try Conversions.items(of: value, name: name) }

  /// Its items, one after the other.
  /// - Throws: a `type` failure for a value without any.
  func iterator() throws -> () throws -> Value? { try Conversions.iterator(over: value, name: name) }
}

extension ArgumentValue {
  /// Its text.
  /// - Throws: a `type` failure for anything but a string.
  func string() throws -> String {
    guard let text = value.asString else {
      throw Failure(.type, "'\(name)' takes a string, not \(value.kindPhrase)", parameter: name)
    }
    return text
  }
}

extension ArgumentKind where Content == Double {
  /// A number, nan too.
  static var numberOrNaN: ArgumentKind {
    ArgumentKind(.matching("a number") { $0.asNumber != nil }) { value, _ in value.asNumber ?? .nan }
  }
}

// MARK: Axes and shapes

extension ArgumentKind where Content == [Int] {
  /// One whole number, or several.
  static func oneOrMore(_ range: NumberRange = .any) -> ArgumentKind {
    oneOf(ArgumentKind<Int>.integer(range).map { [$0] }, .list(.integer(range)))
  }

  /// A length or several.
  static var shape: ArgumentKind { oneOrMore(.nonNegative) }
}

/// Arguments that several functions have.
enum SharedArguments {
  /// `axis=none` of a reduction.
  static let axis = Argument(
    "axis", .optional(.oneOrMore()), default: .nothing,
    "The axis to go along, or a list of axes; none takes all numbers together")

  /// `keepdims=false` of a reduction.
  static let keepdims = Argument(
    "keepdims", .bool, default: false, "Whether a reduced axis stays, with length 1")
}

// MARK: Files

extension ArgumentKind where Content == String {
  /// A path, with the home folder in place of a leading `~`.
  static var path: ArgumentKind {
    ArgumentKind(.string) { value, place in try Path.expanded(value.asString ?? "", name: place.name) }
  }
}

/// Blames a parameter for the failures of `body`.
func blaming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let failure as Failure { throw failure.blaming(name) }
}
