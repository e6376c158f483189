import Essentials
import Glibc
import Tensors

/// A built model: the shapes between its layers, and its weights.
final class Network {
  let inputShape: Shape
  /// The input's shape, then each layer's output.
  let shapes: [Shape]
  /// All weights, layer by layer.
  let parameters: [Weight]
  let seed: UInt64
  /// Counts the changes of weights, so that copies in other layouts know when they are out of date.
  private(set) var version = 0
  /// Whether all weights are numbers; looked at again after each change.
  private var finiteVersion = -1
  private var finite = true

  var outputShape: Shape { shapes[shapes.count - 1] }

  init(layers: [any Layer], names: [String], inputShape: Shape, seed: UInt64) throws {
    self.inputShape = inputShape
    self.seed = seed
    guard try inputShape.checkedElementCount() > 0 else {
      throw Failure(
        .shape, "an example of shape \(inputShape.shapeDescription) has no elements",
        parameter: "input_shape")
    }
    var shapes = [inputShape]
    var parameters: [Weight] = []
    var bytes = 0
    for (index, layer) in layers.enumerated() {
      let input = shapes[index]
      do throws(Failure) {
        if index > 0, let stated = layer.inputShape, stated != input {
          throw Failure(
            .shape, "it states the input shape \(stated.shapeDescription), but gets \(input.shapeDescription)"
          )
        }
        let output = try layer.outputShape(for: input)
        guard try output.checkedElementCount() > 0 else {
          throw Failure(.shape, "its output \(output.shapeDescription) would have no elements")
        }
        for description in try layer.parameters(for: input) {
          let size = try description.shape.checkedElementCount() * MemoryLayout<Float>.stride
          let (sum, overflow) = bytes.addingReportingOverflow(size)
          guard !overflow, sum <= Tensor.byteLimit else {
            throw Failure(
              .memory, "the model's weights up to here take \(ByteCount.text(Double(bytes) + Double(size)))",
              hint: "pool or stride before a dense layer, or give it fewer units")
          }
          bytes = sum
          let parameter = try Weight(layer: index, description: description)
          var random = RandomSource(seed: seed, path: UInt64(index), UInt64(parameters.count))
          parameter.initialize(&random)
          parameters.append(parameter)
        }
        shapes.append(output)
      } catch {
        throw Failure(
          error.kind,
          "layer \(index) (\(names[index])) cannot take an input of shape \(input.shapeDescription): "
            + error.message, hint: error.hint, parameter: "layers")
      }
    }
    self.shapes = shapes
    self.parameters = parameters
  }

  /// A network of arrays that are there already.
  init(shapes: [Shape], parameters: [Weight], seed: UInt64) {
    inputShape = shapes[0]
    self.shapes = shapes
    self.parameters = parameters
    self.seed = seed
  }

  /// The refusal of an example of another shape.
  func unfit(_ shape: Shape, at index: Int) -> Failure {
    Failure(
      .shape,
      "example \(index) has the shape \(shape.shapeDescription), but the model takes "
        + inputShape.shapeDescription, parameter: "x")
  }

  /// Whoever changes weights says so.
  func weightsChanged() { version += 1 }

  /// The first array of weights that holds what is no number.
  var nonFiniteParameter: (index: Int, value: Float)? {
    for (index, parameter) in parameters.enumerated() {
      let peak = UnsafeBufferPointer(start: parameter.value.base, count: parameter.value.count).peak
      if !peak.isFinite { return (index, peak) }
    }
    return nil
  }

  /// Whether no weight is NaN or infinite.
  var hasFiniteWeights: Bool {
    if finiteVersion != version {
      finite = parameters.allSatisfy {
        UnsafeBufferPointer(start: $0.value.base, count: $0.value.count).isAllFinite
      }
      finiteVersion = version
    }
    return finite
  }
}

/// One array of weights, at a place in memory that never changes.
final class Weight {
  let layer: Int
  let description: LayerParameter
  let value: FloatBuffer

  /// A fresh array of zeros.
  convenience init(layer: Int, description: LayerParameter) throws(Failure) {
    self.init(
      layer: layer, description: description,
      value: try FloatBuffer(count: try description.shape.checkedElementCount()))
  }

  init(layer: Int, description: LayerParameter, value: FloatBuffer) {
    self.layer = layer
    self.description = description
    self.value = value
  }

  /// `layers.N.kernel`.
  var fileName: String { "layers.\(layer).\(description.name)" }

  var tensor: Tensor {
    // The shape was checked when the network was built.
    (try? Tensor(shape: description.shape) { destination in
      if let to = destination.baseAddress { to.initialize(from: value.base, count: value.count) }
    }) ?? Tensor([])
  }

  func assign(_ tensor: Tensor) {
    tensor.withUnsafeElements { source in
      guard let from = source.baseAddress, source.count == value.count else { return }
      value.base.update(from: from, count: value.count)
    }
  }

  func initialize(_ random: inout RandomSource) {
    switch description.initializer {
    case .zeros: break
    case .ones: value.base.update(repeating: 1, count: value.count)
    case .glorotUniform(let fanIn, let fanOut):
      let limit = (6 / (Double(fanIn) + Double(fanOut))).squareRoot()
      for index in 0..<value.count { value.base[index] = Float(random.uniform(-limit, limit)) }
    case .orthogonal:
      let columns = description.shape.last ?? 1
      Orthogonal.fill(value, rows: value.count / max(columns, 1), columns: columns, &random)
    case .unitForget:
      let units = value.count / 4
      (value.base + units).update(repeating: 1, count: units)
    }
  }
}

extension UnsafeBufferPointer<Float> {
  /// Whether none is NaN or infinite: zero times such a number is NaN.
  var isAllFinite: Bool {
    guard let base = baseAddress else { return true }
    var sums = SIMD16<Float>(repeating: 0)
    let whole = count / 16 * 16
    for index in stride(from: 0, to: whole, by: 16) {
      sums += UnsafeRawPointer(base + index).loadUnaligned(as: SIMD16<Float>.self) * 0
    }
    var sum = sums.sum()
    for index in whole..<count { sum += base[index] * 0 }
    return !sum.isNaN
  }
}
