/// A choice that the engine made for a layer, and why.
public struct PlanChoice: Sendable, Equatable {
  /// The layer's place in the model; the first one's where several run together.
  public let layer: Int
  /// What is computed: `forward`, `weights' gradient`, `data gradient`.
  public let pass: String
  /// The algorithm; `bfloat16` stands before it where its factors are rounded to that.
  public let algorithm: String
  /// The name of the code that runs it, in its library's words.
  public let code: String
  /// How the result lies in memory, in words.
  public let layout: String
  /// Seconds for one run on one thread, where that was measured.
  public let seconds: Double?
  /// The memory that the result and the scratch take, for one thread, in bytes.
  public let byteCount: Int
  /// Why it was chosen.
  public let reason: String

  init(
    layer: Int, pass: String, algorithm: String, code: String = "", layout: String = "",
    seconds: Double? = nil,
    byteCount: Int = 0, reason: String
  ) {
    self.layer = layer
    self.pass = pass
    self.algorithm = algorithm
    self.code = code
    self.layout = layout
    self.seconds = seconds
    self.byteCount = byteCount
    self.reason = reason
  }
}

/// What a plan consists of.
public struct PlanReport: Sendable, Equatable {
  /// Examples that go through at a time, on each thread.
  public let examplesAtOnce: Int
  /// The choices, layer by layer.
  public let choices: [PlanChoice]
  /// The memory that a thread works in, in bytes: activations, gradients between layers, scratch.
  public let byteCountPerThread: Int
}
