import Essentials
import NeuralNetworks
import Tensors
import Testing

/// What Keras computes with single layers, from the file that Reference/make_layers.py wrote: predictions, losses
/// of steps of gradient descent, and weights after them.
struct LayerParityTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let layers: @Sendable () throws -> [any Layer]
    var testDescription: String { name }
  }

  private static func conv(
    _ kernel: Extent, strides: Extent = Extent(1), _ padding: Padding = .valid, dilation: Extent = Extent(1),
    _ activation: Activation = .linear, bias: Bool = true
  ) throws -> ConvolutionSettings {
    try ConvolutionSettings(
      kernel: kernel, strides: strides, padding: padding, dilation: dilation, activation: activation,
      useBias: bias)
  }

  static let cases: [Case] = {
    var cases = [
      Case(name: "dilated") {
        [try Conv2D(filters: 5, conv(Extent(3, 2), .same, dilation: Extent(2, 3), .relu))]
      },
      Case(name: "grouped") { [try Conv2D(filters: 6, groups: 3, conv(Extent(3), strides: Extent(2)))] },
      Case(name: "no_bias") {
        [
          try Conv2D(filters: 16, conv(Extent(3), .same, .tanh, bias: false)),
          try Dense(units: 3, useBias: false),
        ]
      },
      Case(name: "depthwise") {
        [try DepthwiseConv2D(depthMultiplier: 2, conv(Extent(3, 2), strides: Extent(2), .same, .elu))]
      },
      Case(name: "depthwise_dilated") {
        [try DepthwiseConv2D(conv(Extent(3), dilation: Extent(2), bias: false))]
      },
      Case(name: "separable") {
        [try SeparableConv2D(filters: 5, depthMultiplier: 2, conv(Extent(3), .same, .relu))]
      },
      Case(name: "conv1d") {
        [try Conv1D(filters: 5, conv(Extent(1, 4), strides: Extent(1, 2), .same, .relu))]
      },
      Case(name: "conv1d_causal") {
        [try Conv1D(filters: 4, groups: 2, conv(Extent(1, 3), .causal, dilation: Extent(1, 2)))]
      },
      Case(name: "conv1d_stack") {
        [
          try Conv1D(filters: 16, conv(Extent(1, 5), strides: Extent(1, 3), .causal)), try BatchNorm(),
          ActivationLayer(.relu), try MaxPool1D(), try Conv1D(filters: 17, conv(Extent(1, 3), .same, .swish)),
          try AveragePool1D(pool: Extent(1, 3), strides: Extent(1, 2), padding: .same), GlobalMaxPool1D(),
        ]
      },
      Case(name: "global_average_pool1d") { [GlobalAveragePool1D(keepsAxes: true)] },
      Case(name: "global_max_pool2d") { [GlobalMaxPool2D()] },
      Case(name: "layer_norm") { [try LayerNorm()] },
      Case(name: "layer_norm_two_axes") { [try LayerNorm(axes: 2, epsilon: 0.01, centers: false)] },
      Case(name: "group_norm") { [try GroupNorm(groups: 3)] },
      Case(name: "instance_norm") { [try GroupNorm(groups: -1, scales: false)] },
      Case(name: "zero_padding2d") { [try ZeroPadding2D(rows: Margin(1, 0), columns: Margin(2, 3))] },
      Case(name: "zero_padding1d") { [try ZeroPadding1D(columns: Margin(2, 1))] },
      Case(name: "cropping2d") { [try Cropping2D(rows: Margin(1, 0), columns: Margin(2, 1))] },
      Case(name: "cropping1d") { [try Cropping1D(columns: Margin(2, 1))] },
      Case(name: "up_sampling2d") { [try UpSampling2D(size: Extent(2, 3))] },
      Case(name: "up_sampling2d_bilinear") {
        [try UpSampling2D(size: Extent(2, 3), interpolation: .bilinear)]
      },
      Case(name: "up_sampling1d") { [try UpSampling1D(size: Extent(1, 3))] },
      Case(name: "reshape") { [try Reshape([-1, 3, 2]), try Conv2D(filters: 3, conv(Extent(2), .same))] },
      Case(name: "permute") { [try Permute([3, 1, 2])] },
      Case(name: "repeat_vector") { [try RepeatVector(4), try Dense(units: 2)] },
      Case(name: "conv2d_transpose") {
        [try Conv2DTranspose(filters: 4, conv(Extent(3), strides: Extent(2), .same, .relu))]
      },
      Case(name: "conv2d_transpose_valid") {
        [try Conv2DTranspose(filters: 3, conv(Extent(2, 3), strides: Extent(3, 2), bias: false))]
      },
      Case(name: "lstm") { [LSTM(try Recurrence(units: 4))] },
      Case(name: "lstm_sequences") {
        [
          LSTM(try Recurrence(units: 3, returnsSequences: true, goesBackwards: true)),
          LSTM(try Recurrence(units: 2, activation: .relu, useBias: false)),
        ]
      },
      Case(name: "gru") { [GRU(try Recurrence(units: 4))] },
      Case(name: "gru_before") {
        [GRU(resetAfter: false, try Recurrence(units: 4, returnsSequences: true))]
      },
      Case(name: "bidirectional") {
        [
          try Bidirectional(GRU(try Recurrence(units: 3, returnsSequences: true))),
          try Bidirectional(LSTM(try Recurrence(units: 2)), mergeMode: .sum),
        ]
      },
      Case(name: "bidirectional_mul") {
        [
          try Bidirectional(LSTM(try Recurrence(units: 3, returnsSequences: true)), mergeMode: .mul),
          try Bidirectional(GRU(try Recurrence(units: 2)), mergeMode: .ave),
        ]
      },
      Case(name: "time_distributed") {
        [
          try TimeDistributed(Conv2D(filters: 4, conv(Extent(3), .valid, .relu))),
          try TimeDistributed(Flatten()), GRU(try Recurrence(units: 3)),
        ]
      },
      Case(name: "leaky_relu") { [try LeakyReLU()] },
      Case(name: "elu_layer") { [try ELU(alpha: 0.7)] },
      Case(name: "re_lu") { [try ReLU(maxValue: 1, negativeSlope: 0.1, threshold: 0.2)] },
    ]
    for activation in Activation.allCases {
      cases.append(Case(name: "activation_\(activation.rawValue)") { [ActivationLayer(activation)] })
    }
    return cases
  }()

  @Test(arguments: cases)
  func agreesWithKeras(_ test: Case) throws {
    let reference = try ParityTests.reference("layers")
    func array(_ name: String) throws -> Tensor { try #require(reference["\(test.name)/\(name)"], "\(name)") }
    let x = try array("x")
    let y = try array("y")
    // A dense layer before, so that the gradient of the input counts, and what takes it all behind.
    let layers =
      try [try Dense(units: x.shape[x.shape.count - 1])] + test.layers() + [Flatten(), Dense(units: 2)]
    let model = try Sequential(layers, inputShape: Array(x.shape.dropFirst()))
    model.engineOptions = EngineOptions(choice: .rule)
    let weights = try model.weights.indices.map { try array("before.\($0)") }
    try model.setWeights(weights)
    try expectClose(model.predict(x), try array("predictions"), within: 2e-5)
    try model.compile(optimizer: .sgd(learningRate: 0.01), loss: .meanSquaredError)
    let history = try model.fit(TensorBatches(x: x, y: y, batchSize: x.shape[0]), epochs: 3)
    let losses = try #require(history["loss"])
    for (own, wanted) in zip(losses, try array("losses").elements) {
      #expect(abs(own - Double(wanted)) <= 1e-4 * abs(Double(wanted)) + 1e-6, "\(losses)")
    }
    for (index, (name, value)) in model.weights.enumerated() {
      let wanted = try array("after.\(index)")
      #expect(value.shape == wanted.shape, "\(name)")
      try expectClose(value, wanted, within: 5e-5)
    }
    try expectClose(model.predict(x), try array("trained"), within: 1e-4)
  }
}
