import Essentials

/// Where silence is added to a clip that is too short.
public enum PaddingSide: String, Sendable, CaseIterable {
  /// Before the samples.
  case start
  /// After the samples.
  case end
  /// Half before and half after; an odd sample goes to the end.
  case both

  /// How many of so many added samples come before the others.
  public func countBefore(of added: Int) -> Int {
    switch self {
    case .start: added
    case .end: 0
    case .both: added / 2
    }
  }
}

extension AudioClip {
  /// The frames from `start` up to, not including, `end`, with Python's meaning: negative positions
  /// count from the end, positions outside are drawn back to it, nil is the clip's own start or end.
  public func sliced(from start: Int? = nil, to end: Int? = nil) -> AudioClip {
    let frames = frameCount
    func position(_ index: Int) -> Int {
      index < 0 ? (index <= -frames ? 0 : frames + index) : min(index, frames)
    }
    let lower = position(start ?? 0)
    let upper = max(lower, position(end ?? frames))
    if lower == 0, upper == frames { return self }
    return part(lower..<upper)
  }

  /// The frames of a range that lies within the clip.
  func part(_ range: Range<Int>) -> AudioClip {
    if channelCount == 1 {
      return AudioClip(unchecked: Array(samples[range]), channelCount: 1, rate: rate, source: source)
    }
    return mapChannels { Array($0[range]) }
  }

  /// The clip with zeros added until it has `length` frames; a longer one is returned as it is.
  /// - Throws: a `value` failure for a negative length, a `memory` failure for one that does not fit.
  public func padded(to length: Int, side: PaddingSide = .end) throws(Failure) -> AudioClip {
    guard length >= 0 else {
      throw Failure(.value, "a length cannot be negative: \(length)", parameter: "length")
    }
    let missing = length - frameCount
    if missing <= 0 { return self }
    _ = try [channelCount, length].checkedElementCount()
    let before = side.countBefore(of: missing)
    return mapChannels { channel in
      [Float](unsafeUninitializedCapacity: length) { result, count in
        result.initialize(repeating: 0)
        for frame in 0..<channel.count { result[before + frame] = channel[frame] }
        count = length
      }
    }
  }

  /// The clips one after another. All must have the same rate and number of channels.
  /// - Throws: a `value` failure for no clips or clips that do not go together, a `memory` failure
  ///   for more than fits.
  public static func concatenating(_ clips: [AudioClip]) throws(Failure) -> AudioClip {
    guard let first = clips.first else {
      throw Failure(.value, "there is no audio to concatenate: the list is empty")
    }
    var frames = 0
    for clip in clips {
      guard clip.rate == first.rate else {
        throw Failure(
          .value,
          "audio of \(NumberText.trimmed(first.rate, 3)) Hz and of \(NumberText.trimmed(clip.rate, 3)) Hz cannot be joined",
          hint: "resample one of them")
      }
      guard clip.channelCount == first.channelCount else {
        throw Failure(
          .value, "audio of \(first.channelCount) and of \(clip.channelCount) channels cannot be joined",
          hint: "mono() or channel() makes them alike")
      }
      let (sum, overflow) = frames.addingReportingOverflow(clip.frameCount)
      frames = overflow ? .max : sum
    }
    _ = try [first.channelCount, frames].checkedElementCount()
    var samples: [Float] = []
    samples.reserveCapacity(frames * first.channelCount)
    for channel in 0..<first.channelCount {
      for clip in clips {
        let length = clip.frameCount
        samples.append(contentsOf: clip.samples[channel * length..<(channel + 1) * length])
      }
    }
    let source = clips.allSatisfy { $0.source == first.source } ? first.source : nil
    return AudioClip(
      unchecked: samples, channelCount: first.channelCount, rate: first.rate, source: source)
  }

  /// The clip cut into windows of `length` frames that start `step` frames apart.
  ///
  /// Nothing is copied until a window is asked for. A last part that does not fill a window is left
  /// out unless `partial`; then it is there as it is, shorter than the others.
  /// - Throws: a `value` failure for a length or step below 1.
  public func windows(length: Int, step: Int, partial: Bool = false) throws(Failure) -> ClipWindows {
    ClipWindows(
      clip: self, cut: try WindowCut(frameCount: frameCount, length: length, step: step, partial: partial))
  }
}

/// Where windows of `length` frames that start `step` frames apart lie in so many frames.
public struct WindowCut: Sendable {
  /// Frames in a window.
  public let length: Int
  /// Frames from the start of one window to the start of the next.
  public let step: Int
  /// The number of windows.
  public let count: Int
  private let frameCount: Int

  /// - Throws: a `value` failure for a length or step below 1.
  init(frameCount: Int, length: Int, step: Int, partial: Bool) throws(Failure) {
    guard length >= 1 else {
      throw Failure(.value, "a window has at least 1 sample, not \(length)", parameter: "length")
    }
    guard step >= 1 else {
      throw Failure(.value, "windows start at least 1 sample apart, not \(step)", parameter: "step")
    }
    self.length = length
    self.step = step
    self.frameCount = frameCount
    let whole = frameCount < length ? 0 : 1 + (frameCount - length) / step
    if partial {
      // As many as start within the clip and reach past the end of the last whole one.
      let starts = frameCount == 0 ? 0 : 1 + (frameCount - 1) / step
      let covered = whole == 0 ? 0 : (whole - 1) * step + length
      count = covered < frameCount ? Swift.min(starts, whole + 1) : whole
    } else {
      count = whole
    }
  }

  /// The frames of a window; none for positions outside.
  public func frames(of position: Int) -> Range<Int> {
    guard position >= 0, position < count else { return 0..<0 }
    let start = position * step
    return start..<Swift.min(start + length, frameCount)
  }
}

/// A clip cut into windows, each made when it is asked for.
public struct ClipWindows: RandomAccessCollection, Sendable {
  /// What is cut.
  public let clip: AudioClip
  /// Where.
  public let cut: WindowCut
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of windows.
  public var endIndex: Int { cut.count }

  /// A window; positions outside give an empty clip.
  public subscript(position: Int) -> AudioClip { clip.part(cut.frames(of: position)) }

  /// When a window starts, in seconds from the start of the clip.
  public func startTime(of position: Int) -> Double { Double(position) * Double(cut.step) / clip.rate }
}
