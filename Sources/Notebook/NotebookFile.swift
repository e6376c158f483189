import Essentials

extension NotebookFormat {
  // MARK: Writing

  /// The text of the `.ipynb` file, with what the cells left; `results` stand in the order of `cells`, missing
  /// ones are empty.
  public func fileText(results: [CellResult] = []) -> String {
    var names: Set<String> = []
    let written = cells.enumerated().map { index, cell in
      let name = Self.unusedName(cell.id, index, &names)
      return Self.json(cell, id: name, index < results.count ? results[index] : CellResult())
    }
    let own = (metadata.members ?? []).filter { !["kernelspec", "language_info"].contains($0.name) }
    let members: [JSON.Member] = [
      ("cells", .array(written)),
      (
        "metadata",
        .object(
          (own + [
            (
              "kernelspec",
              .object([
                ("display_name", .string("Cap")), ("language", .string("cap")), ("name", .string("cap")),
              ])
            ),
            (
              "language_info",
              .object([
                ("file_extension", .string(".cap")), ("mimetype", .string("text/x-cap")),
                ("name", .string("cap")),
              ])
            ),
          ]).sorted { $0.name < $1.name })
      ),
      ("nbformat", .number(4)), ("nbformat_minor", .number(5)),
    ]
    return JSON.object(members).indentedText + "\n"
  }

  private static func json(_ cell: Cell, id: String, _ result: CellResult) -> JSON {
    var metadata = cell.metadata.members ?? []
    if !cell.title.isEmpty { metadata.append(("title", .string(cell.title))) }
    let source = lines(of: cell.text).map(JSON.string)
    var members: [JSON.Member] = [
      ("id", .string(id)), ("metadata", .object(metadata.sorted { $0.name < $1.name })),
      ("source", .array(source)),
    ]
    switch cell.kind {
    case .code:
      members += [
        ("cell_type", .string("code")),
        ("execution_count", result.executionCount.map { .number(Double($0)) } ?? .null),
        ("outputs", .array(result.outputs)),
      ]
    case .prose, .raw:
      members.append(("cell_type", .string(cell.kind == .prose ? "markdown" : "raw")))
      if let attachments = cell.attachments { members.append(("attachments", attachments)) }
    }
    return .object(members.sorted { $0.name < $1.name })
  }

  /// The cell's own name if it is one by the rules and no other cell has it, else one by its place.
  private static func unusedName(_ id: String?, _ index: Int, _ names: inout Set<String>) -> String {
    if let id, isName(id), names.insert(id).inserted { return id }
    var number = index + 1
    while !names.insert("cell-\(number)").inserted { number += 1 }
    return "cell-\(number)"
  }

  private static func isName(_ id: String) -> Bool {
    (1...64).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  // MARK: Reading

  /// Whether a file of this name is read as a notebook.
  public static func isNotebook(path: String) -> Bool { path.lowercased().hasSuffix(".ipynb") }

  /// Reads the bytes of an `.ipynb` file; `name` is what messages call it. Outputs are left behind.
  /// - Throws: a `format` failure for what is no notebook, for one of another language, for one of nbformat 3
  ///   or older.
  public init(bytes: [UInt8], name: String) throws(Failure) {
    func broken(_ what: String) -> Failure {
      Failure(.format, "'\(name)' cannot be read as a notebook: \(what)")
    }
    let json: JSON
    do {
      json = try JSON(parsing: bytes)
    } catch {
      throw broken(error.message)
    }
    guard json.members != nil else { throw broken("it holds no JSON object") }
    guard let version = json["nbformat"]?.integer else { throw broken("it does not tell its nbformat") }
    guard version == 4 else {
      throw Failure(
        .format, "'\(name)' is a notebook of nbformat \(version), and only nbformat 4 can be read",
        hint: version < 4 ? "Jupyter writes it anew when it is saved there" : nil)
    }
    if let language = Self.language(of: json["metadata"]), language.lowercased() != "cap" {
      throw Failure(
        .format, "'\(name)' is a notebook in \(language), and only notebooks in Cap can be read")
    }
    guard let list = json["cells"]?.array else { throw broken("it has no list of cells") }
    var cells: [Cell] = []
    var names: Set<String> = []
    for (index, item) in list.enumerated() {
      // Before nbformat 4.5 cells had no names.
      let name = Self.unusedName(item["id"]?.string, index, &names)
      cells.append(try Self.cell(item, id: name) { (what: String) in broken("cell \(index + 1) \(what)") })
    }
    self.init(cells: cells, metadata: json["metadata"] ?? .object([]))
  }

  /// The language that a notebook says it is in, nil if it says none.
  private static func language(of metadata: JSON?) -> String? {
    metadata?["language_info"]?["name"]?.string ?? metadata?["kernelspec"]?["language"]?.string
      ?? metadata?["kernelspec"]?["name"]?.string
  }

  private static func cell(_ json: JSON, id: String, broken: (String) -> Failure) throws(Failure) -> Cell {
    let kinds: [String: Cell.Kind] = ["code": .code, "markdown": .prose, "raw": .raw]
    guard let type = json["cell_type"]?.string, let kind = kinds[type] else {
      throw broken("is neither code nor markdown nor raw")
    }
    let text: String
    switch json["source"] {
    case .string(let whole)?: text = whole
    case .array(let lines)?:
      let strings = lines.compactMap(\.string)
      guard strings.count == lines.count else { throw broken("has a source of something else than text") }
      text = strings.joined()
    default: throw broken("has no source")
    }
    let members = json["metadata"]?.members ?? []
    return Cell(
      kind: kind, title: members.first { $0.name == "title" }?.value.string ?? "", source: text,
      metadata: .object(members.filter { $0.name != "title" || $0.value.string == nil }),
      id: id, attachments: json["attachments"].flatMap { $0.members == nil ? nil : $0 },
      text: text)
  }
}
