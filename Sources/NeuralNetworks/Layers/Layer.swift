import Essentials
import Tensors

/// One layer of a network: a value that describes itself. It holds no weights and computes nothing;
/// `Engine` turns descriptions into work.
///
/// Shapes are those of one example, channels last, without the batch axis: (height, width, channels).
public protocol Layer: Sendable {
  /// The name in scripts and files: `conv2d`.
  static var kind: String { get }
  /// The class in a Keras summary: `Conv2D`.
  static var kerasClass: String { get }
  /// What Keras calls the first layer of this class: `max_pooling2d`; later ones get `_1`, `_2`, ….
  static var kerasName: String { get }
  /// What the engine makes of it. Only layers of this module have one: none is left to fail when it runs.
  var compilation: LayerCompilation { get }

  /// The shape of one input example, where the layer states it (a first layer may).
  var inputShape: Shape? { get }
  /// The shape of one output example.
  /// - Throws: a `shape` failure that says why this input cannot go through.
  func outputShape(for input: Shape) throws(Failure) -> Shape
  /// The weights for this input shape, in the order in which Keras lists them.
  func parameters(for input: Shape) throws(Failure) -> [LayerParameter]
  /// The settings as a model file keeps them; `init(settings:)` of the layer reads them back.
  var settings: LayerSettings { get }
  /// A layer from settings that came from a file.
  /// - Throws: a `format` failure that names the setting.
  init(settings: LayerSettings) throws(Failure)
}

/// One array of weights of a layer.
public struct LayerParameter: Sendable, Equatable {
  /// How a fresh array is filled.
  public enum Initializer: Sendable, Equatable {
    /// Uniform within ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010): Keras's default for kernels.
    case glorotUniform(fanIn: Int, fanOut: Int)
    /// All zeros.
    case zeros
    /// All ones.
    case ones
    /// A matrix of all axes but the last by the last, with orthogonal columns, or rows where those are fewer (Saxe
    /// and others, 2014): Keras's default for recurrent kernels.
    case orthogonal
    /// Four parts of as many units, ones in the second and zeros else: a fresh LSTM forgets nothing.
    case unitForget
  }

  /// `kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`.
  public let name: String
  /// Keras's layout: a convolution's kernel is (height, width, in, out), a dense one's (in, out).
  public let shape: Shape
  /// How a fresh array is filled.
  public let initializer: Initializer
  /// Whether an optimizer changes it (moving statistics it does not).
  public let isTrainable: Bool
  /// What training adds to the loss for it; nil for nothing.
  public let regularizer: Regularizer?

  /// A description of one array.
  public init(
    name: String, shape: Shape, initializer: Initializer, isTrainable: Bool = true,
    regularizer: Regularizer? = nil
  ) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.isTrainable = isTrainable
    self.regularizer = regularizer
  }
}

/// Whether a window may hang over the input's edges.
public enum Padding: String, Sendable, CaseIterable {
  /// Only windows that lie inside.
  case valid
  /// ⌈size / stride⌉ outputs; where the padding is odd, the extra row or column is at the end, as in Keras.
  case same
  /// ⌈size / stride⌉ outputs, all padding before the first number, so that none sees what comes later: of 1-D
  /// convolutions only.
  case causal
}

extension Layer {
  /// Layers take any input shape unless they state one.
  public var inputShape: Shape? { nil }
  /// Most layers have no weights.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] { [] }
}
