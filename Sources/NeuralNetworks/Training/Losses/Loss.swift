import Essentials

/// What training makes small, with its settings. Names, defaults and formulas are those of Keras.
///
/// Each is a mean over the batch (and over positions, where an example has several): the weighted sum of
/// losses over their number.
public struct Loss: Sendable, Equatable {
  /// Which loss; the names are those of scripts and files.
  public enum Kind: String, Sendable, CaseIterable {
    /// −mean(y·log p + (1 − y)·log(1 − p)) of probabilities p and labels y from 0 to 1.
    case binaryCrossentropy = "binary_crossentropy"
    /// −log p of the true class, whose number (0, 1, …) is the label.
    case sparseCategoricalCrossentropy = "sparse_categorical_crossentropy"
    /// −Σ y·log p over classes, with one-hot labels.
    case categoricalCrossentropy = "categorical_crossentropy"
    /// Binary cross-entropy times (1 − p of the truth)^gamma: what is easy counts little (Lin and others, 2017).
    case binaryFocalCrossentropy = "binary_focal_crossentropy"
    /// −Σ alpha·(1 − p)^gamma·y·log p over classes, with one-hot labels.
    case categoricalFocalCrossentropy = "categorical_focal_crossentropy"
    /// The mean squared difference.
    case meanSquaredError = "mse"
    /// The mean magnitude of the difference.
    case meanAbsoluteError = "mae"
    /// Half the square of a difference up to `delta`, a straight line beyond.
    case huber
    /// mean(log(cosh(p − y))).
    case logCosh = "log_cosh"
    /// mean(max(1 − y·p, 0)) with labels −1 and 1; labels 0 and 1 are turned into those.
    case hinge
    /// The mean square of what `hinge` takes the mean of.
    case squaredHinge = "squared_hinge"
    /// mean(p − y·log p).
    case poisson
    /// Σ y·log(y / p) over classes.
    case klDivergence = "kl_divergence"
  }

  /// Which loss.
  public let kind: Kind
  /// Whether outputs are what a sigmoid or softmax takes rather than gives.
  public private(set) var fromLogits = false
  /// The share by which labels move towards the middle.
  public private(set) var labelSmoothing = 0.0
  /// The power of a focal loss.
  public private(set) var gamma = 2.0
  /// The weight of positives in a balanced binary focal loss; of all classes in a categorical one.
  public private(set) var alpha = 0.25
  /// Whether a binary focal loss weighs positives by `alpha` and negatives by 1 − `alpha`.
  public private(set) var appliesClassBalancing = false
  /// Where `huber` becomes a straight line.
  public private(set) var delta = 1.0

  /// A loss with its default settings.
  public init(_ kind: Kind) { self.kind = kind }

  /// A loss by its name, with its default settings.
  public init?(rawValue: String) {
    guard let kind = Kind(rawValue: rawValue) else { return nil }
    self.init(kind)
  }

  /// The name in scripts and files.
  public var rawValue: String { kind.rawValue }

  /// Each loss with its default settings.
  public static var allCases: [Loss] { Kind.allCases.map { Loss($0) } }

  /// `Kind.binaryCrossentropy` of probabilities.
  public static let binaryCrossentropy = Loss(.binaryCrossentropy)
  /// `Kind.sparseCategoricalCrossentropy` of probabilities.
  public static let sparseCategoricalCrossentropy = Loss(.sparseCategoricalCrossentropy)
  /// `Kind.categoricalCrossentropy` of probabilities.
  public static let categoricalCrossentropy = Loss(.categoricalCrossentropy)
  /// `Kind.meanSquaredError`.
  public static let meanSquaredError = Loss(.meanSquaredError)
  /// `Kind.meanAbsoluteError`.
  public static let meanAbsoluteError = Loss(.meanAbsoluteError)

  /// Binary cross-entropy with settings.
  public static func binaryCrossentropy(fromLogits: Bool = false, labelSmoothing: Double = 0) -> Loss {
    var loss = Loss(.binaryCrossentropy)
    (loss.fromLogits, loss.labelSmoothing) = (fromLogits, labelSmoothing)
    return loss
  }

  /// Cross-entropy over classes with one-hot labels, with settings.
  public static func categoricalCrossentropy(fromLogits: Bool = false, labelSmoothing: Double = 0) -> Loss {
    var loss = Loss(.categoricalCrossentropy)
    (loss.fromLogits, loss.labelSmoothing) = (fromLogits, labelSmoothing)
    return loss
  }

  /// Cross-entropy over classes with class numbers as labels, with settings.
  public static func sparseCategoricalCrossentropy(fromLogits: Bool) -> Loss {
    var loss = Loss(.sparseCategoricalCrossentropy)
    loss.fromLogits = fromLogits
    return loss
  }

  /// Binary focal cross-entropy.
  public static func binaryFocalCrossentropy(
    appliesClassBalancing: Bool = false, alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false,
    labelSmoothing: Double = 0
  ) -> Loss {
    var loss = Loss(.binaryFocalCrossentropy)
    (loss.appliesClassBalancing, loss.alpha, loss.gamma) = (appliesClassBalancing, alpha, gamma)
    (loss.fromLogits, loss.labelSmoothing) = (fromLogits, labelSmoothing)
    return loss
  }

  /// Focal cross-entropy over classes, with one-hot labels.
  public static func categoricalFocalCrossentropy(
    alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    var loss = Loss(.categoricalFocalCrossentropy)
    (loss.alpha, loss.gamma) = (alpha, gamma)
    (loss.fromLogits, loss.labelSmoothing) = (fromLogits, labelSmoothing)
    return loss
  }

  /// Huber's loss.
  public static func huber(delta: Double = 1) -> Loss {
    var loss = Loss(.huber)
    loss.delta = delta
    return loss
  }

  /// - Throws: a `value` failure that names the setting out of its range.
  public func check() throws(Failure) {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ range: String) throws(Failure) {
      guard holds else { throw Failure(.value, "\(name) is \(value); it is \(range)", parameter: name) }
    }
    try require((0...1).contains(labelSmoothing), "label_smoothing", labelSmoothing, "from 0 to 1")
    try require(gamma >= 0 && gamma.isFinite, "gamma", gamma, "a number from 0")
    try require(alpha >= 0 && alpha.isFinite, "alpha", alpha, "a number from 0")
    try require(
      !appliesClassBalancing || alpha <= 1, "alpha", alpha, "from 0 to 1 where classes are balanced")
    try require(delta > 0 && delta.isFinite, "delta", delta, "positive")
  }
}

extension Loss {
  /// The settings that differ from the defaults, by the names of scripts and files.
  public var settings: [(name: String, value: JSON)] {
    let usual = Loss(kind)
    var members: [(name: String, value: JSON)] = []
    if fromLogits { members.append(("from_logits", .bool(true))) }
    if labelSmoothing != usual.labelSmoothing { members.append(("label_smoothing", .number(labelSmoothing))) }
    if gamma != usual.gamma { members.append(("gamma", .number(gamma))) }
    if alpha != usual.alpha { members.append(("alpha", .number(alpha))) }
    if appliesClassBalancing { members.append(("apply_class_balancing", .bool(true))) }
    if delta != usual.delta { members.append(("delta", .number(delta))) }
    return members
  }

  /// As a model file keeps it: its name, or an object of name and settings.
  var json: JSON {
    settings.isEmpty ? .string(rawValue) : .object([("name", .string(rawValue))] + settings)
  }

  /// - Throws: a `format` or `value` failure for what is no loss.
  init(json: JSON?) throws(Failure) {
    guard let json, let kind = (json.string ?? json["name"]?.string).flatMap(Kind.init(rawValue:)) else {
      throw Failure(.format, "its loss is unknown")
    }
    self.init(kind)
    fromLogits = json["from_logits"] == .bool(true)
    labelSmoothing = json["label_smoothing"]?.number ?? labelSmoothing
    gamma = json["gamma"]?.number ?? gamma
    alpha = json["alpha"]?.number ?? alpha
    appliesClassBalancing = json["apply_class_balancing"] == .bool(true)
    delta = json["delta"]?.number ?? delta
    try check()
  }
}
