import Essentials
import NeuralNetworks

/// Networks from numbers: the same number, the same network.
struct NetworkGenerator {
  /// The most multiplications of a batch, forward. Most networks take far fewer.
  static let mostWork = 40_000_000

  private var random: RandomSource
  private var work: Int

  static func network(_ number: Int) -> NetworkDescription {
    var attempt: UInt64 = 0
    while true {
      var generator = NetworkGenerator(number, attempt: attempt)
      if let made = generator.make(seed: number) { return made }
      attempt += 1
    }
  }

  private init(_ number: Int, attempt: UInt64) {
    random = RandomSource(seed: UInt64(number), path: attempt)
    // Small ones most of the time, so that many are tried.
    work = random.chance(0.1) ? Self.mostWork : random.chance(0.4) ? 8_000_000 : 1_000_000
  }

  private mutating func make(seed: Int) -> NetworkDescription? {
    var description = NetworkDescription(input: [], layers: [])
    description.seed = seed
    description.batch = random.batch()
    description.threads = random.pick([1, 2, 2, 2, 3, 4, 5, 7])
    let sets = FusedKernels.InstructionSet.allCases.filter(\.isAvailable).map(\.rawValue)
    description.kernels = random.pick(["best", "best", "off"] + sets)
    description.choice = random.pick([
      "rule", "rule", "measured", "varied", "varied", "varied", "direct", "winograd", "gemm",
    ])
    switch random.integer(below: 11) {
    case 0..<4: anything(&description)
    case 4..<7: blocks(&description)
    case 7: sequence(&description)
    default: chain(&description)
    }
    guard let plain = try? PlainNetwork(description), !description.layers.isEmpty else { return nil }
    guard finish(&description, plain.output) else { return nil }
    description.optimizer = optimizer()
    guard let whole = try? PlainNetwork(description) else { return nil }
    // One number that is 1 whatever comes in: compile refuses it.
    if whole.layers.last?.lastFunction?.name == "softmax", whole.output.last == 1 { return nil }
    // Fewer examples before another network.
    while description.batch > 1, whole.cost * description.batch > work { description.batch /= 2 }
    return whole.cost * description.batch > work ? nil : description
  }

  // MARK: Families

  /// Any layers on anything.
  private mutating func anything(_ description: inout NetworkDescription) {
    switch random.integer(below: 6) {
    case 0: description.input = [random.chance(0.5) ? random.channels() : random.side()]
    case 1: description.input = [random.side(), random.channels()]
    default: description.input = picture()
    }
    for _ in 0..<1 + random.integer(below: 6) {
      append(random.pick(EngineNetwork.shared).kind, to: &description)
    }
  }

  private mutating func picture() -> [Int] {
    random.chance(0.05)
      ? [1, 1, random.channels()] : [random.side(), random.side(), random.channels()]
  }

  /// Convolution, batch norm, function and pool in some order, as most networks have them.
  private mutating func blocks(_ description: inout NetworkDescription) {
    description.input = picture()
    if random.chance(0.15) { append("batch_norm", to: &description) }
    for _ in 0..<1 + random.integer(below: 3) {
      append(
        random.chance(0.6) ? "conv2d" : random.pick(["depthwise_conv2d", "separable_conv2d", "conv2d"]),
        to: &description)
      if random.chance(0.7) { append("batch_norm", to: &description) }
      if random.chance(0.6) { append("activation", to: &description) }
      if random.chance(0.5) { append(random.pick(["max_pool2d", "average_pool2d"]), to: &description) }
      if random.chance(0.15) { append("dropout", to: &description) }
      if random.chance(0.15) { append(random.pick(EngineNetwork.shared).kind, to: &description) }
    }
  }

  /// Convolutions along a sequence, then what remembers.
  private mutating func sequence(_ description: inout NetworkDescription) {
    description.input = [
      random.chance(0.5) ? random.side() : 20 + random.integer(below: 280), random.channels(),
    ]
    for _ in 0..<random.integer(below: 3) {
      append("conv1d", to: &description)
      if random.chance(0.6) { append("batch_norm", to: &description) }
      if random.chance(0.6) { append("activation", to: &description) }
      if random.chance(0.6) { append(random.pick(["max_pool1d", "average_pool1d"]), to: &description) }
    }
    for _ in 0..<random.integer(below: 3) {
      append(random.pick(["lstm", "gru", "bidirectional", "time_distributed"]), to: &description)
    }
  }

  /// What our own kernels take at the beginning, then what they do not, or one unit.
  private mutating func chain(_ description: inout NetworkDescription) {
    description.input = [4 + random.side(), 4 + random.side(), random.pick([1, 1, 2, 3, 4, 16, 32])]
    for index in 0..<1 + random.integer(below: 3) {
      let function = random.pick(["relu", "relu", "linear"])
      add(
        Item(
          "conv2d",
          [
            "filters": .number(random.pick([16, 16, 32, 48])), "kernel": .integers([3, 3]),
            "padding": .word(random.pick(["valid", "same"])), "activation": .word(function),
          ]), to: &description)
      if function == "linear", random.chance(0.5) {
        add(Item("activation", ["activation": .word("relu")]), to: &description)
      }
      if random.chance(index == 0 ? 0.2 : 0.4) {
        let pool = random.pick([[2, 2], [1, 2], [2, 1], [3, 3], [4, 2]])
        add(
          Item(
            random.pick(["max_pool2d", "average_pool2d"]),
            ["pool": .integers(pool), "strides": .integers(pool)]),
          to: &description)
      }
    }
    while random.chance(0.4) { append(random.pick(EngineNetwork.shared).kind, to: &description) }
    if random.chance(0.5) {
      append("flatten", to: &description)
      description.loss = PlainLoss.settings(random.pick(["binary_crossentropy", "mse"]), &random)
      add(
        Item(
          "dense",
          [
            "units": .number(1),
            "activation": .word(random.pick(PlainLoss.activations(description.loss, units: 1))),
          ]), to: &description)
    }
  }

  // MARK: Parts

  /// A layer of this kind with settings drawn at random, where one fits and is not too much work.
  private mutating func append(_ kind: String, to description: inout NetworkDescription) {
    guard let shape = try? PlainNetwork(description).output,
      let type = EngineNetwork.shared.first(where: { $0.kind == kind }),
      let settings = type.settings(for: shape, &random)
    else { return }
    add(Item(kind, settings), to: &description)
  }

  private mutating func add(_ item: Item, to description: inout NetworkDescription) {
    var longer = description
    longer.layers.append(item.merged(PlainLayers.defaults(item.name)))
    if let network = try? PlainNetwork(longer), network.cost <= work { description = longer }
  }

  /// A loss, and a last layer that fits it; false where that is too much work.
  private mutating func finish(_ description: inout NetworkDescription, _ output: [Int]) -> Bool {
    if description.layers.last?.name == "dense", random.chance(0.7), description.loss.name != "mse" {
      return true
    }
    description.loss = PlainLoss.settings(random.pick(PlainLoss.names), &random)
    // Losses of every place, of what comes out as it is, or of a few units.
    if description.loss.name == "mse", random.chance(0.2) { return true }
    if output.count > 1, random.chance(0.8) {
      append(output.count == 3 && random.chance(0.4) ? "global_average_pool2d" : "flatten", to: &description)
    }
    let isClass = description.loss.name.contains("categorical") || description.loss.name == "kl_divergence"
    let units = isClass ? random.pick([2, 3, 10, 17]) : random.pick([1, 1, 1, 2, 3, 16])
    let count = description.layers.count
    add(
      Item(
        "dense",
        [
          "units": .number(Double(units)),
          "activation": .word(random.pick(PlainLoss.activations(description.loss, units: units))),
        ]), to: &description)
    return description.layers.count > count
  }

  private mutating func optimizer() -> Item {
    var item = Item(random.pick(EngineNetwork.optimizers))
    item.settings["learning_rate"] = .number(random.pick([0.001, 0.01, 0.1]))
    if ["sgd", "rmsprop"].contains(item.name), random.chance(0.6) {
      item.settings["momentum"] = .number(random.pick([0.5, 0.9]))
    }
    if item.name == "sgd" { item.settings["nesterov"] = .flag(random.chance(0.3)) }
    if item.name == "rmsprop" { item.settings["centered"] = .flag(random.chance(0.5)) }
    if random.chance(0.3) { item.settings["weight_decay"] = .number(random.pick([0.001, 0.1])) }
    if random.chance(0.3) {
      item.settings[random.pick(["clipnorm", "global_clipnorm", "clipvalue"])] = .number(
        random.pick([0.001, 0.1, 10]))
    }
    return item.merged(PlainOptimizer.defaults(item.name))
  }
}
