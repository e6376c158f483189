import Essentials

/// One pass over a dataset. Elements are made when they are asked for.
///
/// Letting go of an iterator, or `cancel()`, ends whatever works for it in the background. An
/// iterator belongs to one thread at a time; a dataset may have many iterators at once.
public final class DatasetIterator<Element> {
  /// Makes an element. May be called on any thread, also while others make theirs.
  public typealias Job = @Sendable () throws -> Element

  private var advance: (() throws -> Element?)?
  private var advanceToJob: (() throws -> Job?)?

  /// An iterator that calls `advance` until that gives nil or throws.
  init(_ advance: @escaping () throws -> Element?) {
    self.advance = advance
  }

  /// An iterator over what jobs make: `advance` runs some of them ahead of the consumer, or a consumer
  /// that asks for the jobs themselves gets them from `advanceToJob`.
  init(_ advance: @escaping () throws -> Element?, jobs advanceToJob: @escaping () throws -> Job?) {
    self.advance = advance
    self.advanceToJob = advanceToJob
  }

  /// The next element; nil at the end.
  /// - Throws: the failure that making the element met, or an `interrupt` failure. After a failure
  ///   the pass is over.
  public func next() throws -> Element? {
    guard let advance else { return nil }
    return try taken(advance)
  }

  private func taken<Result>(_ advance: () throws -> Result?) throws -> Result? {
    do {
      try Interruption.check()
      if let result = try advance() { return result }
    } catch {
      cancel()
      throw error
    }
    cancel()
    return nil
  }

  /// Ends the pass early: `next()` gives nil from here on.
  public func cancel() {
    advance = nil
    advanceToJob = nil
  }

  /// Passes over up to `count` elements.
  func skip(_ count: Int) throws {
    var left = count
    while left > 0, try next() != nil { left -= 1 }
  }
}

extension DatasetIterator where Element: Sendable {
  /// What is left to be done for the next element, for a consumer that runs jobs on several threads of its
  /// own: what has to come in order is done here, what may be done at any time is left to the job. Nil at
  /// the end. A pass is taken by `next()` or by `nextJob()`, not by both.
  /// - Throws: as `next()`, for what was done here.
  public func nextJob() throws -> Job? {
    guard let advanceToJob else { return try nextMade() }
    return try taken(advanceToJob)
  }

  /// The next element as a job with nothing left to do.
  func nextMade() throws -> Job? {
    guard let element = try next() else { return nil }
    return { element }
  }
}
