import CFFTW
import CMPG123
import CSndFile
import CSoxr

/// The libraries behind sounds.
public enum AudioLibraries {
  /// Their names and versions, as they tell them.
  public static var versions: [(name: String, version: String)] {
    [
      ("libsndfile", String(cString: sf_version_string()).withoutPrefix("libsndfile-")),
      ("libmpg123", "API \(MPG123_API_VERSION)"),
      ("FFTW", String(cString: cfftw_version()).withoutPrefix("fftw-")),
      ("libsoxr", String(cString: soxr_version()).withoutPrefix("libsoxr-")),
    ]
  }
}

extension String {
  fileprivate func withoutPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
