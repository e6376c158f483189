import Kernels

/// Which inputs a chain can take: those for which no sum on the way can leave the range of numbers.
///
/// Winograd adds and subtracts more than the plain formula does. So an infinity may come out where that
/// has none, and a NaN in a tile reaches outputs that it should not. Bounds on the sums, from the largest
/// input and the weights, cost nothing; what does not pass them runs on oneDNN.
struct FusedRange {
  /// For each convolution, how many times the largest input the largest output can be, and the largest bias.
  private let gains: [(gain: Double, bias: Double)]
  private let pixels: Double

  /// For the weights as they are now.
  init(_ fused: FusedChain, network: Network) {
    pixels = Double(fused.stages[0].input[0]) * Double(fused.stages[0].input[1])
    gains = fused.stages.filter(\.hasWeights).map { stage in
      func values(_ name: String) -> FloatBuffer? {
        network.parameters.first { $0.layer == stage.layer && $0.description.name == name }?.value
      }
      let kernel = values("kernel")
      let outputs = stage.output[2]
      // The largest sum of magnitudes that makes an output, or passes a gradient back to an input.
      var sums = [Double](repeating: 0, count: outputs)
      var most = 0.0
      for place in 0..<(kernel?.count ?? 0) / outputs {
        var row = 0.0
        for output in 0..<outputs {
          let magnitude = Double(abs(kernel?.base[place * outputs + output] ?? 0))
          sums[output] += magnitude
          row += magnitude
        }
        most = Self.larger(most, Double(stage.window.height * stage.window.width) * row)
      }
      for sum in sums { most = Self.larger(most, sum) }
      let bias = values("bias").map { Double(kernels_peak($0.base, $0.count)) } ?? 0
      return (gain: Self.larger(most, 1), bias: bias)
    }
  }

  // NaN is larger than everything.
  private static func larger(_ a: Double, _ b: Double) -> Double { a >= b ? a : b >= a ? b : .nan }

  /// No output of the chain is larger, for inputs up to `peak`.
  func outputBound(peak: Float) -> Double { gains.reduce(Double(peak)) { $0 * $1.gain + $1.bias } }

  /// Whether inputs up to `peak` pass, and gradients up to `gradient` at the outputs.
  func canTake(peak: Float, gradient: Float = 1) -> Bool {
    // A tile is at most 10 × 10 times its input, the sums of products 19 × 19 times those, a gradient's
    // tile 15 × 15 times it; and gradients of weights are sums over the picture. With a 5 × 5 window weights
    // grow by 1.7 and sums by 7 × 7 only, a gradient's tile by 3 × 3.
    let slack = 100.0 * 361 * 225
    var (most, value, back) = (Double(peak), Double(peak), Double(gradient))
    for (gain, bias) in gains {
      value = value * gain + bias
      most = Self.larger(most, value)
      back *= gain
    }
    return most * slack < 1e37 && most * Self.larger(back, 1) * pixels * slack < 1e37
  }
}

extension UnsafeBufferPointer<Float> {
  /// The largest magnitude; infinity or NaN if one is among them.
  var peak: Float { baseAddress.map { kernels_peak($0, count) } ?? 0 }
}
