import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// Real numbers over time and frequency, as a value of the language. Keeps the samples and computes
/// the numbers only when they are wanted.
final class SpectrogramObject: DomainObject, TensorConvertible, AxisExpandable, @unchecked Sendable {
  let spectrogram: Spectrogram

  init(_ spectrogram: Spectrogram) {
    self.spectrogram = spectrogram
    super.init()
  }

  static func value(_ spectrogram: Spectrogram) -> Value { .object(SpectrogramObject(spectrogram)) }

  override var kindName: String { "spectrogram" }
  override var summary: String { spectrogram.description }

  func tensorValue() throws -> Tensor { try spectrogram.tensor() }

  override class var ownFieldNames: [String] {
    [
      "shape", "frames", "bins", "rate", "frame_length", "frame_step", "fft_length", "times", "frequencies",
      "source", "values",
    ]
  }

  override func field(_ name: String) throws -> Value? {
    let stft = spectrogram.stft
    return switch name {
    case "shape": .list(spectrogram.shape.map { .number($0) })
    case "frames": .number(spectrogram.frameCount)
    case "bins": .number(spectrogram.columnCount)
    case "rate": .hertz(spectrogram.rate)
    case "frame_length": .number(stft.frameLength)
    case "frame_step": .number(stft.frameStep)
    case "fft_length": .number(stft.fftLength)
    case "times":
      .object(TensorObject(Tensor((0..<spectrogram.frameCount).map { Float(spectrogram.time(ofFrame: $0)) })))
    case "frequencies": .object(TensorObject(Tensor(spectrogram.frequencies.map { Float($0) })))
    case "source": spectrogram.clip.source.map { .string($0) } ?? .nothing
    case "values": .object(TensorObject(try spectrogram.tensor()))
    default: nil
    }
  }

  private func asTensor() throws -> TensorObject { TensorObject(try spectrogram.tensor()) }

  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    try asTensor().subscripted(subscripts)
  }
  override var count: Int? { spectrogram.shape.first }
  override func makeIterator() throws -> (() throws -> Value?)? { try asTensor().makeIterator() }
  override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    try keeping(operation, right, isOnTheLeft: false) ?? asTensor().binary(operation, right: right)
  }
  override func binary(_ operation: BinaryOperation, left: Value) throws -> Value? {
    try keeping(operation, left, isOnTheLeft: true) ?? asTensor().binary(operation, left: left)
  }
  override func unary(_ operation: UnaryOperation) throws -> Value? {
    operation == .plus ? .object(self) : applying(.negative)
  }

  private static let arithmetic: [BinaryOperation: ElementwiseOperation] = [
    .add: .add, .subtract: .subtract, .multiply: .multiply, .divide: .divide, .floorDivide: .floorDivide,
    .modulo: .remainder, .power: .power,
  ]

  /// The spectrogram of the results, which keeps its seconds and hertz; nil for operators that compare, and where the
  /// shape changes.
  private func keeping(_ operation: BinaryOperation, _ other: Value, isOnTheLeft: Bool) throws -> Value? {
    guard let elementwise = Self.arithmetic[operation],
      let operand = try Conversions.tensorIfNumeric(other)
    else { return nil }
    return spectrogram.combined(elementwise, with: operand, isOnTheLeft: isOnTheLeft).map(Self.value)
  }

  override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? SpectrogramObject else { return false }
    return spectrogram == other.spectrogram
  }

  /// A new last axis keeps the spectrogram what it is; any other gives a tensor.
  func expandingDims(at axis: Int) throws -> Value? {
    guard axis == -1 || axis == spectrogram.shape.count else { return nil }
    return Self.value(spectrogram.expanded())
  }

  func squeezing(axis: Int?) throws -> Value? { nil }
}

extension SpectrogramObject: ElementwiseApplicable {
  /// A function of each number keeps seconds and hertz.
  func applying(_ function: ElementwiseFunction) -> Value { Self.value(spectrogram.applying(function)) }
}

extension SpectrogramObject: ComplexConvertible {
  /// Magnitudes are their own absolute values.
  func magnitude() throws -> Value {
    spectrogram.form.isNonNegative ? .object(self) : applying(.abs)
  }

  func phase() throws -> Value {
    throw Failure(
      .type, "a spectrogram of magnitudes has no angles",
      hint: "angle(stft(a, …)) takes them of the transform itself",
      parameter: "x")
  }
}

/// The complex result of `stft`.
final class TransformObject: DomainObject, ComplexConvertible, @unchecked Sendable {
  let transform: ComplexSpectrogram

  init(_ transform: ComplexSpectrogram) {
    self.transform = transform
    super.init()
  }

  override var kindName: String { "transform" }
  override var summary: String {
    "Complex " + transform.magnitude.description.prefix(1).lowercased()
      + transform.magnitude.description.dropFirst()
  }

  func magnitude() throws -> Value { SpectrogramObject.value(transform.magnitude) }
  func phase() throws -> Value { SpectrogramObject.value(transform.phase) }

  override class var ownFieldNames: [String] {
    ["shape", "frames", "bins", "rate", "real", "imag"]
  }

  override func field(_ name: String) throws -> Value? {
    switch name {
    case "shape": .list(transform.shape.map { .number($0) })
    case "frames": .number(transform.frameCount)
    case "bins": .number(transform.binCount)
    case "rate": .hertz(transform.clip.rate)
    case "real", "imag": try part(name == "real" ? 0 : 1)
    default: nil
    }
  }

  private func part(_ offset: Int) throws -> Value {
    let parts = try transform.parts()
    let shape = Array(parts.shape.dropLast())
    let tensor = try Tensor(shape: shape) { destination in
      parts.withUnsafeElements { source in
        for index in destination.indices { destination[index] = source[2 * index + offset] }
      }
    }
    return .object(TensorObject(tensor))
  }

  override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    throw wantsMagnitude()
  }
  override func binary(_ operation: BinaryOperation, left: Value) throws -> Value? {
    throw wantsMagnitude()
  }
  override func subscripted(_ subscripts: [Subscript]) throws -> Value? { throw wantsMagnitude() }

  private func wantsMagnitude() -> Failure {
    Failure(
      .type, "a transform holds complex numbers",
      hint: "abs(x) gives magnitudes, angle(x) phases, x.real and x.imag parts")
  }
}
