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
  let body: Node
  let unownedBody: Unmanaged<Node>
  /// Slots to fill with the closure's cells.
  let captureSlots: [Int]
  /// Slots to be boxed on entry: parameters, and locals.
  let boxedSlots: [Int]
  let selfSlot: Int?
  let source: Source
  let span: Span
  let signature: String
  /// No captures, boxes or own name: nothing to do on entry but fill the frame.
  let isPlain: Bool
  let parameterCount: Int

  init(
    name: String, parameters: [String], localCount: Int, frameSize: Int, defaults: [Node?], body: Node,
    captureSlots: [Int], boxedSlots: [Int], selfSlot: Int?, source: Source, span: Span, signature: String
  ) {
    self.name = name
    self.parameters = parameters
    parameterCount = parameters.count
    requiredCount = defaults.firstIndex { $0 != nil } ?? parameters.count
    self.localCount = localCount
    self.frameSize = frameSize
    self.defaults = defaults
    self.body = body
    unownedBody = .passUnretained(body)
    self.captureSlots = captureSlots
    self.boxedSlots = boxedSlots
    self.selfSlot = selfSlot
    self.source = source
    self.span = span
    self.signature = signature
    isPlain = captureSlots.isEmpty && boxedSlots.isEmpty && selfSlot == nil
  }
}

/// A function of the script with the variables that it captured.
final class Closure: FunctionObject, @unchecked Sendable {
  let code: FunctionCode
  let cells: [Cell]

  init(_ code: FunctionCode, cells: [Cell]) {
    self.code = code
    self.cells = cells
    super.init(name: code.name, isNative: false)
  }

  override var signature: String { code.signature }
  override var parameterNames: [String] { code.parameters }
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
