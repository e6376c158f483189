/// Reaches into a value where it lies, without retaining what it refers to.
///
/// Relies on the layout of `Value`: the payload's word at offset 0, the tag in byte 8. `ValueLayout.isAsAssumed`
/// is asserted by the tests, for the compiler at hand.
extension UnsafeMutablePointer where Pointee == Value {
  /// The array of a slot that holds a list.
  @inline(__always) var listPayload: UnsafeMutablePointer<[Value]> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: [Value].self)
  }
  /// The record of a slot that holds one.
  @inline(__always) var recordPayload: UnsafeMutablePointer<RecordObject> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: RecordObject.self)
  }
  /// The string of a slot that holds one.
  @inline(__always) var stringPayload: UnsafeMutablePointer<StringObject> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: StringObject.self)
  }
  @inline(__always) var unretainedRecord: Unmanaged<RecordObject> {
    UnsafeMutableRawPointer(self).load(as: Unmanaged<RecordObject>.self)
  }
  @inline(__always) var unretainedString: Unmanaged<StringObject> {
    UnsafeMutableRawPointer(self).load(as: Unmanaged<StringObject>.self)
  }
  @inline(__always) var unretainedFunction: Unmanaged<FunctionObject> {
    UnsafeMutableRawPointer(self).load(as: Unmanaged<FunctionObject>.self)
  }
  @inline(__always) var unretainedCell: Unmanaged<Cell> {
    UnsafeMutableRawPointer(self).load(as: Unmanaged<Cell>.self)
  }
  /// Stores a number over a number.
  @inline(__always) func setPayload(_ number: Double) {
    UnsafeMutableRawPointer(self).storeBytes(of: number, as: Double.self)
  }
  /// Stores a number over anything.
  @inline(__always) func store(_ number: Double) {
    if case .number = pointee { setPayload(number) } else { pointee = .number(number) }
  }
  /// Stores a value; over a number without asking what is to be released.
  @inline(__always) func store(_ value: Value) {
    if case .number = pointee {
      initialize(to: value)
    } else {
      pointee = value
    }
  }
  /// Makes the record of this slot this slot's own.
  @inline(__always) func makeRecordUnique() {
    let payload = recordPayload
    if !isKnownUniquelyReferenced(&payload.pointee) { payload.pointee = RecordObject(copy: payload.pointee) }
  }
}

/// What `SlotAccess` assumes.
public enum ValueLayout {
  /// Whether the compiler laid values out as the evaluator takes for granted.
  public static var isAsAssumed: Bool {
    guard MemoryLayout<Value>.size == 9, MemoryLayout<Value>.stride == 16, RecordObject.checkLayout() else {
      return false
    }
    let slot = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    defer { slot.deallocate() }
    slot.initialize(to: .number(1.5))
    slot.setPayload(2.5)
    guard slot.pointee.asNumber == 2.5 else { return false }
    let text = StringObject("x")
    slot.initialize(to: .string(text))
    let sameString = slot.unretainedString.takeUnretainedValue() === text
    slot.pointee = .list([.number(1.0)])
    slot.listPayload.pointee.append(.number(2.0))
    let sameList = slot.pointee.asList?.count == 2
    let record = RecordObject([("a", .number(1.0))])
    slot.pointee = .record(record)
    let sameRecord = slot.unretainedRecord.takeUnretainedValue() === record
    slot.deinitialize(count: 1)
    let entry = record.slot(0).pointee == .number(1.0)
    return sameString && sameList && sameRecord && entry
  }
}

/// A variable that functions share: a slot's value where a function inside refers to it.
final class Cell: DomainObject, @unchecked Sendable {
  @exclusivity(unchecked) var value: Value
  init(_ value: Value) {
    self.value = value
    super.init()
  }
}
