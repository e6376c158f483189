import Essentials

/// A number with a unit: a time or a frequency.
public final class QuantityObject: Sendable {
  /// The two units of the language.
  public enum Unit: Sendable {
    /// Times.
    case second
    /// Frequencies.
    case hertz

    /// "time" or "frequency".
    public var kindName: String { self == .second ? "time" : "frequency" }
    /// "s" or "Hz".
    public var symbol: String { self == .second ? "s" : "Hz" }
  }

  /// In seconds or hertz.
  public let amount: Double
  /// What the amount counts.
  public let unit: Unit

  /// A quantity of `amount` seconds or hertz.
  public init(_ amount: Double, _ unit: Unit) {
    self.amount = amount
    self.unit = unit
  }

  /// How the value is written: `3 s`, `20 ms`, `16 kHz`, `440 Hz`; the number is exact.
  public var text: String {
    let magnitude = amount.magnitude
    switch unit {
    case .second:
      if magnitude > 0, magnitude < 1, let milli = Self.scaled(amount, by: 1000) { return milli + " ms" }
      return NumberText.plain(amount) + " s"
    case .hertz:
      if magnitude >= 1000, magnitude < 1e15 {
        let kilo = amount / 1000
        if kilo * 1000 == amount { return NumberText.plain(kilo) + " kHz" }
      }
      return NumberText.plain(amount) + " Hz"
    }
  }

  /// `amount * factor` written short, where reading it back gives `amount` again.
  private static func scaled(_ amount: Double, by factor: Double) -> String? {
    let product = amount * factor
    for candidate in [product, (product * 1e6).rounded() / 1e6] where candidate / factor == amount {
      let text = NumberText.plain(candidate)
      if text.utf8.count <= 8 { return text }
    }
    return nil
  }
}

/// The suffixes that may follow a number.
enum UnitSuffix {
  static func quantity(_ number: Double, _ suffix: String) -> QuantityObject? {
    switch suffix {
    case "s": QuantityObject(number, .second)
    case "ms": QuantityObject(number / 1000, .second)
    case "us", "µs": QuantityObject(number / 1_000_000, .second)
    case "min": QuantityObject(number * 60, .second)
    case "h": QuantityObject(number * 3600, .second)
    case "Hz": QuantityObject(number, .hertz)
    case "kHz": QuantityObject(number * 1000, .hertz)
    case "MHz": QuantityObject(number * 1_000_000, .hertz)
    default: nil
    }
  }

  /// The unit that a word means in other places: `seconds`, `hz`; a unit itself.
  static func meant(by word: String) -> String? {
    if all.contains(word) { return word }
    return switch word.lowercased() {
    case "sec", "secs", "second", "seconds": "s"
    case "msec", "millis", "millisecond", "milliseconds": "ms"
    case "mins", "minute", "minutes": "min"
    case "hr", "hrs", "hour", "hours": "h"
    case "hz", "hertz": "Hz"
    case "khz", "kilohertz": "kHz"
    case "mhz", "megahertz": "MHz"
    default: nil
    }
  }

  static let all = ["s", "ms", "us", "min", "h", "Hz", "kHz", "MHz"]
}
