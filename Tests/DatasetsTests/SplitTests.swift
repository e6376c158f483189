import Datasets
import Essentials
import Testing

@Suite struct SplitTests {
  /// However the elements come to the split, its parts are disjoint, complete, and stay.
  @Test func partsAreDisjointCompleteAndStay() throws {
    let base = Dataset(Array(0..<100))
    let pipelines: [(String, Dataset<Int>)] = [
      ("plain", base),
      ("shuffled", try base.shuffle(100, seed: 1)),
      ("shuffled with a small buffer, mapped", try base.map { $0 }.shuffle(7, seed: 2).map { $0 }),
      ("cached after the shuffle", try base.shuffle(100, seed: 3).cache()),
      ("shuffled twice", try base.shuffle(100, seed: 3).cache().shuffle(50, seed: 4).prefetch(2)),
      ("filtered", try base.shuffle(100, seed: 3).filter { _ in true }),
      ("streamed", try streamed(Array(0..<100)).shuffle(100, seed: 5)),
      ("streamed and cached", try streamed(Array(0..<100)).cache().shuffle(100, seed: 5)),
      ("concatenated", try (base.take(40) + base.skip(40)).shuffle(100, seed: 6)),
      ("unbatched", try base.shuffle(100, seed: 7).batch(9).flatMap { batch, _ in batch }),
    ]
    for (name, pipeline) in pipelines {
      let (train, test) = try pipeline.split(fraction: 0.7)
      #expect(train.count == 70 && test.count == 30, "\(name)")
      let shuffled = try train.shuffle(70, seed: 8)
      let first = try Set(train.elements())
      for _ in 0..<3 {
        let (a, b) = (try shuffled.elements(), try test.elements())
        #expect(Set(a) == first, "\(name)")
        #expect((a + b).sorted() == Array(0..<100), "\(name)")
      }
      #expect(try train.elements() == train.elements(), "\(name)")
    }
  }

  @Test func shufflesInFrontDecideTheParts() throws {
    let (train, _) = try Dataset(Array(0..<100)).shuffle(100, seed: 1).split(fraction: 0.5)
    #expect(try Set(train.elements()) != Set(0..<50))
  }

  @Test func aPartMakesNoneOfTheOthersElements() throws {
    let made = Monitor<Set<Int>>([])
    let mapped = try Dataset(Array(0..<100)).shuffle(100, seed: 1).map { element in
      made.withLock { _ = $0.insert(element) }
      return element
    }
    let (train, test) = try mapped.split(fraction: 0.7)
    #expect(made.withLock { $0.isEmpty })
    let elements = try test.elements()
    #expect(made.withLock { $0 } == Set(elements))
    _ = try train.elements()
    #expect(made.withLock { $0.count } == 100)
  }

  /// 810 clips: the tutorial trains on 36 batches of 16 and tests on the other 15, the last smaller.
  @Test func theTutorialsBatches() throws {
    let clips = try Dataset(Array(0..<810)).shuffle(1000, seed: 1)
    let (train, test) = try clips.split(count: 36 * 16)
    #expect(try train.batch(16).count == 36)
    #expect(try test.batch(16).count == 15)
    #expect(try test.batch(16).elements().map(\.count) == Array(repeating: 16, count: 14) + [10])
    let (seventy, thirty) = try clips.split(fraction: 0.7)
    #expect(seventy.count == 567 && thirty.count == 243)
  }

  @Test func randomMapsInFrontStillSeeEachEpoch() throws {
    let (train, _) = try Dataset([5, 6, 7, 8]).map { element, context in element * 10 + context.epoch }
      .split(count: 2)
    #expect(try train.elements() == [50, 60])
    #expect(try train.elements() == [51, 61])
  }

  @Test func smallSetsAndOddFractions() throws {
    func counts(_ total: Int, _ fraction: Double) throws -> [Int?] {
      let (first, rest) = try Dataset(Array(0..<total)).split(fraction: fraction)
      return [first.count, rest.count]
    }
    #expect(try counts(10, 0) == [0, 10])
    #expect(try counts(10, 1) == [10, 0])
    #expect(try counts(2, 0.99) == [1, 1])
    #expect(try counts(2, 0.01) == [1, 1])
    #expect(try counts(1, 0.7) == [1, 0])
    #expect(try counts(0, 0.7) == [0, 0])
    for fraction in [-0.1, 1.01, .nan, .infinity, 70] {
      #expect(throws: Failure.self) { try counts(10, fraction) }
    }
    #expect(throws: Failure.self) { try Dataset([1]).split(count: 2) }
    #expect(throws: Failure.self) { try Dataset([1]).split(count: -1) }
    #expect(throws: Failure.self) { try Dataset([1]).repeated().split(fraction: 0.5) }
    #expect(try Dataset([1, 2]).repeated().take(10).split(count: 3).rest.elements().count == 7)
    #expect(try Dataset([1, 2, 3]).repeated(2).split(count: 4).rest.elements() == [2, 3])
  }
}
