/// Makes Cairo's SVG files repeatable, and lets them say what they show.
enum SVGFile {
  /// The file with its title and source, and repeatable names.
  static func finished(_ bytes: [UInt8], metadata: PictureMetadata) -> [UInt8] {
    let file = renumbered(bytes)
    var words = ""
    if let title = metadata.title { words += "<title>\(escaped(title))</title>\n" }
    let origin = [metadata.source, metadata.software].compactMap { $0 }.joined(separator: ", ")
    if !origin.isEmpty { words += "<desc>\(escaped(origin))</desc>\n" }
    // The root element's end: behind its name, the first sign that closes a tag.
    let root = Array("<svg ".utf8)
    guard !words.isEmpty,
      let start = file.indices.first(where: { file[$0...].starts(with: root) }),
      let end = file[start...].firstIndex(of: UInt8(ascii: ">"))
    else { return file }
    return file[...end] + Array("\n\(words)".utf8) + file[(end + 1)...]
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in Text.printable(text) {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }

  private static let prefixes = [Array("image".utf8), Array("surface".utf8)]

  /// The file with the names of its parts numbered from 0. Cairo takes the numbers from a count of all
  /// surfaces that the process has made.
  private static func renumbered(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    var copied = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      // Names stand after `id="` and `#` only; neither sign is found inside of base64 data.
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#"),
        let prefix = prefixes.first(where: { bytes[index...].starts(with: $0) })
      else { continue }
      let start = index + prefix.count
      var end = start
      while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
      if end == start { continue }
      let name = bytes[index..<end]
      let number = numbers[name] ?? numbers.count
      numbers[name] = number
      result += bytes[copied..<start]
      result += "\(number)".utf8
      copied = end
      index = end
    }
    return result + bytes[copied...]
  }
}
