/// All that a trial needs, in one line of text:
/// `network batch=7 input=[30,6,1] threads=2 … | conv2d filters=8 kernel=[3,3] | flatten | dense units=1`.
struct NetworkDescription: Equatable {
  /// One example's shape.
  var input: [Int]
  var layers: [Item]
  var loss = Item("mse")
  var optimizer = Item("sgd", ["learning_rate": .number(0.1)])
  var batch = 3
  var threads = 2
  /// `best`, `off`, or an instruction set.
  var kernels = "best"
  /// `rule`, `measured`, `varied` (by the seed), or an algorithm.
  var choice = "rule"
  /// Decides weights, examples and labels.
  var seed = 1

  var text: String {
    let head = Item(
      "network",
      [
        "input": .integers(input), "batch": .number(Double(batch)), "threads": .number(Double(threads)),
        "kernels": .word(kernels), "choice": .word(choice), "seed": .number(Double(seed)),
        "loss": .item(loss.shortened(PlainLoss.defaults(loss.name))),
        "optimizer": .item(optimizer.shortened(PlainOptimizer.defaults(optimizer.name))),
      ])
    return ([head] + layers.map { $0.shortened(PlainLayers.defaults($0.name)) }).map(\.text)
      .joined(separator: " | ")
  }

  init(
    input: [Int], layers: [Item], loss: Item = Item("mse"), batch: Int = 3
  ) {
    self.input = input
    self.layers = layers
    self.loss = loss
    self.batch = batch
  }

  init(parsing text: String) throws {
    let parts = Item.split(text[...], at: "|")
    guard let first = parts.first else { throw Malformed("there is no network") }
    let head = try Item(parsing: first).merged([
      "batch": .number(3), "threads": .number(2), "kernels": .word("best"), "choice": .word("rule"),
      "seed": .number(1), "loss": .item(Item("mse")), "optimizer": .item(Item("sgd")),
    ])
    input = try head.integers("input")
    batch = try head.integer("batch")
    threads = try head.integer("threads")
    kernels = try head.word("kernels")
    choice = try head.word("choice")
    seed = try head.integer("seed")
    let loss = try head.item("loss")
    self.loss = loss.merged(PlainLoss.defaults(loss.name))
    let optimizer = try head.item("optimizer")
    self.optimizer = optimizer.merged(PlainOptimizer.defaults(optimizer.name))
    layers = try parts.dropFirst().map {
      let layer = try Item(parsing: $0)
      return layer.merged(PlainLayers.defaults(layer.name))
    }
  }
}
