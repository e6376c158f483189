import Essentials
import Tensors

/// A step on the way from a transform's frames to a spectrogram's numbers.
///
/// Each knows what it makes of the form before it: how many columns, what they stand for, what the numbers are, and
/// the words for it.
public enum SpectrogramStage: Sendable, Equatable {
  /// A number for each frequency bin. The first of all stages, and there only.
  case bins(Spectrogram.Quantity)
  /// Power, summed up in bands. Right behind `bins`, if at all.
  case mel(MelFilterbank)
  /// Levels in decibels.
  case decibels(DecibelScale)
  /// So many coefficients of the cosine transform of each frame.
  case cepstrum(Int)
  /// A function of each number.
  case function(ElementwiseFunction)
  /// Each number and one of a tensor, whose shape goes with the spectrogram's, on one of its sides.
  case arithmetic(ElementwiseOperation, Tensor, isOnTheLeft: Bool)
}

/// What a spectrogram's numbers are.
public struct SpectrogramForm: Sendable, Equatable {
  /// What a column stands for.
  public enum Columns: Sendable, Equatable {
    /// A frequency bin of the transform.
    case bins
    /// A mel band.
    case bands(MelFilterbank)
    /// A cepstral coefficient, of bands.
    case coefficients(MelFilterbank?)
  }

  /// What the numbers are.
  public enum Values: Sendable, Equatable {
    /// √(re² + im²), or a multiple.
    case magnitude
    /// re² + im², or a multiple; sums of it.
    case power
    /// Angles, from -π to π.
    case phase
    /// Levels.
    case decibels
    /// Something else, in words.
    case other(String)
  }

  /// What a column stands for.
  public internal(set) var columns: Columns
  /// How many columns there are.
  public internal(set) var columnCount: Int
  /// What the numbers are.
  public internal(set) var values: Values
  /// What else there is to say of them: `power`, `dB`.
  public internal(set) var words: [String]

  /// Whether no number is below 0.
  public var isNonNegative: Bool { values == .magnitude || values == .power }

  /// `257 bins`.
  var columnText: String {
    switch columns {
    case .bins: "\(columnCount) bins"
    case .bands: "\(columnCount) mel bands"
    case .coefficients: "\(columnCount) coefficients"
    }
  }

  /// The bands that the numbers were made of, if they were.
  var bands: MelFilterbank? {
    switch columns {
    case .bins: nil
    case .bands(let bands): bands
    case .coefficients(let bands): bands
    }
  }
}

extension SpectrogramForm.Values {
  /// As a colour bar names it.
  public var name: String {
    switch self {
    case .magnitude: "magnitude"
    case .power: "power"
    case .phase: "phase"
    case .decibels: "level"
    case .other(let name): name
    }
  }
}

extension SpectrogramStage {
  /// What the stage makes of a form; `binCount` is the transform's.
  func form(after before: SpectrogramForm?, binCount: Int) -> SpectrogramForm {
    var form =
      before ?? SpectrogramForm(columns: .bins, columnCount: binCount, values: .magnitude, words: [])
    switch self {
    case .bins(let quantity):
      switch quantity {
      case .magnitude: form.values = .magnitude
      case .power: form.values = .power
      case .phase: form.values = .phase
      }
      form.words = quantity == .magnitude ? [] : [quantity.rawValue]
    case .mel(let bands):
      form.columns = .bands(bands)
      form.columnCount = bands.count
      form.values = .power
      form.words = []
    case .decibels:
      form.values = .decibels
      form.words.append("dB")
    case .cepstrum(let count):
      form.columns = .coefficients(form.bands)
      form.columnCount = count
      form.values = .other("value")
      form.words = []
    case .function(let function):
      form.values = .other("\(function.rawValue) \(form.values.name)")
      form.words.append(function.rawValue)
    case .arithmetic(let operation, let operand, let isOnTheLeft):
      if !Self.keepsKind(form.values, operation, operand, isOnTheLeft: isOnTheLeft) {
        form.values = .other("value")
      }
      form.words.append(Self.words(operation, operand, isOnTheLeft: isOnTheLeft))
    }
    return form
  }

  /// A multiple of magnitudes is one of magnitudes; levels may be moved.
  private static func keepsKind(
    _ values: SpectrogramForm.Values, _ operation: ElementwiseOperation, _ operand: Tensor, isOnTheLeft: Bool
  ) -> Bool {
    switch (values, operation) {
    case (.magnitude, .multiply), (.power, .multiply): operand.rank == 0 && operand.elements[0] > 0
    case (.magnitude, .divide), (.power, .divide):
      !isOnTheLeft && operand.rank == 0 && operand.elements[0] > 0
    case (.decibels, .add): true
    case (.decibels, .subtract): !isOnTheLeft
    default: false
    }
  }

  private static func words(_ operation: ElementwiseOperation, _ operand: Tensor, isOnTheLeft: Bool) -> String
  {
    let sign: [ElementwiseOperation: String] = [
      .add: "+", .subtract: "−", .multiply: "×", .divide: "/", .floorDivide: "//", .remainder: "%",
      .power: "^",
    ]
    let number =
      operand.rank == 0
      ? NumberText.significant(Double(operand.elements[0]), digits: 4) : operand.shape.shapeDescription
    let symbol = sign[operation] ?? operation.rawValue
    return isOnTheLeft ? "\(number) \(symbol)" : "\(symbol) \(number)"
  }

  /// The bytes that it holds.
  var storedByteCount: Int {
    if case .arithmetic(_, let operand, _) = self { return operand.storedByteCount }
    return 0
  }

  /// What a stage behind the first ones makes of numbers of the shape (channels, frames, columns), which may be all
  /// there are: a range in decibels is cut at the loudest.
  func applied(to values: Tensor, _ before: SpectrogramForm) throws -> Tensor {
    switch self {
    case .bins, .mel: return values
    case .decibels(let scale):
      var levels = values
      levels.withUnsafeMutableElements { scale.apply(to: $0, isPower: before.values == .power) }
      return levels
    case .cepstrum(let count):
      let transform = CosineTransform(inputs: before.columnCount, outputs: count)
      return try Tensor(shape: values.shape.dropLast() + [count]) { result in
        values.withUnsafeElements { levels in
          guard let levels = levels.baseAddress, let target = result.baseAddress else { return }
          for row in 0..<result.count / count {
            transform.apply(levels + row * before.columnCount, into: target + row * count)
          }
        }
      }
    case .function(let function): return try values.applying(function)
    case .arithmetic(let operation, let operand, let isOnTheLeft):
      return try isOnTheLeft
        ? Tensor.combining(operation, operand, values) : Tensor.combining(operation, values, operand)
    }
  }
}
