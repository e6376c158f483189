/// Bytes as text in the alphabet of RFC 4648: what pictures inside of text files are written in.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The bytes as one line, padded with `=`.
  public static func text(_ bytes: [UInt8]) -> String {
    let length = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: length) { text in
      var place = 0
      var index = 0
      while index < bytes.count {
        let left = bytes.count - index
        let group =
          UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
          | (left > 2 ? UInt32(bytes[index + 2]) : 0)
        for shift in 0..<4 {
          let code = Int(group >> UInt32(18 - 6 * shift) & 63)
          text[place + shift] = shift <= left ? alphabet[code] : UInt8(ascii: "=")
        }
        place += 4
        index += 3
      }
      return length
    }
  }
}
