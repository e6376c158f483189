import Essentials
import Glibc

/// Numbers as they stand beside axes.
enum AxisText {
  /// With so many decimals, and a real minus sign; `-0` is `0`.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "−∞" : "∞" }
    let digits = max(0, min(decimals, 15))
    // More digits than a double has would be made up.
    if abs(value) * pow(10, Double(digits)) >= 9e15 { return short(value) }
    let text = NumberText.fixed(abs(value), digits)
    return value < 0 && text.contains(where: { $0 != "0" && $0 != "." }) ? "−" + text : text
  }

  /// With so many significant digits at most, without trailing zeros: `0.25`, `1.5×10⁶`.
  static func short(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return fixed(value, decimals: 0) }
    if value == 0 { return "0" }
    var exponent = Int(floor(log10(abs(value))))
    // Rounding may carry: 9.999 becomes 10.0.
    let unit = pow(10, Double(exponent - digits + 1))
    let rounded = unit > 0 ? (value / unit).rounded() * unit : value
    if abs(rounded) >= pow(10, Double(exponent + 1)) { exponent += 1 }
    if exponent >= 6 || exponent < -4 {
      let mantissa = trimmed(value / pow(10, Double(exponent)), decimals: digits - 1)
      return "\(mantissa)×10\(superscript(exponent))"
    }
    return trimmed(value, decimals: max(0, digits - 1 - exponent))
  }

  private static func trimmed(_ value: Double, decimals: Int) -> String {
    let text = fixed(value, decimals: decimals)
    guard text.contains(".") else { return text }
    var result = text[...]
    while result.last == "0" { result.removeLast() }
    if result.last == "." { result.removeLast() }
    return String(result)
  }

  /// A whole number in raised digits.
  static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String(
      "\(number)".map { character in
        character == "-" ? "⁻" : digits[character.wholeNumberValue ?? 0]
      })
  }

  /// A whole number with thin spaces between its thousands: `6 021 857`.
  static func grouped(_ number: Int) -> String {
    let digits = "\(number.magnitude)"
    guard digits.count > 4 else { return number < 0 ? "−" + digits : digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "\u{2009}" }
      result.append(digit)
    }
    return number < 0 ? "−" + result : result
  }

  /// `1 value is not finite`, `3 values are not finite`, `3 of 10 values are not finite`.
  static func notFinite(_ count: Int, of total: Int? = nil, _ noun: String) -> String {
    let amount = total.map { "\(grouped(count)) of \(grouped($0))" } ?? grouped(count)
    let isOne = count == 1 && total == nil
    return "\(amount) \(noun)\(isOne ? " is" : "s are") not finite"
  }

  /// Seconds as minutes and seconds, or hours, minutes and seconds.
  static func clock(_ seconds: Double, hours: Bool, decimals: Int) -> String {
    let total = abs(seconds)
    let sign = seconds < 0 ? "−" : ""
    var minutes = Int(min(total / 60, 1e12))
    var rest = fixed(total - Double(minutes) * 60, decimals: decimals)
    if rest.hasPrefix("60") {
      minutes += 1
      rest = fixed(0, decimals: decimals)
    }
    if rest.prefix(while: { $0 != "." }).count < 2 { rest = "0" + rest }
    guard hours else { return "\(sign)\(minutes):\(rest)" }
    let lead = minutes % 60 < 10 ? "0" : ""
    return "\(sign)\(minutes / 60):\(lead)\(minutes % 60):\(rest)"
  }
}
