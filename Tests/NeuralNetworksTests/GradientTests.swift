import Essentials
import NeuralNetworks
import Tensors
import Testing

/// Gradients against finite differences of the loss, for every layer and loss on odd shapes.
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: Shape
    let layers: @Sendable () throws -> [any Layer]
    var loss = Loss.meanSquaredError
    var classes = 2
    var batch = 3
    /// Small, so that no ReLU or maximum changes sides; larger where there is none, and the loss a long sum.
    var step = 0.002
    /// How many roundings of the loss to 32 bits its sums are off by.
    var roundings = 16.0
    var testDescription: String { name }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    func around(
      _ name: String, _ shape: Shape, batch: Int = 3, step: Double = 0.002,
      _ layer: @escaping @Sendable () throws -> any Layer
    ) {
      cases.append(
        Case(
          name: name, shape: shape,
          layers: {
            [
              try Conv2D(filters: 3, kernel: Extent(1), activation: .tanh), try layer(), Flatten(),
              try Dense(units: 2),
            ]
          }, batch: batch, step: step))
    }
    for activation in Activation.allCases {
      around("conv2d \(activation)", [5, 4, 2]) {
        try Conv2D(filters: 4, kernel: Extent(2, 3), activation: activation == .relu ? .linear : activation)
      }
      around("activation \(activation)", [3, 3, 1]) { ActivationLayer(activation) }
    }
    around("conv2d same", [5, 4, 1]) { try Conv2D(filters: 3, kernel: Extent(4, 2), padding: .same) }
    around("conv2d strided", [7, 6, 3]) {
      try Conv2D(filters: 16, kernel: Extent(3), strides: Extent(3, 2), padding: .same)
    }
    around("conv2d 17 filters, one picture", [4, 4, 17], batch: 1) {
      try Conv2D(filters: 17, kernel: Extent(3))
    }
    around("conv2d on 1 × 1", [1, 1, 16], batch: 17) { try Conv2D(filters: 1, kernel: Extent(1)) }
    around("conv2d relu", [6, 5, 3]) { try Conv2D(filters: 5, kernel: Extent(3), activation: .relu) }
    around("max_pool2d", [6, 5, 2]) { try MaxPool2D() }
    around("max_pool2d overlapping, same", [5, 4, 2]) {
      try MaxPool2D(pool: Extent(3), strides: Extent(2), padding: .same)
    }
    around("average_pool2d", [6, 5, 2]) { try AveragePool2D(pool: Extent(2, 3)) }
    around("average_pool2d overlapping, same", [5, 4, 2]) {
      try AveragePool2D(pool: Extent(2), strides: Extent(1), padding: .same)
    }
    around("batch_norm", [4, 3, 2], batch: 5) { try BatchNorm() }
    around("dropout", [4, 3, 2], batch: 5) { try Dropout(rate: 0.4) }
    around("spatial_dropout2d", [4, 3, 2], batch: 5) { try SpatialDropout2D(rate: 0.4) }
    around("gaussian_dropout", [4, 3, 2], batch: 5) { try GaussianDropout(rate: 0.3) }
    around("gaussian_noise", [4, 3, 2], batch: 5) { try GaussianNoise(stddev: 0.3) }
    around("separable_conv2d", [6, 5, 17]) {
      try SeparableConv2D(filters: 3, depthMultiplier: 2, ConvolutionSettings(kernel: Extent(3, 2)))
    }
    around("group_norm", [40, 20, 6], step: 0.01) { try GroupNorm(groups: 3) }
    around("global_average_pool2d", [4, 3, 2]) { GlobalAveragePool2D() }
    around("dense on pictures", [4, 3, 2]) { try Dense(units: 5, activation: .tanh) }
    cases.append(
      Case(
        name: "batch_norm first, on vectors", shape: [6],
        layers: {
          [try BatchNorm(), try Dense(units: 4, activation: .tanh), try BatchNorm(), try Dense(units: 2)]
        },
        batch: 17))
    cases.append(
      Case(
        name: "dense on sequences", shape: [4, 3],
        layers: { [try Dense(units: 5, activation: .sigmoid), try Dense(units: 2, activation: .tanh)] }))
    cases.append(
      Case(
        name: "Winograd, one picture at a time", shape: [90, 200, 16],
        layers: {
          [
            try Conv2D(filters: 16, kernel: Extent(3), padding: .same, activation: .tanh),
            try Conv2D(filters: 16, kernel: Extent(3), activation: .sigmoid), Flatten(), try Dense(units: 2),
          ]
        }, batch: 2, step: 0.02, roundings: 256))
    var losses: [(Loss, Activation)] = [
      (.binaryCrossentropy, .sigmoid), (.sparseCategoricalCrossentropy, .softmax),
      (.categoricalCrossentropy, .softmax), (.categoricalCrossentropy, .sigmoid),
      (.sparseCategoricalCrossentropy, .sigmoid), (.meanSquaredError, .softmax),
      (.meanSquaredError, .sigmoid),
    ]
    losses += [
      (.binaryCrossentropy(fromLogits: true, labelSmoothing: 0.1), .linear),
      (.binaryCrossentropy(labelSmoothing: 0.2), .sigmoid),
      (.categoricalCrossentropy(fromLogits: true, labelSmoothing: 0.1), .linear),
      (.categoricalCrossentropy(labelSmoothing: 0.2), .softmax),
      (.sparseCategoricalCrossentropy(fromLogits: true), .linear), (.binaryFocalCrossentropy(), .sigmoid),
      (.binaryFocalCrossentropy(appliesClassBalancing: true, gamma: 1.5, labelSmoothing: 0.1), .sigmoid),
      (.binaryFocalCrossentropy(fromLogits: true), .linear),
      (.binaryFocalCrossentropy(gamma: 0.5), .softmax), (.categoricalFocalCrossentropy(), .softmax),
      (.categoricalFocalCrossentropy(fromLogits: true, labelSmoothing: 0.1), .linear),
      (.categoricalFocalCrossentropy(gamma: 1.5), .sigmoid), (.huber(delta: 0.4), .tanh),
      (Loss(.logCosh), .linear), (Loss(.squaredHinge), .tanh), (Loss(.poisson), .softmax),
      (Loss(.klDivergence), .softmax), (.meanAbsoluteError, .sigmoid), (Loss(.hinge), .sigmoid),
    ]
    for (loss, activation) in losses {
      cases.append(
        Case(
          name: "\(loss.rawValue) \(loss.settings.map(\.name)) of \(activation)", shape: [4],
          layers: {
            [try Dense(units: 5, activation: .tanh), try Dense(units: 3, activation: activation)]
          }, loss: loss, classes: 3, batch: 7))
    }
    cases.append(
      Case(
        name: "binary_crossentropy of a softmax's probabilities", shape: [4],
        layers: { [try Dense(units: 3, activation: .softmax)] }, loss: .binaryCrossentropy, classes: 3))
    cases.append(
      Case(
        name: "sigmoid layer under binary_crossentropy", shape: [4],
        layers: { [try Dense(units: 1), ActivationLayer(.sigmoid)] }, loss: .binaryCrossentropy, classes: 1))
    return cases
  }()

  @Test(arguments: cases)
  func agreeWithFiniteDifferences(_ test: Case) throws {
    for difference in try differences(test) { Issue.record("\(difference)") }
  }

  /// What the test above is for: backward passes that leave weights out, or forget a factor of a few.
  @Test(arguments: ["conv2d same", "dense on pictures", "batch_norm", "separable_conv2d"])
  func whatABackwardPassLeavesOutIsNoticed(_ name: String) throws {
    let test = try #require(Self.cases.first { $0.name == name })
    let everyOther = try differences(test) { gradient in
      gradient.enumerated().map { $0.offset % 2 == 0 ? $0.element : 0 }
    }
    #expect(everyOther.count >= 4)
    let oneWrong = try differences(test) { gradient in
      guard let worst = gradient.indices.max(by: { abs(gradient[$0]) < abs(gradient[$1]) }) else {
        return gradient
      }
      var changed = gradient
      changed[worst] *= 1.2
      return changed
    }
    #expect(!oneWrong.isEmpty)
  }

  /// Where the computed gradients, or what `damage` makes of them, are not the slopes of the loss.
  private func differences(_ test: Case, damage: ([Float]) -> [Float] = { $0 }) throws -> [String] {
    var found: [String] = []
    var random = RandomSource(seed: 5)
    func normal(_ shape: Shape, _ deviation: Double = 1) throws -> Tensor {
      try Tensor(
        shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in Float(random.normal() * deviation) })
    }
    let model = try Sequential(test.layers(), inputShape: test.shape, seed: 3)
    let output = try #require(model.outputShape)
    let x = try normal([test.batch] + test.shape)
    let y: Tensor
    switch test.loss.kind {
    case .meanSquaredError: y = try normal([test.batch] + output)
    case .sparseCategoricalCrossentropy:
      y = try Tensor(shape: [test.batch], elements: (0..<test.batch).map { Float($0 % test.classes) })
    case .categoricalCrossentropy:
      y = try Tensor(
        shape: [test.batch] + output,
        elements: (0..<test.batch * test.classes).map { $0 % (test.classes + 1) == 0 ? 1 : 0 })
    case .binaryCrossentropy:
      y = try Tensor(
        shape: [test.batch] + output, elements: (0..<test.batch * test.classes).map { Float($0 % 2) })
    case _ where test.loss.rawValue.hasPrefix("categorical"):
      y = try Tensor(
        shape: [test.batch] + output,
        elements: (0..<test.batch * test.classes).map { $0 % (test.classes + 1) == 0 ? 1 : 0 })
    default:
      y = try Tensor(
        shape: [test.batch] + output, elements: (0..<test.batch * test.classes).map { Float($0 % 2) })
    }
    let batch = TrainingBatch(x: x, y: y)
    // Away from zeros, and with statistics that are not those of fresh layers.
    try model.setWeights(
      model.weights.map { name, value in
        name.hasSuffix("variance")
          ? value
          : try Tensor(
            shape: value.shape, elements: value.elements.map { $0 + Float(random.normal() * 0.05) })
      })
    let weights = model.weights
    let (loss, gradients) = try model.gradients(batch, loss: test.loss)
    #expect(loss.isFinite)
    #expect(gradients.map(\.name) == weights.map(\.name).filter { !$0.contains("moving") })
    // What some roundings of the loss to 32 bits make of a slope; Winograd sums have more of them.
    let step = test.step
    let rounding = abs(loss) * test.roundings * 0x1p-24 / step
    for (name, value) in gradients {
      let gradient = damage(value.elements)
      for direction in Direction.all(of: gradient, &random) {
        func shifted(_ sign: Double) throws -> Double {
          try model.setWeights(
            weights.map { own, value in
              guard own == name else { return value }
              return try Tensor(
                shape: value.shape,
                elements: zip(value.elements, direction.elements).map { $0 + Float(sign * step * $1) })
            })
          return try model.gradients(batch, loss: test.loss).loss
        }
        let slope = try (shifted(1) - shifted(-1)) / (2 * step)
        let expected = zip(gradient, direction.elements).reduce(0.0) { $0 + Double($1.0) * $1.1 }
        if !(abs(slope - expected) < 0.02 * abs(expected) + 1e-3 + rounding) {
          found.append(
            "\(name) (\(gradient.count) weights) along \(direction.name): \(slope), not \(expected)")
        }
      }
      try model.setWeights(weights.map(\.value))
    }
    return found
  }

  /// A way of length 1 through the space of a parameter's weights.
  private struct Direction {
    let name: String
    let elements: [Double]

    /// Along the gradient, where the slope is the largest there is; each single weight of a few, the ones with the
    /// largest gradients and any, since along the gradient a weight that the backward pass leaves out is not missed;
    /// and all weights by the same, up or down at random, for those that are in none of the others.
    static func all(of gradient: [Float], _ random: inout RandomSource) -> [Direction] {
      let size = gradient.count
      var directions: [Direction] = []
      let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      if length > 1e-5 {
        directions.append(Direction(name: "the gradient", elements: gradient.map { Double($0) / length }))
      }
      let largest = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) }
      let few = Set([largest ?? 0] + (0..<3).map { _ in Int(random.uniform() * Double(size)) })
      for index in few.sorted() {
        var elements = [Double](repeating: 0, count: size)
        elements[index] = 1
        directions.append(Direction(name: "weight \(index)", elements: elements))
      }
      let share = 1 / Double(size).squareRoot()
      for number in 1...3 {
        directions.append(
          Direction(
            name: "random direction \(number)",
            elements: (0..<size).map { _ in random.uniform() < 0.5 ? share : -share }))
      }
      return directions
    }
  }
}
