import Essentials

/// A convolution over height and width.
final class PlainConv2D: PlainLayer {
  static let kind = "conv2d"
  static let defaults: [String: Setting] = [
    "strides": .integers([1, 1]), "padding": .word("valid"), "activation": .word("linear"),
  ]

  let output: [Int]
  var weights: [PlainWeight]
  var cost: Int { sums.cost }
  private let sums: ConvolutionSums
  var lastFunction: PlainFunction? { function }
  private let function: PlainFunction
  private var input = Field([0])

  init(_ item: Item, input: [Int]) throws {
    guard input.count == 3 else { throw Malformed("conv2d on \(input)") }
    let (kernel, strides) = (try item.integers("kernel"), try item.integers("strides"))
    let padding = try item.word("padding")
    sums = ConvolutionSums(
      rows: try Walk(input[0], window: kernel[0], stride: strides[0], padding: padding),
      columns: try Walk(input[1], window: kernel[1], stride: strides[1], padding: padding),
      channels: input[2], filters: try item.integer("filters"), groups: 1)
    output = [sums.rows.output, sums.columns.output, sums.filters]
    function = try PlainFunction(item.word("activation"))
    weights = [
      PlainWeight("kernel", kernel + [input[2], sums.filters]), PlainWeight("bias", [sums.filters]),
    ]
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x
    var sum = sums.forward(x, weights[0].value).combined(weights[1].value, +)
    pass.disturb(&sum)
    return function.forward(sum, pass)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let slope = function.backward(gradient, pass)
    var (back, kernel) = sums.backward(input, weights[0].value, slope)
    var bias = slope.channelSums
    let count = slope.values.count / slope.channels
    pass.disturbSum(&kernel, count: count, typical: slope.typical * input.typical)
    pass.disturbSum(&bias, count: count, typical: slope.typical, chain: count)
    pass.disturb(&back)
    weights[0].gradient = kernel
    weights[1].gradient = bias
    return back
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    var settings = random.windowSettings("kernel", input)
    settings["filters"] = .number(Double(random.channels()))
    settings["activation"] = .word(random.activation())
    return settings
  }
}
