/// A function of the script, compiled.
final class FunctionCode {
  let name: String
  let parameters: [String]
  let requiredCount: Int
  /// Slots of the frame that may hold references; temporaries lie above.
  let localCount: Int
  /// Slots that the frame may use in all.
  let frameSize: Int
  let defaults: [Node?]
  /// One per parameter: its default, or a node that is never asked.
  let defaultOperands: OperandList
  /// A bit for each of the first 64 parameters that has no default.
  let requiredMask: UInt64
  /// The names of the parameters, each the one object of its text.
  let parameterNames: ConstantList
  let body: Node
  let unownedBody: Unmanaged<Node>
  /// Slots to fill with what the closure captured.
  let captureSlots: SlotList
  /// Slots to be boxed on entry: parameters, and locals.
  let boxedSlots: SlotList
  let selfSlot: Int?
  let source: Source
  let span: Span
  let signature: String
  /// No captures, boxes or own name: nothing to do on entry but fill the frame.
  let isPlain: Bool
  let parameterCount: Int

  init(
    name: String, parameters: [StringObject], localCount: Int, frameSize: Int, defaults: [Node?],
    defaultOperands: OperandList, body: Node, captureSlots: [Int], boxedSlots: [Int], selfSlot: Int?,
    source: Source, span: Span, signature: String
  ) {
    self.name = name
    self.parameters = parameters.map(\.text)
    parameterNames = ConstantList(parameters)
    parameterCount = parameters.count
    requiredCount = defaults.firstIndex { $0 != nil } ?? parameters.count
    self.localCount = localCount
    self.frameSize = frameSize
    self.defaults = defaults
    self.defaultOperands = defaultOperands
    var mask: UInt64 = 0
    for (index, node) in defaults.prefix(64).enumerated() where node == nil { mask |= 1 << UInt64(index) }
    requiredMask = mask
    self.body = body
    unownedBody = .passUnretained(body)
    self.captureSlots = SlotList(captureSlots)
    self.boxedSlots = SlotList(boxedSlots)
    self.selfSlot = selfSlot
    self.source = source
    self.span = span
    self.signature = signature
    isPlain = captureSlots.isEmpty && boxedSlots.isEmpty && selfSlot == nil
  }
}

/// Numbers of slots in a plain buffer, which lives as long as the program.
struct SlotList {
  let items: UnsafeMutablePointer<Int>
  let count: Int

  init(_ slots: [Int]) {
    count = slots.count
    items = .allocate(capacity: max(1, count))
    items.initialize(from: slots, count: count)
  }
}

/// Names in a plain buffer, to be compared by identity.
struct ConstantList {
  let items: UnsafeMutablePointer<Unmanaged<StringObject>>
  let count: Int
  private let kept: [StringObject]

  init(_ names: [StringObject]) {
    kept = names
    count = names.count
    items = .allocate(capacity: max(1, count))
    for (index, name) in names.enumerated() { (items + index).initialize(to: .passUnretained(name)) }
  }

  /// The position of a name, or -1.
  @inline(__always) func position(of name: UnsafeMutableRawPointer) -> Int {
    var index = 0
    while index < count {
      if items[index].toOpaque() == name { return index }
      index += 1
    }
    return -1
  }
}

/// A function of the script with the variables that it captured.
final class Closure: FunctionObject, @unchecked Sendable {
  let code: FunctionCode
  /// The values, and cells of those variables that are set after the function was made.
  let captured: [Value]

  init(_ code: FunctionCode, captured: [Value]) {
    self.code = code
    self.captured = captured
    super.init(name: code.name, isNative: false)
  }

  override var signature: String { code.signature }
  override var parameterNames: [String] { code.parameters }
  override var requiredParameterCount: Int { code.requiredCount }
  override var sourceText: String? { code.source.text(code.span.range) }

  override var helpText: String {
    var lines = [signature]
    let comment = Self.comment(before: code.span, in: code.source)
    if !comment.isEmpty { lines += [""] + comment }
    let place = code.source.position(of: Int(code.span.start))
    lines += ["", "Defined in \(code.source.name), line \(place.line)."]
    return lines.joined(separator: "\n")
  }

  /// The comment lines right above a function.
  private static func comment(before span: Span, in source: Source) -> [String] {
    var lines: [String] = []
    var index = source.lineIndex(of: Int(span.start)) - 1
    while index >= 0 {
      let text = source.text(source.lineRange(index)).trimmed()
      guard text.hasPrefix("#"), !text.hasPrefix("# %%") else { break }
      lines.insert(String(text.dropFirst()).trimmed(), at: 0)
      index -= 1
    }
    return lines
  }
}
