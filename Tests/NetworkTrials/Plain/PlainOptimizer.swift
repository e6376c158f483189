/// How weights follow gradients, by Keras's formulas: gradients are clipped, weights decay, then the rule moves
/// them.
struct PlainOptimizer {
  private let item: Item
  private var step = 0
  /// For each array, what is gathered: up to three numbers for each weight.
  private var gathered: [[Field]]
  /// Nadam's product of momenta.
  private var momenta = 1.0

  static let names = ["sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad"]

  static func defaults(_ name: String) -> [String: Setting] {
    let own: [String: Setting] =
      switch name {
      case "adam", "adamw", "nadam":
        ["beta_1": .number(0.9), "beta_2": .number(0.999), "epsilon": .number(1e-7)]
      case "rmsprop":
        [
          "rho": .number(0.9), "momentum": .number(0), "epsilon": .number(1e-7), "centered": .flag(false),
        ]
      case "adagrad": ["initial_accumulator_value": .number(0.1), "epsilon": .number(1e-7)]
      default: ["momentum": .number(0), "nesterov": .flag(false)]
      }
    let common: [String: Setting] = [
      "learning_rate": .number(name == "sgd" ? 0.01 : 0.001),
      "weight_decay": .number(name == "adamw" ? 0.004 : 0),
    ]
    return own.merging(common) { $1 }
  }

  /// - Parameter shapes: of the arrays of weights that it moves.
  init(_ item: Item, shapes: [[Int]]) throws {
    guard Self.names.contains(item.name) else { throw Malformed("there is no optimizer '\(item.name)'") }
    self.item = item.merged(Self.defaults(item.name))
    let start = (try? self.item.number("initial_accumulator_value")) ?? 0
    gathered = shapes.map { shape in (0..<3).map { Field(shape, repeating: $0 == 0 ? start : 0) } }
  }

  /// The weights after one step.
  mutating func move(_ weights: [Field], by gradients: [Field]) throws -> [Field] {
    step += 1
    let rate = try item.number("learning_rate")
    let decay = 1 - rate * (try item.number("weight_decay"))
    let clipped = clip(gradients)
    let rule = try rule(rate)
    var moved = weights
    for place in weights.indices {
      for index in weights[place].values.indices {
        var own = gathered[place].map { $0.values[index] }
        let change = rule(clipped[place].values[index], &own)
        moved[place].values[index] = moved[place].values[index] * decay - change
        for number in own.indices { gathered[place][number].values[index] = own[number] }
      }
    }
    return moved
  }

  private func clip(_ gradients: [Field]) -> [Field] {
    func norm(_ fields: [Field]) -> Double {
      fields.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }.squareRoot()
    }
    func shorten(_ field: Field, _ norm: Double, to limit: Double) -> Field {
      norm > limit ? field.map { $0 * limit / norm } : field
    }
    if let limit = try? item.number("clipnorm") {
      return gradients.map { shorten($0, norm([$0]), to: limit) }
    }
    if let limit = try? item.number("global_clipnorm") {
      let whole = norm(gradients)
      return gradients.map { shorten($0, whole, to: limit) }
    }
    if let limit = try? item.number("clipvalue") {
      return gradients.map { $0.map { min(max($0, -limit), limit) } }
    }
    return gradients
  }

  /// What a gradient takes off its weight, and what becomes of what is gathered for it.
  private mutating func rule(_ rate: Double) throws -> (Double, inout [Double]) -> Double {
    switch item.name {
    case "adam", "adamw", "nadam": return try moments(rate)
    case "rmsprop":
      let (rho, epsilon) = (try item.number("rho"), try item.number("epsilon"))
      let (momentum, centered) = (try item.number("momentum"), try item.flag("centered"))
      return { g, own in
        own[0] = rho * own[0] + (1 - rho) * g * g
        if centered { own[1] = rho * own[1] + (1 - rho) * g }
        own[2] = momentum * own[2] + rate * g / (own[0] - own[1] * own[1] + epsilon).squareRoot()
        return own[2]
      }
    case "adagrad":
      let epsilon = try item.number("epsilon")
      return { g, own in
        own[0] += g * g
        return rate * g / (own[0] + epsilon).squareRoot()
      }
    default:
      let (momentum, nesterov) = (try item.number("momentum"), try item.flag("nesterov"))
      return { g, own in
        own[0] = momentum * own[0] - rate * g
        return nesterov ? rate * g - momentum * own[0] : -own[0]
      }
    }
  }

  private mutating func moments(_ rate: Double) throws -> (Double, inout [Double]) -> Double {
    let (beta1, beta2) = (try item.number("beta_1"), try item.number("beta_2"))
    let epsilon = try item.number("epsilon")
    let (power1, power2) = (Self.power(beta1, step), Self.power(beta2, step))
    if item.name == "nadam" {
      let now = beta1 * (1 - 0.5 * Self.power(0.96, step))
      let next = beta1 * (1 - 0.5 * Self.power(0.96, step + 1))
      momenta *= now
      let momenta = momenta
      return { g, own in
        own[0] = beta1 * own[0] + (1 - beta1) * g
        own[1] = beta2 * own[1] + (1 - beta2) * g * g
        let m = next * own[0] / (1 - momenta * next) + (1 - now) * g / (1 - momenta)
        return rate * m / ((own[1] / (1 - power2)).squareRoot() + epsilon)
      }
    }
    return { g, own in
      own[0] = beta1 * own[0] + (1 - beta1) * g
      own[1] = beta2 * own[1] + (1 - beta2) * g * g
      return rate * (1 - power2).squareRoot() / (1 - power1) * own[0] / (own[1].squareRoot() + epsilon)
    }
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
