/// A network of plain layers.
final class PlainNetwork {
  let layers: [any PlainLayer]
  let loss: PlainLoss
  let output: [Int]

  init(_ description: NetworkDescription) throws {
    var layers: [any PlainLayer] = []
    var shape = description.input
    for item in description.layers {
      let layer = try PlainLayers.make(item, input: shape)
      shape = layer.output
      guard !shape.contains(where: { $0 < 1 }) else { throw Malformed("\(item.name) gives \(shape)") }
      layers.append(layer)
    }
    self.layers = layers
    output = shape
    let function = layers.last?.lastFunction
    loss = try PlainLoss(description.loss, after: function?.name ?? "linear")
    if loss.takesLogits { function?.belongsToLoss = true }
  }

  /// Multiplications for one example, forward, or what takes as long.
  var cost: Int { layers.reduce(0) { $0 + $1.cost + 8 * $1.output.reduce(1, *) } }

  /// All arrays of weights under the names that the engine's files have, in order.
  var weights: [(name: String, weight: PlainWeight)] {
    layers.enumerated().flatMap { index, layer in
      layer.weights.map { ("layers.\(index).\($0.name)", $0) }
    }
  }

  func setWeights(_ values: [Field]) {
    var next = values.startIndex
    for layer in layers {
      for index in layer.weights.indices {
        layer.weights[index].value = values[next]
        next += 1
      }
    }
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    var flow = x
    for (index, layer) in layers.enumerated() {
      pass.layer = index
      flow = layer.forward(flow, pass)
      pass.note(flow)
    }
    return flow
  }

  /// The loss of a batch; the layers have their weights' gradients then.
  func step(_ x: Field, _ y: Field, _ pass: Pass) -> Double {
    let (loss, slope) = loss(of: forward(x, pass), y, pass)
    var gradient = slope
    for (index, layer) in layers.enumerated().reversed() {
      pass.layer = index
      gradient = layer.backward(gradient, pass)
      for place in layer.weights.indices where layer.weights[place].l1 + layer.weights[place].l2 > 0 {
        let weight = layer.weights[place]
        layer.weights[place].gradient = weight.gradient + weight.penaltyGradient
      }
    }
    return loss
  }

  /// What the weights themselves add to the loss.
  private var penalty: Double { weights.reduce(0) { $0 + $1.weight.penalty } }

  /// The loss alone.
  func loss(_ x: Field, _ y: Field, _ pass: Pass) -> Double { loss(of: forward(x, pass), y, pass).loss }

  /// The loss of what the last run gave, and its gradient of that, or of what the last function got.
  func loss(of outputs: Field, _ y: Field, _ pass: Pass) -> (loss: Double, gradient: Field) {
    if loss.takesLogits {
      let (value, gradient) = loss.evaluate(logits: layers.last?.lastFunction?.input ?? outputs, y, pass)
      return (value + penalty, gradient)
    }
    let (value, gradient) = loss.evaluate(outputs, y, pass)
    return (value + penalty, gradient)
  }

  /// The weights' gradients of the last step, under their names.
  var gradients: [(name: String, value: Field)] {
    weights.filter(\.weight.isTrainable).map { ($0.name, $0.weight.gradient) }
  }

  /// What arrays that no optimizer moves are after the last step in training: moving statistics.
  var moved: [(name: String, value: Field)] {
    layers.enumerated().flatMap { index, layer -> [(name: String, value: Field)] in
      let names = layer.weights.filter { !$0.isTrainable }.map { "layers.\(index).\($0.name)" }
      return Array(zip(names, layer.moved))
    }
  }
}
