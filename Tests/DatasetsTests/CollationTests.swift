import Datasets
import Essentials
import Tensors
import Testing

@Suite struct CollationTests {
  /// A source that is made when it is needed, large enough to be shared among threads.
  private struct Ramp: TensorSource {
    let start: Float
    var shape: Shape = [50, 80]
    var storedByteCount: Int { 4 }

    func write(into destination: UnsafeMutableBufferPointer<Float>) throws {
      if start < 0 { throw Failure(.file, "no ramp") }
      for index in destination.indices { destination[index] = start + Float(index) }
    }
  }

  @Test func sourcesAreStackedInTheirOrder() throws {
    let ramps = (0..<16).map { Ramp(start: Float($0 * 1000)) }
    let stacked = try Collation.stacked(ramps)
    #expect(stacked.shape == [16, 50, 80])
    #expect(try stacked == Tensor.stacked(ramps.map { try $0.materialized() }))
    #expect(try Collation.stacked([Tensor(scalar: 1), Tensor(scalar: 0)]).shape == [2])
    #expect(try Collation.stacked([Tensor.zeros([0, 3])]).shape == [1, 0, 3])
  }

  @Test func theOddShapeIsNamed() {
    let ramps = [Ramp(start: 0), Ramp(start: 1), Ramp(start: 2, shape: [50, 79])]
    #expect {
      try Collation.stacked(ramps)
    } throws: { error in
      let failure = error as? Failure
      return failure?.kind == .shape
        && failure?.message == "example 2 of the batch has shape (50, 79), but example 0 has (50, 80)"
    }
    #expect(throws: Failure(.file, "no ramp")) {
      try Collation.stacked([Ramp(start: 0), Ramp(start: -1), Ramp(start: 1)])
    }
    #expect(throws: Failure.self) { try Collation.stacked([]) }
  }

  @Test func batchesGoThroughAPipeline() throws {
    let labels: [Float] = (0..<10).map { Float($0 % 2) }
    let examples = Dataset(Array(0..<10)).map { (Ramp(start: Float($0)), labels[$0]) }
    let batches = try examples.cache().batch(4) { examples in
      try Batch(inputs: examples.map(\.0), targets: examples.map { Tensor(scalar: $0.1) })
    }.prefetch(2)
    for _ in 0..<2 {
      let all = try batches.elements()
      #expect(all.map(\.count) == [4, 4, 2])
      #expect(all[2].x.shape == [2, 50, 80])
      #expect(all[2].y == Tensor([0, 1]))
      #expect(all[1].byteCount == 4 * (4 * 4000 + 4))
    }
  }

  @Test func inputsAndTargetsMustPair() {
    #expect(throws: Failure.self) { try Batch(x: Tensor([1, 2, 3]), y: Tensor([1, 2])) }
    #expect(throws: Failure.self) { try Batch(x: Tensor(scalar: 1)) }
  }
}
