import CapLanguage
import Essentials
import Tensors

/// Along an axis, as many numbers as before or nearly so.
enum AxisFunctions {
  static let all = [cumsum, diff, argsort]

  private static let topic = "numbers"
  private static let axisError = "index: an axis that is not there"

  private static let cumsum = FunctionDeclaration(
    "cumsum", topic: topic, "The sum of all numbers up to each one",
    takes: ArgumentList(
      Argument("x", .array, "A list or a tensor"),
      Argument(
        "axis", .optional(.integer), default: .nothing, "The axis to go along; none flattens the tensor")),
    returns: "as many numbers: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("cumsum([1, 2, 3])", output: "[1, 3, 6]")], source: "numpy.cumsum",
    seeAlso: ["sum", "diff"]
  ) { _, x, axis in
    if axis == nil,
      case .numbers(let numbers) = try ReductionFunctions.operand(x.value, "x")
    {
      var total = 0.0
      return .numbers(
        numbers.map { number in
          total += number
          return total
        })
    }
    return Conversions.value(try x.tensor().cumulativeSum(axis: axis))
  }

  private static let diff = FunctionDeclaration(
    "diff", topic: topic, "Each number less the one before it",
    takes: ArgumentList(
      Argument("x", .array, "A list or a tensor"),
      Argument("axis", .integer, default: -1, "The axis to go along")),
    returns: "one number fewer: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("diff([1, 4, 9])", output: "[3, 5]")], source: "numpy.diff", seeAlso: ["cumsum"]
  ) { _, x, axis in
    if case .list = x.value,
      case .numbers(let numbers) = try ReductionFunctions.operand(x.value, "x")
    {
      return .numbers(Swift.zip(numbers.dropFirst(), numbers).map { $0 - $1 })
    }
    return Conversions.value(
      try x.tensor().differences(axis: axis))
  }

  private static let argsort = FunctionDeclaration(
    "argsort", topic: topic, "The positions that put numbers in rising order",
    takes: ArgumentList(
      Argument("x", .array, "A list or a tensor"),
      Argument("axis", .integer, default: -1, "The axis to go along")),
    returns: "positions of the same shape: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("argsort([30, 10, 20])", output: "[1, 2, 0]")], source: "numpy.argsort (stable)",
    seeAlso: ["sort"]
  ) { _, x, axis in
    if case .list = x.value,
      case .numbers(let numbers) = try ReductionFunctions.operand(x.value, "x")
    {
      let positions = numbers.indices.map { Value.number($0) }
      return .list(
        try OrderFunctions.order(positions, by: numbers.map { .number($0) }, isDescending: false))
    }
    return Conversions.value(try x.tensor().argumentsSorted(axis: axis))
  }
}
