import Datasets
import Essentials
import Foundation
import Synchronization
import Testing

/// A counter of events that a test can wait on. Waiting has an end only so that a broken test fails
/// instead of hanging.
private final class Events: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func signal() { semaphore.signal() }
  func wait() -> Bool { semaphore.wait(timeout: .now() + 60) == .success }
}

@Suite struct PrefetchTests {
  /// While the consumer is busy with element 0 and asks for nothing, others are made.
  @Test func worksWhileTheConsumerIsBusy() throws {
    let made = Events()
    let dataset = try Dataset<Int>(generator: {
      var index = -1
      return {
        index += 1
        made.signal()
        return index < 10 ? index : nil
      }
    }).prefetch(4)
    let iterator = try dataset.makeIterator()
    #expect(try iterator.next() == 0)
    for _ in 0..<5 { #expect(made.wait()) }
    for expected in 1..<10 { #expect(try iterator.next() == expected) }
    #expect(try iterator.next() == nil)
  }

  @Test(arguments: [(count: 3, budget: 1000, most: 3), (100, 25, 2), (100, 5, 1)])
  func aheadByTheCountOrTheBudget(count: Int, budget: Int, most: Int) throws {
    let taken = Atomic<Int>(0)
    let farthest = Atomic<Int>(0)
    let dataset = try Dataset<Int>(generator: {
      var index = -1
      return {
        index += 1
        let ahead = index - taken.load(ordering: .sequentiallyConsistent)
        farthest.max(ahead, ordering: .sequentiallyConsistent)
        return index < 200 ? index : nil
      }
    }).prefetch(count, byteCount: { _ in 10 }, byteBudget: budget)
    let iterator = try dataset.makeIterator()
    for expected in 0..<200 {
      taken.add(1, ordering: .sequentiallyConsistent)
      #expect(try iterator.next() == expected)
    }
    // When the last of `most` is begun, one less waits, and what is asked for counts as taken.
    #expect(farthest.load(ordering: .sequentiallyConsistent) <= most - 1)
  }

  @Test func anAbandonedIteratorEndsItsThread() throws {
    let ended = Events()
    /// Lives as long as the thread's own iterator does.
    final class Token: Sendable {
      let ended: Events
      init(_ ended: Events) { self.ended = ended }
      deinit { ended.signal() }
    }
    let endless = try Dataset<Int>(generator: {
      let token = Token(ended)
      return {
        _ = token
        return 1
      }
    }).prefetch(2).prefetch(3)
    for isCancelled in [true, false] {
      var iterator: DatasetIterator<Int>? = try endless.makeIterator()
      #expect(try iterator?.next() == 1)
      if isCancelled {
        iterator?.cancel()
        #expect(try iterator?.next() == nil)
      }
      iterator = nil
      #expect(ended.wait())
    }
  }

  /// Interrupting is the whole process's affair, so it happens in a process of its own.
  @Test func anInterruptEndsThePass() async {
    await #expect(processExitsWith: .success) {
      let dataset = try Dataset(Array(0..<1_000_000)).map { $0 }.prefetch(2)
      let iterator = try dataset.makeIterator()
      guard try iterator.next() == 0 else { exit(1) }
      Interruption.request()
      do {
        while try iterator.next() != nil {}
        exit(2)
      } catch let failure as Failure where failure.kind == .interrupt {
        Interruption.clear()
        guard try iterator.next() == nil, try dataset.take(3).elements() == [0, 1, 2] else { exit(3) }
      }
    }
  }
}
