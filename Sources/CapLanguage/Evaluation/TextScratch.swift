/// A growing area in which f-strings are put together; nested ones start above.
struct TextScratch {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  var count = 0
  private var capacity: Int

  init() {
    capacity = 256
    bytes = .allocate(capacity: capacity)
  }

  func free() { bytes.deallocate() }

  @inline(__always) mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  @inline(never) private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
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
  mutating func append(_ number: Double) {
    guard number > -1e15, number < 1e15, let whole = Int(exactly: number) else {
      append(NumberText.plain(number))
      return
    }
    reserve(24)
    var rest = whole.magnitude
    let start = bytes + count
    var length = 0
    if whole < 0 {
      start[0] = 45
      length = 1
    }
    var digits = 1
    var probe = rest
    while probe >= 10 {
      probe /= 10
      digits += 1
    }
    length += digits
    var position = length
    repeat {
      position -= 1
      start[position] = UInt8(truncatingIfNeeded: 48 + rest % 10)
      rest /= 10
    } while rest > 0
    count += length
  }

  /// The text from `start` on, which is taken away.
  mutating func take(from start: Int) -> String {
    let text = String(
      decoding: UnsafeBufferPointer(start: bytes + start, count: count - start), as: UTF8.self)
    count = start
    return text
  }
}
