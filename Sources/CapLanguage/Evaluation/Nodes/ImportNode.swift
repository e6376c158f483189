import Essentials

/// `import` and `from … import`.
final class ImportNode: Node {
  private let path: String
  private let folder: String?
  private let bindings: [(name: String?, slot: VariableSlot, span: Span)]
  /// Where the imported file's frame starts: no arguments are under way at an import.
  private let base: Int
  init(
    _ path: String, folder: String?, base: Int, _ bindings: [(name: String?, slot: VariableSlot, span: Span)],
    _ span: Span
  ) {
    self.path = path
    self.folder = folder
    self.base = base
    self.bindings = bindings
    super.init(span)
  }
  override func exec(_ fp: FramePointer, _ cx: Cx) throws(EvaluationError) -> Flow {
    guard let interpreter = cx.pointee.shared.interpreter else { return .next }
    let record = try interpreter.importFile(path, from: folder, span, fp + base, cx)
    for binding in bindings {
      guard let name = binding.name else {
        binding.slot.at(fp, cx).store(.record(record))
        continue
      }
      guard let value = record[name] else {
        throw EvaluationError(
          Failure(.name, "'\(path)' has no '\(name)'", hint: NearNames.hint(name, in: record.keys)),
          binding.span)
      }
      binding.slot.at(fp, cx).store(value)
    }
    return .next
  }
}
