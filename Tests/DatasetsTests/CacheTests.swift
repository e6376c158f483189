import Datasets
import Essentials
import Foundation
import Synchronization
import Testing

@Suite struct CacheTests {
  /// Counts how often elements are made, behind a source of either kind.
  private final class Maker: Sendable {
    let made = Atomic<Int>(0)

    func mapped(_ dataset: Dataset<Int>) -> Dataset<Int> {
      dataset.map { element in
        self.made.wrappingAdd(1, ordering: .relaxed)
        return element * 2
      }
    }

    var count: Int { made.load(ordering: .relaxed) }
  }

  private let elements = Array(0..<100)

  @Test func elementsAreMadeOnce() throws {
    for source in [Dataset(elements), streamed(elements)] {
      let maker = Maker()
      let cached = maker.mapped(source).cache()
      for _ in 0..<3 { #expect(try cached.elements() == elements.map { $0 * 2 }) }
      #expect(maker.count == 100)
      #expect(cached.count == 100)
    }
  }

  @Test func anAbandonedFirstPassIsGoneOnWith() throws {
    for source in [Dataset(elements), streamed(elements)] {
      let maker = Maker()
      let cached = maker.mapped(source).cache()
      do {
        let iterator = try cached.makeIterator()
        for index in 0..<30 { #expect(try iterator.next() == index * 2) }
      }
      #expect(maker.count < 100)
      #expect(try cached.elements() == elements.map { $0 * 2 })
      #expect(maker.count == 100)
    }
  }

  @Test func aFailureIsForgottenByTheNextPass() throws {
    for source in [Dataset(elements), streamed(elements)] {
      let failures = Atomic<Int>(1)
      let cached = source.map { element -> Int in
        if element == 50, failures.exchange(0, ordering: .relaxed) == 1 {
          throw Failure(.file, "not yet")
        }
        return element
      }.cache()
      #expect(throws: Failure(.file, "not yet")) { try cached.elements() }
      #expect(try cached.elements() == elements)
    }
  }

  @Test func shufflesInFrontOfACacheKeepOneOrder() throws {
    let cached = try Dataset(elements).shuffle(100, seed: 1).cache()
    #expect(try cached.elements() == cached.elements())
    let behind = try Dataset(elements).cache().shuffle(100, seed: 1)
    #expect(try behind.elements() != behind.elements())
  }

  @Test func passesOnSeveralThreadsAgree() throws {
    for source in [Dataset(elements), streamed(elements)] {
      let cached = try Maker().mapped(source).cache().prefetch(4)
      let results = Monitor<[[Int]]>([])
      DispatchQueue.concurrentPerform(iterations: 6) { _ in
        guard let pass = try? cached.elements() else { return }
        results.withLock { $0.append(pass) }
      }
      #expect(results.withLock { $0 } == Array(repeating: elements.map { $0 * 2 }, count: 6))
    }
  }

  @Test func whatIsKeptMayBeSmallerThanWhatWasMade() throws {
    for source in [Dataset(elements), streamed(elements)] {
      let cached = source.map { "\($0)" + String(repeating: "!", count: 50) }
        .cache(compact: { String($0.prefix { $0 != "!" }) }, byteCount: { $0.utf8.count })
      #expect(cached.cachedByteCount == 0)
      #expect(try cached.elements()[7].count == 51)
      #expect(try cached.elements() == elements.map { "\($0)" })
      // 10 elements of one digit and 90 of two.
      #expect(cached.cachedByteCount == 190)
      #expect(try cached.shuffle(3, seed: 1).batch(2).cachedByteCount == 190)
    }
  }

  @Test func whatDoesNotFitIsMadeAgain() throws {
    let maker = Maker()
    let cached = maker.mapped(Dataset(elements)).cache(byteCount: { _ in 10 }, byteLimit: 405)
    #expect(try cached.elements() == elements.map { $0 * 2 })
    #expect(cached.cachedByteCount == 400)
    #expect(try cached.elements() == elements.map { $0 * 2 })
    #expect(maker.count == 160)
    let stream = streamed(elements).cache(byteCount: { _ in 10 }, byteLimit: 405)
    #expect { try stream.elements() } throws: { ($0 as? Failure)?.kind == .memory }
  }
}
