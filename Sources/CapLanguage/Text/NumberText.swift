/// How numbers are written.
public enum NumberText {
  /// The shortest text that reads back as the same number; whole numbers without a point: `3`, `0.1`,
  /// `1e-05`, `1e+16`, `nan`, `inf`.
  public static func plain(_ number: Double) -> String {
    if number == number.rounded(.towardZero), number.magnitude < 1e16 { return String(Int(number)) }
    return number.description
  }
}
