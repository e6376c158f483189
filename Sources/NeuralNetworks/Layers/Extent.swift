import Essentials
import Tensors

/// A height and a width: of a kernel, a pool, or a stride.
public struct Extent: Sendable, Equatable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// Height and width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// The same both ways.
  public init(_ side: Int) { self.init(side, side) }

  var list: [Int] { [height, width] }

  func check(_ name: String) throws(Failure) {
    guard (1...Extent.limit).contains(height), (1...Extent.limit).contains(width) else {
      throw Failure(
        .value, "\(name) is (\(height), \(width)); both numbers are from 1 to \(Extent.limit)",
        parameter: name)
    }
  }

  // Keeps every product of kernel sides, strides and channels far from overflow.
  static let limit = 1 << 16
}

/// How a window walks over one axis.
struct WindowWalk: Equatable {
  let input: Int
  /// From its first place to its last.
  let window: Int
  let stride: Int
  let output: Int
  let paddingBefore: Int
  let paddingAfter: Int

  /// Nil where a valid window does not fit. Its places are `dilation` apart.
  init?(input: Int, window places: Int, stride: Int, padding: Padding, dilation: Int = 1) {
    let window = (places - 1) * dilation + 1
    self.input = input
    self.window = window
    self.stride = stride
    switch padding {
    case .valid:
      guard input >= window else { return nil }
      output = (input - window) / stride + 1
      paddingBefore = 0
      paddingAfter = 0
    case .same:
      output = (input + stride - 1) / stride
      let needed = max((output - 1) * stride + window - input, 0)
      paddingBefore = needed / 2
      paddingAfter = needed - needed / 2
    case .causal:
      output = (input + stride - 1) / stride
      paddingBefore = window - 1
      paddingAfter = 0
    }
  }
}

/// How a window walks over a picture.
struct WindowPlan: Equatable {
  let rows: WindowWalk
  let columns: WindowWalk
  let channels: Int

  init(
    _ name: String, input: Shape, window: Extent, strides: Extent, padding: Padding,
    dilation: Extent = Extent(1), isOneDimensional: Bool = false
  ) throws(Failure) {
    let expected = isOneDimensional ? "(steps, channels)" : "(height, width, channels)"
    let axes = isOneDimensional ? 2 : 3
    guard input.count == axes else {
      throw Failure(
        .shape, "it takes \(expected), but gets \(input.shapeDescription)",
        hint: input.count == axes - 1
          ? "add a channel axis with expand_dims(x, -1)"
          : isOneDimensional && input.count == 3
            ? "join two axes with reshape([\(input[0]), -1]), or use the 2-D layer" : nil)
    }
    // Steps of a sequence are the columns of a picture of one row.
    let picture = isOneDimensional ? [1] + input : input
    guard
      let rows = WindowWalk(
        input: picture[0], window: window.height, stride: strides.height,
        padding: isOneDimensional ? .valid : padding, dilation: dilation.height),
      let columns = WindowWalk(
        input: picture[1], window: window.width, stride: strides.width, padding: padding,
        dilation: dilation.width)
    else {
      let wide =
        dilation == Extent(1)
        ? ""
        : ", dilated by \(isOneDimensional ? "\(dilation.width)" : "(\(dilation.height), \(dilation.width))"),"
      throw Failure(
        .shape,
        isOneDimensional
          ? "its \(name) \(window.width)\(wide) is longer than its input of \(picture[1])"
          : "its \(name) (\(window.height), \(window.width))\(wide) is larger than its input "
            + "\(picture[0]) × \(picture[1])",
        hint: "use a smaller \(name), fewer pooling layers, or padding=\"same\"")
    }
    self.rows = rows
    self.columns = columns
    channels = picture[2]
  }

  func outputShape(channels: Int) -> Shape { [rows.output, columns.output, channels] }
}
