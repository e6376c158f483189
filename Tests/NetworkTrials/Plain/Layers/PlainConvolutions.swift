import Essentials

/// Sums under a window, a bias, a function: what the convolutions have in common.
class PlainConvolution: PlainLayer {
  class var kind: String { "conv2d" }
  /// Axes that the window walks over.
  class var axes: Int { 2 }
  static let defaults: [String: Setting] = [
    "strides": .integers([1, 1]), "padding": .word("valid"), "activation": .word("linear"),
    "dilation_rate": .integers([1, 1]), "groups": .number(1), "use_bias": .flag(true),
    "depth_multiplier": .number(1),
  ]

  let output: [Int]
  var weights: [PlainWeight]
  var cost: Int { sums.cost }
  var lastFunction: PlainFunction? { function }
  private let sums: ConvolutionSums
  private let function: PlainFunction
  private var input = Field([0])

  required init(_ item: Item, input: [Int]) throws {
    let windows = try Windows(item, input: input, axes: Self.axes)
    let channels = input[input.count - 1]
    let (filters, groups) = try Self.filters(item, channels: channels)
    guard channels % groups == 0, filters % groups == 0 else {
      throw Malformed("\(channels) channels in \(groups) groups")
    }
    sums = ConvolutionSums(
      rows: windows.rows, columns: windows.columns, channels: channels, filters: filters, groups: groups)
    output = windows.output(filters)
    function = try PlainFunction(item.word("activation"))
    let ends = Self.kernelEnds(channels: channels, filters: filters, groups: groups)
    weights = [
      PlainWeight("kernel", windows.kernel + ends, regularizer: "kernel_regularizer", of: item)
    ]
    if try item.flag("use_bias") {
      weights.append(PlainWeight("bias", [filters], regularizer: "bias_regularizer", of: item))
    }
  }

  class func filters(_ item: Item, channels: Int) throws -> (filters: Int, groups: Int) {
    (try item.integer("filters"), try item.integer("groups"))
  }

  /// The last two axes of the kernel.
  class func kernelEnds(channels: Int, filters: Int, groups: Int) -> [Int] { [channels / groups, filters] }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x.reshaped([x.examples, sums.rows.input, sums.columns.input, sums.channels])
    var sum = sums.forward(input, weights[0].value)
    if weights.count > 1 { sum = sum.combined(weights[1].value, +) }
    pass.disturb(&sum)
    return function.forward(sum.reshaped([x.examples] + output), pass)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let slope = function.backward(gradient, pass)
      .reshaped([gradient.examples, sums.rows.output, sums.columns.output, sums.filters])
    var (back, kernel) = sums.backward(input, weights[0].value, slope)
    let count = slope.values.count / slope.channels
    pass.disturbSum(&kernel, count: count, typical: slope.typical * input.typical)
    pass.disturb(&back)
    weights[0].gradient = kernel.reshaped(weights[0].value.shape)
    if weights.count > 1 {
      var bias = slope.channelSums
      pass.disturbSum(&bias, count: count, typical: slope.typical, chain: count)
      weights[1].gradient = bias
    }
    let shape = Self.axes == 1 ? [sums.columns.input, sums.channels] : Array(input.shape.dropFirst())
    return back.reshaped([gradient.examples] + shape)
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == axes + 1 else { return nil }
    var settings = random.convolutionSettings(input, axes: axes)
    let filters = random.channels()
    settings["filters"] = .number(Double(filters))
    let channels = input[input.count - 1]
    let groups = [1, 1, 1, 2, 3, 8, 16, 17].filter { channels % $0 == 0 && filters % $0 == 0 }
    if EngineNetwork.hasOptions { settings["groups"] = .number(Double(random.pick(groups))) }
    return settings
  }
}

/// How a window walks over one or two axes; one axis is a picture of one row.
struct Windows {
  let rows: Walk
  let columns: Walk
  /// The kernel's first axes.
  let kernel: [Int]
  private let axes: Int

  init(_ item: Item, input: [Int], axes: Int) throws {
    guard input.count == axes + 1 else { throw Malformed("\(item.name) on \(input)") }
    self.axes = axes
    let sides = axes == 1 ? [1] + input : input
    let (window, strides) = (try item.integers("kernel"), try item.integers("strides"))
    let (dilation, padding) = (try item.integers("dilation_rate"), try item.word("padding"))
    rows = try Walk(
      sides[0], window: window[0], stride: strides[0], dilation: dilation[0],
      padding: axes == 1 ? "valid" : padding)
    columns = try Walk(
      sides[1], window: window[1], stride: strides[1], dilation: dilation[1], padding: padding)
    kernel = axes == 1 ? [window[1]] : window
  }

  func output(_ filters: Int) -> [Int] {
    axes == 1 ? [columns.output, filters] : [rows.output, columns.output, filters]
  }
}

/// A convolution over height and width.
final class PlainConv2D: PlainConvolution {
  override class var kind: String { "conv2d" }
}

/// A convolution over steps.
final class PlainConv1D: PlainConvolution {
  override class var kind: String { "conv1d" }
  override class var axes: Int { 1 }
}

/// A convolution of each channel by itself.
final class PlainDepthwiseConv2D: PlainConvolution {
  override class var kind: String { "depthwise_conv2d" }

  override class func filters(_ item: Item, channels: Int) throws -> (filters: Int, groups: Int) {
    (channels * (try item.integer("depth_multiplier")), channels)
  }

  override class func kernelEnds(channels: Int, filters: Int, groups: Int) -> [Int] {
    [channels, filters / channels]
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    var settings = random.convolutionSettings(input, axes: 2)
    settings["depth_multiplier"] = .number(random.pick([1, 1, 2, 3]))
    return settings
  }
}

/// A convolution of each channel by itself, then one of all channels at each place.
final class PlainSeparableConv2D: PlainLayer {
  static let kind = "separable_conv2d"
  static let defaults = PlainConvolution.defaults

  let output: [Int]
  var weights: [PlainWeight]
  var cost: Int { depthwise.cost + pointwise.cost }
  var lastFunction: PlainFunction? { function }
  private let depthwise: ConvolutionSums
  private let pointwise: ConvolutionSums
  private let function: PlainFunction
  private var input = Field([0])
  private var middle = Field([0])

  init(_ item: Item, input: [Int]) throws {
    let windows = try Windows(item, input: input, axes: 2)
    let (multiplier, filters) = (try item.integer("depth_multiplier"), try item.integer("filters"))
    let channels = input[2]
    depthwise = ConvolutionSums(
      rows: windows.rows, columns: windows.columns, channels: channels, filters: channels * multiplier,
      groups: channels)
    pointwise = ConvolutionSums(
      rows: try Walk(windows.rows.output, window: 1, stride: 1, padding: "valid"),
      columns: try Walk(windows.columns.output, window: 1, stride: 1, padding: "valid"),
      channels: channels * multiplier, filters: filters, groups: 1)
    output = windows.output(filters)
    function = try PlainFunction(item.word("activation"))
    weights = [
      PlainWeight(
        "depthwise_kernel", windows.kernel + [channels, multiplier], regularizer: "depthwise_regularizer",
        of: item),
      PlainWeight(
        "pointwise_kernel", [1, 1, channels * multiplier, filters], regularizer: "pointwise_regularizer",
        of: item),
    ]
    if try item.flag("use_bias") {
      weights.append(PlainWeight("bias", [filters], regularizer: "bias_regularizer", of: item))
    }
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x
    middle = depthwise.forward(x, weights[0].value)
    pass.disturb(&middle)
    var sum = pointwise.forward(middle, weights[1].value)
    if weights.count > 2 { sum = sum.combined(weights[2].value, +) }
    pass.disturb(&sum)
    return function.forward(sum, pass)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let slope = function.backward(gradient, pass)
    let count = slope.values.count / slope.channels
    var (between, point) = pointwise.backward(middle, weights[1].value, slope)
    pass.disturb(&between)
    pass.disturbSum(&point, count: count, typical: slope.typical * middle.typical)
    var (back, depth) = depthwise.backward(input, weights[0].value, between)
    pass.disturb(&back)
    pass.disturbSum(&depth, count: count, typical: between.typical * input.typical, chain: count)
    weights[0].gradient = depth.reshaped(weights[0].value.shape)
    weights[1].gradient = point.reshaped(weights[1].value.shape)
    if weights.count > 2 {
      var bias = slope.channelSums
      pass.disturbSum(&bias, count: count, typical: slope.typical, chain: count)
      weights[2].gradient = bias
    }
    return back
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    var settings = random.convolutionSettings(input, axes: 2)
    settings["filters"] = .number(Double(random.channels()))
    settings["depth_multiplier"] = .number(random.pick([1, 1, 2]))
    return settings
  }
}

/// The way back of a convolution: each input place adds the kernel to the output.
final class PlainConv2DTranspose: PlainLayer {
  static let kind = "conv2d_transpose"
  static let defaults = PlainConvolution.defaults

  let output: [Int]
  var weights: [PlainWeight]
  var cost: Int { sums.cost }
  var lastFunction: PlainFunction? { function }
  /// From outputs to inputs.
  private let sums: ConvolutionSums
  private let function: PlainFunction
  private var input = Field([0])

  init(_ item: Item, input: [Int]) throws {
    guard input.count == 3 else { throw Malformed("\(item.name) on \(input)") }
    let (kernel, strides) = (try item.integers("kernel"), try item.integers("strides"))
    let (padding, filters) = (try item.word("padding"), try item.integer("filters"))
    let sides = (0..<2).map { axis in
      input[axis] * strides[axis] + (padding == "same" ? 0 : max(kernel[axis] - strides[axis], 0))
    }
    sums = ConvolutionSums(
      rows: try Walk(sides[0], window: kernel[0], stride: strides[0], padding: padding),
      columns: try Walk(sides[1], window: kernel[1], stride: strides[1], padding: padding),
      channels: filters, filters: input[2], groups: 1)
    output = sides + [filters]
    function = try PlainFunction(item.word("activation"))
    weights = [
      PlainWeight("kernel", kernel + [filters, input[2]], regularizer: "kernel_regularizer", of: item)
    ]
    if try item.flag("use_bias") {
      weights.append(PlainWeight("bias", [filters], regularizer: "bias_regularizer", of: item))
    }
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x
    let nothing = Field([x.examples] + output)
    var sum = sums.backward(nothing, weights[0].value, x).x
    if weights.count > 1 { sum = sum.combined(weights[1].value, +) }
    pass.disturb(&sum)
    return function.forward(sum, pass)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let slope = function.backward(gradient, pass)
    var back = sums.forward(slope, weights[0].value)
    var kernel = sums.backward(slope, weights[0].value, input).kernel
    let count = slope.values.count / slope.channels
    pass.disturb(&back)
    pass.disturbSum(&kernel, count: count, typical: slope.typical * input.typical)
    weights[0].gradient = kernel
    if weights.count > 1 {
      var bias = slope.channelSums
      pass.disturbSum(&bias, count: count, typical: slope.typical, chain: count)
      weights[1].gradient = bias
    }
    return back
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    var settings = random.convolutionSettings(input, axes: 2)
    settings["dilation_rate"] = .integers([1, 1])
    settings["filters"] = .number(Double(random.channels()))
    return settings
  }
}

extension RandomSource {
  /// What all convolutions are told.
  mutating func convolutionSettings(_ input: [Int], axes: Int) -> [String: Setting] {
    var settings = windowSettings("kernel", axes == 1 ? [1] + input : input)
    if axes == 1 {
      for name in ["kernel", "strides"] {
        if case .integers(let both) = settings[name] { settings[name] = .integers([1, both[1]]) }
      }
      if chance(0.3) { settings["padding"] = .word("causal") }
    }
    settings["activation"] = .word(activation())
    guard EngineNetwork.hasOptions else { return settings }
    if settings["strides"] == .integers([1, 1]), chance(0.25) {
      let rate = [pick([1, 2, 3]), pick([1, 2, 3])]
      settings["dilation_rate"] = .integers(axes == 1 ? [1, rate[1]] : rate)
    }
    settings["use_bias"] = .flag(chance(0.85))
    if EngineNetwork.regularizes, chance(0.1) { settings["kernel_regularizer"] = .item(regularizer()) }
    return settings
  }

  mutating func regularizer() -> Item {
    Item("l1_l2", ["l1": .number(pick([0, 0.01])), "l2": .number(pick([0.001, 0.1]))])
  }
}
