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
    parameters: [
      Parameter("x", .array, "A list or a tensor"),
      Parameter(
        "axis", .optional(.integer), default: .nothing, "The axis to go along; none flattens the tensor"),
    ],
    returns: "as many numbers: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("cumsum([1, 2, 3])", output: "[1, 3, 6]")], source: "numpy.cumsum",
    seeAlso: ["sum", "diff"]
  ) { arguments, _ in
    if arguments.isNothing("axis"),
      case .numbers(let numbers) = try ReductionFunctions.operand(arguments["x"], "x")
    {
      var total = 0.0
      return .numbers(
        numbers.map { number in
          total += number
          return total
        })
    }
    return Conversions.value(try arguments.tensor("x").cumulativeSum(axis: try arguments.optionalInt("axis")))
  }

  private static let diff = FunctionDeclaration(
    "diff", topic: topic, "Each number less the one before it",
    parameters: [
      Parameter("x", .array, "A list or a tensor"),
      Parameter("axis", .integer, default: -1, "The axis to go along"),
    ],
    returns: "one number fewer: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("diff([1, 4, 9])", output: "[3, 5]")], source: "numpy.diff", seeAlso: ["cumsum"]
  ) { arguments, _ in
    if case .list = arguments["x"],
      case .numbers(let numbers) = try ReductionFunctions.operand(arguments["x"], "x")
    {
      return .numbers(Swift.zip(numbers.dropFirst(), numbers).map { $0 - $1 })
    }
    return Conversions.value(
      try arguments.tensor("x").differences(axis: try arguments.int("axis")))
  }

  private static let argsort = FunctionDeclaration(
    "argsort", topic: topic, "The positions that put numbers in rising order",
    parameters: [
      Parameter("x", .array, "A list or a tensor"),
      Parameter("axis", .integer, default: -1, "The axis to go along"),
    ],
    returns: "positions of the same shape: a list for a list, else a tensor", errors: [axisError],
    examples: [Example("argsort([30, 10, 20])", output: "[1, 2, 0]")], source: "numpy.argsort (stable)",
    seeAlso: ["sort"]
  ) { arguments, _ in
    if case .list = arguments["x"],
      case .numbers(let numbers) = try ReductionFunctions.operand(arguments["x"], "x")
    {
      let positions = numbers.indices.map { Value.number($0) }
      return .list(
        try OrderFunctions.order(positions, by: numbers.map { .number($0) }, isDescending: false))
    }
    return Conversions.value(try arguments.tensor("x").argumentsSorted(axis: try arguments.int("axis")))
  }
}
