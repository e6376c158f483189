import CCairo
import CPNG

/// The libraries behind pictures.
public enum DrawingLibraries {
  /// Their names and versions, as they tell them.
  public static var versions: [(name: String, version: String)] {
    [("Cairo", String(cString: cairo_version_string())), ("libpng", String(cString: cpng_version()))]
  }
}
