/// How weights follow gradients, by Keras's formulas.
struct PlainOptimizer {
  private let item: Item
  private var step = 0
  /// For each array, what is gathered.
  private var first: [Field]
  private var second: [Field]

  static let names = ["sgd", "adam"]

  static func defaults(_ name: String) -> [String: Setting] {
    switch name {
    case "adam":
      [
        "learning_rate": .number(0.001), "beta_1": .number(0.9), "beta_2": .number(0.999),
        "epsilon": .number(1e-7),
      ]
    default: ["learning_rate": .number(0.01), "momentum": .number(0), "nesterov": .flag(false)]
    }
  }

  /// - Parameter shapes: of the arrays of weights that it moves.
  init(_ item: Item, shapes: [[Int]]) throws {
    guard Self.names.contains(item.name) else { throw Malformed("there is no optimizer '\(item.name)'") }
    self.item = item.merged(Self.defaults(item.name))
    first = shapes.map { Field($0) }
    second = first
  }

  /// The weights after one step.
  mutating func move(_ weights: [Field], by gradients: [Field]) throws -> [Field] {
    step += 1
    var moved = weights
    for place in weights.indices {
      for index in weights[place].values.indices {
        moved[place].values[index] -= try change(gradients[place].values[index], place, index)
      }
    }
    return moved
  }

  private mutating func change(_ g: Double, _ place: Int, _ index: Int) throws -> Double {
    let rate = try item.number("learning_rate")
    switch item.name {
    case "adam":
      let (beta1, beta2) = (try item.number("beta_1"), try item.number("beta_2"))
      let m = beta1 * first[place].values[index] + (1 - beta1) * g
      let v = beta2 * second[place].values[index] + (1 - beta2) * g * g
      first[place].values[index] = m
      second[place].values[index] = v
      let correction = (1 - power(beta2, step)).squareRoot() / (1 - power(beta1, step))
      return rate * correction * m / (v.squareRoot() + (try item.number("epsilon")))
    default:
      let momentum = try item.number("momentum")
      let velocity = momentum * first[place].values[index] - rate * g
      first[place].values[index] = velocity
      return try item.flag("nesterov") ? rate * g - momentum * velocity : -velocity
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
