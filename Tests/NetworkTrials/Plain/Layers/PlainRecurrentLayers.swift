import Essentials

/// A layer that goes along a sequence.
class PlainRecurrentLayer: PlainLayer {
  class var kind: String { "" }
  class var defaults: [String: Setting] { PlainRecurrence.defaults }
  let output: [Int]
  private let way: PlainRecurrence

  required init(_ item: Item, input: [Int]) throws {
    way = try PlainRecurrence(item, input: input)
    output = way.returnsSequences ? [way.steps, way.units] : [way.units]
  }

  var weights: [PlainWeight] {
    get { way.weights }
    set { way.weights = newValue }
  }
  var cost: Int { way.cost }
  func forward(_ x: Field, _ pass: Pass) -> Field { way.output(way.forward(x, pass)) }
  func backward(_ gradient: Field, _ pass: Pass) -> Field { way.backward(way.gradient(gradient), pass) }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    PlainRecurrence.settings(kind, for: input, &random)
  }
}

final class PlainLSTM: PlainRecurrentLayer {
  override class var kind: String { "lstm" }
}

final class PlainGRU: PlainRecurrentLayer {
  override class var kind: String { "gru" }
  override class var defaults: [String: Setting] {
    super.defaults.merging(["reset_after": .flag(true)]) { $1 }
  }
}

/// Two recurrent layers, one of them against the other's direction.
final class PlainBidirectional: PlainLayer {
  static let kind = "bidirectional"
  static let defaults: [String: Setting] = ["merge_mode": .word("concat")]
  let output: [Int]
  private let mode: String
  private let ways: [PlainRecurrence]
  private var results: [Field] = []

  init(_ item: Item, input: [Int]) throws {
    var inner = try item.item("layer")
    inner = inner.merged(PlainLayers.defaults(try inner.word("kind")))
    inner.name = try inner.word("kind")
    ways = try [false, true].map { try PlainRecurrence(inner, input: input, turned: $0) }
    mode = try item.word("merge_mode")
    let width = mode == "concat" ? 2 * ways[0].units : ways[0].units
    output = ways[0].returnsSequences ? [ways[0].steps, width] : [width]
  }

  var weights: [PlainWeight] {
    get {
      zip(["forward.", "backward."], ways).flatMap { prefix, way in way.weights.map { $0.named(prefix) } }
    }
    set {
      let count = ways[0].weights.count
      for (number, weight) in newValue.enumerated() {
        let (way, place) = (ways[number / count], number % count)
        (way.weights[place].value, way.weights[place].gradient) = (weight.value, weight.gradient)
      }
    }
  }

  var cost: Int { 2 * ways[0].cost }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    results = ways.map { $0.output($0.forward(x, pass)) }
    results[1] = turned(results[1])
    let (a, b) = (results[0], results[1])
    switch mode {
    case "sum": return a + b
    case "mul": return a * b
    case "ave": return (a + b).map { $0 / 2 }
    default:
      let rows = a.values.count / a.channels
      return Field.joined([a.reshaped([rows, a.channels]), b.reshaped([rows, b.channels])])
        .reshaped([x.examples] + output)
    }
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let backs = ways.indices.map { number -> Field in
      var own: Field
      switch mode {
      case "sum": own = gradient
      case "mul": own = gradient * results[1 - number]
      case "ave": own = gradient.map { $0 / 2 }
      default:
        let rows = gradient.values.count / gradient.channels
        own = gradient.reshaped([rows, gradient.channels]).part(number, of: 2).reshaped(results[0].shape)
      }
      if number == 1 { own = turned(own) }
      return ways[number].backward(ways[number].gradient(own), pass)
    }
    return backs[0] + backs[1]
  }

  /// Steps in the other order, where there are any.
  private func turned(_ x: Field) -> Field {
    guard ways[0].returnsSequences else { return x }
    var result = x
    for step in 0..<x.shape[1] { result.setStep(x.shape[1] - 1 - step, x.step(step)) }
    return result
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    let kind = random.pick(["lstm", "gru"])
    guard var inner = PlainRecurrence.settings(kind, for: input, &random) else { return nil }
    inner["kind"] = .word(kind)
    return [
      "layer": .item(Item("layer", inner)),
      "merge_mode": .word(random.pick(["concat", "concat", "sum", "mul", "ave"])),
    ]
  }
}

extension PlainWeight {
  fileprivate func named(_ prefix: String) -> PlainWeight {
    var weight = self
    weight.name = prefix + name
    return weight
  }
}

/// A layer on each step.
final class PlainTimeDistributed: PlainLayer {
  static let kind = "time_distributed"
  let output: [Int]
  private let input: [Int]
  private let layer: any PlainLayer

  init(_ item: Item, input: [Int]) throws {
    guard input.count > 1 else { throw Malformed("there are no steps in \(input)") }
    var inner = try item.item("layer")
    inner.name = try inner.word("kind")
    self.input = input
    layer = try PlainLayers.make(inner, input: Array(input.dropFirst()))
    output = [input[0]] + layer.output
  }

  var weights: [PlainWeight] {
    get { layer.weights }
    set { layer.weights = newValue }
  }
  var lastFunction: PlainFunction? { layer.lastFunction }
  var cost: Int { input[0] * layer.cost }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    layer.forward(x.reshaped([x.examples * input[0]] + input.dropFirst()), pass)
      .reshaped([x.examples] + output)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    layer.backward(gradient.reshaped([gradient.examples * input[0]] + layer.output), pass)
      .reshaped([gradient.examples] + input)
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count > 1 else { return nil }
    let type = random.pick(EngineNetwork.shared)
    guard type.kind != "batch_norm", type.kind != "time_distributed",
      var inner = type.settings(for: Array(input.dropFirst()), &random)
    else { return nil }
    inner["kind"] = .word(type.kind)
    return ["layer": .item(Item("layer", inner.merging(type.defaults) { own, _ in own }))]
  }
}
