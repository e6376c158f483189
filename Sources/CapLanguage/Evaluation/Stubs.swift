import Essentials

enum Calls {
  static func call(
    _ callee: Value, _ arguments: [Value], _ named: [(String, Value)], _ span: Span, _ free: FramePointer,
    _ cx: Cx
  ) throws(EvaluationError) -> Value { .nothing }
}
enum Iteration {
  static func iterator(_ value: Value) throws -> () throws -> Value? { { nil } }
}
enum Operations {
  static func order(_ left: Value, _ right: Value) throws(Failure) -> Int { 0 }
}
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
struct SnapshotCopier {
  mutating func copy(_ value: Value) -> Value { value }
}
