import Glibc

/// How numbers are written, correctly rounded.
public enum NumberText {
  /// The shortest text that reads back as the same number; whole numbers without a point: `3`, `0.1`,
  /// `1e-05`, `1e+16`, `nan`, `inf`.
  public static func plain(_ number: Double) -> String {
    if number == number.rounded(.towardZero), number.magnitude < 1e16 { return String(Int(number)) }
    return number.description
  }

  /// `places` digits behind the point: `3.14`.
  public static func fixed(_ number: Double, _ places: Int) -> String {
    formatted("%.*f", Int32(max(0, min(places, 300))), number)
  }

  /// At most `places` digits behind the point, no zeros at the end, and none with a minus: `16000`, `0.5`, `11.61`;
  /// from 10^15 on as `plain`.
  public static func trimmed(_ number: Double, _ places: Int) -> String {
    guard number.magnitude < 1e15 else { return plain(number) }
    let text = fixed(number, places)
    guard text.utf8.contains(UInt8(ascii: ".")) else { return text == "-0" ? "0" : text }
    var digits = text[...]
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    if digits.utf8.last == UInt8(ascii: ".") { digits.removeLast() }
    return digits == "-0" ? "0" : String(digits)
  }

  /// `digits` digits behind the point of a power of ten: `3.14e-05`.
  public static func scientific(_ number: Double, digits: Int) -> String {
    formatted("%.*e", Int32(max(0, min(digits, 300))), number)
  }

  /// At most `digits` digits that count, no zeros at the end: `0.984`, `1.23457e+08`.
  public static func significant(_ number: Double, digits: Int) -> String {
    formatted("%.*g", Int32(max(1, min(digits, 300))), number)
  }

  private static func formatted(_ format: String, _ digits: Int32, _ number: Double) -> String {
    // The longest fixed text of a double has 309 digits before the point and 300 behind.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 700) { buffer in
      let length = withVaList([digits, number]) { vsnprintf(buffer.baseAddress, 700, format, $0) }
      guard length > 0 else { return "" }
      let bytes = UnsafeRawBufferPointer(buffer).prefix(min(Int(length), 699))
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
