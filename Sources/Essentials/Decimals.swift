import Glibc

/// Numbers with a chosen number of digits, through the C library's correctly rounded conversions.
public enum Decimals {
  /// `count` digits behind the point: `3.14`.
  public static func fixed(_ number: Double, _ count: Int) -> String {
    formatted("%.*f", Int32(max(0, min(count, 300))), number)
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
