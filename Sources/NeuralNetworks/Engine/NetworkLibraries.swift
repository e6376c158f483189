import COneDNN

/// The library behind networks.
public enum NetworkLibraries {
  /// Its name and version, as it tells it.
  public static var versions: [(name: String, version: String)] {
    guard let version = dnnl_version()?.pointee else { return [] }
    return [("oneDNN", "\(version.major).\(version.minor).\(version.patch)")]
  }
}
