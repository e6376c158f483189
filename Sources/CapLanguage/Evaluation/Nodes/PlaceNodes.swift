import Essentials

/// What a loop, a comprehension or a multiple assignment sets.
indirect enum Target {
  case slot(VariableSlot)
  /// A variable that functions share.
  case cell(Int)
  case several([Target])
  /// `xs[i], r.a = …`.
  case place(PlaceAccess)

  /// Sets it.
  func set(_ value: Value, _ fp: FramePointer, _ cx: Cx, _ span: Span) throws(EvaluationError) {
    switch self {
    case .slot(let slot): slot.at(fp, cx).store(value)
    case .cell(let index): (fp + index).cellValue.store(value)
    case .several(let targets):
      if case .list(let list) = value, list.count == targets.count {
        for index in 0..<targets.count { try targets[index].set(list[index], fp, cx, span) }
        return
      }
      let items = try Target.items(value, targets.count, span)
      for (target, item) in zip(targets, items) { try target.set(item, fp, cx, span) }
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

  /// A step that can be taken without keeping anything: a field, or a key whose evaluation runs no function.
  private struct PlainStep {
    let field: Unmanaged<StringObject>?
    let key: Operand
  }

  private let slot: VariableSlot?
  private let cell: Int
  private let name: String
  private let nameSpan: Span
  private let nodes: [StepNode]
  private let plainSteps: UnsafeMutablePointer<PlainStep>
  private let count: Int
  /// Whether all steps are plain: then the place is found by `locate`, after everything else is evaluated.
  let isPlain: Bool

  init(
    slot: VariableSlot?, cell: Int, name: String, nameSpan: Span, _ nodes: [StepNode],
    plain: [(field: StringObject?, key: Operand)]?
  ) {
    self.slot = slot
    self.cell = cell
    self.name = name
    self.nameSpan = nameSpan
    self.nodes = nodes
    isPlain = plain != nil && !nodes.isEmpty
    count = isPlain ? nodes.count : 0
    plainSteps = .allocate(capacity: max(1, count))
    for (index, step) in (plain ?? []).enumerated() where isPlain {
      (plainSteps + index).initialize(
        to: PlainStep(field: step.field.map { .passUnretained($0) }, key: step.key))
    }
  }
  deinit { plainSteps.deallocate() }

  // MARK: The plain way

  @inline(__always) private func variable(_ fp: FramePointer, _ cx: Cx) -> FramePointer {
    if let slot { return slot.at(fp, cx) }
    return (fp + cell).cellValue
  }

  /// Takes a step from a value that is the program's to change; nil where the general way has to look.
  @inline(__always) private func take(
    _ step: UnsafeMutablePointer<PlainStep>, from place: FramePointer, _ fp: FramePointer, _ cx: Cx
  ) throws(EvaluationError) -> FramePointer? {
    if let field = step.pointee.field {
      guard case .record = place.pointee else { return nil }
      place.makeRecordUnique()
      return field._withUnsafeGuaranteedRef { place.field($0) }
    }
    if case .list = place.pointee {
      let number = try step.pointee.key.num(fp, cx)
      if isMiss(number) {
        _ = Node.take(cx)
        return nil
      }
      let position = Indexing.quickPosition(number, count: place.listPayload.pointee.count)
      return position >= 0 ? place.ownItem(position) : nil
    }
    guard case .record = place.pointee else { return nil }
    if let key = try step.pointee.key.borrow(fp, cx) {
      guard case .string = key.pointee else { return nil }
      place.makeRecordUnique()
      return key.unretainedString._withUnsafeGuaranteedRef { place.field($0) }
    }
    guard case .string(let key) = try step.pointee.key.eval(fp, cx) else { return nil }
    place.makeRecordUnique()
    return place.field(key)
  }

  /// Where the value at the end of plain steps lies; nil where the general way has to look.
  @inline(__always) func locate(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    guard isPlain else { return nil }
    var place = variable(fp, cx)
    for index in 0..<count {
      guard let next = try take(plainSteps + index, from: place, fp, cx) else { return nil }
      place = next
    }
    return place
  }

  /// Sets the item at the end of plain steps; false where the general way has to.
  @inline(__always) func assignPlain(_ value: Value, _ fp: FramePointer, _ cx: Cx) throws(EvaluationError)
    -> Bool
  {
    guard isPlain else { return false }
    var place = variable(fp, cx)
    for index in 0..<count - 1 {
      guard let next = try take(plainSteps + index, from: place, fp, cx) else { return false }
      place = next
    }
    let last = plainSteps + (count - 1)
    if case .record = place.pointee {
      if let field = last.pointee.field {
        place.makeRecordUnique()
        field._withUnsafeGuaranteedRef { key in
          place.unretainedRecord._withUnsafeGuaranteedRef { $0.set(key, value) }
        }
        return true
      }
      if let key = try last.pointee.key.borrow(fp, cx) {
        guard case .string = key.pointee else { return false }
        place.makeRecordUnique()
        key.unretainedString._withUnsafeGuaranteedRef { key in
          place.unretainedRecord._withUnsafeGuaranteedRef { $0.set(key, value) }
        }
        return true
      }
      guard case .string(let key) = try last.pointee.key.eval(fp, cx) else { return false }
      place.makeRecordUnique()
      place.unretainedRecord._withUnsafeGuaranteedRef { $0.set(key, value) }
      return true
    }
    guard let item = try take(last, from: place, fp, cx) else { return false }
    item.store(value)
    return true
  }

  // MARK: The general way

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
      // Only what is tested is looked at: a pattern that binds the list or record would hold on to it, and
      // changing it would copy it.
      if case .list = place.pointee {
        switch step {
        case .item(let index, _):
          let position = try Indexing.position(index, count: place.listPayload.pointee.count, of: "list")
          try descend(place.ownItem(position), rest, body)
        case .parts:
          throw Failure(.type, "a slice of a list cannot be set", hint: "write xs = xs[:i] + ys + xs[j:]")
        case .field(let name, _): throw Failure(.type, "a list has no field '\(name.text)'")
        }
        return
      }
      if case .record = place.pointee {
        switch step {
        case .field(let key, _), .item(.string(let key), _):
          return try descend(intoField: key, of: place, rest, step.span, body)
        case .item(let key, _):
          throw Failure(.type, "the keys of a record are strings, not \(key.kindPhrase)")
        case .parts: throw Failure(.type, "a record has no items to set")
        }
      }
      switch (place.pointee, step) {
      case (.object(let object), _): try descend(into: object, at: place, step, rest, body)
      case (.string, _):
        throw Failure(.type, "the characters of a string cannot be set", hint: "make a new string")
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
    if let field = place.field(key) {
      try descend(field, rest, body)
    } else if rest.isEmpty {
      var value = Value.unset
      try body(&value, span)
      if case .unset = value { return }
      place.recordPayload.pointee.set(key, value)
    } else {
      throw Access.missingKey(place.recordPayload.pointee, key.text)
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
    // Only tags are tested on the left: binding what lies there would hold on to it, and appending would copy.
    if operation == .add, case .list = place.pointee, case .list(let added) = right {
      let count = place.listPayload.pointee.count + added.count
      if count > cx.pointee.listLimit {
        throw EvaluationError(Limits.tooLarge("this list", Double(count) * 16), span)
      }
      place.listPayload.pointee.append(contentsOf: added)
      return
    }
    if operation == .add, case .string = place.pointee, case .string(let added) = right {
      let bytes = Double(place.stringPayload.pointee.text.utf8.count) + Double(added.text.utf8.count)
      do throws(Failure) { try Limits.checkStringBytes(bytes) } catch { throw EvaluationError(error, span) }
      if isKnownUniquelyReferenced(&place.stringPayload.pointee) {
        place.stringPayload.pointee.append(added.text)
      } else {
        place.pointee = .string(place.stringPayload.pointee.text + added.text)
      }
      return
    }
    do { place.pointee = try Operations.binary(operation, place.pointee, right) } catch {
      throw Node.wrapped(error, span)
    }
  }

  /// Numbers by the commonest operators; false for anything else.
  @inline(__always) static func number(
    _ operation: BinaryOperation, _ place: FramePointer, _ right: Double
  ) -> Bool {
    guard case .number(let left) = place.pointee else { return false }
    switch operation {
    case .add: place.setPayload(left + right)
    case .subtract: place.setPayload(left - right)
    case .multiply: place.setPayload(left * right)
    default: return false
    }
    return true
  }
}
