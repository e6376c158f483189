import Essentials
import NeuralNetworks
import Tensors

/// A layer of each kind with settings that are not the defaults, and a shape that it takes. Whoever adds a layer
/// adds its sample.
enum LayerSamples {
  typealias Sample = (layer: any Layer, input: Shape)

  static func all() throws -> [Sample] {
    let l1 = try Regularizer(l1: 0.25)
    let l2 = try Regularizer(l2: 0.125)
    let picture = [9, 8, 4]
    let sequence = [11, 4]
    func window(_ shape: Shape, isOneDimensional: Bool = false) throws -> ConvolutionSettings {
      try ConvolutionSettings(
        kernel: isOneDimensional ? Extent(1, 3) : Extent(3, 2), padding: isOneDimensional ? .causal : .same,
        dilation: isOneDimensional ? Extent(1, 2) : Extent(2, 1), activation: .gelu, useBias: false,
        kernelRegularizer: l1, biasRegularizer: l2, inputShape: shape)
    }
    func recurrence(_ shape: Shape?) throws -> Recurrence {
      try Recurrence(
        units: 3, activation: .softsign, recurrentActivation: .hardSigmoid, useBias: false,
        returnsSequences: true, goesBackwards: true, kernelRegularizer: l1, recurrentRegularizer: l2,
        biasRegularizer: l1, inputShape: shape)
    }
    return [
      (try Conv1D(filters: 6, groups: 2, window(sequence, isOneDimensional: true)), sequence),
      (try Conv2D(filters: 6, groups: 2, window(picture)), picture),
      (try DepthwiseConv2D(depthMultiplier: 2, window(picture)), picture),
      (
        try SeparableConv2D(
          filters: 6, depthMultiplier: 2, depthwiseRegularizer: l1, pointwiseRegularizer: l2, window(picture)),
        picture
      ),
      (
        try Conv2DTranspose(
          filters: 3,
          ConvolutionSettings(
            kernel: Extent(3, 2), strides: Extent(2), padding: .same, activation: .gelu, useBias: false,
            kernelRegularizer: l1, biasRegularizer: l2, inputShape: picture)), picture
      ), (LSTM(unitForgetBias: false, try recurrence(sequence)), sequence),
      (GRU(resetAfter: false, try recurrence(sequence)), sequence),
      (
        try Bidirectional(GRU(try recurrence(nil)), mergeMode: .mul, inputShape: sequence), sequence
      ),
      (
        try TimeDistributed(Dense(units: 3, activation: .swish), inputShape: picture), picture
      ),
      (
        try MaxPool1D(pool: Extent(1, 3), strides: Extent(1, 2), padding: .same, inputShape: sequence),
        sequence
      ),
      (
        try AveragePool1D(pool: Extent(1, 3), strides: Extent(1, 2), padding: .same, inputShape: sequence),
        sequence
      ),
      (GlobalMaxPool1D(keepsAxes: true, inputShape: sequence), sequence),
      (GlobalAveragePool1D(keepsAxes: true, inputShape: sequence), sequence),
      (
        try MaxPool2D(pool: Extent(3, 2), strides: Extent(1, 2), padding: .same, inputShape: picture), picture
      ),
      (
        try AveragePool2D(pool: Extent(3, 2), strides: Extent(1, 2), padding: .same, inputShape: picture),
        picture
      ),
      (GlobalMaxPool2D(keepsAxes: true, inputShape: picture), picture),
      (GlobalAveragePool2D(keepsAxes: true, inputShape: picture), picture),
      (try BatchNorm(momentum: 0.5, epsilon: 0.25, inputShape: picture), picture),
      (try Dropout(rate: 0.25, inputShape: picture), picture), (Flatten(inputShape: picture), picture),
      (
        try Dense(
          units: 3, activation: .swish, useBias: false, kernelRegularizer: l1, biasRegularizer: l2,
          inputShape: sequence), sequence
      ),
      (try LayerNorm(axes: 2, epsilon: 0.25, centers: false, inputShape: picture), picture),
      (try GroupNorm(groups: 2, epsilon: 0.25, scales: false, inputShape: picture), picture),
      (try SpatialDropout1D(rate: 0.25, inputShape: sequence), sequence),
      (try SpatialDropout2D(rate: 0.25, inputShape: picture), picture),
      (try GaussianDropout(rate: 0.25, inputShape: picture), picture),
      (try GaussianNoise(stddev: 0.25, inputShape: picture), picture),
      (try Reshape([-1, 2, 2], inputShape: sequence), sequence),
      (try Permute([3, 1, 2], inputShape: picture), picture),
      (try RepeatVector(3, inputShape: [4]), [4]),
      (try ZeroPadding1D(columns: Margin(0, 2), inputShape: sequence), sequence),
      (try ZeroPadding2D(rows: Margin(0, 2), columns: Margin(3, 1), inputShape: picture), picture),
      (try Cropping1D(columns: Margin(0, 2), inputShape: sequence), sequence),
      (try Cropping2D(rows: Margin(0, 2), columns: Margin(3, 1), inputShape: picture), picture),
      (try UpSampling1D(size: Extent(1, 3), inputShape: sequence), sequence),
      (try UpSampling2D(size: Extent(3, 1), interpolation: .bilinear, inputShape: picture), picture),
      (ActivationLayer(.mish, inputShape: sequence), sequence),
      (try LeakyReLU(negativeSlope: 0.125, inputShape: sequence), sequence),
      (try ELU(alpha: 0.5, inputShape: sequence), sequence),
      (
        try ReLU(maxValue: 4, negativeSlope: 0.25, threshold: 0.5, inputShape: sequence), sequence
      ),
    ]
  }
}
