/// A source whose rows, along its first axis, can be made a few at a time: who needs each row once never needs
/// memory for all.
public protocol RowSource: TensorSource {
  /// What makes the rows; nil where they can only be made together.
  func makeRows() -> (any RowMaker)?
}

/// Makes a source's rows. For one thread at a time.
public protocol RowMaker: AnyObject {
  /// No element is larger in magnitude.
  var bound: Float { get }
  /// Rows are asked for in multiples of this, but for the last ones.
  var rowsTogether: Int { get }
  /// Writes some rows, the same numbers as the source's `write`.
  func write(_ rows: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws
}
