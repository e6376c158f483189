/// A page of HTML, read strictly: every element closed in order, every attribute quoted, every reference known.
struct Page {
  struct Element {
    let name: String
    let attributes: [String: String]
    /// The names of the elements around it, outermost first.
    let path: [String]
    /// All text inside of it.
    var text = ""

    var classes: [String] { attributes["class"]?.split(separator: " ").map(String.init) ?? [] }
  }

  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  /// In the order in which they begin.
  private(set) var elements: [Element] = []

  private static let voids: Set<String> = ["meta", "img", "br", "hr", "input"]

  init(_ html: String) throws {
    var rest = html[...]
    guard rest.hasPrefix("<!DOCTYPE html>\n") else { throw Malformed(description: "no doctype") }
    rest.removeFirst("<!DOCTYPE html>\n".count)
    var open: [Int] = []
    while !rest.isEmpty {
      let text = rest.prefix { $0 != "<" }
      rest = rest.dropFirst(text.count)
      if !text.isEmpty {
        let isStyle = open.last.map { elements[$0].name == "style" } ?? false
        let decoded = isStyle ? String(text) : try Self.decoded(text)
        for index in open { elements[index].text += decoded }
      }
      guard !rest.isEmpty else { break }
      guard let end = Self.tagEnd(rest) else { throw Malformed(description: "open tag: \(rest.prefix(80))") }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        guard let last = open.popLast(), elements[last].name == tag.dropFirst() else {
          throw Malformed(description: "</\(tag)> closes nothing")
        }
      } else {
        let element = try Self.element(tag, path: open.map { elements[$0].name })
        elements.append(element)
        if !Self.voids.contains(element.name) { open.append(elements.count - 1) }
      }
    }
    guard open.isEmpty else { throw Malformed(description: "\(elements[open[0]].name) is not closed") }
  }

  func all(_ name: String, class className: String? = nil) -> [Element] {
    elements.filter { $0.name == name && (className == nil || $0.classes.contains(className ?? "")) }
  }

  private static func tagEnd(_ text: Substring) -> Substring.Index? {
    var isQuoted = false
    for index in text.indices {
      if text[index] == "\"" { isQuoted.toggle() }
      if text[index] == ">", !isQuoted { return index }
    }
    return nil
  }

  private static func element(_ tag: Substring, path: [String]) throws -> Element {
    let name = tag.prefix { $0.isLetter || $0.isNumber }
    var attributes: [String: String] = [:]
    var rest = tag.dropFirst(name.count)
    while let start = rest.firstIndex(where: { $0 != " " && $0 != "/" }) {
      rest = rest[start...]
      let key = rest.prefix { $0.isLetter || $0 == "-" }
      rest = rest.dropFirst(key.count)
      guard rest.hasPrefix("=\"") else {
        guard !key.isEmpty, rest.isEmpty || rest.hasPrefix(" ") else {
          throw Malformed(description: "an attribute in <\(tag.prefix(200))>")
        }
        attributes[String(key)] = ""
        continue
      }
      let value = rest.dropFirst(2).prefix { $0 != "\"" }
      guard !value.contains("<") else { throw Malformed(description: "< in \(value.prefix(80))") }
      attributes[String(key)] = try decoded(value)
      rest = rest.dropFirst(value.count + 3)
    }
    return Element(name: String(name), attributes: attributes, path: path)
  }

  private static func decoded(_ text: Substring) throws -> String {
    let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
    var result = ""
    var rest = text
    while let sign = rest.firstIndex(of: "&") {
      result += rest[..<sign]
      rest = rest[rest.index(after: sign)...]
      let name = rest.prefix { $0 != ";" }
      guard let character = known[String(name)] else { throw Malformed(description: "&\(name.prefix(20))") }
      result += character
      rest = rest.dropFirst(name.count + 1)
    }
    return result + rest
  }
}
