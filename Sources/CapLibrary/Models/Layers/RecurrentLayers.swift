import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// Layers that go along a sequence, and layers around layers.
enum RecurrentLayers {
  static let all = [lstm, gru, bidirectional, timeDistributed]

  private static let units = Argument("units", .integer(.atLeast(1)), "How many numbers the state has")
  private static let function = ArgumentKind<Activation>.choice(Recurrence.functions) { $0.rawValue }

  /// What both are told.
  private static let recurrence = Argument<Recurrence>.group(
    units, Argument("activation", function, default: "tanh", "The function of what is new"),
    Argument("recurrent_activation", function, default: "sigmoid", "The function of the gates"),
    LayerParameters.useBias,
    Argument(
      "return_sequences", .bool, default: false,
      "Whether the state after each step comes out, not only after the last"),
    Argument(
      "go_backwards", .bool, default: false,
      "Whether the last step comes first, in what goes in and what comes out"),
    LayerParameters.kernelRegularizer,
    LayerParameters.regularizer("recurrent_regularizer", of: "the recurrent kernel"),
    LayerParameters.biasRegularizer, LayerParameters.inputShape
  ) {
    units, activation, recurrentActivation, useBias, returnsSequences, goesBackwards, kernelRegularizer,
    recurrentRegularizer, biasRegularizer, inputShape in
    try Recurrence(
      units: units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
      returnsSequences: returnsSequences, goesBackwards: goesBackwards, kernelRegularizer: kernelRegularizer,
      recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer, inputShape: inputShape)
  }

  private static let result =
    "a layer: (steps, channels) → (units), or (steps, units) with return_sequences=true"

  private static let lstm = FunctionDeclaration(
    "lstm", topic: "models",
    "A layer that goes along a sequence with a memory that it writes, keeps and reads",
    takes: ArgumentList(
      recurrence,
      Argument("unit_forget_bias", .bool, default: true, "Whether a fresh layer forgets nothing")),
    returns: result, errors: ["shape: what is no sequence"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([lstm(32)], input_shape=[300, 64]).parameters", output: "12416")
    ],
    source:
      "keras.layers.LSTM (Hochreiter and Schmidhuber, 1997): kernel (in, 4 units), recurrent_kernel, bias; gates input, forget, new, output",
    seeAlso: ["gru", "bidirectional", "time_distributed"]
  ) { _, recurrence, unitForgetBias in
    layerValue(LSTM(unitForgetBias: unitForgetBias, recurrence))
  }

  private static let gru = FunctionDeclaration(
    "gru", topic: "models", "A layer that goes along a sequence with a state that gates let change",
    takes: ArgumentList(
      recurrence,
      Argument(
        "reset_after", .bool, default: true,
        "Whether the reset gate multiplies the state's product rather than the state")),
    returns: result, errors: ["shape: what is no sequence"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([gru(32, return_sequences=true)], input_shape=[300, 64]).output_shape",
        output: "[300, 32]")
    ],
    source:
      "keras.layers.GRU (Cho and others, 2014): kernel (in, 3 units), recurrent_kernel, bias (2, 3 units); gates update, reset, new",
    seeAlso: ["lstm", "bidirectional", "time_distributed"]
  ) { _, recurrence, resetAfter in
    layerValue(GRU(resetAfter: resetAfter, recurrence))
  }

  private static let bidirectional = FunctionDeclaration(
    "bidirectional", topic: "models", "A recurrent layer along a sequence, and another one like it back",
    takes: ArgumentList(
      Argument("layer", .layer, "The layer: lstm(…) or gru(…)"),
      Argument(
        "merge_mode", .choice(MergeMode.self), default: "concat",
        "\"concat\": side by side; \"sum\", \"mul\" and \"ave\": sum, product and mean of the two"),
      LayerParameters.inputShape),
    returns: "a layer: as the one within, with twice the channels for \"concat\"",
    errors: ["value: a layer that is not recurrent"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([bidirectional(gru(32, return_sequences=true))], input_shape=[300, 64]).output_shape",
        output: "[300, 64]")
    ],
    source: "keras.layers.Bidirectional (Schuster and Paliwal, 1997)", seeAlso: ["lstm", "gru"]
  ) { _, layer, mergeMode, inputShape in
    guard let recurrent = layer as? any RecurrentLayer else {
      throw Failure(
        .value, "bidirectional takes lstm(…) or gru(…), not \(type(of: layer).kind)", parameter: "layer")
    }
    return layerValue(try Bidirectional(recurrent, mergeMode: mergeMode, inputShape: inputShape))
  }

  private static let timeDistributed = FunctionDeclaration(
    "time_distributed", topic: "models", "A layer on each step of a sequence, with the same weights",
    takes: ArgumentList(
      Argument("layer", .layer, "The layer"),
      LayerParameters.inputShape),
    returns: "a layer: (steps, …) → (steps, what the one within makes of …)",
    errors: ["value: batch_norm, which takes all steps at once", "shape: what has no steps"],
    examples: [
      FunctionDeclaration.Example(
        "sequential([time_distributed(flatten())], input_shape=[75, 16, 8]).output_shape",
        output: "[75, 128]")
    ],
    source: "keras.layers.TimeDistributed", seeAlso: ["gru", "lstm", "dense"]
  ) { _, layer, inputShape in
    layerValue(
      try TimeDistributed(
        layer, inputShape: inputShape))
  }
}
