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
          layers.map { layer in .object(Self.members(LayerKinds.settings(of: layer))) })
      ),
    ]
    if let training { members.append(("compile", training.json)) }
    if let classNames { members.append(("classes", .array(classNames.map { .string($0) }))) }
    return .object(members)
  }

  private static func members(_ settings: LayerSettings) -> [(name: String, value: JSON)] {
    // The kind first, then by name.
    let sorted = settings.values.sorted {
      ($0.key == "kind" ? 0 : 1, $0.key) < ($1.key == "kind" ? 0 : 1, $1.key)
    }
    return sorted.map { name, value in
      switch value {
      case .flag(let flag): (name, .bool(flag))
      case .group(let group): (name, .object(members(group)))
      case .number(let number): (name, .number(number))
      case .word(let word): (name, .string(word))
      case .integers(let list): (name, .array(list.map { .number(Double($0)) }))
      }
    }
  }

  private static func settings(_ json: JSON) -> LayerSettings {
    var settings = LayerSettings()
    for (name, value) in json.members ?? [] {
      if let number = value.number {
        settings[name] = .number(number)
      } else if let word = value.string {
        settings[name] = .word(word)
      } else if let integers = value.integers {
        settings[name] = .integers(integers)
      } else if case .bool(let flag) = value {
        settings[name] = .flag(flag)
      } else if value.members != nil {
        settings[name] = .group(Self.settings(value))
      }
    }
    return settings
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
      do { layers.append(try LayerKinds.layer(Self.settings(item))) } catch {
        throw Failure(.format, "layer \(index) (\(item["kind"]?.string ?? "?")): \(error.message)")
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
      ("loss", loss.json), ("metrics", .array(metrics.compactMap(\.json))),
    ]
    members += optimizer.jsonMembers
    return .object(members)
  }

  init(json: JSON) throws(Failure) {
    guard let list = json["metrics"]?.array else { throw Failure(.format, "its metrics are missing") }
    loss = try Loss(json: json["loss"])
    var metrics: [Metric] = []
    for item in list {
      metrics.append(try Metric(json: item))
    }
    self.metrics = metrics
    optimizer = try Optimizer(json: json)
  }
}
