import Datasets
import Essentials
import Testing

@Suite struct ShuffleTests {
  /// tf.data's buffer: an element cannot come more than bufferSize - 1 places early.
  @Test(arguments: [1, 2, 7, 50, 1000]) func nothingIsLostAndNothingOvertakesTheBuffer(size: Int) throws {
    for dataset in [Dataset(Array(0..<200)), streamed(Array(0..<200))] {
      let order = try dataset.shuffle(size, seed: 9).elements()
      #expect(order.sorted() == Array(0..<200))
      for (place, element) in order.enumerated() { #expect(place >= element - (size - 1)) }
      if size == 1 { #expect(order == Array(0..<200)) } else { #expect(order != Array(0..<200)) }
    }
  }

  @Test func indicesAndStreamsAreShuffledAlike() throws {
    let indexed = try Dataset(Array(0..<100)).shuffle(20, seed: 4)
    let stream = try streamed(Array(0..<100)).shuffle(20, seed: 4)
    for _ in 0..<3 { #expect(try indexed.elements() == stream.elements()) }
  }

  @Test func seedAndEpochDecideTheOrder() throws {
    func orders(_ seed: UInt64, reshuffle: Bool = true) throws -> [[Int]] {
      let dataset = try Dataset(Array(0..<100)).shuffle(
        100, seed: seed, reshuffleEachIteration: reshuffle)
      return try (0..<3).map { _ in try dataset.elements() }
    }
    let first = try orders(1)
    #expect(try orders(1) == first)
    #expect(Set(first).count == 3)
    #expect(try orders(2)[0] != first[0])
    #expect(try Set(orders(1, reshuffle: false)) == [first[0]])
    // A repeated dataset is shuffled anew each time round.
    let twice = try Dataset(Array(0..<100)).shuffle(100, seed: 1).repeated(2).elements()
    #expect(twice == first[0] + first[1])
  }

  /// A buffer that holds everything gives each order of three elements equally often.
  @Test func fullBuffersAreFair() throws {
    let dataset = try Dataset([0, 1, 2]).shuffle(3, seed: 11)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[try dataset.elements(), default: 0] += 1 }
    #expect(counts.count == 6)
    let chiSquared = counts.values.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
    // The 99.9 % point of chi squared with 5 degrees of freedom is 20.5.
    #expect(chiSquared < 20.5)
  }
}
