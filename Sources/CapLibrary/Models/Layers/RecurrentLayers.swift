import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that go along a sequence, and layers around layers.
enum RecurrentLayers {
  static let all = [lstm, gru, bidirectional, timeDistributed]

  private static let units = Parameter("units", .integer(.atLeast(1)), "How many numbers the state has")
  private static let functions = ParameterKind.choice(Recurrence.functions.map(\.rawValue))
  private static let shared = [
    Parameter("activation", functions, default: "tanh", "The function of what is new"),
    Parameter("recurrent_activation", functions, default: "sigmoid", "The function of the gates"),
    LayerParameters.useBias,
    Parameter(
      "return_sequences", .bool, default: false,
      "Whether the state after each step comes out, not only after the last"),
    Parameter(
      "go_backwards", .bool, default: false,
      "Whether the last step comes first, in what goes in and what comes out"),
    LayerParameters.kernelRegularizer,
    LayerParameters.regularizer("recurrent_regularizer", of: "the recurrent kernel"),
    LayerParameters.biasRegularizer, LayerParameters.inputShape,
  ]
  private static let result =
    "a layer: (steps, channels) → (units), or (steps, units) with return_sequences=true"

  private static func recurrence(_ arguments: Arguments) throws -> Recurrence {
    try Recurrence(
      units: arguments.int("units"), activation: arguments.activation(),
      recurrentActivation: arguments.activation("recurrent_activation"), useBias: arguments.bool("use_bias"),
      returnsSequences: arguments.bool("return_sequences"), goesBackwards: arguments.bool("go_backwards"),
      kernelRegularizer: arguments.regularizer("kernel_regularizer"),
      recurrentRegularizer: arguments.regularizer("recurrent_regularizer"),
      biasRegularizer: arguments.regularizer("bias_regularizer"), inputShape: arguments.inputShape())
  }

  private static let lstm = FunctionDeclaration(
    "lstm", topic: "models",
    "A layer that goes along a sequence with a memory that it writes, keeps and reads",
    parameters: [units] + shared + [
      Parameter("unit_forget_bias", .bool, default: true, "Whether a fresh layer forgets nothing")
    ],
    returns: result, errors: ["shape: what is no sequence"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([lstm(32)], input_shape=[300, 64]).parameters", output: "12416")
    ],
    source:
      "keras.layers.LSTM (Hochreiter and Schmidhuber, 1997): kernel (in, 4 units), recurrent_kernel, bias; gates input, forget, new, output",
    seeAlso: ["gru", "bidirectional", "time_distributed"]
  ) { arguments, _ in
    layerValue(LSTM(unitForgetBias: try arguments.bool("unit_forget_bias"), try recurrence(arguments)))
  }

  private static let gru = FunctionDeclaration(
    "gru", topic: "models", "A layer that goes along a sequence with a state that gates let change",
    parameters: [units] + shared + [
      Parameter(
        "reset_after", .bool, default: true,
        "Whether the reset gate multiplies the state's product rather than the state")
    ],
    returns: result, errors: ["shape: what is no sequence"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([gru(32, return_sequences=true)], input_shape=[300, 64]).output_shape",
        output: "[300, 32]")
    ],
    source:
      "keras.layers.GRU (Cho and others, 2014): kernel (in, 3 units), recurrent_kernel, bias (2, 3 units); gates update, reset, new",
    seeAlso: ["lstm", "bidirectional", "time_distributed"]
  ) { arguments, _ in
    layerValue(GRU(resetAfter: try arguments.bool("reset_after"), try recurrence(arguments)))
  }

  private static let bidirectional = FunctionDeclaration(
    "bidirectional", topic: "models", "A recurrent layer along a sequence, and another one like it back",
    parameters: [
      Parameter("layer", .object("layer", LayerObject.self), "The layer: lstm(…) or gru(…)"),
      Parameter(
        "merge_mode", .choice(MergeMode.allCases.map(\.rawValue)), default: "concat",
        "\"concat\": side by side; \"sum\", \"mul\" and \"ave\": sum, product and mean of the two"),
      LayerParameters.inputShape,
    ],
    returns: "a layer: as the one within, with twice the channels for \"concat\"",
    errors: ["value: a layer that is not recurrent"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([bidirectional(gru(32, return_sequences=true))], input_shape=[300, 64]).output_shape",
        output: "[300, 64]")
    ],
    source: "keras.layers.Bidirectional (Schuster and Paliwal, 1997)", seeAlso: ["lstm", "gru"]
  ) { arguments, _ in
    let within = try arguments.object("layer", as: LayerObject.self).layer
    guard let layer = within as? any RecurrentLayer else {
      throw Failure(
        .value, "bidirectional takes lstm(…) or gru(…), not \(type(of: within).kind)", parameter: "layer")
    }
    let mode = try MergeMode(rawValue: arguments.string("merge_mode")) ?? .concat
    return layerValue(try Bidirectional(layer, mergeMode: mode, inputShape: arguments.inputShape()))
  }

  private static let timeDistributed = FunctionDeclaration(
    "time_distributed", topic: "models", "A layer on each step of a sequence, with the same weights",
    parameters: [
      Parameter("layer", .object("layer", LayerObject.self), "The layer"), LayerParameters.inputShape,
    ],
    returns: "a layer: (steps, …) → (steps, what the one within makes of …)",
    errors: ["value: batch_norm, which takes all steps at once", "shape: what has no steps"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([time_distributed(flatten())], input_shape=[75, 16, 8]).output_shape",
        output: "[75, 128]")
    ],
    source: "keras.layers.TimeDistributed", seeAlso: ["gru", "lstm", "dense"]
  ) { arguments, _ in
    layerValue(
      try TimeDistributed(
        arguments.object("layer", as: LayerObject.self).layer, inputShape: arguments.inputShape()))
  }
}
