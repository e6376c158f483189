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
      let value = try items.items[index].value(fp, cx)
      try NestingGuard.check(value, cx, span)
      list.append(value)
    }
    return .list(list)
  }
}

final class RecordNode: Node {
  private let fields: [(key: StringObject?, keyNode: Node, value: Operand)]
  private let kept: [Node]
  /// Whether the keys are all written out, each once: then none has to be looked for.
  private let isPlain: Bool

  init(_ fields: [(key: StringObject?, keyNode: Node, value: Operand)], kept: [Node], _ span: Span) {
    self.fields = fields
    self.kept = kept
    let keys = fields.compactMap(\.key)
    isPlain = keys.count == fields.count && Set(keys.map { ObjectIdentifier($0) }).count == keys.count
    super.init(span)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let record = RecordObject(capacity: fields.count)
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
      let value = try field.value.value(fp, cx)
      try NestingGuard.check(value, cx, span)
      guard let key else { continue }
      if isPlain { record.append(key, value) } else { record.set(key, value) }
    }
    return .record(record)
  }
}

/// An f-string: pieces are written into the evaluation's scratch area.
final class InterpolationNode: Node {
  struct Piece {
    /// The bytes of a literal part; the node's own.
    let text: UnsafeMutablePointer<UInt8>
    let count: Int
    let value: Operand?
    let isQuoted: Bool
    let format: FormatSpecification?
    let formatNode: Node?
    let span: Span
    let isPlain: Bool

    init(
      text: String = "", value: Operand? = nil, isQuoted: Bool = false, format: FormatSpecification? = nil,
      formatNode: Node? = nil, span: Span
    ) {
      let bytes = Array(text.utf8)
      count = bytes.count
      self.text = .allocate(capacity: max(1, bytes.count))
      self.text.initialize(from: bytes, count: bytes.count)
      self.value = value
      self.isQuoted = isQuoted
      self.format = format
      self.formatNode = formatNode
      self.span = span
      isPlain = format == nil && formatNode == nil
    }
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
  deinit {
    for index in 0..<count { pieces[index].text.deallocate() }
    pieces.deinitialize(count: count)
    pieces.deallocate()
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let start = cx.pointee.scratch.count
    do throws(EvaluationError) {
      for index in 0..<count {
        let piece = pieces + index
        guard let operand = piece.pointee.value else {
          cx.pointee.scratch.append(
            UnsafeBufferPointer(start: piece.pointee.text, count: piece.pointee.count))
          continue
        }
        if operand.kind == .notNumber {
          try write(try operand.eval(fp, cx), index, fp, cx)
          continue
        }
        let number = try operand.num(fp, cx)
        if !isMiss(number), piece.pointee.isPlain {
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
  private let element: Operand
  private let kept: Node
  private let clauses: [Clause]

  init(_ element: Operand, kept: Node, _ clauses: [Clause], _ span: Span) {
    self.element = element
    self.kept = kept
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
    guard index < clauses.count else { return try append(fp, cx, &items) }
    switch clauses[index] {
    case .filter(let condition):
      if try condition.test(fp, cx) { try run(index + 1, fp, cx, &items) }
    case .each(let target, let source):
      let value = try source.eval(fp, cx)
      if case .object(let object) = value, let failure = object.endless {
        throw Node.wrapped(failure, source.span)
      }
      // The commonest shape without going round for each item: one source, perhaps one condition.
      var condition: Node?
      var isLast = index + 1 == clauses.count
      if index + 2 == clauses.count, case .filter(let filter) = clauses[index + 1] {
        condition = filter
        isLast = true
      }
      if isLast, condition == nil { reserve(value, &items) }
      if isLast, case .slot(let slot) = target {
        try Loop.over(value, source.span, self, cx) { item throws(EvaluationError) in
          slot.at(fp, cx).store(item)
          if let condition, !(try condition.test(fp, cx)) { return true }
          try self.append(fp, cx, &items)
          return true
        }
        return
      }
      try Loop.over(value, source.span, self, cx) { item throws(EvaluationError) in
        try target.set(item, fp, cx, source.span)
        if !isLast {
          try self.run(index + 1, fp, cx, &items)
        } else {
          if let condition, !(try condition.test(fp, cx)) { return true }
          try self.append(fp, cx, &items)
        }
        return true
      }
    }
  }

  /// Room for as many items as are known to come.
  private func reserve(_ source: Value, _ items: inout [Value]) {
    guard items.isEmpty else { return }
    switch source {
    case .list(let list): items.reserveCapacity(list.count)
    case .object(let object):
      if let range = object as? RangeObject { items.reserveCapacity(min(range.length, 1 << 16)) }
    default: break
    }
  }

  @inline(__always) private func append(_ fp: FramePointer, _ cx: Cx, _ items: inout [Value])
    throws(EvaluationError)
  {
    let value = try element.value(fp, cx)
    try NestingGuard.check(value, cx, span)
    if items.count >= cx.pointee.listLimit {
      throw error(Limits.tooLarge("this list", Double(items.count) * 16))
    }
    items.append(value)
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
    case .string(let text):
      for scalar in text.text.unicodeScalars {
        try node.tick(cx)
        if !(try body(.string(SingleCharacters.object(scalar)))) { return }
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
