import Essentials

/// The reader that a recording was opened with to see what it is, until somebody reads its samples: so that a file is
/// opened once, and an MP3 that does not say how long it is looked through once.
///
/// Each holds a file open, and there may be more recordings than a process may have files: only the last few are kept.
final class FirstReader: Sendable {
  private struct Weak {
    weak var place: FirstReader?
  }

  private static let most = 16
  private static let kept = Monitor<[Weak]>([])
  private let reader: Monitor<(any AudioReader)?>

  init(_ reader: any AudioReader) {
    self.reader = Monitor(reader)
    let oldest = Self.kept.withLock { kept -> FirstReader? in
      kept.removeAll { $0.place == nil }
      kept.append(Weak(place: self))
      return kept.count > Self.most ? kept.removeFirst().place : nil
    }
    _ = oldest?.take()
  }

  /// The reader, at its beginning; nil once it was taken, or where later ones needed its place.
  func take() -> (any AudioReader)? {
    reader.withLock { reader in
      defer { reader = nil }
      return reader
    }
  }
}
