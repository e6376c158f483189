import Essentials

/// One array of weights, with the gradient that the last backward pass found.
struct PlainWeight {
  var name: String
  var value: Field
  var gradient: Field
  var isTrainable = true
  /// What the loss grows by: l1·Σ|w| + l2·Σw².
  var l1 = 0.0
  var l2 = 0.0

  /// - Parameter regularizer: the setting of `item` that says what the loss grows by.
  init(
    _ name: String, _ shape: [Int], isTrainable: Bool = true, regularizer: String? = nil, of item: Item? = nil
  ) {
    if let regularizer, let group = try? item?.item(regularizer) {
      l1 = (try? group.number("l1")) ?? 0
      l2 = (try? group.number("l2")) ?? 0
    }
    self.name = name
    value = Field(shape)
    gradient = Field(shape)
    self.isTrainable = isTrainable
  }
}

extension PlainWeight {
  var penalty: Double { value.values.reduce(0) { $0 + l1 * abs($1) + l2 * $1 * $1 } }

  var penaltyGradient: Field { value.map { l1 * ($0 > 0 ? 1 : $0 < 0 ? -1 : 0) + 2 * l2 * $0 } }
}

/// A layer as its formula says, slow and obvious. It keeps what its backward pass needs of the last forward
/// pass. Nothing here is shared with the engine.
protocol PlainLayer: AnyObject, SendableMetatype {
  /// The name in the engine's files.
  static var kind: String { get }
  /// Settings that a description may leave out.
  static var defaults: [String: Setting] { get }
  /// Settings that fit this input shape, drawn at random; nil where none do.
  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]?

  /// - Parameter input: one example's shape.
  init(_ item: Item, input: [Int]) throws
  /// One example's output.
  var output: [Int] { get }
  var weights: [PlainWeight] { get set }
  /// What the weights that are not trained are after the last step.
  var moved: [Field] { get }
  /// The function that its outputs come from.
  var lastFunction: PlainFunction? { get }
  /// Multiplications for one example, about.
  var cost: Int { get }
  func forward(_ x: Field, _ pass: Pass) -> Field
  /// Takes the gradient of the output, sets the weights' gradients, and gives that of the input.
  func backward(_ gradient: Field, _ pass: Pass) -> Field
}

extension PlainLayer {
  static var defaults: [String: Setting] { [:] }
  var weights: [PlainWeight] {
    get { [] }
    set {}
  }
  var moved: [Field] { [] }
  var lastFunction: PlainFunction? { nil }
  var cost: Int { output.reduce(1, *) }
}

/// What one run through a network is: in training or not, exact or disturbed.
final class Pass {
  let isTraining: Bool
  /// For layers that draw random numbers: the model's seed, and how many steps it has made.
  let seed: UInt64
  let step: UInt64
  /// The layer that is running.
  var layer = 0
  /// Where decisions (which side of a ReLU, which of a window is largest) are those of the exact run before.
  let keepsDecisions: Bool
  /// How much results are disturbed, relative to the largest of them.
  let noise: Double
  private var random: RandomSource
  /// How near, relative to the largest of its field, a decision was to falling otherwise.
  private(set) var smallestMargin = Double.infinity
  /// The largest number that came out of a layer.
  private(set) var largest = 0.0

  init(
    isTraining: Bool, seed: UInt64 = 0, step: UInt64 = 0, keepsDecisions: Bool = false, noise: Double = 0,
    noiseSeed: UInt64 = 0
  ) {
    self.isTraining = isTraining
    self.seed = seed
    self.step = step
    self.keepsDecisions = keepsDecisions
    self.noise = noise
    random = RandomSource(seed: noiseSeed)
  }

  /// Notes what came out of a layer.
  func note(_ result: Field) { largest = max(largest, result.peak.isNaN ? .infinity : result.peak) }

  /// Adds as much as single precision might be off, where the numbers on the way were as large as `peak`.
  func disturb(_ field: inout Field, peak: Double? = nil) {
    guard noise > 0 else { return }
    let scale = noise * (peak ?? field.peak)
    for index in field.values.indices { field.values[index] += random.uniform(-scale, scale) }
  }

  /// The same where each number is off by a part of itself.
  func disturbEach(_ field: inout Field) {
    guard noise > 0 else { return }
    for index in field.values.indices { field.values[index] *= 1 + random.uniform(-noise, noise) }
  }

  /// Tells how near a decision was; exact ties are ties in single precision too.
  func noteMargin(_ margin: Double, peak: Double) {
    if margin != 0, peak > 0 { smallestMargin = min(smallestMargin, abs(margin) / peak) }
  }
}
