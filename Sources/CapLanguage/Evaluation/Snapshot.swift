/// The variables of a moment, for evaluation on other threads.
final class Snapshot: @unchecked Sendable {
  let slots: FramePointer
  let count: Int

  init(copying globals: FramePointer, count: Int, with copier: inout SnapshotCopier) {
    self.count = count
    slots = .allocate(capacity: max(1, count))
    for index in 0..<count { (slots + index).initialize(to: copier.copy(globals[index])) }
  }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
  }
}

/// Copies values so that they share no cell with their originals: the only thing that the script's thread may
/// change while others look at it. Lists and records without closures are shared, as all constants are.
struct SnapshotCopier {
  private var cells: [ObjectIdentifier: Cell] = [:]
  private var closures: [ObjectIdentifier: Closure] = [:]
  private var depth = 0

  mutating func copy(_ value: Value) -> Value {
    depth += 1
    defer { depth -= 1 }
    switch value {
    case .function(let function):
      guard !function.isNative else { return value }
      return .function(copy(unsafeDowncast(function, to: Closure.self)))
    case .list(let list):
      guard let first = list.firstIndex(where: { Self.mayHoldFunction($0) }) else { return value }
      var copied: [Value]?
      for index in first..<list.count where Self.mayHoldFunction(list[index]) {
        let item = copy(list[index])
        if copied == nil, !Self.isSame(item, list[index]) { copied = list }
        copied?[index] = item
      }
      return copied.map { .list($0) } ?? value
    case .record(let record):
      var copied: RecordObject?
      for position in 0..<record.count where Self.mayHoldFunction(record.entries[position].value) {
        let entry = record.entries[position]
        let item = copy(entry.value)
        if copied == nil, !Self.isSame(item, entry.value) { copied = RecordObject(copy: record) }
        copied?.set(entry.key, item)
      }
      return copied.map { .record($0) } ?? value
    case .object(let object):
      guard let cell = object as? Cell else { return value }
      return .object(copy(cell))
    default: return value
    }
  }

  private mutating func copy(_ closure: Closure) -> Closure {
    guard !closure.captured.isEmpty else { return closure }
    if let known = closures[ObjectIdentifier(closure)] { return known }
    let copied = Closure(closure.code, captured: closure.captured.map { copy($0) })
    closures[ObjectIdentifier(closure)] = copied
    return copied
  }

  private mutating func copy(_ cell: Cell) -> Cell {
    if let known = cells[ObjectIdentifier(cell)] { return known }
    let copied = Cell(.unset)
    cells[ObjectIdentifier(cell)] = copied
    copied.value = copy(cell.value)
    return copied
  }

  private static func mayHoldFunction(_ value: Value) -> Bool {
    switch value {
    case .function, .list, .record: true
    default: false
    }
  }

  /// Whether a copy is the original: then what holds it need not be copied.
  private static func isSame(_ copy: Value, _ original: Value) -> Bool {
    switch (copy, original) {
    case (.function(let a), .function(let b)): a === b
    case (.record(let a), .record(let b)): a === b
    case (.list(let a), .list(let b)):
      a.withUnsafeBufferPointer { x in b.withUnsafeBufferPointer { y in x.baseAddress == y.baseAddress } }
    default: true
    }
  }
}
