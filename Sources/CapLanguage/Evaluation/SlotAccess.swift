/// Reaches into a value where it lies, without retaining what it refers to.
///
/// Relies on the layout of `Value`: the payload's word at offset 0, the tag in byte 8. `ValueLayout.check()` sees to it
/// that nothing is evaluated where a compiler laid values out otherwise.
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
  /// The value of the cell that the slot holds.
  @inline(__always) var cellValue: UnsafeMutablePointer<Value> {
    (UnsafeMutableRawPointer(self).load(as: UnsafeMutableRawPointer.self) + Cell.valueOffset)
      .assumingMemoryBound(to: Value.self)
  }
  /// Where an item of the list in this slot lies. Valid until the list changes.
  @inline(__always) func item(_ position: Int) -> UnsafeMutablePointer<Value> {
    // The items of an array lie one behind the other; reading through the pointer changes nothing.
    listPayload.pointee.withUnsafeBufferPointer {
      UnsafeMutablePointer(mutating: $0.baseAddress.unsafelyUnwrapped + position)
    }
  }
  /// Where an item of the list in this slot lies, for changing: the list is made this slot's own first.
  @inline(__always) func ownItem(_ position: Int) -> UnsafeMutablePointer<Value> {
    listPayload.pointee.withUnsafeMutableBufferPointer { $0.baseAddress.unsafelyUnwrapped + position }
  }
  /// Where a field of the record in this slot lies; nil if it has none of this name.
  @inline(__always) func field(_ key: StringObject) -> UnsafeMutablePointer<Value>? {
    unretainedRecord._withUnsafeGuaranteedRef { record in
      let position = record.find(key)
      return position >= 0 ? record.slot(position) : nil
    }
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
  /// Ends the process if the compiler laid values out in another way than the evaluator takes for granted: it would
  /// compute nonsense. Looked at once.
  static func check() { _ = checked }

  private static let checked: Void = {
    guard isAsAssumed else {
      fatalError("built by a compiler that lays values out in a way that the evaluator does not know")
    }
  }()

  /// Whether the compiler laid values out as the evaluator takes for granted.
  public static var isAsAssumed: Bool {
    guard MemoryLayout<Value>.size == 9, MemoryLayout<Value>.stride == 16, RecordObject.checkLayout(),
      MemoryLayout<EvaluationState>.offset(of: \.spill) == 0, textIsAsAssumed
    else {
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
    let cell = Cell(.number(3.5))
    slot.initialize(to: .object(cell))
    let inCell = slot.cellValue.pointee == .number(3.5)
    slot.deinitialize(count: 1)
    return sameString && sameList && sameRecord && entry && inCell
  }

  private static var textIsAsAssumed: Bool {
    ["", "a", "sieben7", "achtacht", "neunneun9", "fünfzehnbytes!", "é"].allSatisfy { text in
      let bytes = Array(text.utf8) + [UInt8](repeating: 0xFF, count: 16)
      let made = bytes.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { TextBits.small($0, count: text.utf8.count) }
      }
      let (words, other) = (
        TextBits.words(text), text.utf8.withContiguousStorageIfAvailable(TextBits.content)
      )
      return made == text && made.map(TextBits.words).map { $0 == words } == true && TextBits.isSmall(words)
        && other.map { $0 == TextBits.content(words) } == true
    } && !TextBits.isSmall(TextBits.words(String(repeating: "x", count: 16)))
      && !TextBits.isSmall(TextBits.words("a constant of more than 15 bytes"))
  }
}

/// A variable that functions share: a slot's value where a function inside refers to it.
final class Cell: DomainObject, @unchecked Sendable {
  @exclusivity(unchecked) var value: Value
  init(_ value: Value) {
    self.value = value
    super.init()
  }
  /// Behind the header of an object; its superclass stores nothing.
  static var valueOffset: Int { 16 }
}
