import Essentials

/// `x.name`.
final class FieldNode: Node {
  private let base: Operand
  private let kept: Node
  private let name: StringObject
  private let nameSpan: Span
  private let isCallee: Bool

  init(_ base: Operand, kept: Node, _ name: StringObject, nameSpan: Span, isCallee: Bool, _ span: Span) {
    self.base = base
    self.kept = kept
    self.name = name
    self.nameSpan = nameSpan
    self.isCallee = isCallee
    super.init(span)
  }

  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    guard let place = try base.borrow(fp, cx), case .record = place.pointee else { return nil }
    return place.field(name)
  }
  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    if let place = try borrow(fp, cx) { return place.pointee }
    return try slow(fp, cx)
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if let place = try borrow(fp, cx) {
      if case .number(let number) = place.pointee { return number }
      return Node.spill(place.pointee, cx)
    }
    let value = try slow(fp, cx)
    if case .number(let number) = value { return number }
    return Node.spill(value, cx)
  }

  @inline(never) private func slow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let value = try base.eval(fp, cx)
    do {
      return try Access.field(value, name, isCallee: isCallee, cx)
    } catch let failure as Failure {
      throw EvaluationError(failure, nameSpan)
    } catch {
      throw wrapped(error)
    }
  }
}

/// `x[i]`, with one subscript.
final class IndexNode: Node {
  private let base: Operand
  private let index: Operand
  /// Whether evaluating the subscript runs no function: then the item can be looked at where it lies.
  private let isPlain: Bool
  private let kept: [Node]
  private let indexSpan: Span

  init(_ base: Operand, _ index: Operand, isPlain: Bool, kept: [Node], indexSpan: Span, _ span: Span) {
    self.base = base
    self.index = index
    self.isPlain = isPlain
    self.kept = kept
    self.indexSpan = indexSpan
    super.init(span)
  }

  override func borrow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> FramePointer? {
    guard isPlain, let container = try base.borrow(fp, cx) else { return nil }
    if case .list = container.pointee {
      let number = try index.num(fp, cx)
      if isMiss(number) {
        _ = Node.take(cx)
        return nil
      }
      let position = Indexing.quickPosition(number, count: container.listPayload.pointee.count)
      return position >= 0 ? container.item(position) : nil
    }
    if case .record = container.pointee, let key = try index.borrow(fp, cx), case .string = key.pointee {
      return key.unretainedString._withUnsafeGuaranteedRef { container.field($0) }
    }
    return nil
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    if let place = try borrow(fp, cx) { return place.pointee }
    return try slow(fp, cx)
  }
  override func num(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Double {
    if let place = try borrow(fp, cx) {
      if case .number(let number) = place.pointee { return number }
      return Node.spill(place.pointee, cx)
    }
    let value = try slow(fp, cx)
    if case .number(let number) = value { return number }
    return Node.spill(value, cx)
  }

  @inline(never) private func slow(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let container = try base.eval(fp, cx)
    let index = try index.value(fp, cx)
    if case .list(let list) = container, case .number(let number) = index {
      let position = Indexing.quickPosition(number, count: list.count)
      if position >= 0 { return list[position] }
    }
    do {
      return try Access.item(container, index)
    } catch let failure as Failure {
      throw EvaluationError(failure, indexSpan)
    } catch {
      throw wrapped(error)
    }
  }
}

/// `x[a, b:c]`: slices and several subscripts.
final class SubscriptNode: Node {
  private let base: Node
  private let parts: SubscriptParts
  private let partsSpan: Span

  init(_ base: Node, _ parts: SubscriptParts, partsSpan: Span, _ span: Span) {
    self.base = base
    self.parts = parts
    self.partsSpan = partsSpan
    super.init(span)
  }

  override func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Value {
    let container = try base.eval(fp, cx)
    let subscripts = try parts.eval(fp, cx)
    do {
      return try Access.subscripted(container, subscripts)
    } catch let failure as Failure {
      throw EvaluationError(failure, partsSpan)
    } catch {
      throw wrapped(error)
    }
  }
}

/// The parts between square brackets.
struct SubscriptParts {
  enum Part {
    case index(Node)
    case slice(Node?, Node?, Node?)
  }
  let parts: [Part]

  func eval(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> [Subscript] {
    var subscripts: [Subscript] = []
    for part in parts {
      switch part {
      case .index(let node): subscripts.append(.index(try node.eval(fp, cx)))
      case .slice(let start, let stop, let step):
        subscripts.append(
          .slice(
            start: try start?.eval(fp, cx) ?? .nothing, stop: try stop?.eval(fp, cx) ?? .nothing,
            step: try step?.eval(fp, cx) ?? .nothing))
      }
    }
    return subscripts
  }
}

/// Fields and items of all kinds of values.
enum Access {
  static func field(_ value: Value, _ name: StringObject, isCallee: Bool, _ cx: Cx) throws -> Value {
    switch value {
    case .record(let record):
      let position = record.find(name)
      if position >= 0 { return record.entries[position].value }
      if isCallee, let hint = methodHint(name.text, value, cx) {
        throw Failure(.key, "the record has no field '\(name.text)'", hint: hint)
      }
      throw missingKey(record, name.text)
    case .object(let object):
      if let field = try object.field(name.text) { return field }
      let near = NearNames.hint(name.text, in: object.fieldNames)
      let kind = object.kindName
      if isCallee, let hint = methodHint(name.text, value, cx) {
        throw Failure(.name, "\(Wording.withArticle(kind)) has no method '\(name.text)'", hint: hint)
      }
      let fields = object.fieldNames
      throw Failure(
        .name, "\(Wording.withArticle(kind)) has no field '\(name.text)'",
        hint: near ?? (fields.isEmpty ? nil : "its fields are \(Wording.joined(fields))"))
    default:
      let hint = methodHint(name.text, value, cx)
      if isCallee {
        throw Failure(
          .type, "\(value.kindPhrase) has no method '\(name.text)'", hint: hint ?? "call a function: f(x)")
      }
      throw Failure(.type, "\(value.kindPhrase) has no field '\(name.text)'", hint: hint)
    }
  }

  static func missingKey(_ record: RecordObject, _ name: String) -> Failure {
    let keys = record.keys
    let shown = ValueWriter.quote(name)
    let near = NearNames.hint(name, in: keys)
    let list = keys.prefix(8).map { ValueWriter.quote($0) }
    return Failure(
      .key, "the record has no field \(shown)",
      hint: near
        ?? (keys.isEmpty
          ? "it is empty" : "its fields are \(Wording.joined(list))\(keys.count > 8 ? ", …" : "")"))
  }

  /// What Cap writes for a method of Python's.
  static func methodHint(_ name: String, _ value: Value, _ cx: Cx) -> String? {
    switch name {
    case "append", "push", "add", "push_back": return "write xs += [value]"
    case "extend": return "write xs += other"
    case "insert": return "write xs = xs[:i] + [value] + xs[i:]"
    case "pop": return "write xs[-1] for the item, and xs = xs[:-1]"
    case "remove": return "write xs = [x for x in xs if x != value]"
    case "length", "size", "count", "len": return "write len(x)"
    case "items", "keys", "values":
      if cx.pointee.shared.library[name] == nil { return "go through the keys: for k in r { r[k] }" }
    case "get": return "write r[key] if key in r else default"
    case "startswith": return "write starts_with(s, …)"
    case "endswith": return "write ends_with(s, …)"
    case "astype", "numpy", "copy", "tolist": return "values are copied by assigning them"
    default: break
    }
    if cx.pointee.shared.value(of: name, in: cx.pointee.globals)?.asFunction != nil {
      return "write \(name)(x, …), or x |> \(name)(…)"
    }
    return nil
  }

  static func item(_ container: Value, _ index: Value) throws -> Value {
    switch container {
    case .list(let list): return list[try Indexing.position(index, count: list.count, of: "list")]
    case .record(let record):
      guard case .string(let key) = index else {
        throw Failure(.type, "the keys of a record are strings, not \(index.kindPhrase)")
      }
      let position = record.find(key)
      if position < 0 { throw missingKey(record, key.text) }
      return record.entries[position].value
    case .string(let text):
      return .string(
        text.characterObject(at: try Indexing.position(index, count: text.count, of: "string")))
    default: return try subscripted(container, [.index(index)])
    }
  }

  static func subscripted(_ container: Value, _ subscripts: [Subscript]) throws -> Value {
    if case .object(let object) = container {
      if let value = try object.subscripted(subscripts) { return value }
      throw Failure(.type, "\(Wording.withArticle(object.kindName)) has no items")
    }
    guard subscripts.count == 1 else {
      switch container {
      case .list: throw Failure(.type, "a list has one axis", hint: "write xs[i][j]; tensors take x[i, j]")
      default: throw Failure(.type, "\(container.kindPhrase) does not take \(subscripts.count) positions")
      }
    }
    guard case .slice(let start, let stop, let step) = subscripts[0] else {
      guard case .index(let index) = subscripts[0] else { return .nothing }
      switch container {
      case .list, .record, .string: return try item(container, index)
      default: throw Failure(.type, "\(container.kindPhrase) has no items")
      }
    }
    switch container {
    case .list(let list):
      let slice = try Indexing.slice(start, stop, step, count: list.count)
      if slice.step == 1 { return .list(Array(list[slice.start..<slice.start + slice.count])) }
      return .list((0..<slice.count).map { list[slice.start + $0 * slice.step] })
    case .string(let text):
      let slice = try Indexing.slice(start, stop, step, count: text.count)
      if slice.step == 1 {
        let scalars = text.text.unicodeScalars
        let first = scalars.index(scalars.startIndex, offsetBy: slice.start)
        let last = scalars.index(first, offsetBy: slice.count)
        return .string(String(scalars[first..<last]))
      }
      let characters = text.characters
      return .string((0..<slice.count).map { characters[slice.start + $0 * slice.step] }.joined())
    case .record: throw Failure(.type, "a record has no slices")
    default: throw Failure(.type, "\(container.kindPhrase) has no items")
    }
  }
}
