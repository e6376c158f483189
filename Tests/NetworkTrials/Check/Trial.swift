import Essentials
import NeuralNetworks
import Tensors

/// One network, the engine's against the plain one.
struct Trial {
  /// What a trial came to.
  struct Outcome {
    /// What is wrong; none where all is well.
    var complaints: [String] = []
    /// The largest error, in parts of what it may be.
    var strain = Strain()
    /// How often weights were drawn anew, because a decision may have fallen otherwise by rounding.
    var redraws = 0
  }

  let description: NetworkDescription
  /// How many steps are made.
  static let steps = 3
  /// Decisions nearer than this may fall otherwise by rounding.
  static let nearest = 3e-5

  func run() throws -> Outcome {
    let before = WorkerPool.threadCount
    WorkerPool.threadCount = description.threads
    defer { WorkerPool.threadCount = before }
    var outcome = Outcome()
    for draw in 0..<6 {
      var run = try TrialRun(description, draw: UInt64(draw))
      let complaints = try run.complaints()
      outcome = Outcome(complaints: complaints, strain: run.strain, redraws: draw)
      // Where nothing was near, what is wrong is wrong.
      if complaints.isEmpty || run.smallestMargin > Self.nearest { break }
    }
    return outcome
  }
}

/// One network with one set of weights.
private struct TrialRun {
  let description: NetworkDescription
  let plain: PlainNetwork
  let engine: EngineNetwork
  let material: Material
  var random: RandomSource
  var strain = Strain()
  var smallestMargin = Double.infinity
  private var found: [String] = []

  /// - Throws: `Malformed` where there is no such network; whatever the engine says where it refuses it.
  init(_ description: NetworkDescription, draw: UInt64) throws {
    self.description = description
    plain = try PlainNetwork(description)
    material = Material(description, plain, draw: draw)
    engine = try EngineNetwork(description)
    random = RandomSource(seed: UInt64(description.seed), path: 2000, draw)
  }

  mutating func complaints() throws -> [String] {
    let own = plain.weights
    let theirs = engine.model.weights
    guard theirs.map(\.name) == own.map(\.name), theirs.map(\.value.shape) == own.map(\.weight.value.shape)
    else {
      return ["weights are \(theirs.map { "\($0.name) \($0.value.shape)" })"]
    }
    guard engine.model.outputShape == plain.output else {
      return ["the output is \(engine.model.outputShape ?? []) instead of \(plain.output)"]
    }
    plain.setWeights(material.weights)
    try engine.model.setWeights(material.weights.map { try $0.tensor })
    try predictions("predictions")
    // After a first complaint the others say nothing new.
    if found.isEmpty { try steps() }
    if found.isEmpty { try predictions("predictions after training") }
    return found
  }

  private mutating func compare(_ name: String, _ actual: Field, _ expected: Field, within tolerance: Double)
  {
    if let complaint = Comparison.complaint(name, actual, expected, within: tolerance, &strain) {
      found.append(complaint)
    }
  }

  // MARK: Predictions

  private mutating func predictions(_ name: String) throws {
    let exact = Pass(isTraining: false)
    let expected = plain.forward(material.x, exact)
    // Powers of powers are no numbers of single precision.
    guard expected.peak < 1e6, exact.largest < 1e12 else { return }
    smallestMargin = min(smallestMargin, exact.smallestMargin)
    let loss = plain.loss(of: expected, material.y, exact).loss
    var disturbed: [(outputs: Field, loss: Field)] = []
    for _ in 0..<2 {
      let pass = noisy(isTraining: false)
      let outputs = plain.forward(material.x, pass)
      disturbed.append((outputs, Field([1], [plain.loss(of: outputs, material.y, pass).loss])))
    }
    let tolerance = Comparison.tolerance(expected, disturbed.map(\.outputs))
    let together = try Field(engine.model.predict(material.x.tensor))
    compare(name, together, expected, within: tolerance)
    for place in Set([0, description.batch / 2, description.batch - 1]) {
      let alone = try Field(engine.model.predict(material.x.rows(place..<place + 1).tensor))
      compare(
        "\(name) of example \(place) alone", alone, together.rows(place..<place + 1), within: tolerance)
    }
    let data = try TensorBatches(
      x: material.x.tensor, y: material.y.tensor, batchSize: max(1, description.batch))
    let told = try engine.model.evaluate(data)[0].value
    compare(
      "the loss of evaluate", Field([1], [told]), Field([1], [loss]),
      within: Comparison.tolerance(Field([1], [loss]), disturbed.map(\.loss)) + 1e-6)
  }

  private mutating func noisy(isTraining: Bool, step: Int = 0) -> Pass {
    Pass(
      isTraining: isTraining, seed: UInt64(description.seed), step: UInt64(step), keepsDecisions: true,
      noise: Comparison.noise, noiseSeed: random.next())
  }

  // MARK: Training

  private mutating func steps() throws {
    let names = plain.gradients.map(\.name)
    var optimizer = try PlainOptimizer(
      description.optimizer, shapes: plain.gradients.map(\.value.shape))
    for step in 0..<Trial.steps {
      // Also fewer examples than before: the last batch of an epoch.
      let count = step == 1 ? 1 + random.integer(below: description.batch) : description.batch
      let (x, y) = (material.x.rows(0..<count), material.y.rows(0..<count))
      let batch = TrainingBatch(x: try x.tensor, y: try y.tensor)
      let before = try weights()
      plain.setWeights(before)
      guard let found = try gradients(batch, x, y, step: step) else { return }
      let moved = plain.moved
      if step == 0 { finiteDifferences(x, y) }
      let expected = try optimizer.move(
        zip(plain.weights, before).filter(\.0.weight.isTrainable).map(\.1), by: found.map(\.value))
      let statistics = movedTolerances
      try engine.model.fit(TensorBatches(x: batchTensor(x), y: batchTensor(y), batchSize: count))
      let after = engine.model.weights
      for (place, name) in names.enumerated() {
        guard let now = after.first(where: { $0.name == name }) else { continue }
        let old = plain.weights.first { $0.name == name }?.weight.value ?? expected[place]
        let largest = Comparison.worst(expected[place], old).difference
        compare(
          "\(name) after step \(step)", Field(now.value), expected[place],
          within: 3e-7 * old.peak + 1e-4 * largest)
      }
      for (place, (name, value)) in moved.enumerated() {
        guard let now = after.first(where: { $0.name == name }) else { continue }
        compare("\(name) after step \(step)", Field(now.value), value, within: statistics[place])
      }
      guard self.found.isEmpty else { return }
    }
    plain.setWeights(try weights())
  }

  private func batchTensor(_ field: Field) throws -> Tensor { try field.tensor }

  private func weights() throws -> [Field] { engine.model.weights.map { Field($0.value) } }

  /// What moving statistics may be off, from the last disturbed run.
  private var movedTolerances: [Double] = []

  /// Compares loss and gradients; gives the engine's, or nil where the weights have run away.
  private mutating func gradients(
    _ batch: TrainingBatch, _ x: Field, _ y: Field, step: Int
  ) throws -> [(name: String, value: Field)]? {
    var disturbed: [(loss: Double, gradients: [Field], moved: [Field])] = []
    let exact = Pass(isTraining: true, seed: UInt64(description.seed), step: UInt64(step))
    let loss = plain.step(x, y, exact)
    guard abs(loss) < 1e6, exact.largest < 1e12 else { return nil }
    smallestMargin = min(smallestMargin, exact.smallestMargin)
    let (expected, moved) = (plain.gradients, plain.moved)
    for _ in 0..<2 {
      let loss = plain.step(x, y, noisy(isTraining: true, step: step))
      disturbed.append((loss, plain.gradients.map(\.value), plain.moved.map(\.value)))
    }
    movedTolerances = moved.indices.map { place in
      Comparison.tolerance(moved[place].value, disturbed.map { $0.moved[place] })
    }
    // The layers keep the exact run again.
    _ = plain.step(x, y, exact)

    let actual = try engine.model.gradients(batch, loss: engine.loss)
    let again = try engine.model.gradients(batch, loss: engine.loss)
    if actual.loss != again.loss || actual.gradients.map(\.value) != again.gradients.map(\.value) {
      let same = zip(actual.gradients, again.gradients).filter { $0.value != $1.value }.map(\.0.name)
      found.append("step \(step) has other bits when it is made again: \(same)")
    }
    guard actual.gradients.map(\.name) == expected.map(\.name) else {
      found.append("gradients are of \(actual.gradients.map(\.name))")
      return expected
    }
    compare(
      "the loss of step \(step)", Field([1], [actual.loss]), Field([1], [loss]),
      within: Comparison.tolerance(Field([1], [loss]), disturbed.map { Field([1], [$0.loss]) }) + 1e-6)
    for (place, (name, value)) in expected.enumerated() {
      compare(
        "the gradient of \(name) in step \(step)", Field(actual.gradients[place].value), value,
        within: Comparison.tolerance(value, disturbed.map { $0.gradients[place] }))
    }
    return actual.gradients.map { ($0.name, Field($0.value)) }
  }

  /// The plain loss's own slope in a random direction against its gradient.
  private mutating func finiteDifferences(_ x: Field, _ y: Field) {
    let weights = plain.weights.map(\.weight.value)
    let gradients = plain.gradients
    guard !gradients.isEmpty else { return }
    let step = 1e-4
    var direction: [Field] = []
    for (weight, value) in zip(plain.weights, weights) {
      direction.append(value.map { _ in weight.weight.isTrainable ? random.normal() : 0 })
    }
    let length = direction.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }.squareRoot()
    direction = direction.map { $0.map { $0 / length } }
    func loss(_ sign: Double) -> Double {
      plain.setWeights(zip(weights, direction).map { $0 + $1.map { sign * step * $0 } })
      return plain.loss(
        x, y, Pass(isTraining: true, seed: UInt64(description.seed), keepsDecisions: true))
    }
    let slope = (loss(1) - loss(-1)) / (2 * step)
    plain.setWeights(weights)
    let trained = zip(plain.weights, direction).filter(\.0.weight.isTrainable).map(\.1)
    let sizes = zip(gradients, trained).map { ($0.value * $1).values.reduce(0) { $0 + abs($1) } }
    let expected = zip(gradients, trained).reduce(0.0) { $0 + ($1.0.value * $1.1).values.reduce(0, +) }
    let scale = sizes.reduce(0, +)
    if !(abs(slope - expected) <= 1e-4 * scale + 1e-7) {
      found.append("the plain gradient is wrong: its slope is \(expected) instead of \(slope)")
    }
  }
}
