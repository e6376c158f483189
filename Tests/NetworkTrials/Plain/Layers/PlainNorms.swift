import Essentials

/// Values less their mean, over their deviation, in groups: what layer and group normalisation have in common.
struct Normaliser {
  let epsilon: Double
  private var normalised = Field([0])
  private var deviations: [Double] = []
  private var groups: [[Int]] = []

  init(epsilon: Double) { self.epsilon = epsilon }

  /// - Parameter groups: the places of the values that are normalised together.
  mutating func forward(_ x: Field, _ groups: [[Int]], _ pass: Pass) -> Field {
    self.groups = groups
    normalised = x
    deviations = []
    for group in groups {
      let count = Double(group.count)
      let mean = group.reduce(0) { $0 + x.values[$1] } / count
      let variance =
        group.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / count
      let deviation = (variance + epsilon).squareRoot()
      deviations.append(deviation)
      for place in group { normalised.values[place] = (x.values[place] - mean) / deviation }
    }
    // What is subtracted may be much larger than what is left.
    pass.disturb(&normalised, peak: max(normalised.peak, x.peak / (deviations.min() ?? 1)))
    return normalised
  }

  /// The gradient of what went in, from that of the normalised values.
  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = gradient
    for (group, deviation) in zip(groups, deviations) {
      let count = Double(group.count)
      let mean = group.reduce(0) { $0 + gradient.values[$1] } / count
      let product = group.reduce(0) { $0 + gradient.values[$1] * normalised.values[$1] } / count
      for place in group {
        back.values[place] =
          (gradient.values[place] - mean - normalised.values[place] * product) / deviation
      }
    }
    pass.disturb(&back, peak: gradient.peak / (deviations.min() ?? 1))
    return back
  }

  /// The gradients of gamma and beta.
  func sums(_ gradient: Field, _ pass: Pass) -> (gamma: Field, beta: Field) {
    var (gamma, beta) = ((gradient * normalised.reshaped(gradient.shape)).channelSums, gradient.channelSums)
    let rows = gradient.examples
    pass.disturbSum(&gamma, count: rows, typical: gradient.typical, chain: rows)
    pass.disturbSum(&beta, count: rows, typical: gradient.typical, chain: rows)
    return (gamma, beta)
  }
}

/// Normalisation of each place over its last axes, with a factor and a summand for each of their numbers where
/// the settings say so: what layer and group normalisation have in common.
class PlainExampleNorm: PlainLayer {
  class var kind: String { "" }
  class var defaults: [String: Setting] {
    ["epsilon": .number(0.001), "center": .flag(true), "scale": .flag(true)]
  }
  let output: [Int]
  var weights: [PlainWeight] = []
  /// How many numbers have a factor of their own.
  private let width: Int
  private let item: Item
  private var normaliser: Normaliser

  required init(_ item: Item, input: [Int]) throws {
    output = input
    self.item = item
    let shape = try Self.weightShape(item, input)
    width = shape.reduce(1, *)
    if try item.flag("scale") { weights.append(PlainWeight("gamma", shape)) }
    if try item.flag("center") { weights.append(PlainWeight("beta", shape)) }
    normaliser = Normaliser(epsilon: try item.number("epsilon"))
  }

  class func weightShape(_ item: Item, _ input: [Int]) throws -> [Int] { [] }

  /// The places that are normalised together.
  class func groups(_ item: Item, _ x: Field, width: Int) -> [[Int]] { [] }

  private func weight(_ name: String) -> Field? {
    weights.first { $0.name == name }.map { $0.value.reshaped([width]) }
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    var result = normaliser.forward(x, Self.groups(item, x, width: width), pass)
      .reshaped([x.values.count / width, width])
    if let gamma = weight("gamma") { result = result.combined(gamma, *) }
    if let beta = weight("beta") { result = result.combined(beta, +) }
    return result.reshaped(x.shape)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let rows = gradient.reshaped([gradient.values.count / width, width])
    let (gamma, beta) = normaliser.sums(rows, pass)
    for place in weights.indices {
      weights[place].gradient =
        (weights[place].name == "gamma" ? gamma : beta).reshaped(weights[place].value.shape)
    }
    let scaled = weight("gamma").map { rows.combined($0, *) } ?? rows
    return normaliser.backward(scaled.reshaped(gradient.shape), pass)
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    [
      "epsilon": .number(random.pick([0.001, 0.01])), "center": .flag(random.uniform() < 0.8),
      "scale": .flag(random.uniform() < 0.8),
    ]
  }
}

/// Normalisation over the last axis, or axes.
final class PlainLayerNorm: PlainExampleNorm {
  override class var kind: String { "layer_norm" }
  override class var defaults: [String: Setting] { super.defaults.merging(["axes": .number(1)]) { $1 } }

  override class func weightShape(_ item: Item, _ input: [Int]) throws -> [Int] {
    let axes = try item.integer("axes")
    guard (1...max(input.count, 1)).contains(axes) else { throw Malformed("\(axes) axes of \(input)") }
    return Array(input.suffix(axes))
  }

  override class func groups(_ item: Item, _ x: Field, width: Int) -> [[Int]] {
    stride(from: 0, to: x.values.count, by: width).map { Array($0..<$0 + width) }
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    var settings = super.settings(for: input, &random)
    settings?["axes"] = .number(Double(random.chance(0.7) ? 1 : 1 + random.integer(below: input.count)))
    return settings
  }
}

/// Normalisation of each example over all places and some channels.
final class PlainGroupNorm: PlainExampleNorm {
  override class var kind: String { "group_norm" }
  override class var defaults: [String: Setting] { super.defaults.merging(["groups": .number(32)]) { $1 } }

  private static func count(_ item: Item, channels: Int) -> Int {
    let groups = (try? item.integer("groups")) ?? 0
    return groups == -1 ? channels : groups
  }

  override class func weightShape(_ item: Item, _ input: [Int]) throws -> [Int] {
    let channels = input[input.count - 1]
    let count = count(item, channels: channels)
    guard count > 0, channels % count == 0 else { throw Malformed("\(channels) channels in \(count) groups") }
    return [channels]
  }

  override class func groups(_ item: Item, _ x: Field, width: Int) -> [[Int]] {
    let count = count(item, channels: width)
    let size = x.values.count / x.examples
    var groups = Array(repeating: [Int](), count: x.examples * count)
    for place in x.values.indices {
      groups[place / size * count + place % width / (width / count)].append(place)
    }
    return groups
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard let channels = input.last else { return nil }
    var settings = super.settings(for: input, &random)
    let counts = [1, 2, 3, 8, 16, 17, channels].filter { channels % $0 == 0 }
    settings?["groups"] = .number(random.chance(0.1) ? -1 : Double(random.pick(counts)))
    return settings
  }
}
