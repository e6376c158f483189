/// How many elements one pass over a dataset gives, as far as that is known without making them.
public enum Cardinality: Sendable, Equatable {
  /// Exactly so many.
  case known(Int)
  /// Only a pass can tell, as after `filter`.
  case unknown
  /// It never ends, as after `repeated()`.
  case infinite

  /// The number, where it is known.
  public var count: Int? {
    if case .known(let count) = self { return count }
    return nil
  }

  /// What `transform` makes of a known number; other cases stay.
  func mapKnown(_ transform: (Int) -> Int) -> Cardinality {
    if case .known(let count) = self { return .known(transform(count)) }
    return self
  }

  /// Of two datasets one after the other.
  static func + (a: Cardinality, b: Cardinality) -> Cardinality {
    switch (a, b) {
    case (.infinite, _), (_, .infinite): .infinite
    case (.known(let a), .known(let b)): .known(a.addingReportingOverflow(b).overflow ? Int.max : a + b)
    default: .unknown
    }
  }

  /// Of two datasets side by side, which end with the shorter one.
  static func shorter(_ a: Cardinality, _ b: Cardinality) -> Cardinality {
    switch (a, b) {
    case (.infinite, let other), (let other, .infinite): other
    case (.known(let a), .known(let b)): .known(min(a, b))
    default: .unknown
    }
  }
}
