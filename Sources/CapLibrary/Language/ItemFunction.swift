import CapLanguage
import Essentials

/// A function that is called once for each of many items.
///
/// A function that needs several arguments gets the parts of an item that is a list of as many: over pairs,
/// `(a, b) => a + b` reads what `p => p[0] + p[1]` does.
struct ItemFunction {
  let function: FunctionObject
  private let context: CallContext
  private let required: Int

  /// - Throws: a `type` failure that says so where items and function are swapped.
  init(_ argument: ArgumentValue, items: ArgumentValue, caller: String, _ context: CallContext) throws {
    guard let function = argument.value.asFunction else {
      if items.value.asFunction != nil {
        throw Failure(
          .type, "\(caller) takes the items first, then the function",
          hint: "write \(caller)(\(items.name), \(argument.name))", parameter: items.name)
      }
      throw Failure(
        .type, "'\(argument.name)' takes a function, not \(argument.value.kindPhrase)",
        parameter: argument.name)
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
