/// The escape sequences for the few colours that are used. All of them read well on dark and on light.
enum Style {
  static let reset = "\u{1B}[0m"
  static let bold = "\u{1B}[1m"
  static let dim = "\u{1B}[2m"
  static let red = "\u{1B}[31m"
  static let green = "\u{1B}[32m"
  static let yellow = "\u{1B}[33m"
  static let blue = "\u{1B}[34m"
  static let magenta = "\u{1B}[35m"
  static let cyan = "\u{1B}[36m"
  static let boldBlue = "\u{1B}[1;34m"
  static let boldGreen = "\u{1B}[1;32m"
}
