import Essentials
import Tensors

/// A model without its weights, as a model file keeps it.
struct ModelDescription {
  /// The name of the description among a file's metadata.
  static let key = "capuchin.model"

  let name: String
  let seed: UInt64
  let inputShape: Shape
  let layers: [any Layer]
  let training: TrainingSettings?
  let classNames: [String]?

  init(
    name: String, seed: UInt64, inputShape: Shape, layers: [any Layer], training: TrainingSettings?,
    classNames: [String]?
  ) {
    self.classNames = classNames
    self.name = name
    self.seed = seed
    self.inputShape = inputShape
    self.layers = layers
    self.training = training
  }

  var json: JSON {
    var members: [(name: String, value: JSON)] = [
      ("version", .number(1)), ("name", .string(name)), ("seed", .string(String(seed))),
      ("input_shape", .array(inputShape.map { .number(Double($0)) })),
      (
        "layers",
        .array(
          layers.map { layer in
            .object([("kind", .string(type(of: layer).kind))] + Self.members(layer.settings))
          })
      ),
    ]
    if let training { members.append(("compile", training.json)) }
    if let classNames { members.append(("classes", .array(classNames.map { .string($0) }))) }
    return .object(members)
  }

  private static func members(_ settings: LayerSettings) -> [(name: String, value: JSON)] {
    settings.values.sorted { $0.key < $1.key }.map { name, value in
      switch value {
      case .number(let number): (name, .number(number))
      case .word(let word): (name, .string(word))
      case .integers(let list): (name, .array(list.map { .number(Double($0)) }))
      }
    }
  }

  /// - Throws: a `format` failure that says what is missing or malformed.
  init(json: JSON) throws(Failure) {
    guard let name = json["name"]?.string, let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
      let inputShape = json["input_shape"]?.integers, let list = json["layers"]?.array
    else { throw Failure(.format, "its name, seed, input_shape or layers are missing") }
    self.name = name
    self.seed = seed
    self.inputShape = inputShape
    var layers: [any Layer] = []
    for (index, item) in list.enumerated() {
      guard let kind = item["kind"]?.string,
        let type = LayerKinds.all.first(where: { $0.kind == kind }), let members = item.members
      else {
        throw Failure(.format, "layer \(index) is of the unknown kind '\(item["kind"]?.string ?? "?")'")
      }
      var settings = LayerSettings()
      for (name, value) in members where name != "kind" {
        if let number = value.number {
          settings[name] = .number(number)
        } else if let word = value.string {
          settings[name] = .word(word)
        } else if let integers = value.integers {
          settings[name] = .integers(integers)
        }
      }
      do { layers.append(try type.init(settings: settings)) } catch {
        throw Failure(.format, "layer \(index) (\(kind)): \(error.message)")
      }
    }
    self.layers = layers
    classNames = json["classes"]?.array.map { $0.compactMap(\.string) }
    training = try json["compile"].map { (json) throws(Failure) in try TrainingSettings(json: json) }
  }
}

extension TrainingSettings {
  var json: JSON {
    var members: [(name: String, value: JSON)] = [
      ("loss", .string(loss.rawValue)), ("metrics", .array(metrics.compactMap(\.json))),
      ("optimizer", .string(optimizer.name)),
    ]
    switch optimizer {
    case .adam(let rate, let beta1, let beta2, let epsilon):
      members += [
        ("learning_rate", .number(rate)), ("beta_1", .number(beta1)), ("beta_2", .number(beta2)),
        ("epsilon", .number(epsilon)),
      ]
    case .sgd(let rate, let momentum, let nesterov):
      members += [
        ("learning_rate", .number(rate)), ("momentum", .number(momentum)), ("nesterov", .bool(nesterov)),
      ]
    }
    return .object(members)
  }

  init(json: JSON) throws(Failure) {
    func number(_ name: String) throws(Failure) -> Double {
      guard let value = json[name]?.number else {
        throw Failure(.format, "its compile setting '\(name)' is no number")
      }
      return value
    }
    guard let loss = json["loss"]?.string.flatMap(Loss.init(rawValue:)), let list = json["metrics"]?.array
    else { throw Failure(.format, "its loss or metrics are unknown") }
    self.loss = loss
    var metrics: [Metric] = []
    for item in list {
      metrics.append(try Metric(json: item))
    }
    self.metrics = metrics
    switch json["optimizer"]?.string {
    case "adam":
      optimizer = .adam(
        learningRate: try number("learning_rate"), beta1: try number("beta_1"),
        beta2: try number("beta_2"), epsilon: try number("epsilon"))
    case "sgd":
      optimizer = .sgd(
        learningRate: try number("learning_rate"), momentum: try number("momentum"),
        nesterov: json["nesterov"] == .bool(true))
    default: throw Failure(.format, "its optimizer is unknown")
    }
  }
}
