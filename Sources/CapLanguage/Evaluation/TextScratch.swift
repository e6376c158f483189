import Essentials

/// A growing area in which f-strings are put together; nested ones start above.
struct TextScratch {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  var count = 0
  private var capacity: Int

  init() {
    capacity = 256
    bytes = .allocate(capacity: capacity + Self.slack)
  }

  /// Bytes past the capacity that may be read.
  private static let slack = 16

  func free() { bytes.deallocate() }

  @inline(__always) mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never) private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Self.slack)
    grown.initialize(from: bytes, count: count)
    bytes.deallocate()
    bytes = grown
  }

  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress else { return }
    reserve(text.count)
    (bytes + count).update(from: base, count: text.count)
    count += text.count
  }

  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  /// Writes a number as `NumberText.plain` does; whole ones digit by digit.
  @inline(__always) mutating func append(_ number: Double) {
    guard number > -1e15, number < 1e15 else { return appendOther(number) }
    let whole = Int(number)
    guard Double(whole) == number else { return appendOther(number) }
    reserve(24)
    var start = bytes + count
    var rest = whole.magnitude
    if whole < 0 {
      start[0] = 45
      start += 1
      count += 1
    }
    let digits = Self.digitCount(rest)
    count += digits
    var position = digits
    repeat {
      position -= 1
      let next = rest / 10
      start[position] = UInt8(truncatingIfNeeded: 48 &+ rest &- next &* 10)
      rest = next
    } while rest > 0
  }

  @inline(never) private mutating func appendOther(_ number: Double) { append(NumberText.plain(number)) }

  @inline(__always) private static func digitCount(_ number: UInt) -> Int {
    if number < 10 { return 1 }
    if number < 100 { return 2 }
    if number < 1000 { return 3 }
    if number < 10_000 { return 4 }
    var digits = 5
    var limit: UInt = 100_000
    while number >= limit {
      digits += 1
      limit *= 10
    }
    return digits
  }

  /// The text from `start` on, which is taken away.
  @inline(__always) mutating func take(from start: Int) -> String {
    let length = count - start
    count = start
    if length <= 15 { return TextBits.small(bytes + start, count: length) }
    return String(decoding: UnsafeBufferPointer(start: bytes + start, count: length), as: UTF8.self)
  }
}
