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
  let window: Int
  let stride: Int
  let output: Int
  let paddingBefore: Int
  let paddingAfter: Int

  /// Nil where a valid window does not fit.
  init?(input: Int, window: Int, stride: Int, padding: Padding) {
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
    }
  }
}

/// How a window walks over a picture.
struct WindowPlan: Equatable {
  let rows: WindowWalk
  let columns: WindowWalk
  let channels: Int

  init(
    _ name: String, input: Shape, window: Extent, strides: Extent, padding: Padding
  ) throws(Failure) {
    guard input.count == 3 else {
      throw Failure(
        .shape,
        "it takes (height, width, channels), but gets \(input.shapeDescription)",
        hint: input.count == 2 ? "add a channel axis with expand_dims(x, -1)" : nil)
    }
    guard
      let rows = WindowWalk(
        input: input[0], window: window.height, stride: strides.height, padding: padding),
      let columns = WindowWalk(
        input: input[1], window: window.width, stride: strides.width, padding: padding)
    else {
      throw Failure(
        .shape,
        "its \(name) (\(window.height), \(window.width)) is larger than its input "
          + "\(input[0]) × \(input[1])",
        hint: "use a smaller \(name), fewer pooling layers, or padding=\"same\"")
    }
    self.rows = rows
    self.columns = columns
    channels = input[2]
  }

  func outputShape(channels: Int) -> Shape { [rows.output, columns.output, channels] }
}
