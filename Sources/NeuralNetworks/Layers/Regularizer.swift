import Essentials

/// What training adds to the loss for one array of weights w: l1·Σ|w| + l2·Σw².
public struct Regularizer: Sendable, Equatable {
  /// The factor of the sum of magnitudes.
  public let l1: Double
  /// The factor of the sum of squares.
  public let l2: Double

  /// - Throws: a `value` failure for a factor that is negative or no number.
  public init(l1: Double = 0, l2: Double = 0) throws(Failure) {
    for (name, factor) in [("l1", l1), ("l2", l2)] where !(factor >= 0 && factor.isFinite) {
      throw Failure(.value, "\(name) is \(factor); it is 0 or more", parameter: name)
    }
    self.l1 = l1
    self.l2 = l2
  }

  var settings: LayerSettings {
    var settings = LayerSettings()
    settings["l1"] = .number(l1)
    settings["l2"] = .number(l2)
    return settings
  }
}

extension LayerSettings {
  func regularizer(_ name: String) throws(Failure) -> Regularizer? {
    guard let group = try group(name) else { return nil }
    return try Regularizer(l1: group.number("l1"), l2: group.number("l2"))
  }

  mutating func set(_ name: String, _ regularizer: Regularizer?) {
    self[name] = regularizer.map { .group($0.settings) }
  }
}
