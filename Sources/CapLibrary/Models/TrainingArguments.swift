import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Arguments that several functions of training have.
enum TrainingArguments {
  static let model = Argument("m", .model, "The model")

  static let classes = Argument(
    "classes", .optional(.list(.string)), default: .nothing,
    "The names of the classes in the order of class numbers, for labels that are words; none: sorted"
  )

  static let sampleWeight = Argument(
    "sample_weight", .any, default: .nothing,
    "What each example's loss is multiplied by, where `x` is a tensor: one number an example")

  /// An argument that ends a pass after so many batches.
  static func steps(_ name: String, _ documentation: String) -> Argument<StepLimit> {
    Argument(name, .stepLimit, default: .nothing, documentation)
  }

  static let exampleModel = "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2])\n"

  /// A model's outputs, which know the names of its classes.
  static func scores(_ outputs: Tensor, of model: Sequential, windowing: Windowing? = nil) -> Value {
    let classes = model.classNames.map {
      ScoreClasses(names: $0, isExclusive: model.takesOneClass, unitCount: outputs.shape.last ?? 1)
    }
    return .object(TensorObject(outputs, windowing: windowing, scores: classes))
  }

  /// Weights of classes: a list, by class number, or a record whose names are class numbers or names.
  static func classWeights(_ argument: ArgumentValue, of model: Sequential) throws -> ClassWeights? {
    switch argument.value {
    case .nothing: return nil
    case .record(let record):
      var weights: [Int: Double] = [:]
      for (name, value) in zip(record.keys, record.values) {
        guard let number = Int(name) ?? model.classNames?.firstIndex(of: name) else {
          throw Failure(
            .value, "class_weight has the name '\(name)', which is no class's number or name",
            hint: "write {\"0\": 1, \"1\": 5} or [1, 5]", parameter: argument.name)
        }
        guard case .number(let weight) = value else {
          throw Failure(
            .type, "the weight of class \(number) is \(value.kindPhrase), not a number",
            parameter: argument.name)
        }
        weights[number] = weight
      }
      return try ClassWeights(weights)
    default:
      let weights = try argument.items().compactMap(\.asNumber)
      return try ClassWeights(Dictionary(uniqueKeysWithValues: zip(weights.indices, weights)))
    }
  }
}

/// How many batches a pass has, by an argument; no count takes all.
struct StepLimit {
  /// The argument's name.
  let name: String
  let count: Int?

  /// So many batches of `data`; where it `continues`, the next pass goes on where this one ended.
  func limiting(_ data: any BatchSource, continues: Bool = false) -> any BatchSource {
    count.map { LimitedBatches(data, steps: $0, continues: continues) } ?? data
  }
}

extension ArgumentKind where Content == StepLimit {
  /// A number of batches, or none.
  static var stepLimit: ArgumentKind {
    ArgumentKind(.optional(.integer(.atLeast(1)))) { value, place in
      StepLimit(name: place.name, count: value.asInt)
    }
  }
}

extension ArgumentKind where Content == Sequential {
  /// A model.
  static var model: ArgumentKind {
    ArgumentKind<ModelObject>.object("model", ModelObject.self).map { $0.model }
  }
}
