/// An ordered record: entries in the order of their first setting, and an open-addressed index over them once
/// there are more than a few.
///
/// Changed in place only while one variable alone refers to it (the evaluator sees to that); everyone
/// else sees a constant, so exclusive access needs no check at run time.
public final class RecordObject: @unchecked Sendable {
  struct Entry {
    let hash: Int
    let key: StringObject
    var value: Value
  }

  @exclusivity(unchecked) private(set) var entries: UnsafeMutablePointer<Entry>
  /// The number of fields.
  @exclusivity(unchecked) public private(set) var count = 0
  @exclusivity(unchecked) private var capacity: Int
  /// Nil while there are so few entries that looking at each is faster.
  @exclusivity(unchecked) private var index: UnsafeMutablePointer<Int32>?
  @exclusivity(unchecked) private var mask = 0
  /// What the record was made from, where that matters: the error behind a caught `e`.
  var origin: AnyObject?

  private static let linearLimit = 8

  /// An empty record.
  public convenience init() { self.init(capacity: 4) }

  /// An empty record with room for some fields.
  init(capacity: Int) {
    self.capacity = max(1, min(capacity, Self.linearLimit))
    entries = .allocate(capacity: self.capacity)
  }

  /// A record with these fields in this order; a later one of the same name replaces the earlier value.
  public convenience init(_ fields: [(String, Value)]) {
    self.init()
    for (key, value) in fields { set(StringObject(key), value) }
  }

  init(copy other: RecordObject) {
    count = other.count
    capacity = other.capacity
    mask = other.mask
    entries = .allocate(capacity: capacity)
    entries.initialize(from: other.entries, count: count)
    if let others = other.index {
      let copied = UnsafeMutablePointer<Int32>.allocate(capacity: mask + 1)
      copied.initialize(from: others, count: mask + 1)
      index = copied
    }
  }

  deinit {
    entries.deinitialize(count: count)
    entries.deallocate()
    index?.deallocate()
  }

  /// The names in order.
  public var keys: [String] { (0..<count).map { entries[$0].key.text } }
  /// The values in order.
  public var values: [Value] { (0..<count).map { entries[$0].value } }
  /// Names and values in order.
  public var fields: [(key: String, value: Value)] {
    (0..<count).map { (entries[$0].key.text, entries[$0].value) }
  }

  /// The value of a field, or nil.
  public subscript(key: String) -> Value? {
    let position = find(StringObject(key))
    return position >= 0 ? entries[position].value : nil
  }

  /// A copy in which this field has this value.
  public func setting(_ key: String, to value: Value) -> RecordObject {
    let copy = RecordObject(copy: self)
    copy.set(StringObject(key), value)
    return copy
  }

  /// A copy without this field.
  public func removing(_ key: String) -> RecordObject {
    let copy = RecordObject()
    for position in 0..<count where entries[position].key.text != key {
      copy.set(entries[position].key, entries[position].value)
    }
    return copy
  }

  func isEqual(to other: RecordObject) -> Bool {
    guard count == other.count else { return false }
    for position in 0..<count {
      let found = other.find(entries[position].key)
      guard found >= 0, entries[position].value == other.entries[found].value else { return false }
    }
    return true
  }

  /// The position of a key's entry, or -1.
  @inline(__always) final func find(_ key: StringObject) -> Int {
    let hash = key.hash
    let entries = entries
    guard let index else {
      var position = 0
      while position < count {
        if entries[position].hash == hash, entries[position].key.isSame(as: key) { return position }
        position += 1
      }
      return -1
    }
    let mask = mask
    var probe = hash & mask
    while true {
      let position = Int(index[probe])
      if position < 0 { return -1 }
      if entries[position].hash == hash, entries[position].key.isSame(as: key) { return position }
      probe = (probe + 1) & mask
    }
  }

  /// Where the value of an entry lies. Valid until the record grows or goes.
  @inline(__always) final func slot(_ position: Int) -> UnsafeMutablePointer<Value> {
    let offset = MemoryLayout<Entry>.stride * position + Self.valueOffset
    return (UnsafeMutableRawPointer(entries) + offset).assumingMemoryBound(to: Value.self)
  }

  @inline(__always) private static var valueOffset: Int { 16 }
  static func checkLayout() -> Bool { MemoryLayout<Entry>.offset(of: \Entry.value) == valueOffset }

  /// Sets a field. Only for a record that nobody else refers to.
  final func set(_ key: StringObject, _ value: Value) {
    let position = find(key)
    if position >= 0 {
      slot(position).store(value)
    } else {
      append(key, value)
    }
  }

  /// Adds a field that is not there yet. Only for a record that nobody else refers to.
  final func append(_ key: StringObject, _ value: Value) {
    if count == capacity { grow() }
    (entries + count).initialize(to: Entry(hash: key.hash, key: key, value: value))
    if let index { place(key.hash, count, index) }
    count += 1
  }

  @inline(never) private func grow() {
    let grownCapacity: Int
    if capacity < Self.linearLimit {
      grownCapacity = Self.linearLimit
    } else {
      let slots = index == nil ? Self.linearLimit * 4 : (mask + 1) * 2
      grownCapacity = slots * 3 / 4
      mask = slots - 1
      index?.deallocate()
      let grown = UnsafeMutablePointer<Int32>.allocate(capacity: slots)
      grown.initialize(repeating: -1, count: slots)
      for position in 0..<count { place(entries[position].hash, position, grown) }
      index = grown
    }
    let moved = UnsafeMutablePointer<Entry>.allocate(capacity: grownCapacity)
    moved.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = moved
    capacity = grownCapacity
  }

  private func place(_ hash: Int, _ position: Int, _ index: UnsafeMutablePointer<Int32>) {
    var probe = hash & mask
    while index[probe] >= 0 { probe = (probe + 1) & mask }
    index[probe] = Int32(truncatingIfNeeded: position)
  }
}
