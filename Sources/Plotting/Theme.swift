/// Light for paper, dark for screens at night.
public enum Theme: String, Sendable, CaseIterable {
  /// Dark on white.
  case light
  /// Light on near-black.
  case dark
}
