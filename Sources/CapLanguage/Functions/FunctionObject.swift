import Essentials

/// A function: one of the script's or one of the library's.
public class FunctionObject: @unchecked Sendable {
  /// The name it was declared with; "function" where it has none.
  public let name: String
  /// Tells the evaluator which subclass this is, without a cast.
  let isNative: Bool

  init(name: String, isNative: Bool) {
    self.name = name
    self.isNative = isNative
  }

  /// How a call looks: `stft(a, frame_length, frame_step, fft_length=none)`.
  public var signature: String { name }
  /// The names of the parameters, in order.
  public var parameterNames: [String] { [] }
  /// How many arguments a call must give at least.
  public var requiredParameterCount: Int { parameterNames.count }
  /// The declaration of a library function, nil for one of the script's.
  public var declaration: FunctionDeclaration? { nil }
  /// The source text of a script's function, nil for one of the library's.
  public var sourceText: String? { nil }
  /// The help text: the declaration's, or signature and comment of a script's function.
  public var helpText: String { signature }
}

/// A function of the library.
public final class NativeFunction: FunctionObject, @unchecked Sendable {
  let function: FunctionDeclaration
  let quick: (@Sendable (Value) -> Value?)?

  /// Makes the function that `declaration` declares.
  public init(_ declaration: FunctionDeclaration) {
    function = declaration
    quick = declaration.quick
    super.init(name: declaration.name, isNative: true)
  }

  public override var signature: String { function.signature }
  public override var parameterNames: [String] { function.parameters.map(\.name) }
  public override var requiredParameterCount: Int {
    function.parameters.count { $0.defaultValue == nil && !$0.isVariadic }
  }
  public override var declaration: FunctionDeclaration? { function }
  public override var helpText: String { function.helpText }
}
