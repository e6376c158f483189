import Essentials
import Tensors

/// What all recurrent layers are told.
public struct Recurrence: Sendable, Equatable {
  /// Numbers in the state.
  public let units: Int
  /// The function of what is new.
  public let activation: Activation
  /// The function of the gates.
  public let recurrentActivation: Activation
  /// Whether numbers are added to the products.
  public let useBias: Bool
  /// Whether the state after each step comes out, or after the last one.
  public let returnsSequences: Bool
  /// Whether the last step comes first; so then do the states that come out.
  public let goesBackwards: Bool
  /// What training adds to the loss for the kernel.
  public let kernelRegularizer: Regularizer?
  /// What training adds to the loss for the recurrent kernel.
  public let recurrentRegularizer: Regularizer?
  /// What training adds to the loss for the bias.
  public let biasRegularizer: Regularizer?
  /// The shape of one input example, where stated.
  public let inputShape: Shape?

  /// tanh, sigmoid gates, a bias, and the state after the last step, unless given, as in Keras.
  /// - Throws: a `value` failure where `units` is not positive, or for a function whose slope does not follow from
  ///   its value.
  public init(
    units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, returnsSequences: Bool = false, goesBackwards: Bool = false,
    kernelRegularizer: Regularizer? = nil, recurrentRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, inputShape: Shape? = nil
  ) throws(Failure) {
    guard (1...Extent.limit).contains(units) else {
      throw Failure(.value, "units is \(units); it is from 1 to \(Extent.limit)", parameter: "units")
    }
    for (name, function) in [("activation", activation), ("recurrent_activation", recurrentActivation)] {
      guard Self.functions.contains(function) else {
        throw Failure(
          .value,
          "a recurrent layer takes " + Self.functions.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            + ", not \"\(function.rawValue)\"", parameter: name)
      }
    }
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.useBias = useBias
    self.returnsSequences = returnsSequences
    self.goesBackwards = goesBackwards
    self.kernelRegularizer = kernelRegularizer
    self.recurrentRegularizer = recurrentRegularizer
    self.biasRegularizer = biasRegularizer
    self.inputShape = inputShape
  }

  /// Those whose slope follows from their value.
  public static let functions: [Activation] = [
    .linear, .relu, .leakyReLU, .elu, .selu, .sigmoid, .hardSigmoid, .tanh, .softplus, .softsign,
  ]

  /// The other way round, whatever it is.
  var reversed: Recurrence {
    get throws(Failure) {
      try Recurrence(
        units: units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
        returnsSequences: returnsSequences, goesBackwards: !goesBackwards,
        kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
        biasRegularizer: biasRegularizer, inputShape: inputShape)
    }
  }

  func outputShape(for input: Shape) throws(Failure) -> Shape {
    guard input.count == 2 else {
      throw Failure(
        .shape, "it takes (steps, channels), but gets \(input.shapeDescription)",
        hint: input.count == 3
          ? "reshape([\(input[0]), -1]) or time_distributed(flatten()) before it"
          : input.count == 1 ? "add a channel axis with reshape([-1, 1])" : nil)
    }
    return returnsSequences ? [input[0], units] : [units]
  }

  func kernels(for input: Shape, gates: Int) throws(Failure) -> [LayerParameter] {
    _ = try outputShape(for: input)
    _ = try [input[1], units, gates].checkedElementCount()
    return [
      LayerParameter(
        name: "kernel", shape: [input[1], gates * units],
        initializer: .glorotUniform(fanIn: input[1], fanOut: gates * units), regularizer: kernelRegularizer),
      LayerParameter(
        name: "recurrent_kernel", shape: [units, gates * units], initializer: .orthogonal,
        regularizer: recurrentRegularizer),
    ]
  }

  var settings: LayerSettings {
    var settings = LayerSettings()
    settings["units"] = .number(Double(units))
    settings["activation"] = .word(activation.rawValue)
    settings["recurrent_activation"] = .word(recurrentActivation.rawValue)
    settings["use_bias"] = .flag(useBias)
    settings["return_sequences"] = .flag(returnsSequences)
    settings["go_backwards"] = .flag(goesBackwards)
    settings.set("kernel_regularizer", kernelRegularizer)
    settings.set("recurrent_regularizer", recurrentRegularizer)
    settings.set("bias_regularizer", biasRegularizer)
    settings["input_shape"] = inputShape.map { .integers($0) }
    return settings
  }

  init(_ settings: LayerSettings) throws(Failure) {
    try self.init(
      units: settings.integer("units"), activation: settings.word("activation"),
      recurrentActivation: settings.word("recurrent_activation"),
      useBias: settings.flag("use_bias", default: true),
      returnsSequences: settings.flag("return_sequences", default: false),
      goesBackwards: settings.flag("go_backwards", default: false),
      kernelRegularizer: settings.regularizer("kernel_regularizer"),
      recurrentRegularizer: settings.regularizer("recurrent_regularizer"),
      biasRegularizer: settings.regularizer("bias_regularizer"), inputShape: settings.shape("input_shape"))
  }
}

/// A layer that goes along a sequence with a state. (steps, channels) → (units,), or (steps, units).
public protocol RecurrentLayer: Layer {
  /// Its settings.
  var recurrence: Recurrence { get }
  /// The same with other settings.
  func with(_ recurrence: Recurrence) -> Self
}

extension RecurrentLayer {
  /// The shape of one input example, where stated.
  public var inputShape: Shape? { recurrence.inputShape }
  /// The shape of one output example; a `shape` failure where the input does not fit.
  public func outputShape(for input: Shape) throws(Failure) -> Shape {
    try recurrence.outputShape(for: input)
  }
}

/// A recurrent layer that the engine can run.
protocol CompilableRecurrentLayer: RecurrentLayer, CompilableLayer {
  var cell: RecurrentCell { get }
}

extension CompilableRecurrentLayer {
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow {
    try RecurrentOperation.append(
      to: builder, index: index, flow: flow, [RecurrentOperation.Way(layer: self, prefix: "")], merge: nil)
  }
}

/// Long short-term memory (Hochreiter and Schmidhuber, 1997), as Keras does it.
///
/// kernel (channels, 4 · units), recurrent_kernel (units, 4 · units), bias (4 · units,): the parts of the input
/// gate, the forget gate, the new and the output gate.
public struct LSTM: RecurrentLayer {
  /// The name in scripts and files.
  public static let kind = "lstm"
  /// The class in a Keras summary.
  public static let kerasClass = "LSTM"
  /// Keras's name for the first one in a model.
  public static let kerasName = "lstm"

  /// Its settings.
  public let recurrence: Recurrence
  /// Whether a fresh forget gate's bias is 1.
  public let unitForgetBias: Bool

  /// A layer of these settings.
  public init(unitForgetBias: Bool = true, _ recurrence: Recurrence) {
    self.unitForgetBias = unitForgetBias
    self.recurrence = recurrence
  }

  /// The same with other settings.
  public func with(_ recurrence: Recurrence) -> LSTM {
    LSTM(unitForgetBias: unitForgetBias, recurrence)
  }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let kernels = try recurrence.kernels(for: input, gates: 4)
    return kernels
      + (recurrence.useBias
        ? [
          LayerParameter(
            name: "bias", shape: [4 * recurrence.units], initializer: unitForgetBias ? .unitForget : .zeros,
            regularizer: recurrence.biasRegularizer)
        ] : [])
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = recurrence.settings
    settings["unit_forget_bias"] = .flag(unitForgetBias)
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    self.init(
      unitForgetBias: try settings.flag("unit_forget_bias", default: true), try Recurrence(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension LSTM: CompilableRecurrentLayer {
  var cell: RecurrentCell { .lstm }
}

/// Gated recurrent units (Cho and others, 2014), as Keras does them.
///
/// kernel (channels, 3 · units), recurrent_kernel (units, 3 · units): the parts of the update gate, the reset gate
/// and the new; bias (2, 3 · units), of the input's products and of the state's, or (3 · units,) where the reset
/// gate multiplies the state before its product.
public struct GRU: RecurrentLayer {
  /// The name in scripts and files.
  public static let kind = "gru"
  /// The class in a Keras summary.
  public static let kerasClass = "GRU"
  /// Keras's name for the first one in a model.
  public static let kerasName = "gru"

  /// Its settings.
  public let recurrence: Recurrence
  /// Whether the reset gate multiplies the state's product rather than the state.
  public let resetAfter: Bool

  /// A layer of these settings.
  public init(resetAfter: Bool = true, _ recurrence: Recurrence) {
    self.resetAfter = resetAfter
    self.recurrence = recurrence
  }

  /// The same with other settings.
  public func with(_ recurrence: Recurrence) -> GRU { GRU(resetAfter: resetAfter, recurrence) }

  /// The weights for this input shape.
  public func parameters(for input: Shape) throws(Failure) -> [LayerParameter] {
    let kernels = try recurrence.kernels(for: input, gates: 3)
    let units = 3 * recurrence.units
    return kernels
      + (recurrence.useBias
        ? [
          LayerParameter(
            name: "bias", shape: resetAfter ? [2, units] : [units], initializer: .zeros,
            regularizer: recurrence.biasRegularizer)
        ] : [])
  }

  /// The settings as a model file keeps them.
  public var settings: LayerSettings {
    var settings = recurrence.settings
    settings["reset_after"] = .flag(resetAfter)
    return settings
  }

  /// Reads the settings back; a `format` failure names a setting that is missing or malformed.
  public init(settings: LayerSettings) throws(Failure) {
    self.init(resetAfter: try settings.flag("reset_after", default: true), try Recurrence(settings))
  }

  /// What the engine makes of it.
  public var compilation: LayerCompilation { LayerCompilation(self) }
}

extension GRU: CompilableRecurrentLayer {
  var cell: RecurrentCell { resetAfter ? .gruResetAfter : .gruResetBefore }
}
