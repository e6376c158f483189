import Essentials

/// What a line such as `# %% Title [markdown] tags=["slow"]` says about the cell that it starts.
///
/// The kind may stand before or behind the title, as VS Code or Jupytext have it. Metadata stand last: a JSON
/// object, or names with values in JSON; what does not read as metadata belongs to the title.
struct CellMarker {
  var kind = Cell.Kind.code
  var title = ""
  var metadata: [JSON.Member] = []

  init() {}

  /// Reads a line; nil if it starts no cell.
  init?(line: Substring) {
    var rest = line.unicodeScalars[...]
    guard rest.first == "#" else { return nil }
    rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
    // `# %%timeit` is a commented magic of IPython, no marker.
    guard rest.starts(with: "%%".unicodeScalars), rest.dropFirst(2).first?.properties.isWhitespace ?? true
    else { return nil }
    var text = String(String.UnicodeScalarView(rest.dropFirst(2))).trimmingBlanks()
    if let (found, range) = Self.kind(in: text) {
      kind = found
      text = (text[..<range.lowerBound].trimmingBlanks() + " " + text[range.upperBound...].trimmingBlanks())
        .trimmingBlanks()
    }
    title = text
    guard text.utf8.count <= Self.longestSearched else { return }
    // Metadata start at the first place from which everything reads as such.
    var place = text.startIndex
    while place < text.endIndex {
      if let found = Self.metadata(in: text[place...]) {
        metadata = found
        break
      }
      guard let blank = text[place...].firstIndex(of: " ") else {
        place = text.endIndex
        break
      }
      place = text.index(after: blank)
    }
    title = text[..<place].trimmingBlanks()
  }

  /// The line that `init(line:)` reads as this, in Jupytext's order, with its line end.
  init(kind: Cell.Kind, title: String, metadata: [JSON.Member]) {
    self.kind = kind
    self.title = title
    self.metadata = metadata
  }

  var line: String {
    var words = title.split(whereSeparator: \.isWhitespace).map(String.init)
    // A title must not change what the cell is.
    words.removeAll { Self.kinds[$0] != nil }
    switch kind {
    case .code: break
    case .prose: words.append("[markdown]")
    case .raw: words.append("[raw]")
    }
    if metadata.allSatisfy({ Self.isName($0.name[...]) }) {
      words += metadata.map { "\($0.name)=\($0.value.text)" }
    } else {
      words.append(JSON.object(metadata).text)
    }
    return "# %%" + words.map { " " + $0 }.joined() + "\n"
  }

  /// The first word that names a kind.
  private static func kind(in text: String) -> (Cell.Kind, Range<String.Index>)? {
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let kind = kinds[String(word)] { return (kind, word.startIndex..<word.endIndex) }
    }
    return nil
  }

  /// What notebooks keep among a cell's metadata and markers say otherwise.
  static let reservedNames: Set<String> = ["title", "cap"]
  /// Whether nbformat lets a cell's metadata have this: some names are for values of one kind.
  private static func isPossible(_ member: JSON.Member) -> Bool {
    switch (member.name, member.value) {
    case ("tags", .array(let tags)):
      let names = tags.compactMap(\.string)
      return names.count == tags.count && Set(names).count == names.count
        && names.allSatisfy { !$0.isEmpty && !$0.contains(",") }
    case ("name", .string(let name)): return !name.isEmpty
    case ("format", .string), ("collapsed", .bool), ("scrolled", .bool): return true
    case ("tags", _), ("name", _), ("format", _), ("collapsed", _), ("scrolled", _): return false
    case ("jupyter", _), ("execution", _): return false
    default: return !reservedNames.contains(member.name)
    }
  }

  /// The length in bytes up to which metadata are looked for: looking takes the square of it.
  private static let longestSearched = 4096
  private static let kinds: [String: Cell.Kind] = ["[markdown]": .prose, "[md]": .prose, "[raw]": .raw]

  /// The metadata that make up all of `text`, nil if it is something else.
  private static func metadata(in text: Substring) -> [JSON.Member]? {
    if text.first == "{" {
      let members = (try? JSON(parsing: Array(text.utf8)))?.members
      return members?.allSatisfy(isPossible) == true ? members : nil
    }
    // `name=value name=value` reads as an object once each name is quoted.
    var members: [JSON.Member] = []
    var rest = text
    while !rest.isEmpty {
      guard let sign = rest.firstIndex(of: "="), isName(rest[..<sign]) else { return nil }
      let name = String(rest[..<sign])
      rest = rest[rest.index(after: sign)...]
      // A value ends at the first blank, or the end, up to which it reads as JSON.
      var end = rest.startIndex
      var value: JSON?
      while value == nil, end < rest.endIndex {
        end = rest[end...].dropFirst().firstIndex(of: " ") ?? rest.endIndex
        value = try? JSON(parsing: Array(rest[..<end].utf8))
      }
      guard let value, isPossible((name, value)), !members.contains(where: { $0.name == name })
      else { return nil }
      members.append((name, value))
      rest = rest[end...].drop { $0 == " " }
    }
    return members
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "_" else {
      return false
    }
    return text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_-.".unicodeScalars.contains($0)
    }
  }
}
