import Essentials

/// An iterator over the results of jobs, in the jobs' order.
///
/// Where the evaluation is parallel, a bounded handful of jobs is taken ahead and run on all cores.
/// The handful grows while jobs are so quick that handing them to threads takes longer than doing
/// them; elements that large cannot be made that quickly. A failing job ends the pass at its own place:
/// results before it are given first. A consumer that asks for the jobs themselves gets them, and none is
/// taken ahead.
func lookAheadIterator<Element: Sendable>(
  _ evaluation: Evaluation, nextJob: @escaping () throws -> (@Sendable () throws -> Element)?
) -> DatasetIterator<Element> {
  let narrowest = evaluation.lookAhead(threads: WorkerPool.threadCount)
  if narrowest == 1 {
    return DatasetIterator { try nextJob()?() }
  }
  var width = narrowest
  var ready: [Result<Element, any Error>] = []
  func next() throws -> Element? {
    if ready.isEmpty {
      var jobs: [@Sendable () throws -> Element] = []
      var failure: (any Error)?
      do {
        while jobs.count < width, let job = try nextJob() { jobs.append(job) }
      } catch {
        failure = error
      }
      let batch = jobs
      let start = ContinuousClock.now
      // Reversed, so that taking the next one is taking the last.
      ready = try makeParallel(count: batch.count) { index in Result { try batch[index]() } }.reversed()
      let duration = start.duration(to: .now)
      if duration < .microseconds(500) {
        width = min(width * 2, 256)
      } else if duration > .milliseconds(4) {
        width = max(width / 2, narrowest)
      }
      if let failure { ready.insert(.failure(failure), at: 0) }
    }
    return try ready.popLast()?.get()
  }
  return DatasetIterator(next, jobs: nextJob)
}

/// The results of `make` for 0 ..< count, in order, made on all cores.
func makeParallel<Element: Sendable>(
  count: Int, _ make: @escaping @Sendable (Int) throws -> Element
) throws -> [Element] {
  count == 1 ? [try make(0)] : try WorkerPool.map(count: count, make)
}
