/// How a window walks over one axis: valid (inside only), same (⌈size / stride⌉ places, the odd zero behind) or
/// causal (all zeros before).
struct Walk {
  let input: Int
  let window: Int
  let stride: Int
  let dilation: Int
  let output: Int
  let before: Int

  init(_ input: Int, window: Int, stride: Int, dilation: Int = 1, padding: String) throws {
    let reach = (window - 1) * dilation + 1
    self.input = input
    self.window = window
    self.stride = stride
    self.dilation = dilation
    switch padding {
    case "valid":
      guard reach <= input else { throw Malformed("a window of \(reach) on \(input)") }
      output = (input - reach) / stride + 1
      before = 0
    case "same":
      output = (input + stride - 1) / stride
      before = max(0, (output - 1) * stride + reach - input) / 2
    case "causal":
      output = (input + stride - 1) / stride
      before = reach - 1
    default: throw Malformed("padding '\(padding)'")
    }
  }

  /// Where number `tap` of the window at `place` lies in the input; nil where it hangs over.
  func source(_ place: Int, _ tap: Int) -> Int? {
    let index = place * stride - before + tap * dilation
    return index >= 0 && index < input ? index : nil
  }
}
