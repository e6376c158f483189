import Essentials
import Tensors
import Testing

/// What cannot be done is refused with words, never with a trap.
@Suite struct RefusalTests {
  private func failure(_ body: () throws -> Void) -> Failure? {
    do { try body() } catch { return error as? Failure }
    return nil
  }

  private let matrix = Tensor([1, 2, 3, 4, 5, 6])

  @Test func shapesThatDoNotGoTogetherAreBothNamed() throws {
    let a = try matrix.reshaped([2, 3])
    let b = try matrix.reshaped([3, 2])
    let sum = failure { _ = try a + b }
    #expect(sum?.kind == .shape)
    #expect(sum?.message.contains("(2, 3) and (3, 2)") == true)
    let product = failure { _ = try a.matrixProduct(with: a) }
    #expect(product?.kind == .shape)
    #expect(product?.message.contains("(2, 3) and (2, 3)") == true)
    #expect(failure { _ = try a.matrixProduct(with: Tensor(scalar: 2)) }?.kind == .shape)
    let stack = failure { _ = try Tensor.stacked([a, a, b]) }
    #expect(stack?.message.hasPrefix("tensor 2 has shape (3, 2)") == true)
    #expect(failure { _ = try Tensor.concatenated([a, b], axis: 1) }?.kind == .shape)
    #expect(failure { _ = try Tensor.concatenated([a, matrix], axis: 0) }?.kind == .shape)
    #expect(failure { _ = try a.broadcast(to: [3]) }?.kind == .shape)
    #expect(failure { _ = try a.broadcast(to: [1, 3]) }?.kind == .shape)
    var target = a
    #expect(failure { try target.assign(b, at: [.all]) }?.kind == .shape)
    #expect(failure { try target.assign(a, at: [.position(0)]) }?.kind == .shape)
    #expect(target == a)
    #expect(failure { _ = try a.selecting(Tensor([1, 0, 1])) }?.kind == .shape)
    #expect(failure { _ = try a.transposed([0, 0]) }?.kind == .shape)
    #expect(failure { _ = try a.transposed([0]) }?.kind == .shape)
  }

  @Test func positionsOutsideAreRefused() throws {
    let a = try matrix.reshaped([2, 3])
    for indices: [TensorIndex] in [
      [.position(2)], [.position(-3)], [.all, .position(3)], [.position(Int.min)], [.position(Int.max)],
      [.all, .all, .all],
    ] {
      #expect(failure { _ = try a.sliced(indices) }?.kind == .index)
    }
    #expect(failure { _ = try a.sliced([.slice(start: nil, stop: nil, step: 0)]) }?.kind == .value)
    #expect(failure { _ = try a.reduced(.sum, axes: [2]) }?.parameter == "axis")
    #expect(failure { _ = try Tensor(scalar: 1).sorted() }?.kind == .index)
    #expect(failure { _ = try a.taking([2]) }?.kind == .index)
    // Bounds far outside are brought to the ends.
    let far = TensorIndex.slice(start: Int.min, stop: Int.max, step: Int.max)
    #expect(try a.sliced([far, far]).elements == [1])
    let back = TensorIndex.slice(start: Int.max, stop: Int.min, step: Int.min)
    #expect(try a.sliced([back, back]).elements == [6])
  }

  @Test func nothingHasNoMean() throws {
    let empty = try Tensor.zeros([0, 3])
    for reduction: Reduction in [.mean, .maximum, .argumentOfMinimum, .median, .variance, .percentile(5)] {
      #expect(failure { _ = try empty.reduced(reduction) }?.kind == .value)
      #expect(failure { _ = try empty.reduced(reduction, axes: [0]) }?.kind == .value)
      // Along the other axis there are no results, so nothing is missing.
      #expect(try empty.reduced(reduction, axes: [1]).shape == [0])
    }
    for percent in [-1, 100.5, .nan] {
      #expect(failure { _ = try matrix.reduced(.percentile(percent)) }?.kind == .value)
    }
  }

  @Test func sizesAreCheckedBeforeTheyAreAllocated() throws {
    let huge = Int.max / 2
    #expect(failure { _ = try Tensor.zeros([huge, huge]) }?.kind == .memory)
    #expect(failure { _ = try Tensor.eye(huge) }?.kind == .memory)
    #expect(failure { _ = try Tensor.arange(1e300) }?.kind == .memory)
    #expect(failure { _ = try Tensor.linspace(0, 1, count: huge) }?.kind == .memory)
    #expect(failure { _ = try matrix.repeating(huge) }?.kind == .memory)
    #expect(failure { _ = try matrix.tiled([huge, huge]) }?.kind == .memory)
    #expect(failure { _ = try matrix.padded(axis: 0, after: huge) }?.kind == .memory)
    #expect(failure { _ = try matrix.padded(axis: 0, before: huge, after: huge) }?.kind == .memory)
    #expect(failure { _ = try matrix.oneHot(classes: huge) }?.kind == .memory)
    #expect(failure { _ = try Tensor.zeros([-1]) }?.kind == .value)
    #expect(failure { _ = try Tensor.arange(0, .nan) }?.kind == .value)
    #expect(failure { _ = try Tensor.arange(0, 1, step: 0) }?.parameter == "step")
    #expect(failure { _ = try matrix.clipped(low: 2, high: 1) }?.kind == .value)
    let long = try Tensor.zeros([300_000, 1])
    #expect(failure { _ = try long.matrixProduct(with: long.transposed()) }?.kind == .memory)
  }
}
