import CapLanguage

/// Makes an input smaller that still ends the same way: Zeller and Hildebrandt's delta debugging (2002) over
/// lines, then tokens, then bytes.
struct Minimiser {
  /// Whether an input still does it.
  let isStillBad: ([UInt8]) -> Bool
  /// When to be content with what there is, in milliseconds of the clock.
  let deadline: Int

  /// The smallest input found.
  func smallest(_ input: [UInt8]) -> [UInt8] {
    var best = input
    while Clock.milliseconds() < deadline {
      let before = best.count
      best = reduced(best, parts: lines(best))
      best = reduced(best, parts: tokens(best))
      if best.count < 80 { best = reduced(best, parts: best.map { [$0] }) }
      if best.count == before { break }
    }
    return best
  }

  private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    for byte in bytes {
      lines[lines.count - 1].append(byte)
      if byte == 10 || byte == 59 { lines.append([]) }
    }
    return lines.filter { !$0.isEmpty }
  }

  /// Tokens with the blanks behind them; bytes where the text is broken.
  private func tokens(_ bytes: [UInt8]) -> [[UInt8]] {
    guard let text = String(validating: bytes, as: UTF8.self) else { return bytes.map { [$0] } }
    let starts = SourceText.tokens(of: text).map(\.range.lowerBound).filter { $0 > 0 }
    return zip([0] + starts, starts + [bytes.count]).map { Array(bytes[$0..<$1]) }
  }

  private func reduced(_ input: [UInt8], parts: [[UInt8]]) -> [UInt8] {
    var parts = parts
    var size = max(1, parts.count / 2)
    while true {
      var start = 0
      while start < parts.count, parts.count > 1, Clock.milliseconds() < deadline {
        let rest = Array(parts[..<start] + parts[min(parts.count, start + size)...])
        if !rest.isEmpty, isStillBad(Array(rest.joined())) { parts = rest } else { start += size }
      }
      if size == 1 { break }
      size = max(1, size / 2)
    }
    return Array(parts.joined())
  }
}
