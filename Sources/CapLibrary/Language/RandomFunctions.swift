import CapLanguage
import Essentials
import Tensors

/// Random numbers, all decided by the session's seed.
enum RandomFunctions {
  static let all = [seed, randomUniform, randomNormal, randomInteger, choice]

  private static let topic = "random numbers"
  private static let shape = Argument(
    "shape", .optional(.shape), default: .nothing, "The shape of the tensor; none draws a single number")
  private static let memory = "memory: more bytes than the machine can give"
  private static let returns = "a number, or a tensor of this shape"

  /// Draws a tensor, or one number in double precision.
  private static func draw(
    _ shape: Shape?, _ context: CallContext, one: (inout RandomSource) throws -> Double,
    many: (Shape, inout RandomSource) throws -> Tensor
  ) throws -> Value {
    var random = context.random
    defer { context.random = random }
    guard let shape else { return .number(try one(&random)) }
    return Conversions.value(try blaming("shape") { try many(shape, &random) })
  }

  private static let seed = FunctionDeclaration(
    "seed", topic: topic, "Starts the random numbers anew: the same seed gives the same numbers",
    takes: ArgumentList(
      Argument("n", .integer(.nonNegative), "Any whole number")), returns: "none",
    examples: [Example("seed(7)\na = random_uniform()\nseed(7)\na == random_uniform()", output: "true")],
    seeAlso: ["random_uniform", "shuffle"]
  ) { context, n in
    context.seed = UInt64(n)
    return .nothing
  }

  private static let randomUniform = FunctionDeclaration(
    "random_uniform", topic: topic, "Random numbers, all in a range equally likely",
    takes: ArgumentList(
      shape,
      Argument("low", .number, default: 0, "The least number"),
      Argument("high", .number, default: 1, "The end of the range, never drawn")),
    returns: returns, errors: ["value: low above high", memory],
    examples: [Example("random_uniform([2, 3]).shape", output: "[2, 3]")], source: "tf.random.uniform",
    seeAlso: ["random_normal", "random_integer", "seed"]
  ) { context, shape, low, high in
    guard low.isFinite, high.isFinite, low <= high else {
      throw Failure(
        .value, "cannot draw numbers from \(NumberText.plain(low)) to \(NumberText.plain(high))",
        parameter: "low")
    }
    return try draw(shape, context) {
      $0.uniform(low, high)
    } many: {
      try Tensor.randomUniform($0, low: low, high: high, using: &$1)
    }
  }

  private static let randomNormal = FunctionDeclaration(
    "random_normal", topic: topic, "Random numbers from a normal distribution (a bell curve)",
    takes: ArgumentList(
      shape,
      Argument("mean", .number, default: 0, "Where the curve is highest"),
      Argument("std", .number(.nonNegative), default: 1, "The standard deviation: how wide it is")),
    returns: returns, errors: [memory], examples: [Example("random_normal(1000).shape", output: "[1000]")],
    source: "tf.random.normal", seeAlso: ["random_uniform", "seed"]
  ) { context, shape, mean, std in
    return try draw(shape, context) {
      mean + std * $0.normal()
    } many: {
      try Tensor.randomNormal($0, mean: mean, standardDeviation: std, using: &$1)
    }
  }

  private static let randomInteger = FunctionDeclaration(
    "random_integer", topic: topic, "Random whole numbers, all in a range equally likely",
    takes: ArgumentList(
      Argument(
        "low", .integer, "The least number; the end, where no other is given (the least is then 0)"),
      Argument("high", .optional(.integer), default: .nothing, "The end of the range, never drawn"),
      shape),
    returns: returns, errors: ["value: an empty range", memory],
    examples: [Example("random_integer(1, 7) in range(1, 7)", output: "true")],
    source: "numpy.random.Generator.integers", seeAlso: ["choice", "seed"]
  ) { context, low, high, shape in
    let (low, high, end) = high.map { (low, $0, "high") } ?? (0, low, "low")
    guard low < high else {
      throw Failure(
        .value, "there is no whole number from \(low) to below \(high)", parameter: end)
    }
    return try draw(shape, context) {
      Double(low + $0.integer(below: high - low))
    } many: { shape, random in
      try Tensor(shape: shape) { elements in
        for index in elements.indices {
          if index & 0xFFFFF == 0 { try Interruption.check() }
          elements[index] = Float(low + random.integer(below: high - low))
        }
      }
    }
  }

  private static let choice = FunctionDeclaration(
    "choice", topic: topic, "Items drawn at random",
    takes: ArgumentList(
      Argument("xs", .items, "The items to draw from"),
      Argument(
        "count", .optional(.integer(.nonNegative)), default: .nothing, "How many; none draws a single one"),
      Argument("replace", .bool, default: false, "Whether an item may be drawn again")),
    returns: "an item; with `count`, a list of so many", errors: ["value: fewer items than wanted"],
    examples: [
      Example("choice([5])", output: "5"), Example("sorted(choice([1, 2, 3], 3))", output: "[1, 2, 3]"),
    ],
    source: "Python's random.choice and random.sample", seeAlso: ["shuffle", "random_integer"]
  ) { context, xs, count, replace in
    let items = try xs.items()
    var random = context.random
    defer { context.random = random }
    guard let count else {
      guard !items.isEmpty else { throw Failure(.value, "there is nothing to choose from", parameter: "xs") }
      return items[random.integer(below: items.count)]
    }
    if replace {
      guard !items.isEmpty || count == 0 else {
        throw Failure(.value, "there is nothing to choose from", parameter: "xs")
      }
      try Limits.checkListCount(count)
      return .list((0..<count).map { _ in items[random.integer(below: items.count)] })
    }
    guard count <= items.count else {
      throw Failure(
        .value, "cannot draw \(count) of \(items.count) items", hint: "replace=true draws items again",
        parameter: "count")
    }
    return .list(Array(items.shuffled(using: &random).prefix(count)))
  }
}
