import Essentials
import Tensors

/// Which channels of a file are kept.
public enum ChannelSelection: Sendable, Equatable {
  /// All of them, apart.
  case all
  /// Their mean, as one.
  case mean
  /// One, counted from 0.
  case one(Int)

  func count(of channels: Int) -> Int { self == .all ? channels : 1 }
}

/// Takes in decoded blocks and keeps what is wanted of them: channels apart or mixed, resampled or not.
struct SampleCollector {
  private let info: AudioInfo
  private let selection: ChannelSelection
  private let rate: Double
  private var framesLeft: Int
  private var resamplers: [Resampler]
  private let interleaved: Scratch
  private let part: Scratch
  /// What was collected and is still held, channel by channel.
  private(set) var channels: [[Float]]

  private static let blockFrames = 1 << 14

  private final class Scratch {
    let memory: UnsafeMutableBufferPointer<Float>
    init(count: Int) {
      memory = .allocate(capacity: count)
      memory.initialize(repeating: 0)
    }
    deinit { memory.deallocate() }
  }

  /// - Throws: a `memory` failure where `all` the samples are to be held and do not fit; a `value`
  ///   failure for rates too far apart.
  init(
    info: AudioInfo, frames: Int, selection: ChannelSelection, rate: Double?, quality: ResamplingQuality,
    holdsAll: Bool
  ) throws {
    self.info = info
    framesLeft = frames
    self.selection = info.channelCount == 1 ? .all : selection
    self.rate = rate ?? info.rate
    let count = selection.count(of: info.channelCount)
    let expected = Double(frames) * self.rate / info.rate
    let bytes = expected * Double(count) * 4
    guard !holdsAll || bytes <= Double(Tensor.byteLimit) else {
      throw Failure(
        .memory, "'\(info.path)' takes \(ByteCount.text(bytes)) as samples",
        hint: "offset= and duration= load a part of it", parameter: "path")
    }
    resamplers = []
    if self.rate != info.rate {
      for _ in 0..<count {
        resamplers.append(try Resampler(from: info.rate, to: self.rate, quality: quality))
      }
    }
    let block = min(Self.blockFrames, max(1, (1 << 20) / info.channelCount))
    interleaved = Scratch(count: block * info.channelCount)
    part = Scratch(count: block)
    channels = Array(repeating: [], count: count)
    guard holdsAll else { return }
    // Not all at once on the word of a header: 64 MB, then as the samples really come.
    for index in 0..<count { channels[index].reserveCapacity(min(Int(expected) + 1024, 1 << 24)) }
  }

  /// Decodes one more block; false at the end, when all has been collected.
  mutating func collect(from reader: any AudioReader) throws -> Bool {
    try Interruption.check()
    let width = info.channelCount
    let block = part.memory.count
    let wanted = UnsafeMutableBufferPointer(rebasing: interleaved.memory[0..<min(framesLeft, block) * width])
    let count = framesLeft > 0 ? try reader.read(into: wanted) : 0
    guard count > 0 else {
      framesLeft = 0
      for index in resamplers.indices { try resamplers[index].finish(into: &channels[index]) }
      resamplers = []
      return false
    }
    framesLeft -= count
    try take(UnsafeBufferPointer(rebasing: wanted[0..<count * width]), count)
    return true
  }

  /// Lets go of the first samples of each channel.
  mutating func removeFirst(_ count: Int) {
    for index in channels.indices { channels[index].removeFirst(count) }
  }

  private mutating func take(_ block: UnsafeBufferPointer<Float>, _ count: Int) throws {
    let width = info.channelCount
    guard let from = block.baseAddress, let to = part.memory.baseAddress else { return }
    func append(channel: Int, to place: Int) throws {
      if width == 2 {
        for frame in 0..<count { to[frame] = from[2 * frame + channel] }
      } else {
        for frame in 0..<count { to[frame] = from[frame * width + channel] }
      }
      try self.append(UnsafeBufferPointer(start: to, count: count), to: place)
    }
    switch selection {
    case .all where width == 1: try self.append(block, to: 0)
    case .all: for channel in 0..<width { try append(channel: channel, to: channel) }
    case .one(let channel): try append(channel: channel, to: 0)
    case .mean:
      let scale = 1 / Float(width)
      if width == 2 {
        for frame in 0..<count { to[frame] = (from[2 * frame] + from[2 * frame + 1]) * scale }
      } else {
        for frame in 0..<count {
          var sum: Float = 0
          for channel in 0..<width { sum += from[frame * width + channel] }
          to[frame] = sum * scale
        }
      }
      try self.append(UnsafeBufferPointer(start: to, count: count), to: 0)
    }
  }

  private mutating func append(_ part: UnsafeBufferPointer<Float>, to channel: Int) throws {
    if resamplers.isEmpty {
      channels[channel].append(contentsOf: part)
    } else {
      try resamplers[channel].process(part, into: &channels[channel])
    }
  }

  /// What was collected.
  consuming func clip(source: String) throws -> AudioClip {
    let count = channels.count
    if count == 1 {
      return AudioClip(unchecked: channels[0], channelCount: 1, rate: rate, source: source)
    }
    var samples: [Float] = []
    samples.reserveCapacity(channels.reduce(0) { $0 + $1.count })
    for index in channels.indices {
      samples.append(contentsOf: channels[index])
      channels[index] = []
    }
    return AudioClip(unchecked: samples, channelCount: count, rate: rate, source: source)
  }
}
