import Essentials

/// One pass over a dataset. Elements are made when they are asked for.
///
/// Letting go of an iterator, or `cancel()`, ends whatever works for it in the background. An
/// iterator belongs to one thread at a time; a dataset may have many iterators at once.
public final class DatasetIterator<Element> {
  private var advance: (() throws -> Element?)?

  /// An iterator that calls `advance` until that gives nil or throws.
  init(_ advance: @escaping () throws -> Element?) {
    self.advance = advance
  }

  /// The next element; nil at the end.
  /// - Throws: the failure that making the element met, or an `interrupt` failure. After a failure
  ///   the pass is over.
  public func next() throws -> Element? {
    guard let advance else { return nil }
    do {
      try Interruption.check()
      if let element = try advance() { return element }
    } catch {
      cancel()
      throw error
    }
    cancel()
    return nil
  }

  /// Ends the pass early: `next()` gives nil from here on.
  public func cancel() { advance = nil }

  /// Passes over up to `count` elements.
  func skip(_ count: Int) throws {
    var left = count
    while left > 0, try next() != nil { left -= 1 }
  }
}
