import Essentials
import Tensors
import Testing

/// Each of NumPy's results again, from the same tensors.
@Suite struct NumPyParityTests {
  /// The C library's functions and NumPy's own differ in the last bit or two.
  private let lastBits = 5e-7

  private func compare(
    _ kind: String, atLeast count: Int = 1, relative: Double = 0, absolute: Double = 0,
    _ compute: (References.Case, [Tensor]) throws -> Tensor
  ) throws {
    let cases = try References.cases(kind)
    #expect(cases.count >= count)
    for (item, inputs, expected) in cases {
      let difference = difference(
        try compute(item, inputs), expected, relative: relative, absolute: absolute)
      #expect(difference == nil, "\(kind) \(item)")
    }
  }

  @Test func binaryOperations() throws {
    var seen: Set<ElementwiseOperation> = []
    try compare("binary", relative: lastBits) { item, inputs in
      let operation = try #require(ElementwiseOperation(rawValue: item.name))
      seen.insert(operation)
      return try Tensor.combining(operation, inputs[0], inputs[1])
    }
    #expect(seen == Set(ElementwiseOperation.allCases))
  }

  @Test func elementwiseFunctions() throws {
    var seen: Set<ElementwiseFunction> = []
    try compare("unary", relative: lastBits) { item, inputs in
      let function = try #require(ElementwiseFunction(rawValue: item.name))
      seen.insert(function)
      return try inputs[0].applying(function)
    }
    #expect(seen == Set(ElementwiseFunction.allCases))
    try compare("round") { try $1[0].rounded(decimals: Int(#require($0.argument))) }
    try compare("clip") { try $1[0].clipped(low: -1, high: 2) }
    try compare("where") { try Tensor.choosing(where: $1[0], $1[1], else: $1[2]) }
  }

  @Test func reductions() throws {
    let reductions: [String: Reduction] = [
      "sum": .sum, "mean": .mean, "product": .product, "variance": .variance,
      "standardDeviation": .standardDeviation, "minimum": .minimum, "maximum": .maximum, "any": .any,
      "all": .all, "nonZeroCount": .nonZeroCount, "median": .median,
      "argumentOfMinimum": .argumentOfMinimum, "argumentOfMaximum": .argumentOfMaximum,
    ]
    // Float32 means of float32 data differ from NumPy's float32 ones where data has a NaN only.
    try compare("reduce", atLeast: 200, relative: 2e-6, absolute: 1e-7) { item, inputs in
      try inputs[0].reduced(
        #require(reductions[item.name]), axes: item.axes, keepingDimensions: item.keepdims ?? false)
    }
    try compare("percentile", relative: lastBits) { item, inputs in
      try inputs[0].reduced(.percentile(#require(item.argument)), axes: item.axes)
    }
  }

  @Test func slicesAndAssignments() throws {
    try compare("slice", atLeast: 15) { item, inputs in
      try inputs[0].sliced(#require(item.indices).map(\.tensorIndex))
    }
    try compare("assign", atLeast: 15) { item, inputs in
      var target = inputs[0]
      try target.assign(inputs[1], at: #require(item.indices).map(\.tensorIndex))
      return target
    }
  }

  @Test func shapes() throws {
    func axis(_ item: References.Case) throws -> Int { try #require(item.axes?.first) }
    try compare("transpose") { try $1[0].transposed($0.axes) }
    try compare("concatenate") { try Tensor.concatenated($1, axis: axis($0)) }
    try compare("stack") { try Tensor.stacked($1, axis: axis($0)) }
    try compare("repeat") { try $1[0].repeating(Int(#require($0.argument)), axis: $0.axes?.first) }
    try compare("tile") { try $1[0].tiled(#require($0.axes)) }
    try compare("take") { try $1[0].taking([1, -1, 0, 1], axis: axis($0)) }
    try compare("select") { try $1[0].selecting($1[1]) }
  }

  @Test func order() throws {
    func axis(_ item: References.Case) throws -> Int { try #require(item.axes?.first) }
    try compare("sort") { try $1[0].sorted(axis: axis($0)) }
    try compare("argsort") { try $1[0].argumentsSorted(axis: axis($0)) }
    try compare("cumsum", relative: lastBits, absolute: 1e-6) {
      try $1[0].cumulativeSum(axis: $0.axes?.first)
    }
    try compare("diff") { try $1[0].differences(axis: axis($0)) }
    try compare("unique") { _, inputs in
      let unique = try inputs[0].uniqueCounts()
      return try Tensor.stacked([unique.values, unique.counts])
    }
  }

  @Test func matrixProducts() throws {
    // Whole numbers: every order of summing gives the same.
    try compare("matmul", atLeast: 14) { try $1[0].matrixProduct(with: $1[1]) }
  }

  @Test func sequences() throws {
    try compare("linspace") { item, _ in
      let numbers = try #require(item.numbers)
      return try Tensor.linspace(numbers[0], numbers[1], count: Int(numbers[2]))
    }
    try compare("arange") { item, _ in
      let numbers = try #require(item.numbers)
      return try Tensor.arange(numbers[0], numbers[1], step: numbers[2])
    }
  }

  @Test func text() throws {
    let references = try References.shared.get()
    #expect(references.texts.count >= 20)
    for text in references.texts {
      let tensor = try references.tensors[text.tensor].tensor()
      #expect(tensor.description == text.text)
    }
  }
}
