import Essentials

extension Dataset {
  /// The same elements in one order for good: the order of epoch 0.
  ///
  /// Shuffles in front of it draw no new order any more. Maps in front of it still see each epoch.
  public func frozen() -> Dataset<Element> {
    Dataset(stage: stage.adding(nil) { [stage] pass in .indexed(try stage.frozenView(pass)) })
  }

  /// Two parts that no element ever changes between: the first `fraction` and the rest.
  ///
  /// The order is frozen first (see `frozen()`), so a shuffle in front of the split decides once who
  /// stands where. (In tf.data, `shuffle` then `take`/`skip` leaks test elements into training.)
  /// A pass over one part makes none of the other part's elements. The first part's length is
  /// rounded to the nearest; for 0 < fraction < 1 both parts get at least one element of two or more.
  /// - Throws: a `value` failure unless 0 ≤ fraction ≤ 1, or where the dataset never ends.
  public func split(
    fraction: Double
  ) throws -> (first: Dataset<Element>, rest: Dataset<Element>) {
    guard fraction >= 0, fraction <= 1 else {
      throw Failure(
        .value, "a split takes a fraction from 0 to 1, not \(fraction)",
        hint: "0.7 puts 70 % into the first part", parameter: "fraction")
    }
    let total = try frozenCount()
    var count = min(Int((fraction * Double(total)).rounded()), total)
    if fraction > 0, fraction < 1, total >= 2 { count = min(max(count, 1), total - 1) }
    return split(at: count, of: total)
  }

  /// Two parts that no element ever changes between: the first `count` elements and the rest.
  /// See `split(fraction:)`.
  /// - Throws: a `value` failure unless 0 ≤ count ≤ length, or where the dataset never ends.
  public func split(
    count: Int
  ) throws -> (first: Dataset<Element>, rest: Dataset<Element>) {
    let total = try frozenCount()
    guard (0...total).contains(count) else {
      throw Failure(
        .value, "cannot split \(count) elements off a dataset of \(total)", parameter: "count")
    }
    return split(at: count, of: total)
  }

  private func frozenCount() throws -> Int {
    if cardinality == .infinite {
      throw Failure(
        .value, "a dataset that never ends cannot be split", hint: "split it before it repeats")
    }
    // A filter has to be run to know what passes; it remembers.
    return try count ?? stage.frozenView(Pass(epoch: 0)).count
  }

  private func split(at count: Int, of total: Int) -> (first: Dataset, rest: Dataset) {
    (part(0..<count, of: total), part(count..<total, of: total))
  }

  private func part(_ range: Range<Int>, of total: Int) -> Dataset {
    Dataset(
      stage: stage.adding(
        "split(\(range.count) of \(total))", cardinality: { .known(range.count) }
      ) { [stage] pass in
        let view = try stage.frozenView(pass)
        return .indexed(
          IndexedView(count: range.count, evaluation: view.evaluation) {
            try view.element(range.lowerBound + $0)
          })
      })
  }
}
