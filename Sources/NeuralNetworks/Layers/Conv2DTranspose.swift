import COneDNN
import Essentials
import Tensors

/// A convolution turned round: each number of the input puts the kernel, times it, into the output, where they add
/// up.
///
/// (height, width, channels) → (rows, columns, filters), with rows = height · stride for "same", and as many more as
/// the kernel is larger than the stride for "valid"; kernel (kh, kw, filters, channels), bias (filters,).
public struct Conv2DTranspose: ConvolutionLayer {
  /// The name in scripts and files.
  public static let kind = "conv2d_transpose"
  /// The class in a Keras summary.
  public static let kerasClass = "Conv2DTranspose"
  /// Keras's name for the first one in a model.
  public static let kerasName = "conv2d_transpose"

  /// Output channels.
  public let filters: Int
  /// The window, and what becomes of the sums.
  public internal(set) var convolution: ConvolutionSettings

  /// A layer of these settings.
  /// - Throws: a `value` failure for a number that is not positive, or a dilated window.
  public init(filters: Int, _ convolution: ConvolutionSettings) throws(Failure) {
    try ConvolutionSettings.check("filters", filters)
    guard convolution.padding != .causal else {
      throw Failure(.value, "padding=\"causal\" is for conv1d", parameter: "padding")
    }
    guard convolution.dilation == Extent(1) else {
      throw Failure(
        .value, "a transposed convolution has no dilated window here", parameter: "dilation_rate")
    }
    self.filters = filters
    self.convolution = convolution
  }

  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 3 else {
      throw Failure(
        .shape, "it takes (height, width, channels), but gets \(input.shapeDescription)",
        hint: input.count == 2 ? "add a channel axis with expand_dims(x, -1)" : nil)
    }
    func length(_ input: Int, _ kernel: Int, _ stride: Int) throws(Failure) -> Int {
      _ = try [input, stride].checkedElementCount()
      return input * stride + (padding == .same ? 0 : max(kernel - stride, 0))
    }
    return [
      try length(input[0], kernel.height, strides.height), try length(input[1], kernel.width, strides.width),
      filters,
    ]
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    _ = try outputShape(for: input)
    return [try convolution.kernelWeights([kernel.height, kernel.width, filters, input[2]])]
      + convolution.bias(filters)
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = convolution.settings
    settings["filters"] = .number(Double(filters))
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    try self.init(filters: settings.integer("filters"), ConvolutionSettings(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension Conv2DTranspose: ActivatedLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    let source = try builder.examples(flow)
    let shape = try outputShape(for: flow.shape)
    let result = builder.newFlow(
      shape, try MemoryDescriptor(examples: builder.count, of: shape), after: source, hasGradient: true,
      isPlain: true)
    builder.append(
      try TransposedConvolution(builder, convolution, index: index, from: source, to: result))
    // The function comes behind: its slope is not this operation's.
    return try ActivationOperation.append(to: builder, flow: result, activation, hasGradient: true)
  }
}

/// The products of all numbers of an example with the kernel are one matrix product; then they are put in place.
private final class TransposedConvolution: Operation {
  private let source: Flow
  private let result: Flow
  private let count: Int
  private let window: Extent
  private let strides: Extent
  private let top: Int
  private let left: Int
  private let kernel: Weight
  private let bias: Weight?
  private let kernelGradient: SlotID?
  private let biasGradient: SlotID?
  /// [position][kernel row][kernel column][filter] of one example.
  private let products: SlotID

  init(
    _ builder: PlanBuilder, _ settings: ConvolutionSettings, index: Int, from source: Flow, to result: Flow
  ) throws {
    self.source = source
    self.result = result
    count = builder.count
    window = settings.kernel
    strides = settings.strides
    let isSame = settings.padding == .same
    top = isSame ? max(window.height - strides.height, 0) / 2 : 0
    left = isSame ? max(window.width - strides.width, 0) / 2 : 0
    let parameters = builder.network.parameters
    let kernelIndex = try builder.parameterIndex(index, "kernel")
    let biasIndex = try? builder.parameterIndex(index, "bias")
    kernel = parameters[kernelIndex]
    bias = biasIndex.map { parameters[$0] }
    func gradient(_ index: Int) throws -> SlotID? {
      guard builder.isTraining else { return nil }
      return builder.accumulator(
        index, as: try MemoryDescriptor(rowMajor: [parameters[index].value.count]))
    }
    kernelGradient = try gradient(kernelIndex)
    biasGradient = try biasIndex.flatMap { try gradient($0) }
    products = builder.kept(
      try MemoryDescriptor(
        rowMajor: [source.shape[0] * source.shape[1], window.height * window.width * result.shape[2]]))
  }

  private var positions: Int { source.shape[0] * source.shape[1] }
  private var channels: Int { source.shape[2] }
  private var filters: Int { result.shape[2] }
  private var width: Int { window.height * window.width * filters }

  /// The places of products that lie in the output: product, place, in floats.
  private func each(_ body: (_ product: Int, _ place: Int) -> Void) {
    let (rows, columns) = (result.shape[0], result.shape[1])
    for row in 0..<source.shape[0] {
      for column in 0..<source.shape[1] {
        let position = row * source.shape[1] + column
        for y in 0..<window.height {
          let to = row * strides.height + y - top
          guard to >= 0, to < rows else { continue }
          for x in 0..<window.width {
            let across = column * strides.width + x - left
            guard across >= 0, across < columns else { continue }
            body(
              position * width + (y * window.width + x) * filters, (to * columns + across) * filters)
          }
        }
      }
    }
  }

  func forward(_ workspace: Workspace) throws {
    let products = workspace.pointer(products)
    let size = result.shape.reduce(1, *)
    for example in 0..<count {
      try Interruption.check()
      try OneDNN.check(
        dnnl_sgemm(
          78 /* N */, 84 /* T */, Int64(positions), Int64(width), Int64(channels), 1,
          workspace.pointer(source.value) + example * positions * channels, Int64(channels),
          kernel.value.base, Int64(channels), 0, products, Int64(width)), "multiply matrices")
      let y = workspace.pointer(result.value) + example * size
      if let bias {
        for place in stride(from: 0, to: size, by: filters) {
          (y + place).update(from: bias.value.base, count: filters)
        }
      } else {
        y.update(repeating: 0, count: size)
      }
      let filters = filters
      each { product, place in
        for filter in 0..<filters { y[place + filter] += products[product + filter] }
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient, let kernelGradient else { return }
    let products = workspace.pointer(products)
    let size = result.shape.reduce(1, *)
    for example in 0..<count {
      try Interruption.check()
      let from = workspace.pointer(own) + example * size
      if let biasGradient {
        let sums = workspace.pointer(biasGradient)
        for place in stride(from: 0, to: size, by: filters) {
          for filter in 0..<filters { sums[filter] += from[place + filter] }
        }
      }
      products.update(repeating: 0, count: positions * width)
      let filters = filters
      each { product, place in
        (products + product).update(from: from + place, count: filters)
      }
      try OneDNN.check(
        dnnl_sgemm(
          84, 78, Int64(width), Int64(channels), Int64(positions), 1, products, Int64(width),
          workspace.pointer(source.value) + example * positions * channels, Int64(channels), 1,
          workspace.pointer(kernelGradient), Int64(channels)), "multiply matrices")
      if let before = source.gradient {
        try OneDNN.check(
          dnnl_sgemm(
            78, 78, Int64(positions), Int64(channels), Int64(width), 1, products, Int64(width),
            kernel.value.base, Int64(channels), 0,
            workspace.pointer(before) + example * positions * channels, Int64(channels)),
          "multiply matrices")
      }
    }
  }
}
