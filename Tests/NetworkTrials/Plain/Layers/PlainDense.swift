import Essentials

/// A matrix product over the last axis.
final class PlainDense: PlainLayer {
  static let kind = "dense"
  static let defaults: [String: Setting] = [
    "activation": .word("linear"), "use_bias": .flag(true),
  ]

  let output: [Int]
  var weights: [PlainWeight]
  var cost: Int { output.reduce(1, *) * inputs }
  private let inputs: Int
  /// A row of inputs is a picture of one place.
  private let sums: ConvolutionSums
  var lastFunction: PlainFunction? { function }
  private let function: PlainFunction
  private var input = Field([0])

  init(_ item: Item, input: [Int]) throws {
    inputs = input[input.count - 1]
    let units = try item.integer("units")
    let place = try Walk(1, window: 1, stride: 1, padding: "valid")
    sums = ConvolutionSums(rows: place, columns: place, channels: inputs, filters: units, groups: 1)
    output = input.dropLast() + [units]
    function = try PlainFunction(item.word("activation"))
    weights = [PlainWeight("kernel", [inputs, units], regularizer: "kernel_regularizer", of: item)]
    if try item.flag("use_bias") {
      weights.append(PlainWeight("bias", [units], regularizer: "bias_regularizer", of: item))
    }
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    input = x.reshaped([x.values.count / inputs, 1, 1, inputs])
    var sum = sums.forward(input, weights[0].value)
    if weights.count > 1 { sum = sum.combined(weights[1].value, +) }
    pass.disturb(&sum)
    return function.forward(sum.reshaped([x.examples] + output), pass)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let slope = function.backward(gradient, pass)
    var (back, kernel) = sums.backward(input, weights[0].value, slope)
    pass.disturbSum(&kernel, count: input.examples, typical: slope.typical * input.typical)
    pass.disturb(&back)
    weights[0].gradient = kernel
    if weights.count > 1 {
      var bias = slope.channelSums
      pass.disturbSum(&bias, count: input.examples, typical: slope.typical, chain: input.examples)
      weights[1].gradient = bias
    }
    return back.reshaped([gradient.examples] + output.dropLast() + [inputs])
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard !input.isEmpty else { return nil }
    var settings: [String: Setting] = [
      "units": .number(Double(random.channels())), "activation": .word(random.activation()),
      "use_bias": .flag(!EngineNetwork.hasOptions || random.chance(0.85)),
    ]
    if EngineNetwork.regularizes, random.chance(0.1) {
      settings["kernel_regularizer"] = .item(random.regularizer())
    }
    return settings
  }
}
