import Essentials

/// What a loop, a comprehension or a multiple assignment sets.
indirect enum Target {
  case slot(VariableSlot)
  /// A variable that functions share.
  case cell(Int)
  case several([Target])
  /// `xs[i], r.a = …`.
  case place(PlaceAccess)

  /// Sets it. `fresh` makes a new cell: each round of a comprehension has a variable of its own.
  func set(_ value: Value, _ fp: FramePointer, _ cx: Cx, fresh: Bool = false, _ span: Span)
    throws(EvaluationError)
  {
    switch self {
    case .slot(let slot): slot.at(fp, cx).store(value)
    case .cell(let index):
      if fresh {
        fp[index] = .object(Cell(value))
      } else {
        (fp + index).unretainedCell._withUnsafeGuaranteedRef { $0.value = value }
      }
    case .several(let targets):
      let items = try Target.items(value, targets.count, span)
      for (target, item) in zip(targets, items) { try target.set(item, fp, cx, fresh: fresh, span) }
    case .place(let place):
      let steps = try place.steps(fp, cx)
      try place.assign(value, steps, fp, cx)
    }
  }

  /// As many items as there are places.
  static func items(_ value: Value, _ count: Int, _ span: Span) throws(EvaluationError) -> [Value] {
    var items: [Value] = []
    if case .list(let list) = value {
      items = list
    } else {
      if case .record = value {
        throw EvaluationError(
          Failure(.type, "a record is not taken apart into variables", hint: "write a = r.a"), span)
      }
      do {
        let next = try Iteration.iterator(value)
        while let item = try next() {
          items.append(item)
          if items.count > count { break }
        }
      } catch {
        throw EvaluationError(
          Failure(
            .type, "\(value.kindPhrase) does not fill \(count) variables: a list does",
            hint: count == 2 ? "for positions and items, write for i, x in enumerate(xs)" : nil), span)
      }
    }
    guard items.count == count else {
      let given = items.count > count && value.asList == nil ? "more than \(count)" : "\(items.count)"
      throw EvaluationError(
        Failure(
          .value,
          "\(count) variables want \(count) values, but there \(items.count == 1 ? "is" : "are") \(given)"),
        span)
    }
    return items
  }
}

/// A nested place: a variable, then fields and items.
final class PlaceAccess {
  enum StepNode {
    case field(StringObject, Span)
    case item(Node, Span)
    case parts(SubscriptParts, Span)
  }
  enum Step {
    case field(StringObject, Span)
    case item(Value, Span)
    case parts([Subscript], Span)

    var span: Span {
      switch self {
      case .field(_, let span), .item(_, let span), .parts(_, let span): span
      }
    }
  }

  private let slot: VariableSlot?
  private let cell: Int
  private let name: String
  private let nameSpan: Span
  private let nodes: [StepNode]

  init(slot: VariableSlot?, cell: Int, name: String, nameSpan: Span, _ nodes: [StepNode]) {
    self.slot = slot
    self.cell = cell
    self.name = name
    self.nameSpan = nameSpan
    self.nodes = nodes
  }

  /// The keys and positions, evaluated from left to right.
  func steps(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> [Step] {
    var steps: [Step] = []
    for node in nodes {
      switch node {
      case .field(let name, let span): steps.append(.field(name, span))
      case .item(let node, let span): steps.append(.item(try node.eval(fp, cx), span))
      case .parts(let parts, let span): steps.append(.parts(try parts.eval(fp, cx), span))
      }
    }
    return steps
  }

  func assign(_ value: Value, _ steps: [Step], _ fp: FramePointer, _ cx: Cx) throws(EvaluationError) {
    try NestingGuard.check(value, cx, nameSpan)
    try change(steps, fp, cx) { current, _ throws(EvaluationError) in current = value }
  }

  /// Gives the item at the end of the steps to `body` for changing; `.unset` where a record has no such field yet.
  func change(
    _ steps: [Step], _ fp: FramePointer, _ cx: Cx, _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    if let slot {
      let place = slot.at(fp, cx)
      if case .unset = place.pointee { throw unset(cx) }
      try descend(place, steps[...], body)
    } else {
      let cell = (fp + cell).unretainedCell.takeUnretainedValue()
      if case .unset = cell.value { throw unset(cx) }
      try descend(&cell.value, steps[...], body)
    }
  }

  private func unset(_ cx: Cx) -> EvaluationError {
    if slot?.isGlobal == true {
      return EvaluationError(
        Failure(.name, "no variable named '\(name)'", hint: "set it first: \(name) = []"), nameSpan)
    }
    return Unset.local(name, nameSpan, cx)
  }

  private func descend(
    _ place: FramePointer, _ steps: ArraySlice<Step>,
    _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    guard let step = steps.first else {
      try body(&place.pointee, nameSpan)
      return
    }
    let rest = steps.dropFirst()
    do {
      switch (place.pointee, step) {
      case (.list, .item(let index, _)):
        let position = try Indexing.position(index, count: place.listPayload.pointee.count, of: "list")
        var failed: EvaluationError?
        place.listPayload.pointee.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          do throws(EvaluationError) { try descend(base + position, rest, body) } catch { failed = error }
        }
        if let failed { throw failed }
      case (.record, .field(let key, _)): try descend(intoField: key, of: place, rest, step.span, body)
      case (.record, .item(.string(let key), _)):
        try descend(intoField: key, of: place, rest, step.span, body)
      case (.record, .item(let key, _)):
        throw Failure(.type, "the keys of a record are strings, not \(key.kindPhrase)")
      case (.object(let object), _): try descend(into: object, at: place, step, rest, body)
      case (.string, _):
        throw Failure(.type, "the characters of a string cannot be set", hint: "make a new string")
      case (.list, .parts):
        throw Failure(.type, "a slice of a list cannot be set", hint: "write xs = xs[:i] + ys + xs[j:]")
      case (.list, .field(let name, _)): throw Failure(.type, "a list has no field '\(name.text)'")
      case (let value, .field(let name, _)):
        throw Failure(
          .type, "\(value.kindPhrase) has no field '\(name.text)' to set",
          hint: "a record is written {name: value}")
      case (let value, _): throw Failure(.type, "\(value.kindPhrase) has no items to set")
      }
    } catch let failure as Failure {
      throw EvaluationError(failure, step.span)
    } catch {
      throw Node.wrapped(error, step.span)
    }
  }

  private func descend(
    intoField key: StringObject, of place: FramePointer, _ rest: ArraySlice<Step>, _ span: Span,
    _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws {
    place.makeRecordUnique()
    let record = place.recordPayload.pointee
    let position = record.find(key)
    if position >= 0 {
      // `record` here is a second reference: nobody else asks for uniqueness while the steps below run.
      try descend(record.slot(position), rest, body)
    } else if rest.isEmpty {
      var value = Value.unset
      try body(&value, span)
      if case .unset = value { return }
      record.set(key, value)
    } else {
      throw Access.missingKey(record, key.text)
    }
  }

  /// An object gives its part, the part is changed, and the object is set to have the changed one.
  private func descend(
    into object: DomainObject, at place: FramePointer, _ step: Step, _ rest: ArraySlice<Step>,
    _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws {
    let kind = Wording.withArticle(object.kindName)
    switch step {
    case .field(let name, let span):
      var value = try object.field(name.text) ?? .unset
      if !rest.isEmpty {
        if case .unset = value { throw Failure(.name, "\(kind) has no field '\(name.text)'") }
      }
      try change(&value, rest, span, body)
      guard let changed = try object.settingField(name.text, to: value) else {
        throw Failure(
          .type, "the field '\(name.text)' of \(kind) cannot be set",
          hint: NearNames.hint(name.text, in: object.fieldNames))
      }
      place.pointee = .object(changed)
    case .item(let index, let span):
      try set([.index(index)], of: object, at: place, rest, span, body)
    case .parts(let parts, let span):
      try set(parts, of: object, at: place, rest, span, body)
    }
  }

  private func set(
    _ subscripts: [Subscript], of object: DomainObject, at place: FramePointer, _ rest: ArraySlice<Step>,
    _ span: Span,
    _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws {
    // Plain assignment does not look at the old value; `+=` and deeper steps do.
    var value = (try? object.subscripted(subscripts)) ?? .unset
    try change(&value, rest, span, body)
    guard let changed = try object.settingSubscript(subscripts, to: value) else {
      throw Failure(.type, "the items of \(Wording.withArticle(object.kindName)) cannot be set")
    }
    place.pointee = .object(changed)
  }

  private func change(
    _ value: inout Value, _ rest: ArraySlice<Step>, _ span: Span,
    _ body: (inout Value, Span) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    if rest.isEmpty {
      try body(&value, span)
    } else {
      try withUnsafeMutablePointer(to: &value) { pointer throws(EvaluationError) in
        try descend(pointer, rest, body)
      }
    }
  }
}

/// `x OP= value` on a value where it lies.
enum Augmentation {
  static func apply(
    _ operation: BinaryOperation, to place: FramePointer, _ right: Value, _ span: Span, _ cx: Cx
  ) throws(EvaluationError) {
    switch (place.pointee, right) {
    case (.list, .list(let added)) where operation == .add:
      let count = place.listPayload.pointee.count + added.count
      if count > cx.pointee.listLimit {
        throw EvaluationError(Limits.tooLarge("this list", Double(count) * 16), span)
      }
      place.listPayload.pointee.append(contentsOf: added)
    case (.string, .string(let added)) where operation == .add:
      let bytes = Double(place.stringPayload.pointee.text.utf8.count) + Double(added.text.utf8.count)
      do throws(Failure) { try Limits.checkStringBytes(bytes) } catch { throw EvaluationError(error, span) }
      if isKnownUniquelyReferenced(&place.stringPayload.pointee) {
        place.stringPayload.pointee.append(added.text)
      } else {
        place.pointee = .string(place.stringPayload.pointee.text + added.text)
      }
    default:
      do { place.pointee = try Operations.binary(operation, place.pointee, right) } catch {
        throw Node.wrapped(error, span)
      }
    }
  }
}
