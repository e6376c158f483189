import CapLanguage
import Essentials
import Tensors

/// Many numbers to one: over everything, or along axes of a tensor.
enum ReductionFunctions {
  static let all = [
    sum, mean, std, variance, min, max, argmin, argmax, median, percentile, any, allOf, product,
  ]

  private static let topic = "numbers"
  private static let x = Argument("x", .items, "The numbers: a list, a tensor, a range, audio, …")
  private static let axisError = "index: an axis that is not there"
  private static let shapes = "a number; with `axis`, a tensor without that axis"

  /// What a reduction was given.
  enum Operand {
    /// A plain sequence of numbers, kept in double precision.
    case numbers([Double])
    /// An array of 32-bit floats.
    case array(Tensor)
    /// Times or frequencies.
    case quantities([Double], QuantityObject.Unit)
  }

  static func operand(_ value: Value, _ name: String) throws -> Operand {
    if case .number(let number) = value { return .numbers([number]) }
    if Conversions.isArray(value) { return .array(try Conversions.tensor(value, name: name)) }
    let items = try Conversions.items(of: value, name: name)
    var numbers: [Double] = []
    numbers.reserveCapacity(items.count)
    var unit: QuantityObject.Unit?
    for item in items {
      switch item {
      case .number(let number) where unit == nil: numbers.append(number)
      case .bool(let bool) where unit == nil: numbers.append(bool ? 1 : 0)
      case .quantity(let quantity)
      where (unit ?? quantity.unit) == quantity.unit && numbers.isEmpty == (unit == nil):
        unit = quantity.unit
        numbers.append(quantity.amount)
      default: return .array(try Conversions.tensor(.list(items), name: name))
      }
    }
    return unit.map { .quantities(numbers, $0) } ?? .numbers(numbers)
  }

  /// A reduction of sequences by `plain` (in double precision), of arrays by `reduction`.
  private static func reduced(
    _ x: ArgumentValue, _ axes: [Int]?, keeping: Bool, _ reduction: Tensors.Reduction, keepsUnit: Bool = true,
    _ plain: ([Double]) throws -> Double
  ) throws -> Value {
    switch try operand(x.value, x.name) {
    case .numbers(let numbers) where axes == nil && !keeping:
      return .number(try blaming("x") { try plain(numbers) })
    case .quantities(let amounts, let unit):
      guard keepsUnit else { return .number(try blaming("x") { try plain(amounts) }) }
      return .quantity(QuantityObject(try blaming("x") { try plain(amounts) }, unit))
    case .numbers(let numbers):
      return try value(
        Tensor(numbers.map { Float($0) }).reduced(reduction, axes: axes, keepingDimensions: keeping))
    case .array(let tensor):
      return try value(
        blaming("x") { try tensor.reduced(reduction, axes: axes, keepingDimensions: keeping) })
    }
  }

  private static func value(_ tensor: Tensor) -> Value { Conversions.value(tensor) }

  private static func nonEmpty(_ numbers: [Double], _ what: String) throws -> [Double] {
    guard !numbers.isEmpty else { throw Failure(.value, "there is no \(what) of no numbers", parameter: "x") }
    return numbers
  }

  private static func meanOf(_ numbers: [Double]) throws -> Double {
    try nonEmpty(numbers, "mean").reduce(0, +) / Double(numbers.count)
  }

  private static func declare(
    _ name: String, _ summary: String, _ reduction: Tensors.Reduction, keepsUnit: Bool = true,
    returns: String = shapes,
    errors: [String] = [], examples: [Example], source: String, seeAlso: [String],
    plain: @escaping @Sendable ([Double]) throws -> Double
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        x,
        SharedArguments.axis,
        SharedArguments.keepdims), returns: returns,
      errors: errors + [axisError], examples: examples, source: source, seeAlso: seeAlso
    ) { _, x, axis, keepdims in
      try reduced(x, axis, keeping: keepdims, reduction, keepsUnit: keepsUnit, plain)
    }
  }

  private static let sum = declare(
    "sum", "The sum of numbers", .sum,
    examples: [
      Example("sum([1, 2, 3])", output: "6"),
      Example("sum(tensor([[1, 2], [3, 4]]), axis=0)", output: "[4. 6.]"),
      Example("sum([1.5s, 500ms])", output: "2 s"),
    ], source: "numpy.sum", seeAlso: ["mean", "prod", "cumsum"]
  ) { $0.reduce(0, +) }

  private static let mean = declare(
    "mean", "The arithmetic mean of numbers", .mean, errors: ["value: no numbers"],
    examples: [
      Example("mean([1, 2, 6])", output: "3"),
      Example("mean(tensor([[1, 2], [3, 4]]), axis=1)", output: "[1.5 3.5]"),
    ], source: "numpy.mean", seeAlso: ["median", "std"]
  ) { try meanOf($0) }

  private static let product = declare(
    "prod", "The product of numbers", .product, keepsUnit: false,
    examples: [Example("prod([2, 3, 4])", output: "24")], source: "numpy.prod", seeAlso: ["sum"]
  ) { $0.reduce(1, *) }

  private static let median = declare(
    "median", "The middle number, or the mean of the two in the middle", .median,
    errors: ["value: no numbers"],
    examples: [Example("median([3, 1, 10])", output: "3"), Example("median([1, 2, 3, 4])", output: "2.5")],
    source: "numpy.median", seeAlso: ["mean", "percentile"]
  ) { interpolated(try nonEmpty($0, "median"), percent: 50) }

  private static let ddof = Argument(
    "ddof", .integer(.nonNegative), default: 0,
    "What is taken off the count before dividing; 1 gives the unbiased estimate from a sample")

  private static func spread(
    _ name: String, _ summary: String, examples: [Example], source: String, seeAlso: [String],
    _ finish: @escaping @Sendable (Double) -> Double
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        x,
        SharedArguments.axis,
        SharedArguments.keepdims,
        ddof), returns: shapes,
      errors: ["value: no numbers, or not more than `ddof`", axisError], examples: examples, source: source,
      seeAlso: seeAlso
    ) { _, x, axis, keepdims, ddof in
      let axes = axis
      let keeping = keepdims
      func tooFew(_ count: Int) -> Failure {
        Failure(
          .value, "\(name) with ddof=\(ddof) needs more than \(ddof) numbers, not \(count)", parameter: "x")
      }
      func plain(_ numbers: [Double]) throws -> Double {
        let mean = try meanOf(numbers)
        guard numbers.count > ddof else { throw tooFew(numbers.count) }
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return finish(squares / Double(numbers.count - ddof))
      }
      let tensor: Tensor
      switch try operand(x.value, "x") {
      case .numbers(let numbers) where axes == nil && !keeping: return .number(try plain(numbers))
      case .quantities(let amounts, let unit):
        return name == "std"
          ? .quantity(QuantityObject(try plain(amounts), unit)) : .number(try plain(amounts))
      case .numbers(let numbers): tensor = Tensor(numbers.map { Float($0) })
      case .array(let array): tensor = array
      }
      let variance = try blaming("x") {
        try tensor.reduced(.variance, axes: axes, keepingDimensions: keeping)
      }
      let count = tensor.count / Swift.max(variance.count, 1)
      guard count > ddof else { throw tooFew(count) }
      let factor = Double(count) / Double(count - ddof)
      return value(try variance.mapped { Float(finish(Double($0) * factor)) })
    }
  }

  private static let std = spread(
    "std", "The standard deviation of numbers: how far they lie from their mean",
    examples: [
      Example("std([1, 3])", output: "1"), Example("std([1, 3], ddof=1)", output: "1.4142135623730951"),
    ],
    source: "numpy.std: the root of the mean squared distance from the mean", seeAlso: ["var", "mean"]
  ) { $0.squareRoot() }

  private static let variance = spread(
    "var", "The variance of numbers: the mean squared distance from their mean",
    examples: [Example("var([1, 2, 3, 4])", output: "1.25")], source: "numpy.var", seeAlso: ["std"]
  ) { $0 }

  // MARK: Extremes

  private static let values = Argument<[Value]>.values(
    "values", "Two or more values to compare; or one list, tensor, dataset, … of them")
  private static let key = Argument(
    "key", .optional(.function), default: .nothing, "Takes an item, gives what to compare by")

  private static func extreme(
    _ name: String, _ summary: String, _ reduction: Tensors.Reduction, elementwise: String, isMaximum: Bool,
    examples: [Example], seeAlso: [String]
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        values,
        SharedArguments.axis,
        SharedArguments.keepdims,
        key),
      returns:
        "one of the values, the first among equals; nan if there is one; with `axis`, a tensor without that axis",
      errors: ["value: no values", "type: values that have no order", axisError], examples: examples,
      source: "Python's \(name); numpy.\(name)", seeAlso: seeAlso
    ) { context, values, axis, keepdims, key in
      let values = values
      guard let first = values.first else {
        throw Failure(.value, "\(name) needs a list, or two or more values", parameter: "values")
      }
      if values.count > 1, values.contains(where: Conversions.isArray) {
        throw Failure(
          .type, "\(name) compares single values", hint: "\(elementwise)(a, b) compares element by element",
          parameter: "values")
      }
      let axes = axis
      let keeping = keepdims
      if values.count == 1, key == nil, axes != nil || keeping || Conversions.isArray(first) {
        let tensor = try Conversions.tensor(first, name: "values")
        return Conversions.value(
          try blaming("values") { try tensor.reduced(reduction, axes: axes, keepingDimensions: keeping) })
      }
      if values.count == 1, case .number = first { return first }
      let items = values.count > 1 ? values : try Conversions.items(of: first, name: "values")
      guard var best = items.first else {
        throw Failure(.value, "there is no \(name) of no values", parameter: "values")
      }
      if items.contains(where: { $0.asList != nil || Conversions.isArray($0) }), key == nil,
        let tensor = try? Conversions.tensor(.list(items))
      {
        return Conversions.value(try tensor.reduced(reduction))
      }
      let function = key
      var bestKey = try function.map { try context.call($0, [best]) } ?? best
      for item in items.dropFirst() {
        let itemKey = try function.map { try context.call($0, [item]) } ?? item
        if case .number(let number) = bestKey, number.isNaN { break }
        let isBetter: Bool
        if case .number(let number) = itemKey, number.isNaN, bestKey.asNumber != nil {
          isBetter = true
        } else {
          isBetter = isMaximum ? try bestKey.isOrderedBefore(itemKey) : try itemKey.isOrderedBefore(bestKey)
        }
        if isBetter { (best, bestKey) = (item, itemKey) }
      }
      return best
    }
  }

  private static let min = extreme(
    "min", "The least of several values", .minimum, elementwise: "minimum", isMaximum: false,
    examples: [
      Example("min(3, 1, 2)", output: "1"), Example("min([\"pear\", \"fig\"], key=len)", output: "\"fig\""),
      Example("min(tensor([[4, 2], [1, 3]]), axis=1)", output: "[2. 1.]"),
    ], seeAlso: ["max", "argmin", "minimum"])

  private static let max = extreme(
    "max", "The greatest of several values", .maximum, elementwise: "maximum", isMaximum: true,
    examples: [
      Example("max(3, 1, 2)", output: "3"), Example("max([1.5s, 2s])", output: "2 s"),
      Example("max(tensor([[4, 2], [1, 3]]), axis=0)", output: "[4. 3.]"),
    ], seeAlso: ["min", "argmax", "maximum"])

  private static func position(
    _ name: String, _ what: String, _ reduction: Tensors.Reduction, example: Example, seeAlso: [String],
    _ isBetter: @escaping @Sendable (Double, Double) -> Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, "The position of the \(what) number, the first among equals",
      takes: ArgumentList(
        x,
        Argument("axis", .optional(.integer), default: .nothing, "The axis to go along; none for all"),
        SharedArguments.keepdims),
      returns:
        "a position; with `axis`, a tensor of positions along it; of several axes together, the position in "
        + "row-major order",
      errors: ["value: no numbers", axisError], examples: [example], source: "numpy.\(name)", seeAlso: seeAlso
    ) { _, x, axis, keepdims in
      try reduced(x, axis.map { [$0] }, keeping: keepdims, reduction, keepsUnit: false) { numbers in
        var best = 0
        for (position, number) in try nonEmpty(numbers, name).enumerated() {
          if numbers[best].isNaN { break }
          if number.isNaN || isBetter(number, numbers[best]) { best = position }
        }
        return Double(best)
      }
    }
  }

  private static let argmin = position(
    "argmin", "least", .argumentOfMinimum, example: Example("argmin([4, 2, 8])", output: "1"),
    seeAlso: ["argmax", "min"]
  ) { $0 < $1 }

  private static let argmax = position(
    "argmax", "greatest", .argumentOfMaximum, example: Example("argmax([4, 2, 8])", output: "2"),
    seeAlso: ["argmin", "max"]
  ) { $0 > $1 }

  // MARK: Percentiles

  private static let percentile = FunctionDeclaration(
    "percentile", topic: topic, "The number below which so many percent of the numbers lie",
    takes: ArgumentList(
      x,
      Argument(
        "q", .value(.oneOf([.number(.between(0, 100)), .list(.number(.between(0, 100)))])), unit: "percent",
        "One percentage, or a list of them"),
      SharedArguments.axis,
      SharedArguments.keepdims),
    returns: "a number, interpolated linearly; a list for a list of percentages; with `axis`, tensors",
    errors: ["value: no numbers, or a percentage outside 0 … 100", axisError],
    examples: [
      Example("percentile([1, 2, 3, 4], 50)", output: "2.5"),
      Example("percentile(range(101), [5, 95])", output: "[5, 95]"),
    ], source: "numpy.percentile, linear interpolation", seeAlso: ["median"]
  ) { _, x, q, axis, keepdims in
    func one(_ percent: Double) throws -> Value {
      try reduced(x, axis, keeping: keepdims, .percentile(percent)) { numbers in
        interpolated(try nonEmpty(numbers, "percentile"), percent: percent)
      }
    }
    if let percent = q.value.asNumber { return try one(percent) }
    return .list(try q.items().compactMap(\.asNumber).map(one))
  }

  private static func interpolated(_ numbers: [Double], percent: Double) -> Double {
    if numbers.contains(where: \.isNaN) { return .nan }
    let ordered = numbers.sorted()
    let place = percent / 100 * Double(ordered.count - 1)
    let below = Swift.min(Int(place), ordered.count - 1)
    let above = Swift.min(below + 1, ordered.count - 1)
    let (low, high) = (ordered[below], ordered[above])
    return low == high ? low : low + (high - low) * (place - Double(below))
  }

  // MARK: Any, all

  private static func decision(
    _ name: String, _ summary: String, _ reduction: Tensors.Reduction, examples: [Example], seeAlso: [String],
    ofNothing: Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        Argument("x", .items, "Bools, or numbers (0 counts as false): a list, a tensor, …"),
        Argument(
          "axis", .optional(.oneOrMore()), default: .nothing,
          "The axis of a tensor to go along; none takes all together")),
      returns: "true or false; with `axis`, a tensor of 0 and 1",
      errors: ["type: an item that is neither", axisError],
      examples: examples, source: "Python's \(name)", seeAlso: seeAlso
    ) { _, x, axis in
      if let axes = axis {
        return Conversions.value(try x.tensor().reduced(reduction, axes: axes))
      }
      if Conversions.isArray(x.value) {
        return .bool(try x.tensor().reducedToNumber(reduction) != 0)
      }
      let next = try x.iterator()
      while let item = try next() {
        let isTrue: Bool
        switch item {
        case .bool(let bool): isTrue = bool
        case .number(let number): isTrue = number != 0
        default:
          guard Conversions.isArray(item) || item.asList != nil else {
            throw Failure(
              .type, "'x' takes bools, not \(item.kindPhrase)",
              hint: "\(name)([p(x) for x in xs]) asks about each item",
              parameter: "x")
          }
          isTrue = try Conversions.tensor(item, name: "x").reducedToNumber(reduction) != 0
        }
        if isTrue != ofNothing { return .bool(isTrue) }
      }
      return .bool(ofNothing)
    }
  }

  private static let any = decision(
    "any", "Whether at least one is true", .any,
    examples: [
      Example("any([false, true])", output: "true"), Example("any(tensor([1, 2]) > 5)", output: "false"),
    ],
    seeAlso: ["all"], ofNothing: false)

  private static let allOf = decision(
    "all", "Whether all are true", .all,
    examples: [Example("all([x > 0 for x in [1, 2, 3]])", output: "true")], seeAlso: ["any"], ofNothing: true)
}
