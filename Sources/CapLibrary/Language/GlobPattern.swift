import Essentials

/// Paths with wildcards: `*` and `?` for characters of a name, `[a-z]` and `[!a-z]` for one of several, `**`
/// for any number of folders.
struct GlobPattern {
  private let parts: [String]
  private let isAbsolute: Bool

  /// A pattern; it may be without wildcards.
  init(_ pattern: String) {
    isAbsolute = pattern.utf8.first == UInt8(ascii: "/")
    parts = pattern.split(separator: "/").map(String.init)
  }

  /// The files (no folders) that fit, in the order of their bytes, each once.
  /// - Throws: a `file` failure if the folder in front of the first wildcard is not there.
  func matches() throws -> [String] {
    var folder = isAbsolute ? "/" : ""
    var position = 0
    while position < parts.count - 1, !Self.hasWildcard(parts[position]) {
      folder = Path.joined(folder, parts[position])
      position += 1
    }
    if !folder.isEmpty, Path.kind(folder) != .folder { throw Path.missingFolder(folder) }
    var found: Set<String> = []
    try search(folder, position, into: &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func search(_ folder: String, _ position: Int, into found: inout Set<String>) throws {
    try Interruption.check()
    guard position < parts.count else { return }
    let part = parts[position]
    let isLast = position == parts.count - 1
    if part == "**" {
      if isLast {
        for name in visible(folder) {
          let path = Path.joined(folder, name)
          if Path.kind(path) == .file { found.insert(path) }
        }
      } else {
        try search(folder, position + 1, into: &found)
      }
      // Links to folders are not followed: they may lead in circles.
      for name in visible(folder) {
        let path = Path.joined(folder, name)
        if Path.kind(path) == .folder, !Path.isLink(path) { try search(path, position, into: &found) }
      }
      return
    }
    if !Self.hasWildcard(part) {
      let path = Path.joined(folder, part)
      switch Path.kind(path) {
      case .folder: if !isLast { try search(path, position + 1, into: &found) }
      case .file: if isLast { found.insert(path) }
      case nil: break
      }
      return
    }
    let wildcard = Array(part.unicodeScalars)
    let showsHidden = wildcard.first == "."
    for name in Folder.names(in: folder) ?? [] where showsHidden || name.utf8.first != UInt8(ascii: ".") {
      guard Self.fits(Array(name.unicodeScalars), wildcard) else { continue }
      let path = Path.joined(folder, name)
      switch Path.kind(path) {
      case .folder: if !isLast { try search(path, position + 1, into: &found) }
      case .file: if isLast { found.insert(path) }
      case nil: break
      }
    }
  }

  private func visible(_ folder: String) -> [String] {
    (Folder.names(in: folder) ?? []).filter { $0.utf8.first != UInt8(ascii: ".") }
  }

  private static func hasWildcard(_ part: String) -> Bool {
    part.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  /// Whether a name fits a pattern. Goes back to the last `*` only, so it takes at most length × length steps.
  static func fits(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    var (n, p) = (0, 0)
    var star: (name: Int, pattern: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (n, p)
        p += 1
        continue
      }
      if p < pattern.count, let next = one(name[n], pattern, p) {
        n += 1
        p = next
        continue
      }
      guard let last = star else { return false }
      star = (last.name + 1, last.pattern)
      n = last.name + 1
      p = last.pattern + 1
    }
    while p < pattern.count, pattern[p] == "*" { p += 1 }
    return p == pattern.count
  }

  /// Where the pattern goes on if its part at `p` takes this character; nil if it does not.
  private static func one(_ scalar: Unicode.Scalar, _ pattern: [Unicode.Scalar], _ p: Int) -> Int? {
    if pattern[p] == "?" { return p + 1 }
    guard pattern[p] == "[" else { return pattern[p] == scalar ? p + 1 : nil }
    var position = p + 1
    let isNegated = position < pattern.count && (pattern[position] == "!" || pattern[position] == "^")
    if isNegated { position += 1 }
    let first = position
    var isIn = false
    while position < pattern.count, pattern[position] != "]" || position == first {
      if position + 2 < pattern.count, pattern[position + 1] == "-", pattern[position + 2] != "]" {
        if pattern[position].value <= scalar.value, scalar.value <= pattern[position + 2].value {
          isIn = true
        }
        position += 3
      } else {
        if pattern[position] == scalar { isIn = true }
        position += 1
      }
    }
    // A bracket that is never closed is a bracket.
    guard position < pattern.count else { return scalar == "[" ? p + 1 : nil }
    return isIn != isNegated ? position + 1 : nil
  }
}
