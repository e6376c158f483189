import Essentials

// Most functions take one to four arguments. Written out, their bodies get them without the tuple of a pack, whose
// closures are each counted in a call: a call takes half as long.

extension FunctionDeclaration {
  /// The same with one argument.
  @inlinable public convenience init<A>(
    _ name: String, also otherNames: [String] = [], topic: String, _ summary: String,
    takes list: @autoclosure @escaping @Sendable () -> ArgumentList<A>,
    gives: DomainObject.Type? = nil, returns: String, errors: [String] = [], examples: [Example] = [],
    notes: String? = nil, source: String? = nil, seeAlso: [String] = [],
    quick: (@Sendable (Value) -> Value?)? = nil,
    body: @escaping @Sendable (CallContext, A) throws -> Value
  ) {
    self.init(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: quick
    ) {
      var parameters: [Parameter] = []
      let a = list().arguments.placed(behind: &parameters)
      return CallPlan(parameters) { arguments, context in
        try body(context, a.decode(arguments, a.position))
      }
    }
  }

  /// The same with two arguments.
  @inlinable public convenience init<A, B>(
    _ name: String, also otherNames: [String] = [], topic: String, _ summary: String,
    takes list: @autoclosure @escaping @Sendable () -> ArgumentList<A, B>,
    gives: DomainObject.Type? = nil, returns: String, errors: [String] = [], examples: [Example] = [],
    notes: String? = nil, source: String? = nil, seeAlso: [String] = [],
    quick: (@Sendable (Value) -> Value?)? = nil,
    body: @escaping @Sendable (CallContext, A, B) throws -> Value
  ) {
    self.init(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: quick
    ) {
      var parameters: [Parameter] = []
      let arguments = list().arguments
      let a = arguments.0.placed(behind: &parameters)
      let b = arguments.1.placed(behind: &parameters)
      return CallPlan(parameters) { arguments, context in
        try body(context, a.decode(arguments, a.position), b.decode(arguments, b.position))
      }
    }
  }

  /// The same with three arguments.
  @inlinable public convenience init<A, B, C>(
    _ name: String, also otherNames: [String] = [], topic: String, _ summary: String,
    takes list: @autoclosure @escaping @Sendable () -> ArgumentList<A, B, C>,
    gives: DomainObject.Type? = nil, returns: String, errors: [String] = [], examples: [Example] = [],
    notes: String? = nil, source: String? = nil, seeAlso: [String] = [],
    quick: (@Sendable (Value) -> Value?)? = nil,
    body: @escaping @Sendable (CallContext, A, B, C) throws -> Value
  ) {
    self.init(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: quick
    ) {
      var parameters: [Parameter] = []
      let arguments = list().arguments
      let a = arguments.0.placed(behind: &parameters)
      let b = arguments.1.placed(behind: &parameters)
      let c = arguments.2.placed(behind: &parameters)
      return CallPlan(parameters) { arguments, context in
        try body(
          context, a.decode(arguments, a.position), b.decode(arguments, b.position),
          c.decode(arguments, c.position))
      }
    }
  }

  /// The same with four arguments.
  @inlinable public convenience init<A, B, C, D>(
    _ name: String, also otherNames: [String] = [], topic: String, _ summary: String,
    takes list: @autoclosure @escaping @Sendable () -> ArgumentList<A, B, C, D>,
    gives: DomainObject.Type? = nil, returns: String, errors: [String] = [], examples: [Example] = [],
    notes: String? = nil, source: String? = nil, seeAlso: [String] = [],
    quick: (@Sendable (Value) -> Value?)? = nil,
    body: @escaping @Sendable (CallContext, A, B, C, D) throws -> Value
  ) {
    self.init(
      name, also: otherNames, topic: topic, summary, gives: gives, returns: returns, errors: errors,
      examples: examples, notes: notes, source: source, seeAlso: seeAlso, quick: quick
    ) {
      var parameters: [Parameter] = []
      let arguments = list().arguments
      let a = arguments.0.placed(behind: &parameters)
      let b = arguments.1.placed(behind: &parameters)
      let c = arguments.2.placed(behind: &parameters)
      let d = arguments.3.placed(behind: &parameters)
      return CallPlan(parameters) { arguments, context in
        try body(
          context, a.decode(arguments, a.position), b.decode(arguments, b.position),
          c.decode(arguments, c.position), d.decode(arguments, d.position))
      }
    }
  }
}
