import Essentials
import Notebook

/// Pictures inside of a page: their bytes stand in the page, nothing is fetched.
enum PictureHTML {
  /// The element for a picture that was drawn; without bytes that a page can show, what there is to read.
  static func text(_ picture: Picture) -> String {
    let name = picture.path.isEmpty ? "" : "<span class=\"path\">\(HTML.escaped(picture.path))</span>"
    let title = picture.title.isEmpty ? "" : HTML.plain(picture.title) + " "
    guard let type = mediaType(picture), let bytes = picture.bytes else {
      return
        "<p class=\"picture\">\(title)\(name) (\(picture.format.rawValue.uppercased()), not shown here)</p>\n"
    }
    let size =
      picture.width > 0 && picture.height > 0
      ? " width=\"\(picture.width)\" height=\"\(picture.height)\"" : ""
    return
      "<figure><img src=\"data:\(type);base64,\(Base64.text(bytes))\" alt=\"\(alternative(picture))\"\(size)>"
      + (name.isEmpty ? "" : "<figcaption>\(name)</figcaption>") + "</figure>\n"
  }

  /// The words in place of the picture, escaped.
  static func alternative(_ picture: Picture) -> String {
    HTML.plain([picture.summary, picture.title, picture.path].first { !$0.isEmpty } ?? "picture")
  }

  private static func mediaType(_ picture: Picture) -> String? {
    switch picture.format {
    case .png: "image/png"
    case .svg: "image/svg+xml"
    case .pdf: nil
    }
  }

  // MARK: Pictures that prose names

  private static let largestFile = 1 << 25

  /// The element for a picture that prose names: one that came with the cell, or a file beside the script. Nil
  /// for everything else.
  static func text(
    _ address: String, _ alternative: String, folder: String?, attachments: JSON?
  ) -> String? {
    guard let source = source(address, folder, attachments) else { return nil }
    return "<img src=\"\(HTML.escaped(source))\" alt=\"\(HTML.escaped(alternative))\">"
  }

  private static func source(_ address: String, _ folder: String?, _ attachments: JSON?) -> String? {
    if address.hasPrefix("attachment:") {
      guard let bundle = attachments?[decoded(String(address.dropFirst("attachment:".count)))],
        let (type, value) = bundle.members?.first(where: { types.contains($0.name) })
      else { return nil }
      let text = value.string ?? value.array.map { $0.compactMap(\.string).joined() } ?? ""
      return "data:\(type);base64,\(text.filter { !$0.isWhitespace })"
    }
    if address.hasPrefix("data:") {
      return types.contains { address.hasPrefix("data:\($0);base64,") } ? address : nil
    }
    // A colon before any slash: the address of something elsewhere.
    guard !address.prefix(while: { $0 != "/" }).contains(":"), !address.hasPrefix("//") else { return nil }
    let path = decoded(address)
    let place = path.hasPrefix("/") || folder == nil ? path : "\(folder ?? "")/\(path)"
    guard let file = try? InputFile(place), file.isRegular,
      let bytes = try? file.remainingBytes(limit: largestFile), let type = type(of: bytes)
    else { return nil }
    return "data:\(type);base64,\(Base64.text(bytes))"
  }

  private static let types = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]

  /// What the first bytes of a file say that it is.
  private static func type(of bytes: [UInt8]) -> String? {
    func starts(_ signature: [UInt8]) -> Bool { bytes.starts(with: signature) }
    if starts([0x89, 0x50, 0x4E, 0x47]) { return types[0] }
    if starts([0xFF, 0xD8, 0xFF]) { return types[1] }
    if starts(Array("GIF8".utf8)) { return types[2] }
    if starts(Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) { return types[3] }
    let text = String(decoding: bytes.prefix(1000), as: UTF8.self)
    return (text.hasPrefix("<?xml") || text.hasPrefix("<svg")) && text.contains("<svg") ? types[4] : nil
  }

  /// An address without percent codes.
  private static func decoded(_ address: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(address.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
