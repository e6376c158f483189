/// Colours for numbers, evenly spaced to the eye.
public enum Colormap: String, Sendable, CaseIterable {
  /// Violet, green, yellow.
  case viridis
  /// Black, magenta, cream.
  case magma
  /// Black, red, yellow.
  case inferno
  /// Blue, gray, yellow: made for red-green colour blindness.
  case cividis
  /// Black to white.
  case gray
}
