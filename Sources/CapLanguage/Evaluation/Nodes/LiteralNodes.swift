import Essentials

final class ListNode: Node {
  private let items: OperandList
  init(_ items: OperandList, _ span: Span) {
    self.items = items
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    var list: [Value] = []
    list.reserveCapacity(items.count)
    for index in 0..<items.count {
      let value = try items.items[index].eval(fp, cx)
      try NestingGuard.check(value, cx, span)
      list.append(value)
    }
    return .list(list)
  }
}

final class RecordNode: Node {
  private let fields: [(key: StringObject?, keyNode: Node, value: Node)]
  init(_ fields: [(key: StringObject?, keyNode: Node, value: Node)], _ span: Span) {
    self.fields = fields
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let record = RecordObject()
    for field in fields {
      var key = field.key
      if key == nil {
        let value = try field.keyNode.eval(fp, cx)
        guard case .string(let text) = value else {
          throw EvaluationError(
            Failure(
              .type, "the keys of a record are strings, not \(value.kindPhrase)", hint: "write f\"{x}\""),
            field.keyNode.span)
        }
        key = text
      }
      let value = try field.value.eval(fp, cx)
      try NestingGuard.check(value, cx, span)
      if let key { record.set(key, value) }
    }
    return .record(record)
  }
}

/// An f-string: pieces are written into the evaluation's scratch area.
final class InterpolationNode: Node {
  struct Piece {
    let text: [UInt8]
    let value: Operand?
    let isQuoted: Bool
    let format: FormatSpecification?
    let formatNode: Node?
    let span: Span
  }
  private let pieces: UnsafeMutablePointer<Piece>
  private let count: Int
  private let kept: [Node]

  init(_ pieces: [Piece], kept: [Node], _ span: Span) {
    count = pieces.count
    self.pieces = .allocate(capacity: max(1, count))
    for (index, piece) in pieces.enumerated() { (self.pieces + index).initialize(to: piece) }
    self.kept = kept
    super.init(span)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let start = cx.pointee.scratch.count
    do throws(EvaluationError) {
      for index in 0..<count {
        guard let operand = pieces[index].value else {
          pieces[index].text.withUnsafeBufferPointer { cx.pointee.scratch.append($0) }
          continue
        }
        let number = try operand.num(fp, cx)
        if !isMiss(number), pieces[index].format == nil, pieces[index].formatNode == nil {
          cx.pointee.scratch.append(number)
          continue
        }
        try write(Node.value(number, cx), index, fp, cx)
      }
    } catch {
      cx.pointee.scratch.count = start
      throw error
    }
    return .string(StringObject(cx.pointee.scratch.take(from: start)))
  }

  @inline(never) private func write(_ value: Value, _ index: Int, _ fp: FramePointer, _ cx: Cx)
    throws(EvaluationError)
  {
    let piece = pieces[index]
    var format = piece.format
    if let node = piece.formatNode {
      let text = try node.eval(fp, cx).displayText
      do throws(Failure) { format = try FormatSpecification(text) } catch {
        throw EvaluationError(error, piece.span)
      }
    }
    if let format {
      do throws(Failure) {
        cx.pointee.scratch.append(try format.text(piece.isQuoted ? .string(value.description) : value))
      } catch {
        throw EvaluationError(error, piece.span)
      }
      return
    }
    if case .string(let text) = value, !piece.isQuoted {
      cx.pointee.scratch.append(text.text)
    } else {
      cx.pointee.scratch.append(piece.isQuoted ? value.description : value.displayText)
    }
    try tick(cx)
    if cx.pointee.scratch.count > 1 << 32 {
      throw error(Limits.tooLarge("this string", Double(cx.pointee.scratch.count)))
    }
  }
}

/// `[f(x) for x in xs if p(x)]`.
final class ComprehensionNode: Node {
  enum Clause {
    case each(Target, Node)
    case filter(Node)
  }
  private let element: Node
  private let clauses: [Clause]

  init(_ element: Node, _ clauses: [Clause], _ span: Span) {
    self.element = element
    self.clauses = clauses
    super.init(span)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    var items: [Value] = []
    do throws(EvaluationError) { try run(0, fp, cx, &items) } catch {
      Background.free(&items)
      throw error
    }
    return .list(items)
  }

  private func run(_ index: Int, _ fp: FramePointer, _ cx: Cx, _ items: inout [Value]) throws(EvaluationError)
  {
    guard index < clauses.count else {
      let value = try element.eval(fp, cx)
      try NestingGuard.check(value, cx, span)
      if items.count >= cx.pointee.listLimit {
        throw error(Limits.tooLarge("this list", Double(items.count) * 16))
      }
      items.append(value)
      return
    }
    switch clauses[index] {
    case .filter(let condition):
      if try condition.test(fp, cx) { try run(index + 1, fp, cx, &items) }
    case .each(let target, let source):
      let value = try source.eval(fp, cx)
      // The commonest shape without going round for each item: one source, perhaps one condition.
      var condition: Node?
      var isLast = index + 1 == clauses.count
      if index + 2 == clauses.count, case .filter(let filter) = clauses[index + 1] {
        condition = filter
        isLast = true
      }
      let element = element
      if isLast, case .list(let list) = value, case .slot(let slot) = target {
        for item in list {
          try tick(cx)
          let place = slot.at(fp, cx)
          if case .number(let number) = item { place.store(number) } else { place.store(item) }
          if let condition, !(try condition.test(fp, cx)) { continue }
          let made = try element.eval(fp, cx)
          try NestingGuard.check(made, cx, span)
          items.append(made)
        }
        return
      }
      try Loop.over(value, source.span, self, cx) { item throws(EvaluationError) in
        try target.set(item, fp, cx, fresh: true, source.span)
        try self.run(index + 1, fp, cx, &items)
        return true
      }
    }
  }
}

/// Going through the items of a value.
enum Loop {
  /// Calls `body` with each item until it gives false.
  @inline(__always) static func over(
    _ value: Value, _ span: Span, _ node: Node, _ cx: Cx, _ body: (Value) throws(EvaluationError) -> Bool
  ) throws(EvaluationError) {
    switch value {
    case .list(let list):
      for item in list {
        try node.tick(cx)
        if !(try body(item)) { return }
      }
    case .object(let object) where object is RangeObject:
      let range = unsafeDowncast(object, to: RangeObject.self)
      let start = range.start
      let step = range.step
      for index in 0..<range.length {
        try node.tick(cx)
        if !(try body(.number(start + Double(index) * step))) { return }
      }
    default:
      let next: () throws -> Value?
      do { next = try Iteration.iterator(value) } catch { throw Node.wrapped(error, span) }
      while true {
        try node.tick(cx)
        let item: Value?
        do { item = try next() } catch { throw Node.wrapped(error, span) }
        guard let item else { return }
        if !(try body(item)) { return }
      }
    }
  }
}
