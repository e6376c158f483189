/// The arguments of one call, bound and checked by declaration. Bodies get them decoded (`Argument`).
public struct Arguments {
  let plan: CallPlan
  /// One per parameter.
  @usableFromInline var values: [Value]
  /// What the variadic parameter collected.
  var collected: [Value]
  /// A bit for each parameter that the caller gave.
  var given: UInt64

  /// The value of a parameter by its declared name: what was given, or the default. `.nothing` for a name that is not
  /// declared. For a kind whose content depends on another argument.
  public subscript(_ name: String) -> Value {
    guard let index = plan.parameters.firstIndex(where: { $0.name == name }) else { return .nothing }
    return plan.parameters[index].isVariadic ? .list(collected) : values[index]
  }

  /// Whether the caller gave the parameter at a position.
  func isGiven(_ position: Int) -> Bool { given & (1 << UInt64(position)) != 0 }
}
