import Essentials

/// Binds and checks the arguments of a call by declaration.
enum ArgumentBinder {
  /// What the caret of a binding error stands under.
  enum Blame {
    case call
    case positional(Int)
    case named(Int)
    case name(Int)
  }
  struct BindingFailure: Error {
    let failure: Failure
    let blame: Blame
  }

  static func bind(
    _ declaration: FunctionDeclaration, _ positional: [Value], _ named: [(String, Value)], _ cx: Cx
  ) throws(BindingFailure) -> Arguments {
    let plan = declaration.plan
    if named.isEmpty, positional.count == plan.defaults.count, plan.variadicIndex == nil {
      for index in positional.indices {
        guard let mismatch = plan.mismatch(positional[index], at: index) else { continue }
        throw BindingFailure(
          failure: failure(
            declaration, plan.parameters[index], positional[index], mismatch, cx.pointee.shared.foreign),
          blame: .positional(index))
      }
      // Nothing to fill in: the list of arguments is the list of values.
      return Arguments(
        plan: plan, values: positional, collected: [],
        given: positional.isEmpty ? 0 : .max >> UInt64(64 - positional.count))
    }
    let parameters = plan.parameters
    var bound = Arguments(plan: plan, values: plan.defaults, collected: [], given: 0)
    let direct = min(positional.count, plan.positionalCount)
    for index in 0..<direct {
      if let mismatch = plan.mismatch(positional[index], at: index) {
        throw BindingFailure(
          failure: failure(
            declaration, parameters[index], positional[index], mismatch, cx.pointee.shared.foreign,
            others: others(declaration, positional, index, mismatch)),
          blame: .positional(index))
      }
      bound.values[index] = positional[index]
      bound.given |= 1 << UInt64(index)
    }
    if positional.count > direct {
      guard let variadic = plan.variadicIndex else {
        throw BindingFailure(failure: tooMany(declaration, positional), blame: .positional(direct))
      }
      bound.collected = Array(positional[direct...])
      bound.given |= 1 << UInt64(variadic)
      for (offset, value) in bound.collected.enumerated() {
        if let mismatch = plan.mismatch(value, at: variadic) {
          throw BindingFailure(
            failure: failure(declaration, parameters[variadic], value, mismatch, cx.pointee.shared.foreign),
            blame: .positional(direct + offset))
        }
      }
    }
    for (index, (name, value)) in named.enumerated() {
      guard let position = plan.position(of: name) else {
        throw BindingFailure(
          failure: unknown(declaration, name, cx.pointee.shared.foreign), blame: .name(index))
      }
      if position == plan.variadicIndex {
        throw BindingFailure(
          failure: Failure(
            .type, "'\(name)' of '\(declaration.name)' is given by position",
            hint: "it is declared \(declaration.signature)"),
          blame: .name(index))
      }
      if bound.given & (1 << UInt64(position)) != 0 {
        throw BindingFailure(
          failure: Failure(
            .type, "'\(name)' of '\(declaration.name)' is given twice",
            hint: "it is declared \(declaration.signature)"),
          blame: .name(index))
      }
      if let mismatch = plan.mismatch(value, at: position) {
        throw BindingFailure(
          failure: failure(declaration, parameters[position], value, mismatch, cx.pointee.shared.foreign),
          blame: .named(index))
      }
      bound.values[position] = value
      bound.given |= 1 << UInt64(position)
    }
    for value in bound.values {
      if case .unset = value {
        throw BindingFailure(failure: missing(declaration, bound), blame: .call)
      }
    }
    return bound
  }

  /// The other arguments, if this one may stand in another's place: it fits a parameter there.
  private static func others(
    _ declaration: FunctionDeclaration, _ positional: [Value], _ index: Int,
    _ mismatch: ParameterKind.Mismatch
  ) -> [Value] {
    let others = positional.indices.filter { $0 != index }
    guard mismatch.isWrongOrder,
      others.contains(where: {
        guard $0 < declaration.plan.positionalCount else { return false }
        // A parameter that takes anything, none too, tells nothing.
        let kind = declaration.parameters[$0].kind
        return kind.mismatch(positional[index]) == nil && kind.mismatch(.nothing) != nil
      })
    else { return [] }
    return others.map { positional[$0] }
  }

  private static func tooMany(_ declaration: FunctionDeclaration, _ positional: [Value]) -> Failure {
    let most = declaration.plan.positionalCount
    let count = positional.count
    var hint = "it is declared \(declaration.signature)"
    // `zeros(2, 3)`, `reshape(x, 2, 3)`: what belongs into a list.
    let tail = positional.dropFirst(max(0, most - 1))
    let areNumbers = tail.allSatisfy { if case .number = $0 { true } else { false } }
    if most > 0, areNumbers, count <= 20,
      declaration.parameters[most - 1].kind.mismatch(.list(Array(tail))) == nil,
      declaration.parameters[most - 1].kind.takesLists
    {
      let before = declaration.parameters.prefix(most - 1).map { $0.name + ", " }.joined()
      hint = "write \(declaration.name)(\(before)\(shown(.list(Array(tail)))))"
    }
    return Failure(
      .type,
      most == 0
        ? "'\(declaration.name)' takes no arguments, but \(count) \(count == 1 ? "is" : "are") given"
        : "'\(declaration.name)' takes at most \(Wording.count(most, "argument")), but \(count) are given",
      hint: hint)
  }

  private static func unknown(_ declaration: FunctionDeclaration, _ name: String, _ words: any ForeignWords)
    -> Failure
  {
    let names = declaration.parameters.map(\.name)
    let foreign = words.parameters(name: name).first { names.contains($0) }
    let near = NearNames.hint(name, in: names)
    return Failure(
      .name, "'\(declaration.name)' has no parameter '\(name)'",
      hint: foreign.map { "here it is called '\($0)'" } ?? near ?? "it is declared \(declaration.signature)")
  }

  private static func missing(_ declaration: FunctionDeclaration, _ bound: Arguments) -> Failure {
    let names = declaration.parameters.indices.filter { index in
      if case .unset = bound.values[index] { true } else { false }
    }.map { "'\(declaration.parameters[$0].name)'" }
    return Failure(
      .type,
      "'\(declaration.name)' misses the argument\(names.count == 1 ? "" : "s") \(Wording.joined(names))",
      hint: "it is declared \(declaration.signature)")
  }

  private static func failure(
    _ declaration: FunctionDeclaration, _ parameter: Parameter, _ value: Value,
    _ mismatch: ParameterKind.Mismatch, _ words: any ForeignWords, others: [Value] = []
  ) -> Failure {
    let subject = "'\(parameter.name)' of '\(declaration.name)' takes \(parameter.kind.phrase)"
    var hint: String?
    let found: String
    switch mismatch {
    case .kind:
      found = value.kindPhrase
      if case .string(let text) = value, Double(text.text) != nil {
        hint = "this is text; write it without quotes"
      }
      if case .nothing = value { hint = "a function that ends without a value gives none" }
      if others.contains(where: { parameter.kind.mismatch($0) == nil }) {
        hint = "the arguments are in another order: \(declaration.signature)"
      } else if parameter.kind.takesLists, parameter.kind.mismatch(.list([value])) == nil {
        hint = "put it into a list: [ … ]"
      }
    case .wholeNumber:
      found = shown(value)
      hint = "use round(x), floor(x) or a // b"
    case .range, .choice(nil):
      found = shown(value)
      if case .string(let text) = value, let meant = parameter.kind.choice(meantBy: text.text, words) {
        hint = "did you mean \(ValueWriter.quote(meant))?"
      }
    case .choice(let near?):
      found = shown(value)
      hint = "did you mean \(ValueWriter.quote(near))?"
    case .unit(let wanted):
      found = "\(value.kindPhrase): \(shown(value))"
      hint =
        others.contains { parameter.kind.mismatch($0) == nil }
        ? "the arguments are in another order: \(declaration.signature)" : "write \(wanted)"
    case .item(let position, let item, let inner):
      found =
        inner.isKind
        ? "a list whose item \(position) is \(item.kindPhrase)"
        : "a list whose item \(position) is \(shown(item))"
      if case .choice(let near?) = inner { hint = "did you mean \(ValueWriter.quote(near))?" }
      if inner.isKind, case .function(let function) = item {
        hint = "call it to get what it makes: \(function.name)(…)"
      }
    }
    return Failure(mismatch.failureKind, "\(subject), not \(found)", hint: hint, parameter: parameter.name)
  }

  private static func shown(_ value: Value) -> String { value.cellText(itemLimit: 8, characterLimit: 60) }
}
