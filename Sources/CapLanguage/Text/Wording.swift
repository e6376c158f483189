/// Words for sentences.
enum Wording {
  /// "a list", "an audio".
  static func withArticle(_ noun: String) -> String {
    guard let first = noun.unicodeScalars.first else { return noun }
    return ("aeiouAEIOU".unicodeScalars.contains(first) ? "an " : "a ") + noun
  }

  /// "1 item", "3 items".
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// "'a'", "'a' or 'b'", "'a', 'b' or 'c'".
  static func quotedAlternatives(_ words: [String]) -> String { alternatives(words.map { "'\($0)'" }) }

  /// "a", "a or b", "a, b or c".
  static func alternatives(_ words: [String]) -> String { joined(words, by: "or") }

  /// "a", "a and b", "a, b and c".
  static func joined(_ words: [String], by word: String = "and") -> String {
    guard let last = words.last else { return "" }
    if words.count == 1 { return last }
    return words.dropLast().joined(separator: ", ") + " \(word) " + last
  }
}

/// Near names, for "did you mean".
public enum NearNames {
  /// The candidates that `name` may be a slip for, nearest first: the same but for letter case, or within an
  /// edit distance of 1 (names of two letters or fewer) or 2, swapped neighbours counting as one edit.
  public static func of(_ name: String, in candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let letters = Array(name.unicodeScalars)
    guard letters.count <= 100 else { return [] }
    let folded = name.lowercased()
    // One edit may not replace half of a short name.
    let allowed = letters.count <= 2 ? 1 : letters.count <= 3 ? 1 : 2
    var found: [(String, Int)] = []
    var seen: Set<String> = []
    for candidate in candidates where candidate != name && seen.insert(candidate).inserted {
      if candidate.lowercased() == folded {
        found.append((candidate, 0))
        continue
      }
      let other = Array(candidate.unicodeScalars)
      guard abs(other.count - letters.count) <= allowed else { continue }
      let distance = distance(letters, other)
      if distance <= allowed, distance < max(letters.count, other.count) {
        found.append((candidate, distance))
      }
    }
    return found.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(limit).map(\.0)
  }

  /// "did you mean 'a'?", or nil.
  static func hint(_ name: String, in candidates: some Sequence<String>) -> String? {
    let near = of(name, in: candidates)
    return near.isEmpty ? nil : "did you mean \(Wording.quotedAlternatives(near))?"
  }

  /// The optimal string alignment distance.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        current[j] = min(change, previous[j] + 1, current[j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          current[j] = min(current[j], before[j - 2] + 1)
        }
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}
