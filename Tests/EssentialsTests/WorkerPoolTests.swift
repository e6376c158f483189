import Essentials
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
  @Test func everyIndexRunsOnceAndResultsKeepTheirOrder() throws {
    let results = try WorkerPool.map(count: 1000) { $0 * 3 }
    #expect(results == (0..<1000).map { $0 * 3 })
  }

  @Test func slotsOfRunningPiecesDiffer() throws {
    let busy = Mutex<Set<Int>>([])
    let clashes = Atomic<Int>(0)
    try WorkerPool.forEach(count: 200) { _, slot in
      if busy.withLock({ !$0.insert(slot).inserted }) { clashes.wrappingAdd(1, ordering: .relaxed) }
      for _ in 0..<1000 { clashes.wrappingAdd(0, ordering: .relaxed) }
      busy.withLock { _ = $0.remove(slot) }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test func aFailureReachesTheCallerAndLaterCallsWork() throws {
    #expect(throws: Failure(.value, "seven")) {
      try WorkerPool.forEach(count: 100) { index, _ in
        if index == 7 { throw Failure(.value, "seven") }
      }
    }
    #expect(try WorkerPool.map(count: 3) { $0 } == [0, 1, 2])
  }

  @Test func callsMayNest() throws {
    let sums = try WorkerPool.map(count: 8) { outer in
      try WorkerPool.map(count: 8) { inner in outer * inner }.reduce(0, +)
    }
    #expect(sums == (0..<8).map { $0 * 28 })
  }
}
