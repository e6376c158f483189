import Essentials
import Foundation
import NeuralNetworks
import Tensors

/// A network with what the engine makes of it, in a file that Keras/compare.py reads.
enum KerasFile {
  /// Steps whose losses are written.
  static let steps = 10

  static func write(_ original: NetworkDescription, to path: String) throws {
    var description = original
    // Large steps would make rounding grow from one to the next.
    description.optimizer.settings["learning_rate"] = .number(0.001)
    let before = WorkerPool.threadCount
    WorkerPool.threadCount = description.threads
    defer { WorkerPool.threadCount = before }
    let plain = try PlainNetwork(description)
    // The numbers among a few whose decisions are the clearest.
    var best: (margin: Double, material: Material)?
    for draw in 0..<8 {
      let material = Material(description, plain, draw: UInt64(draw))
      plain.setWeights(material.weights)
      let pass = Pass(isTraining: true, seed: UInt64(description.seed))
      _ = plain.step(material.x, material.y, pass)
      if pass.smallestMargin > best?.margin ?? -1 { best = (pass.smallestMargin, material) }
      if pass.smallestMargin > Trial.nearest { break }
    }
    guard let (margin, material) = best else { return }
    let engine = try EngineNetwork(description)
    let weights = zip(plain.weights, material.weights)
    try engine.model.setWeights(material.weights.map { try $0.tensor })
    plain.setWeights(material.weights)
    let (x, y) = (try material.x.tensor, try material.y.tensor)
    var tensors: [(name: String, value: Tensor)] = [("x", x), ("y", y)]
    tensors += try weights.map { ("weights.\($0.name)", try $1.tensor) }
    tensors.append(("predictions", try engine.model.predict(x)))
    tensors += try engine.model.gradients(TrainingBatch(x: x, y: y), loss: engine.loss).gradients.map {
      ("gradients.\($0.name)", $0.value)
    }
    var losses: [Float] = []
    for step in 0..<steps {
      guard
        let history = try? engine.model.fit(TensorBatches(x: x, y: y, batchSize: description.batch)),
        let loss = history["loss"]?.first
      else { break }
      losses.append(Float(loss))
      if step == 0 {
        tensors += engine.model.weights.filter { $0.name.contains("moving") }.map {
          ("after.weights.\($0.name)", $0.value)
        }
      }
    }
    tensors.append(("losses", try Tensor(shape: [losses.count], elements: losses)))
    let tolerances = Self.tolerances(description, plain, material).map { "\"\($0)\": \($1)" }
    try SafeTensors(
      metadata: [
        ("network", description.text), ("margin", "\(margin)"),
        ("tolerances", "{" + tolerances.joined(separator: ", ") + "}"),
      ], tensors: tensors
    ).write(path)
  }

  /// How far rounding may carry each array.
  private static func tolerances(
    _ description: NetworkDescription, _ plain: PlainNetwork, _ material: Material
  ) -> [(name: String, value: Double)] {
    func pass(isTraining: Bool, seed: UInt64?) -> Pass {
      Pass(
        isTraining: isTraining, seed: UInt64(description.seed), keepsDecisions: seed != nil,
        noise: seed == nil ? 0 : Comparison.noise, noiseSeed: seed ?? 0)
    }
    var runs: [[(name: String, value: Field)]] = []
    for seed in [nil, 1, 2] as [UInt64?] {
      var arrays = [
        (name: "predictions", value: plain.forward(material.x, pass(isTraining: false, seed: seed)))
      ]
      _ = plain.forward(material.x, pass(isTraining: true, seed: nil))
      _ = plain.step(material.x, material.y, pass(isTraining: true, seed: seed))
      arrays += plain.gradients.map { ("gradients.\($0.name)", $0.value) }
      arrays += plain.moved.map { ("after.weights.\($0.name)", $0.value) }
      runs.append(arrays)
    }
    return runs[0].indices.map { place in
      (runs[0][place].name, Comparison.tolerance(runs[0][place].value, runs[1...].map { $0[place].value }))
    }
  }
}
