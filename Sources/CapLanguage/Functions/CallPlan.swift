import Essentials

/// What a call of a library function needs: its parameters, their defaults, and what it does.
public final class CallPlan: @unchecked Sendable {
  /// What a function does with its bound and checked arguments.
  public typealias Body = @Sendable (Arguments, CallContext) throws -> Value

  let parameters: [Parameter]
  /// Their kinds, where a call gets at them without counting references.
  private let kinds: UnsafeMutableBufferPointer<ParameterKind>
  let body: Body
  /// Where the variadic parameter stands, or the number of parameters.
  let positionalCount: Int
  let variadicIndex: Int?
  /// What `Arguments.values` starts from: defaults, `.unset` for what must be given.
  let defaults: [Value]

  /// At most 64 parameters: a call has a bit for each.
  @usableFromInline init(_ parameters: [Parameter], body: @escaping Body) {
    precondition(parameters.count <= 64, "more parameters than a call has bits for")
    self.parameters = parameters
    kinds = .allocate(capacity: parameters.count)
    _ = kinds.initialize(fromContentsOf: parameters.map(\.kind))
    self.body = body
    variadicIndex = parameters.firstIndex(where: \.isVariadic)
    positionalCount = variadicIndex ?? parameters.count
    defaults = parameters.map { $0.isVariadic ? .nothing : $0.defaultValue ?? .unset }
  }

  deinit {
    kinds.deinitialize()
    kinds.deallocate()
  }

  /// What keeps a value from standing for the parameter at a position; nil if it may.
  @inline(__always) func mismatch(_ value: Value, at position: Int) -> ParameterKind.Mismatch? {
    kinds[position].mismatch(value)
  }

  /// Where the parameter stands that a call names so; nil if there is none.
  func position(of name: String) -> Int? { parameters.firstIndex { $0.answers(to: name) } }

  /// Whom a failure from below blames, by the name that the user knows: the declared one in place of the one
  /// that a lower floor has for it. Nil if it blames nobody, or something that is not declared.
  func blamed(by failure: Failure) -> String? {
    guard let name = failure.parameter else { return nil }
    return (parameters.first { $0.name == name } ?? parameters.first { $0.isBlamed(as: name) })?.name
  }
}
