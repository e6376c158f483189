import CapLanguage
import Essentials
import Glibc
import Tensors

/// Functions of one or two numbers; a list or a tensor goes element by element.
enum MathFunctions {
  static let all: [FunctionDeclaration] =
    [abs, angle, round] + elementwise.map { $0.declaration } + [
      clip, choose, pair(minimum), pair(maximum), pair(atan2), pair(hypot), isClose, positions,
    ]

  private static let topic = "numbers"
  private static let x = Argument("x", .array, "A number, a list of numbers or a tensor")
  private static let returns = "a number for a number, else a tensor of the same shape"
  private static let returnsOfFunctions =
    "a number for a number, a spectrogram for a spectrogram, else a tensor of the same shape"

  // MARK: One number

  /// A function that has a form for doubles and one for tensors.
  private struct Elementwise {
    let name: String
    let summary: String
    let function: Tensors.ElementwiseFunction
    let example: Example
    var source: String?
    var seeAlso: [String] = []
    /// What a number must be, in words, where the function is not defined everywhere.
    var domain: (phrase: String, contains: @Sendable (Double) -> Bool)?
    let scalar: @Sendable (Double) -> Double

    init(
      _ name: String, _ summary: String, _ function: Tensors.ElementwiseFunction, _ code: String,
      _ output: String,
      source: String? = nil, seeAlso: [String] = [],
      domain: (phrase: String, contains: @Sendable (Double) -> Bool)? = nil,
      scalar: @escaping @Sendable (Double) -> Double
    ) {
      self.name = name
      self.summary = summary
      self.function = function
      example = Example(code, output: output)
      self.source = source
      self.seeAlso = seeAlso
      self.domain = domain
      self.scalar = scalar
    }

    var declaration: FunctionDeclaration {
      FunctionDeclaration(
        name, topic: MathFunctions.topic, summary,
        takes: ArgumentList(
          MathFunctions.x),
        returns: MathFunctions.returnsOfFunctions,
        errors: domain.map {
          ["arithmetic: a number that is not \($0.phrase); in a tensor it gives nan or -inf"]
        } ?? [],
        examples: [example], source: source, seeAlso: seeAlso
      ) { [self] _, x in
        if case .number(let number) = x.value {
          if let domain, !number.isNaN, !domain.contains(number) {
            throw Failure(
              .arithmetic, "\(name) takes \(domain.phrase), not \(NumberText.plain(number))", parameter: "x")
          }
          return .number(scalar(number))
        }
        if case .object(let object as any ElementwiseApplicable) = x.value {
          return object.applying(function)
        }
        let result = try x.tensor().applying(function)
        return Conversions.value(result, windowing: MathFunctions.windowing(x.value))
      }
    }
  }

  /// Scores of windows stay scores of windows under functions that change each number.
  private static func windowing(_ value: Value) -> Windowing? {
    (value.asObject as? TensorObject)?.windowing
  }

  private static let elementwise: [Elementwise] = [
    Elementwise("sign", "-1, 0 or 1: the sign of a number", .sign, "sign(-3)", "-1", source: "numpy.sign") {
      $0 > 0 ? 1 : $0 < 0 ? -1 : $0
    },
    Elementwise(
      "sqrt", "The square root", .sqrt, "sqrt(9)", "3", seeAlso: ["square"],
      domain: ("a number of at least 0", { $0 >= 0 })
    ) { $0.squareRoot() },
    Elementwise(
      "square", "The number times itself", .square, "square([1, -2])", "[1. 4.]", source: "numpy.square"
    ) {
      $0 * $0
    },
    Elementwise("exp", "e to the power of a number", .exp, "exp(0)", "1", seeAlso: ["log"]) { Glibc.exp($0) },
    Elementwise(
      "log", "The natural logarithm", .log, "log(e)", "1", seeAlso: ["log10", "log2", "log1p", "exp"],
      domain: ("a number above 0", { $0 > 0 })
    ) { Glibc.log($0) },
    Elementwise(
      "log10", "The logarithm to base 10", .log10, "log10(1000)", "3", seeAlso: ["log"],
      domain: ("a number above 0", { $0 > 0 })
    ) { Glibc.log10($0) },
    Elementwise(
      "log2", "The logarithm to base 2", .log2, "log2(512)", "9", seeAlso: ["log"],
      domain: ("a number above 0", { $0 > 0 })
    ) { Glibc.log2($0) },
    Elementwise(
      "log1p", "log(1 + x), exact for small x", .log1p, "log1p(0)", "0", seeAlso: ["log", "expm1"],
      domain: ("a number above -1", { $0 > -1 })
    ) { Glibc.log1p($0) },
    Elementwise("expm1", "exp(x) - 1, exact for small x", .expm1, "expm1(0)", "0", seeAlso: ["exp", "log1p"])
    {
      Glibc.expm1($0)
    },
    Elementwise("sin", "The sine of an angle in radians", .sin, "sin(pi / 2)", "1", seeAlso: ["cos", "asin"])
    {
      Glibc.sin($0)
    },
    Elementwise("cos", "The cosine of an angle in radians", .cos, "cos(0)", "1", seeAlso: ["sin", "acos"]) {
      Glibc.cos($0)
    },
    Elementwise("tan", "The tangent of an angle in radians", .tan, "tan(0)", "0", seeAlso: ["atan"]) {
      Glibc.tan($0)
    },
    Elementwise(
      "asin", "The angle in radians that has this sine", .asin, "asin(1) == pi / 2", "true", seeAlso: ["sin"],
      domain: ("a number from -1 to 1", { $0.magnitude <= 1 })
    ) { Glibc.asin($0) },
    Elementwise(
      "acos", "The angle in radians that has this cosine", .acos, "acos(1)", "0", seeAlso: ["cos"],
      domain: ("a number from -1 to 1", { $0.magnitude <= 1 })
    ) { Glibc.acos($0) },
    Elementwise(
      "atan", "The angle in radians that has this tangent", .atan, "4 * atan(1) == pi", "true",
      seeAlso: ["tan", "atan2"]
    ) { Glibc.atan($0) },
    Elementwise("tanh", "The hyperbolic tangent: squeezes numbers into -1 … 1", .tanh, "tanh(0)", "0") {
      Glibc.tanh($0)
    },
    Elementwise(
      "sigmoid", "1 / (1 + exp(-x)): squeezes numbers into 0 … 1", .sigmoid, "sigmoid(0)", "0.5",
      source: "tf.math.sigmoid", seeAlso: ["tanh", "relu"]
    ) { 1 / (1 + Glibc.exp(-$0)) },
    Elementwise(
      "relu", "The number, or 0 where it is negative", .relu, "relu([-1, 2])", "[0. 2.]",
      source: "tf.nn.relu",
      seeAlso: ["maximum"]
    ) { $0 > 0 ? $0 : $0.isNaN ? $0 : 0 },
    Elementwise(
      "floor", "The whole number at or below", .floor, "floor(-1.5)", "-2", seeAlso: ["ceil", "round", "int"]
    ) { $0.rounded(.down) },
    Elementwise("ceil", "The whole number at or above", .ceil, "ceil(1.2)", "2", seeAlso: ["floor", "round"])
    {
      $0.rounded(.up)
    },
    Elementwise("degrees", "Radians as degrees", .degrees, "degrees(pi)", "180", seeAlso: ["radians"]) {
      $0 * (180 / Double.pi)
    },
    Elementwise("radians", "Degrees as radians", .radians, "radians(180) == pi", "true", seeAlso: ["degrees"])
    {
      $0 * (Double.pi / 180)
    },
  ]

  private static let round = FunctionDeclaration(
    "round", topic: topic, "Rounds to a whole number, or to so many digits behind the point",
    takes: ArgumentList(
      Argument(
        "x", .value(.oneOf([ArgumentKind.array.check, .time, .frequency])),
        "A number, a list, a tensor, a time or a frequency"),
      Argument(
        "digits", .integer(.between(-300, 300)), default: 0, "Digits behind the point; -1 rounds to tens")),
    returns: "the same kind and shape; halves go to the even neighbour",
    examples: [
      Example("round(2.5)", output: "2"), Example("round(3.14159, 2)", output: "3.14"),
      Example("round(1234, -2)", output: "1200"),
    ], source: "Python's round: correct for the exact binary value", seeAlso: ["floor", "ceil"]
  ) { _, x, digits in
    switch x.value {
    case .number(let number): return .number(rounded(number, digits))
    case .quantity(let quantity):
      return .quantity(QuantityObject(rounded(quantity.amount, digits), quantity.unit))
    default:
      return Conversions.value(
        try x.tensor().rounded(decimals: digits), windowing: windowing(x.value))
    }
  }

  /// Correctly rounded from the exact value, halves to even, as Python does.
  static func rounded(_ number: Double, _ digits: Int) -> Double {
    guard number.isFinite else { return number }
    if digits == 0 { return number.rounded(.toNearestOrEven) }
    if digits > 0 { return Double(NumberText.fixed(number, digits)) ?? number }
    let power = Glibc.pow(10, Double(-digits))
    return (number / power).rounded(.toNearestOrEven) * power
  }

  private static let abs = FunctionDeclaration(
    "abs", topic: topic, "The size of a number without its sign; the magnitude of complex numbers",
    takes: ArgumentList(
      Argument(
        "x", .matching("a number, a list, a tensor, a time, or a transform") { _ in true },
        "A number, list, tensor, time or frequency; or a complex transform (stft)")),
    returns: "the same kind and shape; of a transform, a spectrogram",
    errors: ["type: a value without numbers"],
    examples: [Example("abs(-3)", output: "3"), Example("abs(tensor([1, -2]))", output: "[1. 2.]")],
    seeAlso: ["angle", "sign"], quick: { x in x.asNumber.map { .number($0.magnitude) } }
  ) { _, x in
    switch x.value {
    case .number(let number): return .number(number.magnitude)
    case .quantity(let quantity): return .quantity(QuantityObject(quantity.amount.magnitude, quantity.unit))
    case .object(let object as any ComplexConvertible): return try object.magnitude()
    default:
      return Conversions.value(try x.tensor().applying(.abs), windowing: windowing(x.value))
    }
  }

  private static let angle = FunctionDeclaration(
    "angle", topic: topic, "The phase of complex numbers, in radians",
    takes: ArgumentList(
      Argument(
        "x", .matching("a transform such as stft(a), or numbers") { _ in true },
        "A complex transform, or real numbers")),
    gives: TensorObject.self, returns: "a tensor of angles from -pi to pi; of real numbers, 0 or pi",
    errors: ["type: a value without numbers"],
    examples: [Example("angle(-1) == pi", output: "true")], source: "numpy.angle", seeAlso: ["abs"]
  ) { _, x in
    if case .object(let object as any ComplexConvertible) = x.value { return try object.phase() }
    if case .number(let number) = x.value {
      return .number(number.isNaN ? number : number < 0 ? Double.pi : 0)
    }
    return Conversions.value(try x.tensor().mapped { $0.isNaN ? $0 : $0 < 0 ? Float.pi : 0 })
  }

  // MARK: Several numbers

  private static let clip = FunctionDeclaration(
    "clip", topic: topic, "Brings numbers into a range: what lies outside becomes its end",
    takes: ArgumentList(
      x,
      Argument("low", .optional(.number), default: .nothing, "The least; none leaves this side open"),
      Argument("high", .optional(.number), default: .nothing, "The most; none leaves this side open")),
    returns: returns, errors: ["value: low above high"],
    examples: [
      Example("clip(5, 0, 1)", output: "1"), Example("clip([-1, 0.5, 2], 0, 1)", output: "[0.  0.5 1. ]"),
    ],
    source: "numpy.clip", seeAlso: ["minimum", "maximum"]
  ) { _, x, low, high in
    if let low, let high, low > high {
      throw Failure(
        .value, "'low' (\(NumberText.plain(low))) is above 'high' (\(NumberText.plain(high)))",
        parameter: "low")
    }
    if case .number(let number) = x.value {
      if number.isNaN { return .number(number) }
      return .number(Swift.min(Swift.max(number, low ?? -.infinity), high ?? .infinity))
    }
    let clipped = try x.tensor().clipped(low: low.map { Float($0) }, high: high.map { Float($0) })
    return Conversions.value(clipped, windowing: windowing(x.value))
  }

  private static let choose = FunctionDeclaration(
    "where", topic: topic, "Takes from one value where a condition holds, from another where it does not",
    takes: ArgumentList(
      Argument("condition", .array, "A bool, or an array of flags such as `t > 0`"),
      Argument("a", .any, "Where the condition holds: a number or an array (any value for a single bool)"),
      Argument("b", .any, "Where it does not")),
    gives: TensorObject.self,
    returns: "a tensor of the three shapes broadcast together; a or b for a single bool",
    errors: ["shape: shapes that do not go together", "type: values without numbers"],
    examples: [Example("where(tensor([1, 5, 3]) > 2, 1, 0)", output: "[0. 1. 1.]")],
    source: "numpy.where", seeAlso: ["positions", "clip"]
  ) { _, condition, a, b in
    if let condition = condition.value.asBool { return condition ? a.value : b.value }
    let chosen = try Tensor.choosing(
      where: try condition.tensor(), try a.tensor(), else: try b.tensor())
    return Conversions.value(chosen, windowing: windowing(condition.value))
  }

  private static let positions = FunctionDeclaration(
    "positions", topic: topic, "Where flags are set",
    takes: ArgumentList(
      Argument("flags", .array, "Bools or numbers (not 0 counts as set) along one axis")),
    returns: "a list of positions in rising order", errors: ["shape: more than one axis"],
    examples: [Example("positions(tensor([3, 8, 5]) > 4)", output: "[1, 2]")],
    source: "numpy.flatnonzero", seeAlso: ["where", "find"]
  ) { _, flags in
    let flags = try flags.tensor()
    guard flags.rank <= 1 else {
      throw Failure(
        .shape, "'flags' has one axis, not the shape \(flags.shape.shapeDescription)", parameter: "flags")
    }
    return .list(flags.elements.indices.filter { flags.elements[$0] != 0 }.map { .number($0) })
  }

  /// A function of two numbers.
  private struct Pair {
    let name: String
    let summary: String
    let parameters: (String, String)
    let operation: ElementwiseOperation
    let examples: [Example]
    let source: String
    let seeAlso: [String]
    let scalar: @Sendable (Double, Double) -> Double
  }

  private static func pair(_ pair: Pair) -> FunctionDeclaration {
    FunctionDeclaration(
      pair.name, topic: topic, pair.summary,
      takes: ArgumentList(
        Argument("a", .array, pair.parameters.0),
        Argument("b", .array, pair.parameters.1)),
      returns: "a number for two numbers, else a tensor of the shapes broadcast together",
      errors: ["shape: shapes that do not go together"], examples: pair.examples, source: pair.source,
      seeAlso: pair.seeAlso
    ) { _, a, b in
      if case .number(let a) = a.value, case .number(let b) = b.value {
        return .number(pair.scalar(a, b))
      }
      return Conversions.value(
        try Tensor.combining(pair.operation, try a.tensor(), try b.tensor()),
        windowing: windowing(a.value) ?? windowing(b.value))
    }
  }

  private static let minimum = Pair(
    name: "minimum", summary: "The smaller of two numbers, element by element",
    parameters: ("A number or an array", "Another"), operation: .minimum,
    examples: [Example("minimum([1, 5], 3)", output: "[1. 3.]")], source: "numpy.minimum: nan if one is nan",
    seeAlso: ["maximum", "min", "clip"]
  ) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }

  private static let maximum = Pair(
    name: "maximum", summary: "The greater of two numbers, element by element",
    parameters: ("A number or an array", "Another"), operation: .maximum,
    examples: [Example("maximum([1, 5], 3)", output: "[3. 5.]")], source: "numpy.maximum: nan if one is nan",
    seeAlso: ["minimum", "max", "clip"]
  ) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }

  private static let atan2 = Pair(
    name: "atan2", summary: "The angle of the point (b, a) in radians, from -pi to pi",
    parameters: ("The height, y", "The width, x"), operation: .atan2,
    examples: [Example("atan2(1, 0) == pi / 2", output: "true")], source: "C's atan2",
    seeAlso: ["atan", "angle"]
  ) { Glibc.atan2($0, $1) }

  private static let hypot = Pair(
    name: "hypot", summary: "The length of the hypotenuse: sqrt(a² + b²)",
    parameters: ("One side", "The other side"), operation: .hypot,
    examples: [Example("hypot(3, 4)", output: "5")], source: "C's hypot", seeAlso: ["sqrt"]
  ) { Glibc.hypot($0, $1) }

  private static let isClose = FunctionDeclaration(
    "is_close", topic: topic, "Whether two numbers or arrays are equal but for rounding",
    takes: ArgumentList(
      Argument("a", .array, "A number or an array"),
      Argument("b", .array, "Another"),
      Argument("rtol", .number(.nonNegative), default: 1e-5, "How far apart they may be, as a part of b"),
      Argument("atol", .number(.nonNegative), default: 1e-8, "How far apart they may be besides")),
    returns: "true if |a - b| ≤ atol + rtol · |b| everywhere, else false",
    errors: ["shape: shapes that do not go together"],
    examples: [Example("is_close(0.1 + 0.2, 0.3)", output: "true")], source: "numpy.allclose"
  ) { _, a, b, rtol, atol in
    let (rtol, atol) = (rtol, atol)
    if case .number(let a) = a.value, case .number(let b) = b.value {
      return .bool(a == b || (a.isFinite && b.isFinite && (a - b).magnitude <= atol + rtol * b.magnitude))
    }
    return .bool(
      try a.tensor().isClose(to: try b.tensor(), relative: rtol, absolute: atol))
  }
}

/// Questions about single numbers.
enum NumberQuestions {
  static let all = [isNaN, isFinite]

  private static func question(
    _ name: String, _ summary: String, _ function: Tensors.ElementwiseFunction, _ examples: [Example],
    _ scalar: @escaping @Sendable (Double) -> Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: "numbers", summary,
      takes: ArgumentList(
        Argument("x", .array, "A number, a list or a tensor")),
      returns: "true or false for a number; a tensor of 0 and 1 else", examples: examples, source: "numpy"
    ) { _, x in
      if case .number(let number) = x.value { return .bool(scalar(number)) }
      return Conversions.value(try x.tensor().applying(function))
    }
  }

  private static let isNaN = question(
    "is_nan", "Whether a number is nan (not a number)", .isNaN,
    [Example("is_nan(nan)", output: "true"), Example("is_nan([1, nan])", output: "[0. 1.]")]
  ) { $0.isNaN }

  private static let isFinite = question(
    "is_finite", "Whether a number is neither infinite nor nan", .isFinite,
    [Example("is_finite(1 / 3)", output: "true")]
  ) { $0.isFinite }
}
