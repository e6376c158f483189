import Essentials

/// The last stage of a pipeline, with all that is behind it.
struct Stage<Element: Sendable>: Sendable {
  /// What the description says of each stage.
  let labels: [String]
  let cardinality: @Sendable () -> Cardinality
  /// How many examples there are, before they were put into batches.
  let examples: @Sendable () -> Int?
  var isBatched = false
  /// The bytes held by caches.
  var cachedByteCount: @Sendable () -> Int = { 0 }
  /// One pass. A frozen pass always gives an indexed view.
  let view: @Sendable (Pass) throws -> View<Element>
}

extension Stage {
  /// A stage on top of this one. The number of examples is the new cardinality, except where
  /// elements are batches, which keep the number of what they were made of.
  func adding<Next: Sendable>(
    _ label: String?, cardinality: (@Sendable () -> Cardinality)? = nil, isBatched: Bool? = nil,
    view: @escaping @Sendable (Pass) throws -> View<Next>
  ) -> Stage<Next> {
    let newCardinality: @Sendable () -> Cardinality = cardinality ?? self.cardinality
    let batched = isBatched ?? self.isBatched
    var newExamples: @Sendable () -> Int? = { newCardinality().count }
    if batched { newExamples = examples }
    return Stage<Next>(
      labels: labels + (label.map { [$0] } ?? []), cardinality: newCardinality, examples: newExamples,
      isBatched: batched, cachedByteCount: cachedByteCount, view: view)
  }

  /// A stage that joins this one with `other`.
  func joining<Other: Sendable, Next: Sendable>(
    _ other: Stage<Other>, _ label: String, cardinality: @escaping @Sendable () -> Cardinality,
    examples: @escaping @Sendable () -> Int?, view: @escaping @Sendable (Pass) throws -> View<Next>
  ) -> Stage<Next> {
    let (mine, theirs) = (cachedByteCount, other.cachedByteCount)
    return Stage<Next>(
      labels: labels + [label], cardinality: cardinality, examples: examples, isBatched: isBatched,
      cachedByteCount: { mine() + theirs() }, view: view)
  }

  /// The indexed view of a frozen pass.
  func frozenView(_ pass: Pass) throws -> IndexedView<Element> {
    switch try view(Pass(epoch: pass.epoch, isFrozen: true)) {
    case .indexed(let view): return view
    case .stream(let view): return try collected(view)
    }
  }
}

/// All elements of a stream, by index.
func collected<Element: Sendable>(_ stream: StreamView<Element>) throws -> IndexedView<Element> {
  let iterator = try stream.makeIterator()
  var elements: [Element] = []
  while let element = try iterator.next() { elements.append(element) }
  return IndexedView(count: elements.count, evaluation: .immediate) { [elements] in elements[$0] }
}
