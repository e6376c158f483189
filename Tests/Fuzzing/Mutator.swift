import CapLanguage
import Essentials

/// Changes programs: bytes, tokens, lines, nesting, and pieces of two programs put together.
struct Mutator {
  private let corpus: [[UInt8]]
  private var random: RandomSource

  init(_ corpus: [[UInt8]], _ random: RandomSource) {
    self.corpus = corpus
    self.random = random
  }

  /// A changed copy of some program.
  mutating func program() -> [UInt8] { changed(pick(corpus)) }

  /// A changed copy of this one.
  mutating func changed(_ program: [UInt8]) -> [UInt8] {
    var bytes = program
    for _ in 0...random.integer(below: 5) { change(&bytes) }
    return bytes.count > Slot.capacity ? Array(bytes.prefix(Slot.capacity)) : bytes
  }

  private mutating func pick<Element>(_ items: [Element]) -> Element {
    items[random.integer(below: items.count)]
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    switch random.integer(below: 20) {
    case 0: changeByte(&bytes)
    case 1: bytes.insert(contentsOf: pick(OddValues.pieces), at: random.integer(below: bytes.count + 1))
    case 2: bytes.removeLast(random.integer(below: bytes.count + 1))
    case 3: removeRange(&bytes)
    case 4..<12: changeToken(&bytes)
    case 12..<15: changeLines(&bytes)
    case 15: nest(&bytes)
    case 16: splice(&bytes)
    case 17: repeatRange(&bytes)
    default: wrap(&bytes)
    }
  }

  // MARK: Bytes

  private mutating func changeByte(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = random.integer(below: bytes.count)
    switch random.integer(below: 3) {
    case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
    case 1: bytes[place] = UInt8(random.integer(below: 256))
    default: bytes.remove(at: place)
    }
  }

  private mutating func range(in bytes: [UInt8], longest: Int) -> Range<Int> {
    guard !bytes.isEmpty else { return 0..<0 }
    let start = random.integer(below: bytes.count)
    return start..<min(bytes.count, start + 1 + random.integer(below: longest))
  }

  private mutating func removeRange(_ bytes: inout [UInt8]) {
    bytes.removeSubrange(range(in: bytes, longest: 30))
  }

  private mutating func repeatRange(_ bytes: inout [UInt8]) {
    let part = range(in: bytes, longest: 20)
    let count = pick([2, 3, 10, 100, 1100])
    guard part.count * count < Slot.capacity else { return }
    let piece = Array(bytes[part])
    bytes.insert(contentsOf: (0..<count).flatMap { _ in piece }, at: part.lowerBound)
  }

  // MARK: Tokens

  /// The text's tokens; whole characters are kept together, broken UTF-8 is not.
  private func tokens(_ bytes: [UInt8]) -> [(kind: HighlightToken.Kind, range: Range<Int>)] {
    guard let text = String(validating: bytes, as: UTF8.self) else { return [] }
    return SourceText.tokens(of: text).map { ($0.kind, $0.range) }
  }

  private mutating func changeToken(_ bytes: inout [UInt8]) {
    let tokens = tokens(bytes)
    guard !tokens.isEmpty else { return changeByte(&bytes) }
    let token = pick(tokens)
    switch random.integer(below: 6) {
    case 0: bytes.removeSubrange(token.range)
    case 1:
      let other = Array(bytes[pick(tokens).range])
      bytes.replaceSubrange(token.range, with: other)
    case 2: bytes.insert(contentsOf: [32] + bytes[pick(tokens).range] + [32], at: token.range.lowerBound)
    default: bytes.replaceSubrange(token.range, with: replacement(for: token.kind))
    }
  }

  private mutating func replacement(for kind: HighlightToken.Kind) -> [UInt8] {
    let text: String
    switch kind {
    case .number: text = pick(OddValues.numbers + OddValues.quantities)
    case .string: text = pick(OddValues.strings)
    case .keyword: text = pick(Keyword.all)
    case .constant: text = pick(OddValues.others)
    case .symbol:
      text = pick(BinaryOperation.allCases).symbol
    case .bracket: text = pick(["(", ")", "[", "]", "{", "}"])
    case .call, .name:
      text = pick(["len", "map", "str", "x", "_", "list", "tensor", "zeros", "repeat", "plot"])
    case .comment: text = "# %% [markdown]\n"
    case .invalid: return pick(OddValues.pieces)
    }
    return Array((random.integer(below: 8) == 0 ? pick(OddValues.objects) : text).utf8)
  }

  // MARK: Lines

  private mutating func changeLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    let place = random.integer(below: lines.count)
    let others = pick(corpus).split(separator: 10, omittingEmptySubsequences: false)
    switch random.integer(below: 4) {
    case 0: lines.remove(at: place)
    case 1: lines.swapAt(place, random.integer(below: lines.count))
    case 2: lines.insert(others[random.integer(below: others.count)], at: place)
    default: lines.insert(lines[random.integer(below: lines.count)], at: place)
    }
    bytes = Array(lines.joined(separator: [10]))
  }

  private mutating func splice(_ bytes: inout [UInt8]) {
    let other = pick(corpus)
    let start = random.integer(below: other.count)
    bytes = Array(bytes.prefix(random.integer(below: bytes.count + 1))) + other[start...]
  }

  // MARK: Nesting

  /// Deep brackets, blocks and operators around or inside of the program.
  private mutating func nest(_ bytes: inout [UInt8]) {
    let (open, close) = pick(OddValues.brackets)
    let deepest = max(1, (Slot.capacity - bytes.count) / max(1, open.utf8.count + close.utf8.count))
    let count = min(pick([2, 20, 200, 450, 900, 1001, 2100, 20_000]), deepest)
    let place = random.integer(below: bytes.count + 1)
    bytes =
      bytes[..<place] + Array(String(repeating: open, count: count).utf8) + bytes[place...]
      + Array(String(repeating: close, count: count).utf8)
  }

  private mutating func wrap(_ bytes: inout [UInt8]) {
    let (open, close) = pick(OddValues.brackets)
    let part = range(in: bytes, longest: 40)
    bytes.insert(contentsOf: Array(close.utf8), at: part.upperBound)
    bytes.insert(contentsOf: Array(open.utf8), at: part.lowerBound)
  }
}
