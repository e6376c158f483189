import CapLanguage
import Essentials

/// Texts with places for values: `{}`, `{0}`, `{:.2f}`, `{1:>8}`, as in Python's `str.format`.
enum TextTemplate {
  /// The text with the values in their places.
  /// - Throws: a `value` failure for an open brace or a place without a value, a `format` failure for an
  ///   unknown format.
  static func filled(_ text: String, with values: [Value]) throws -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var next = 0
    var position = 0
    while position < scalars.count {
      let scalar = scalars[position]
      position += 1
      guard scalar == "{" || scalar == "}" else {
        result.append(scalar)
        continue
      }
      if position < scalars.count, scalars[position] == scalar {
        result.append(scalar)
        position += 1
        continue
      }
      guard scalar == "{", let end = scalars[position...].firstIndex(of: "}") else {
        throw Failure(
          .value, "a single '\(scalar)' at position \(position - 1)",
          hint: "'{{' and '}}' stand for the braces themselves", parameter: "text")
      }
      let place = scalars[position..<end]
      position = end + 1
      let colon = place.firstIndex(of: ":") ?? place.endIndex
      let name = String(String.UnicodeScalarView(place[..<colon]))
      let format = colon < place.endIndex ? String(String.UnicodeScalarView(place[(colon + 1)...])) : ""
      let value = try self.value(named: name, values, &next)
      result.append(contentsOf: try formatted(value, format).unicodeScalars)
    }
    return String(result)
  }

  private static func value(named name: String, _ values: [Value], _ next: inout Int) throws -> Value {
    if name.isEmpty {
      defer { next += 1 }
      guard next < values.count else {
        throw Failure(
          .value, "the text has more places than the \(values.count) values given", parameter: "text")
      }
      return values[next]
    }
    guard let index = Int(name), values.indices.contains(index) else {
      throw Failure(.value, "there is no value for the place {\(name)}", parameter: "text")
    }
    return values[index]
  }

  private static func formatted(_ value: Value, _ format: String) throws -> String {
    if format.isEmpty { return value.displayText }
    return try blaming("text") { try FormatSpecification(format).text(value) }
  }
}
