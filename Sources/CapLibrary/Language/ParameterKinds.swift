import CapLanguage
import Essentials
import Tensors

typealias Example = FunctionDeclaration.Example

extension ParameterKind {
  /// Numbers in any arrangement: what `Conversions.tensor` takes.
  static let array = ParameterKind.matching("a number, a list of numbers or a tensor") { value in
    switch value {
    case .number, .bool, .list: true
    case .object(let object):
      object is any TensorConvertible || object is any SequenceTransformable || object is RangeObject
    default: false
    }
  }

  /// Anything with items. The body checks it, since it can say more: the arguments may be swapped.
  static let items = ParameterKind.matching("a list, or anything else with items") { _ in true }

  /// A function. The body checks it, since it can say more: the arguments may be swapped.
  static let itemFunction = ParameterKind.matching("a function") { _ in true }

  /// One axis or several.
  static let axes = ParameterKind.optional(.oneOf([.integer, .list(.integer)]))

  /// A length or several.
  static let shape = ParameterKind.oneOf([.integer(.nonNegative), .list(.integer(.nonNegative))])
}

extension Parameter {
  /// `axis=none` of a reduction.
  static let axis = Parameter(
    "axis", .axes, default: .nothing,
    "The axis to go along, or a list of axes; none takes all numbers together")

  /// `keepdims=false` of a reduction.
  static let keepdims = Parameter(
    "keepdims", .bool, default: false, "Whether a reduced axis stays, with length 1")
}

extension Arguments {
  /// The numbers of an argument.
  func tensor(_ name: String) throws -> Tensor { try Conversions.tensor(self[name], name: name) }

  /// The axes of `axis=`; nil for none.
  func axes(_ name: String = "axis") throws -> [Int]? {
    if isNothing(name) { return nil }
    if let axis = self[name].asInt { return [axis] }
    return try ints(name)
  }

  /// The lengths of a shape; a bare number is one axis.
  func shape(_ name: String = "shape") throws -> Shape {
    if let length = self[name].asInt { return [length] }
    return try ints(name)
  }
}

/// Blames a parameter for the failures of `body`.
func blaming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let failure as Failure { throw failure.blaming(name) }
}

/// A function that is called once for each of many items.
///
/// A function that needs several arguments gets the parts of an item that is a list of as many: over pairs,
/// `(a, b) => a + b` reads what `p => p[0] + p[1]` does.
struct ItemFunction {
  private let function: FunctionObject
  private let context: CallContext
  private let required: Int

  /// - Throws: a `type` failure that says so where items and function are swapped.
  init(_ arguments: Arguments, _ name: String, items: String, caller: String, _ context: CallContext) throws {
    guard let function = arguments[name].asFunction else {
      if arguments[items].asFunction != nil {
        throw Failure(
          .type, "\(caller) takes the items first, then the function",
          hint: "write \(caller)(\(items), \(name))", parameter: items)
      }
      throw Failure(.type, "'\(name)' takes a function, not \(arguments[name].kindPhrase)", parameter: name)
    }
    self.function = function
    self.context = context
    required = function.requiredParameterCount
  }

  func callAsFunction(_ item: Value) throws -> Value {
    if required >= 2, case .list(let parts) = item, parts.count >= required,
      parts.count <= function.parameterNames.count
    {
      return try context.call(function, parts)
    }
    return try context.call(function, with: item)
  }

  /// The answer of a function that decides.
  func test(_ item: Value, _ name: String) throws -> Bool {
    let answer = try self(item)
    guard let bool = answer.asBool else {
      throw Failure(
        .type, "the function must give true or false, not \(answer.kindPhrase)",
        hint: "compare with ==, < or >", parameter: name)
    }
    return bool
  }
}

extension FunctionObject {
  /// How many arguments a call must give.
  public var requiredParameterCount: Int {
    if let declaration {
      return declaration.parameters.count { $0.defaultValue == nil && !$0.isVariadic }
    }
    // A script's function shows its defaults in its signature only: f(a, b=2).
    guard let open = signature.firstIndex(of: "(") else { return parameterNames.count }
    let list = signature[signature.index(after: open)...]
    return parameterNames.count { name in !list.contains("\(name)=") }
  }
}
