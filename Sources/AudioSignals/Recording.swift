import Essentials

/// Sound in a file that is decoded when its samples are wanted: what to read, and what to make of it.
///
/// Its length, rate and channels are known from the start; `windows` decodes, mixes and resamples as
/// it goes, so that hours of audio take no more memory than a few seconds. Small recordings are kept
/// once they were decoded as a whole, so that nothing is decoded twice. The numbers are those that
/// decoding first, then mixing, then resampling would give.
public final class Recording: Sendable {
  /// The file's name, without its folders.
  public let source: String
  /// Samples a second of what comes out, in hertz.
  public let rate: Double
  /// Channels of what comes out.
  public let channelCount: Int
  /// Samples in each channel of what comes out.
  public let frameCount: Int
  private let info: AudioInfo
  private let file: FileHead
  private let range: Range<Int>
  private let selection: ChannelSelection
  private let quality: ResamplingQuality
  private let allowTruncated: Bool
  private let first: FirstReader
  private let kept = Monitor<AudioClip?>(nil)

  /// Streaming passes keep what they decoded up to this many bytes: 17 minutes at 16 kHz.
  public static let keptByteLimit = 64 << 20

  /// Opens a file to see what it is, or the part of it from `offset` on, `duration` seconds long.
  /// - Throws: what `AudioFile.open` throws; a `value` failure for a negative or endless offset or
  ///   duration, or a rate that is none.
  public convenience init(
    _ path: String, selection: ChannelSelection = .all, rate: Double? = nil, offset: Double = 0,
    duration: Double? = nil, quality: ResamplingQuality = .high, allowTruncated: Bool = false
  ) throws {
    let part = try TimeRange(offset: offset, duration: duration)
    if let rate { try AudioClip.checkRate(rate) }
    let file = try FileHead(path)
    let reader = try AudioFile.open(file, allowTruncated: allowTruncated)
    let info = reader.info
    self.init(
      file, info, FirstReader(reader), part.frames(of: info), selection, rate: rate ?? info.rate, quality,
      allowTruncated: allowTruncated)
  }

  private init(
    _ file: FileHead, _ info: AudioInfo, _ first: FirstReader, _ range: Range<Int>,
    _ selection: ChannelSelection, rate: Double, _ quality: ResamplingQuality, allowTruncated: Bool
  ) {
    self.file = file
    self.info = info
    self.first = first
    self.range = range
    self.selection = selection
    self.rate = rate
    self.quality = quality
    self.allowTruncated = allowTruncated
    source = info.name
    channelCount = selection.count(of: info.channelCount)
    // As libsoxr counts.
    frameCount = rate == info.rate ? range.count : Int(Double(range.count) / (info.rate / rate) + 0.5)
  }

  /// What it was decoded to, where that was kept.
  public var keptClip: AudioClip? { kept.withLock { $0 } }

  // MARK: What to make of it

  /// The mean of the channels; nil where that cannot be had on the way.
  public func mono() -> Recording? {
    if channelCount == 1 { return self }
    return rate == info.rate ? changed(.mean, rate) : nil
  }

  /// One channel, counted from 0; nil where that cannot be had on the way, or there is none.
  public func channel(_ index: Int) -> Recording? {
    guard (0..<channelCount).contains(index) else { return nil }
    if channelCount == 1 { return self }
    return rate == info.rate ? changed(.one(index), rate) : nil
  }

  /// At another rate; nil where that cannot be had on the way.
  /// - Throws: a `value` failure for a rate that is none, or too far off.
  public func resampled(to newRate: Double, quality: ResamplingQuality = .high) throws(Failure) -> Recording?
  {
    try AudioClip.checkRate(newRate)
    if newRate == rate { return self }
    guard rate == info.rate else { return nil }
    _ = try Resampler(from: rate, to: newRate, quality: quality)
    return changed(selection, newRate, quality)
  }

  private func changed(
    _ selection: ChannelSelection, _ rate: Double, _ quality: ResamplingQuality? = nil
  ) -> Recording {
    Recording(
      file, info, first, range, selection, rate: rate, quality ?? self.quality,
      allowTruncated: allowTruncated)
  }

  // MARK: Its samples

  /// All samples, which are kept from now on.
  /// - Throws: a `memory` failure where they do not fit; a `format` failure for a file that turns out
  ///   to be broken, a `file` failure where it has changed; `interrupt` when the user asks to stop.
  public func clip() throws -> AudioClip {
    if let clip = keptClip { return clip }
    let clip = try decoded()
    guard clip.frameCount == frameCount || allowTruncated else { throw endsEarly(clip.frameCount) }
    kept.withLock { $0 = clip }
    return clip
  }

  func decoded() throws -> AudioClip {
    let reader = try openedReader()
    var collector = try makeCollector(holdsAll: true)
    while try collector.collect(from: reader) {}
    return try collector.clip(source: source)
  }

  /// The recording cut into windows, decoded as far as they are asked for.
  /// - Throws: a `value` failure for a length or step below 1.
  public func windows(length: Int, step: Int, partial: Bool = false) throws(Failure) -> RecordingWindows {
    RecordingWindows(
      recording: self,
      cut: try WindowCut(frameCount: frameCount, length: length, step: step, partial: partial))
  }

  fileprivate func makeStream() throws -> RecordingStream {
    let keeps = Double(frameCount) * Double(channelCount) * 4 <= Double(Self.keptByteLimit)
    return RecordingStream(
      try openedReader(), try makeCollector(holdsAll: keeps), keeps: keeps, recording: self)
  }

  fileprivate func keep(_ channels: [[Float]]) throws {
    guard channels[0].count == frameCount else { throw endsEarly(channels[0].count) }
    let samples = channels.count == 1 ? channels[0] : channels.flatMap { $0 }
    let clip = AudioClip(unchecked: samples, channelCount: channelCount, rate: rate, source: source)
    kept.withLock { $0 = clip }
  }

  fileprivate func endsEarly(_ found: Int) -> Failure {
    file.broken(
      "ends early: its header promises \(frameCount) samples at \(NumberText.trimmed(rate, 3)) Hz, and \(found) are there",
      hint: "allow_truncated=true loads what is there")
  }

  private func openedReader() throws -> any AudioReader {
    guard try file.isUnchanged() else {
      throw Failure(
        .file, "'\(file.path)' has changed since it was opened", hint: "load it again", parameter: "path")
    }
    let reader = try first.take() ?? AudioFile.open(file, allowTruncated: allowTruncated)
    if range.lowerBound > 0 { try reader.seek(toFrame: range.lowerBound) }
    return reader
  }

  private func makeCollector(holdsAll: Bool) throws -> SampleCollector {
    try SampleCollector(
      info: info, frames: range.count, selection: selection, rate: rate, quality: quality,
      holdsAll: holdsAll)
  }
}

extension Recording: Sound {
  /// The name of the file that it came from.
  public var sourceName: String? { source }
}

/// A recording cut into windows.
public struct RecordingWindows: Sendable {
  /// What is cut.
  public let recording: Recording
  /// Where.
  public let cut: WindowCut

  /// A pass over the windows: each call gives the next one, then nil. Not for two threads at once.
  /// - Throws: what decoding meets.
  public func makeIterator() throws -> () throws -> AudioClip? {
    var index = 0
    func next() -> Range<Int>? {
      guard index < cut.count else { return nil }
      defer { index += 1 }
      return cut.frames(of: index)
    }
    if let clip = recording.keptClip {
      return { next().map { clip.part($0) } }
    }
    let stream = try recording.makeStream()
    return {
      guard let frames = next() else {
        try stream.finish()
        return nil
      }
      return try stream.part(frames)
    }
  }
}

/// Decodes a recording from front to back and holds what its windows still need.
private final class RecordingStream {
  private let recording: Recording
  private let reader: any AudioReader
  /// Holds samples from `start` on.
  private var collector: SampleCollector
  private var start = 0
  private let keeps: Bool
  private var isAtEnd = false

  init(_ reader: any AudioReader, _ collector: SampleCollector, keeps: Bool, recording: Recording) {
    self.reader = reader
    self.collector = collector
    self.keeps = keeps
    self.recording = recording
  }

  /// The samples of each channel that are there.
  private var heldCount: Int { collector.channels[0].count }

  /// The frames of a window; windows only ever move on.
  func part(_ frames: Range<Int>) throws -> AudioClip {
    if !keeps { release(before: frames.lowerBound) }
    while start + heldCount < frames.upperBound {
      if isAtEnd { throw recording.endsEarly(start + heldCount) }
      isAtEnd = try !collector.collect(from: reader)
      if !keeps { release(before: frames.lowerBound) }
    }
    let channels = collector.channels
    let samples = [Float](unsafeUninitializedCapacity: frames.count * channels.count) { samples, count in
      for channel in channels {
        channel.withUnsafeBufferPointer { channel in
          let part = UnsafeBufferPointer(
            rebasing: channel[frames.lowerBound - start..<frames.upperBound - start])
          _ = UnsafeMutableBufferPointer(rebasing: samples[count...]).initialize(from: part)
        }
        count += frames.count
      }
    }
    return AudioClip(
      unchecked: samples, channelCount: channels.count, rate: recording.rate, source: recording.source)
  }

  /// Lets go of what lies before a frame, once that is at least as much as what is kept: so each sample
  /// moves once at most.
  private func release(before frame: Int) {
    let unneeded = min(frame - start, heldCount)
    guard unneeded > 0, unneeded >= heldCount - unneeded else { return }
    collector.removeFirst(unneeded)
    start += unneeded
  }

  /// Decodes the rest where the whole is small enough to be kept.
  func finish() throws {
    guard keeps else { return }
    while try collector.collect(from: reader) {}
    try recording.keep(collector.channels)
  }
}

/// The part of a file to read, in seconds.
private struct TimeRange {
  let offset: Double
  let duration: Double?

  init(offset: Double, duration: Double?) throws(Failure) {
    guard offset >= 0, offset.isFinite else {
      throw Failure(
        .value, "an offset is a number of seconds from the start, not \(offset)", parameter: "offset")
    }
    if let duration {
      guard duration >= 0, duration.isFinite else {
        throw Failure(
          .value, "a duration is a positive number of seconds, not \(duration)", parameter: "duration")
      }
    }
    self.offset = offset
    self.duration = duration
  }

  func frames(of info: AudioInfo) -> Range<Int> {
    let start = Int(min((offset * info.rate).rounded(), Double(info.frameCount)))
    let rest = info.frameCount - start
    guard let duration else { return start..<info.frameCount }
    return start..<start + Int(min((duration * info.rate).rounded(), Double(rest)))
  }
}
