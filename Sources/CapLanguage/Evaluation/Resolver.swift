import Essentials

/// A variable of a function, or of a comprehension inside it.
final class Variable {
  let name: String
  let slot: Int
  /// Whether a function inside refers to it: then the slot holds a `Cell`.
  var isBoxed = false
  /// Set only by a `fn` statement: this one.
  var soleFunction: FunctionSyntax?
  var assignments = 0
  /// Whether it has been set, by all that is read so far, for the last time: not in a loop.
  var isSettled = false
  /// Nobody sets it any more: whoever captures it may take the value.
  var isConstant: Bool { isSettled && assignments <= 1 }

  init(_ name: String, _ slot: Int) {
    self.name = name
    self.slot = slot
  }
}

/// The variables of a function, a comprehension or the top level.
final class Scope {
  enum Kind { case topLevel, function, comprehension }
  let kind: Kind
  let parent: Scope?
  var variables: [String: Variable] = [:]
  /// Where each captured value or cell comes from (a variable of the function around) and goes to.
  var captures: [(outer: Variable, own: Variable)] = []
  /// Where the function itself lies in its frame, if its body names it.
  var selfVariable: Variable?
  let function: FunctionSyntax?
  private var ownSlots = 0

  init(_ kind: Kind, parent: Scope?, function: FunctionSyntax? = nil) {
    self.kind = kind
    self.parent = parent
    self.function = function
  }

  /// The scope whose frame this one's variables lie in.
  var frame: Scope { kind == .comprehension ? parent?.frame ?? self : self }
  var slotCount: Int { frame.ownSlots }

  func declare(_ name: String) -> Variable {
    if let known = variables[name] { return known }
    let frame = self.frame
    let variable = Variable(name, frame.ownSlots)
    frame.ownSlots += 1
    variables[name] = variable
    return variable
  }

  /// The variable that a name means here; nil for one of the session or the library.
  func lookup(_ name: String) -> Variable? {
    if let own = variables[name] { return own }
    guard let outer = parent?.lookup(name) else { return nil }
    guard kind == .function else { return outer }
    if let sole = outer.soleFunction, sole === function, outer.assignments == 1,
      parent?.frame === outerFrame(of: outer)
    {
      // A function that calls itself: no cell, so no circle of references.
      let own = declare(name)
      own.isSettled = true
      selfVariable = own
      return own
    }
    let own = declare(name)
    if outer.isConstant {
      own.isSettled = true
    } else {
      outer.isBoxed = true
      own.isBoxed = true
    }
    captures.append((outer, own))
    return own
  }

  private func outerFrame(of variable: Variable) -> Scope? {
    var scope = parent
    while let current = scope {
      if current.variables[variable.name] === variable { return current.frame }
      if current.kind == .function { return nil }
      scope = current.parent
    }
    return nil
  }
}

/// Finds out what every name means, before anything is compiled.
struct Resolver {
  /// A name of the session or the library, as used.
  struct Use {
    let name: String
    let span: Span
    /// Whether it is certain that it is looked at when the text runs to its end.
    let isCertain: Bool
    let isInFunction: Bool
    let isCall: Bool
  }

  private(set) var functionScopes: [ObjectIdentifier: Scope] = [:]
  private(set) var comprehensionScopes: [ObjectIdentifier: Scope] = [:]
  private(set) var uses: [Use] = []
  /// Names that the top level sets, in order.
  private(set) var assigned: [String] = []
  private var assignedSet: Set<String> = []
  let topLevel = Scope(.topLevel, parent: nil)
  private var functionDepth = 0
  private var tryDepth = 0
  /// Loops around, inside the function at hand.
  private var loopDepth = 0

  init(_ program: Program) {
    hoist(program.statements, into: topLevel)
    statements(program.statements, topLevel)
  }

  // MARK: Assigned names

  private mutating func assign(_ name: String, _ scope: Scope, function: FunctionSyntax? = nil) {
    if scope.kind == .topLevel {
      if assignedSet.insert(name).inserted { assigned.append(name) }
      return
    }
    let variable = scope.declare(name)
    variable.assignments += 1
    variable.soleFunction = function
  }

  private mutating func hoist(_ place: Place, into scope: Scope) {
    switch place {
    case .name(let name, _): assign(name, scope)
    case .field(let base, _, _), .index(let base, _, _): hoist(base, into: scope)
    case .several(let places, _): for place in places { hoist(place, into: scope) }
    }
  }

  private mutating func hoist(_ statements: [Statement], into scope: Scope) {
    for statement in statements {
      switch statement.kind {
      case .assign(let place, _), .augmented(let place, _, _): hoist(place, into: scope)
      case .branch(let branches, let otherwise):
        for branch in branches { hoist(branch.body, into: scope) }
        if let otherwise { hoist(otherwise, into: scope) }
      case .forEach(let place, _, let body):
        hoist(place, into: scope)
        hoist(body, into: scope)
      case .whileLoop(_, let body): hoist(body, into: scope)
      case .tryCatch(let body, let name, let handler):
        hoist(body, into: scope)
        if let name { assign(name, scope) }
        hoist(handler, into: scope)
      case .function(let function, _): if let name = function.name { assign(name, scope, function: function) }
      case .importFile(_, _, let alias, let names):
        if let names { for name in names { assign(name.alias, scope) } } else { assign(alias, scope) }
      case .expression, .breakLoop, .continueLoop, .returnValue, .raise: break
      }
    }
  }

  // MARK: Uses

  private mutating func statements(_ statements: [Statement], _ scope: Scope) {
    for statement in statements {
      // The interpreter looks for Ctrl-C before it uses what is half resolved.
      if Interruption.isRequested { return }
      self.statement(statement, scope)
    }
  }

  private mutating func statement(_ statement: Statement, _ scope: Scope) {
    switch statement.kind {
    case .expression(let value), .raise(let value): expression(value, scope)
    case .assign(let place, let value):
      expression(value, scope)
      self.place(place, scope)
      settle(place, scope)
    case .augmented(let place, _, let value):
      expression(value, scope)
      self.place(place, scope)
    case .branch(let branches, let otherwise):
      for branch in branches {
        expression(branch.condition, scope)
        statements(branch.body, scope)
      }
      if let otherwise { statements(otherwise, scope) }
    case .forEach(let place, let source, let body):
      expression(source, scope)
      loopDepth += 1
      self.place(place, scope)
      statements(body, scope)
      loopDepth -= 1
    case .whileLoop(let condition, let body):
      loopDepth += 1
      expression(condition, scope)
      statements(body, scope)
      loopDepth -= 1
    case .returnValue(let value): if let value { expression(value, scope) }
    case .tryCatch(let body, _, let handler):
      tryDepth += 1
      statements(body, scope)
      tryDepth -= 1
      statements(handler, scope)
    case .function(let function, _):
      self.function(function, scope)
      if let name = function.name { settle(.name(name, statement.span), scope) }
    case .breakLoop, .continueLoop, .importFile: break
    }
  }

  /// The variables of an assignment that has been read, unless it may run again.
  private func settle(_ place: Place, _ scope: Scope) {
    guard loopDepth == 0 else { return }
    switch place {
    case .name(let name, _): scope.variables[name]?.isSettled = true
    case .several(let places, _): for place in places { settle(place, scope) }
    case .field, .index: break
    }
  }

  /// The expressions inside a place; the name itself is known by assignment.
  private mutating func place(_ place: Place, _ scope: Scope) {
    switch place {
    case .name(let name, _): _ = scope.lookup(name)
    case .field(let base, _, _): self.place(base, scope)
    case .index(let base, let parts, _):
      self.place(base, scope)
      self.parts(parts, scope)
    case .several(let places, _): for place in places { self.place(place, scope) }
    }
  }

  private mutating func parts(_ parts: [Expression.Part], _ scope: Scope) {
    for part in parts {
      switch part {
      case .index(let index): expression(index, scope)
      case .slice(let start, let stop, let step, _):
        for bound in [start, stop, step] { if let bound { expression(bound, scope) } }
      }
    }
  }

  private mutating func name(_ name: String, _ span: Span, isCall: Bool, _ scope: Scope) {
    if scope.lookup(name) != nil { return }
    uses.append(
      Use(name: name, span: span, isCertain: tryDepth == 0, isInFunction: functionDepth > 0, isCall: isCall))
  }

  private mutating func function(_ function: FunctionSyntax, _ outer: Scope) {
    let scope = Scope(.function, parent: outer, function: function)
    functionScopes[ObjectIdentifier(function)] = scope
    for parameter in function.parameters {
      let variable = scope.declare(parameter.name)
      variable.assignments += 1
      variable.isSettled = true
    }
    hoist(function.body, into: scope)
    functionDepth += 1
    let outerTries = tryDepth
    let outerLoops = loopDepth
    loopDepth = 0
    for parameter in function.parameters {
      if let value = parameter.defaultValue { expression(value, scope) }
    }
    statements(function.body, scope)
    tryDepth = outerTries
    loopDepth = outerLoops
    functionDepth -= 1
  }

  private mutating func expression(_ expression: Expression, _ scope: Scope) {
    switch expression.kind {
    case .nothing, .bool, .number, .quantity, .string, .invalid: break
    case .interpolated(let pieces): self.pieces(pieces, scope)
    case .name(let name): self.name(name, expression.span, isCall: false, scope)
    case .list(let items): for item in items { self.expression(item, scope) }
    case .record(let fields):
      for field in fields {
        self.expression(field.key, scope)
        self.expression(field.value, scope)
      }
    case .comprehension(let element, let clauses):
      let inner = Scope(.comprehension, parent: scope)
      comprehensionScopes[ObjectIdentifier(expression)] = inner
      for clause in clauses {
        switch clause {
        case .each(let place, let source):
          // The source does not see the variable that it fills.
          self.expression(source, inner)
          declare(place, inner)
        case .filter(let condition): self.expression(condition, inner)
        }
      }
      self.expression(element, inner)
    case .unary(_, let operand), .not(let operand), .field(let operand, _, _): self.expression(operand, scope)
    case .binary(_, let a, let b), .notIn(let a, let b), .and(let a, let b), .or(let a, let b):
      self.expression(a, scope)
      self.expression(b, scope)
    case .comparisons(let first, let rest):
      self.expression(first, scope)
      for (_, operand) in rest { self.expression(operand, scope) }
    case .conditional(let condition, let then, let otherwise):
      self.expression(condition, scope)
      self.expression(then, scope)
      self.expression(otherwise, scope)
    case .call(let callee, let arguments):
      if let name = callee.isName {
        self.name(name, callee.span, isCall: true, scope)
      } else {
        self.expression(callee, scope)
      }
      for argument in arguments { self.expression(argument.value, scope) }
    case .index(let base, let parts):
      self.expression(base, scope)
      self.parts(parts, scope)
    case .function(let function): self.function(function, scope)
    }
  }

  private mutating func declare(_ place: Place, _ scope: Scope) {
    switch place {
    case .name(let name, _): scope.declare(name).isSettled = true
    case .several(let places, _): for place in places { declare(place, scope) }
    case .field, .index: break
    }
  }

  private mutating func pieces(_ pieces: [Expression.Piece], _ scope: Scope) {
    for piece in pieces {
      guard case .value(let value, _, let format) = piece else { continue }
      expression(value, scope)
      self.pieces(format, scope)
    }
  }
}
