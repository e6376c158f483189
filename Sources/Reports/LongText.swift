/// Text that a cell prints, of which a document keeps the beginning and the end if there is very much.
struct LongText: Sendable {
  /// Bytes that are kept of the beginning, and again of the end.
  static let keptBytes = 1 << 18

  private var head = ""
  private var isHeadFull = false
  private var tail = ""
  private var leftOutLines = 0
  private var leftOutBytes = 0

  mutating func append(_ text: String) {
    var text = text[...]
    if !isHeadFull {
      if head.utf8.count + text.utf8.count <= Self.keptBytes {
        head += text
        return
      }
      isHeadFull = true
      let end = Self.boundary(in: text, after: Self.keptBytes - head.utf8.count)
      head += text[..<end]
      text = text[end...]
    }
    tail += text
    // Cut seldom: each cut copies what stays.
    if tail.utf8.count > 4 * Self.keptBytes { cutTail() }
  }

  /// The text, with a line about what is missing.
  var text: String {
    var copy = self
    if copy.tail.utf8.count > Self.keptBytes { copy.cutTail() }
    guard copy.leftOutBytes > 0 else { return copy.head + copy.tail }
    let lines = "\(copy.leftOutLines) line\(copy.leftOutLines == 1 ? "" : "s")"
    let start = copy.head.utf8.last == 10 ? "" : "\n"
    return copy.head + start + "… \(lines) left out, \(copy.leftOutBytes) bytes …\n" + copy.tail
  }

  private mutating func cutTail() {
    let start = Self.boundary(in: tail[...], after: tail.utf8.count - Self.keptBytes)
    let left = tail[..<start]
    leftOutBytes += left.utf8.count
    leftOutLines += left.utf8.count { $0 == 10 }
    tail = String(tail[start...])
  }

  /// Behind the first line end from a byte on, or at the next character if the line is long.
  private static func boundary(in text: Substring, after offset: Int) -> String.Index {
    var start = text.utf8.index(text.startIndex, offsetBy: max(0, min(offset, text.utf8.count)))
    if let end = text.utf8[start...].prefix(1000).firstIndex(of: 10) { return text.utf8.index(after: end) }
    while start < text.endIndex, text.utf8[start] & 0xC0 == 0x80 { start = text.utf8.index(after: start) }
    return start
  }
}
