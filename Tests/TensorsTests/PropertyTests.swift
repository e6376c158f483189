import Essentials
import Tensors
import TestSupport
import Testing

@Suite struct PropertyTests {
  private static func random(_ shape: Shape, _ random: inout RandomSource) throws -> Tensor {
    try Tensor.randomNormal(shape, using: &random)
  }

  /// The position of an index in row-major order, axes of length 1 repeated.
  private static func element(_ tensor: Tensor, _ index: [Int]) -> Float {
    let own = index.suffix(tensor.rank)
    return tensor.elements[
      zip(tensor.shape, own).reduce(0) { $0 * $1.0 + ($1.0 == 1 ? 0 : $1.1) }]
  }

  private static func indices(_ shape: Shape) -> [[Int]] {
    shape.reduce([[]]) { prefixes, length in
      prefixes.flatMap { prefix in (0..<length).map { prefix + [$0] } }
    }
  }

  /// Broadcasting is what it says: element by element, lengths of 1 repeated.
  @Test(arguments: 0..<60) func broadcastingIsTheNaiveLoop(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let rank = random.integer(below: 5)
    let full = (0..<rank).map { _ in random.integer(below: 4) + (seed % 9 == 0 ? 0 : 1) }
    func operand() throws -> Tensor {
      let dropped = random.integer(below: rank + 1)
      let shape = full.dropFirst(dropped).map { random.integer(below: 3) == 0 ? 1 : $0 }
      return try Self.random(shape, &random)
    }
    let (a, b) = (try operand(), try operand())
    let sum = try a + b
    #expect(try sum.shape == a.shape.broadcast(with: b.shape))
    let naive = Self.indices(sum.shape).map { Self.element(a, $0) + Self.element(b, $0) }
    #expect(sum.elements == naive)
    let chosen = try Tensor.choosing(where: Tensor.combining(.less, a, b), a, else: b)
    #expect(chosen == (try Tensor.combining(.minimum, a, b)))
  }

  /// A slice holds the elements at Python's positions, and assigning it back changes nothing.
  @Test(arguments: 0..<60) func slicingIsTheNaiveLoop(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let shape = (0..<random.integer(below: 3) + 1).map { _ in random.integer(below: 6) }
    let tensor = try Self.random(shape, &random)
    func bound() -> Int? {
      random.integer(below: 3) == 0 ? nil : random.integer(below: 17) - 8
    }
    var positions: [[Int]] = []
    var indices: [TensorIndex] = []
    for length in shape {
      var step = random.integer(below: 7) - 3
      if step == 0 { step = 1 }
      let (start, stop) = (bound(), bound())
      indices.append(.slice(start: start, stop: stop, step: step))
      // Python's definition: every position from the clamped start, step by step, before the stop.
      func clamp(_ value: Int?, _ otherwise: Int) -> Int {
        guard let value else { return otherwise }
        let counted = value < 0 ? value + length : value
        return step > 0 ? min(max(counted, 0), length) : min(max(counted, -1), length - 1)
      }
      let first = clamp(start, step > 0 ? 0 : length - 1)
      let last = clamp(stop, step > 0 ? length : -1)
      positions.append(Array(stride(from: first, to: last, by: step)))
    }
    let slice = try tensor.sliced(indices)
    #expect(slice.shape == positions.map(\.count))
    let naive = Self.indices(slice.shape).map { index in
      Self.element(tensor, zip(positions, index).map { $0[$1] })
    }
    #expect(slice.elements == naive)
    var same = tensor
    try same.assign(slice, at: indices)
    #expect(same == tensor)
    var zeroed = tensor
    try zeroed.assign(Tensor(scalar: 0), at: indices)
    #expect(try zeroed.sliced(indices).elements.allSatisfy { $0 == 0 })
    #expect(zeroed.elements.count { $0 == 0 } == slice.count)
  }

  @Test func transposingTwiceAndProductsOfTransposes() throws {
    var random = RandomSource(seed: 3)
    let a = try Self.random([9, 37], &random)
    let b = try Self.random([37, 21], &random)
    #expect(try a.transposed().transposed() == a)
    let product = try a.matrixProduct(with: b)
    let other = try b.transposed().matrixProduct(with: a.transposed()).transposed()
    #expect(try product.isClose(to: other, relative: 1e-5, absolute: 1e-5))
    #expect(try a.matrixProduct(with: Tensor.eye(37)) == a)
  }

  /// Small products of every shape of tile, of whole numbers: exact, whatever the order of the sums.
  @Test(arguments: 1...21) func smallProductsAreExact(rows: Int) throws {
    var random = RandomSource(seed: UInt64(rows))
    for columns in 1...21 {
      for inner in [1, 2, 17] {
        let a = try Tensor((0..<rows * inner).map { _ in Float(random.integer(below: 19)) - 9 })
          .reshaped(inferring: [rows, inner])
        let b = try Tensor((0..<inner * columns).map { _ in Float(random.integer(below: 19)) - 9 })
          .reshaped(inferring: [inner, columns])
        let expected = (0..<rows * columns).map { place in
          (0..<inner).reduce(Float(0)) {
            $0 + a.elements[place / columns * inner + $1] * b.elements[$1 * columns + place % columns]
          }
        }
        #expect(try Array(a.matrixProduct(with: b).elements) == expected, "\(rows), \(inner), \(columns)")
      }
    }
  }

  /// A large matrix product, element by element in double precision.
  @Test func largeProductsStayAccurate() throws {
    var random = RandomSource(seed: 4)
    let a = try Self.random([65, 1100], &random)
    let b = try Self.random([1100, 43], &random)
    let product = try a.matrixProduct(with: b)
    for row in 0..<65 {
      for column in 0..<43 {
        var sum = 0.0
        for k in 0..<1100 { sum += Double(a.elements[row * 1100 + k]) * Double(b.elements[k * 43 + column]) }
        #expect(abs(Double(product.elements[row * 43 + column]) - sum) < 2e-4)
      }
    }
  }

  @Test func sumsAreAccurate() throws {
    // In 32 bits, ten million tenths would add up to 1087937.
    let tenths = try Tensor(repeating: 0.1, shape: [10_000_000])
    #expect(try tenths.reducedToNumber(.sum) == Float(Double(Float(0.1)) * 1e7))
    #expect(try tenths.reducedToNumber(.standardDeviation) < 1e-7)
    #expect(try tenths.reshaped([10_000, 1000]).reduced(.mean, axes: [0]).elements.allSatisfy { $0 == 0.1 })
    // Far from 0, the variance of the digits is still right.
    let far = try Tensor.arange(1_000_000, 1_000_100)
    #expect(try far.reducedToNumber(.variance) == 833.25)
  }

  @Test func randomNumbersFollowTheSeed() throws {
    var (a, b) = (RandomSource(seed: 1), RandomSource(seed: 1))
    let uniform = try Tensor.randomUniform([100, 100], low: -2, high: 3, using: &a)
    #expect(try uniform == Tensor.randomUniform([100, 100], low: -2, high: 3, using: &b))
    #expect(uniform.elements.allSatisfy { $0 >= -2 && $0 <= 3 })
    // Four standard errors of a mean of 10000: 5 / sqrt(12 · 10000) each.
    #expect(try abs(uniform.reducedToNumber(.mean) - 0.5) < 0.058)
    let normal = try Tensor.randomNormal([10_000], mean: 10, standardDeviation: 2, using: &a)
    #expect(try abs(normal.reducedToNumber(.mean) - 10) < 0.08)
    #expect(try abs(normal.reducedToNumber(.standardDeviation) - 2) < 0.057)
  }

  @Test func oneHotEyeAndPadding() throws {
    #expect(try Tensor([0, 2]).oneHot(classes: 3) == Tensor(shape: [2, 3], elements: [1, 0, 0, 0, 0, 1]))
    for label: Float in [-1, 3, 0.5, .nan] {
      #expect(throws: Failure.self) { try Tensor([label]).oneHot(classes: 3) }
    }
    #expect(try Tensor.eye(2, columns: 3).elements == [1, 0, 0, 0, 1, 0])
    #expect(try Tensor([1, 2]).padded(axis: 0, before: 2, after: 1, with: 7).elements == [7, 7, 1, 2, 7])
    #expect(try Tensor([1, 2, 3]).reversed(axis: 0).elements == [3, 2, 1])
  }

  @Test func reshapingInfersOneLength() throws {
    let tensor = try Tensor.arange(12)
    #expect(try tensor.reshaped(inferring: [3, -1]).shape == [3, 4])
    #expect(try tensor.reshaped(inferring: [-1, 2, 6]).shape == [1, 2, 6])
    for lengths in [[-1, -1], [5, -1], [0, -1], [7], [-2, 6]] {
      #expect(throws: Failure.self) { try tensor.reshaped(inferring: lengths) }
    }
    #expect(try tensor.expandingDimensions(axis: -1).shape == [12, 1])
    #expect(try tensor.expandingDimensions(axis: 0).squeezed().shape == [12])
    #expect(throws: Failure.self) { try tensor.squeezed(axis: 0) }
    #expect(throws: Failure.self) { try tensor.expandingDimensions(axis: 3) }
  }

  @Test func closenessIsNumPys() throws {
    #expect(try Tensor([1, 1e10]).isClose(to: Tensor([1.000001, 1.000009e10])))
    #expect(try !Tensor([1]).isClose(to: Tensor([1.0001])))
    #expect(try !Tensor([.nan]).isClose(to: Tensor([.nan])))
    #expect(try Tensor([.nan]).isClose(to: Tensor([.nan]), nanEqual: true))
    #expect(try Tensor([.infinity]).isClose(to: Tensor(scalar: .infinity)))
    #expect(try !Tensor([.infinity]).isClose(to: Tensor(scalar: 1)))
    #expect(try Tensor([1, 5]).greatestDistance(to: Tensor(scalar: 2)) == 3)
  }

  @Test func oneLineAboutATensor() throws {
    let tensor = try Tensor.arange(12).reshaped([3, 4])
    #expect(tensor.summary == "Tensor (3, 4) float32")
    #expect(tensor.statistics == "min 0 · mean 5.5 · max 11")
    #expect(Tensor([1, .nan]).statistics == "min 1 · mean 1 · max 1 · 1 not finite")
    #expect(Tensor([]).statistics == "no elements")
    #expect(Tensor(scalar: 3).description == "3")
    #expect(Tensor(scalar: 0.1).description == "0.1")
  }
}
