import Essentials
import Tensors

/// Takes in decoded blocks and keeps what is wanted of them: channels apart or mixed, resampled or not.
struct SampleCollector {
  private let info: AudioInfo
  private let frames: Int
  private let mono: Bool
  private let rate: Double
  private var channels: [[Float]]
  private var resamplers: [Resampler]

  private static let blockFrames = 1 << 14

  init(info: AudioInfo, frames: Int, mono: Bool, rate: Double?, quality: ResamplingQuality) throws {
    self.info = info
    self.frames = frames
    self.mono = mono
    self.rate = rate ?? info.rate
    let count = mono ? 1 : info.channelCount
    let expected = Double(frames) * self.rate / info.rate
    let bytes = expected * Double(count) * 4
    guard bytes <= Double(Tensor.byteLimit) else {
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
    channels = Array(repeating: [], count: count)
    // Not all at once on the word of a header: 64 MB, then as the samples really come.
    for index in 0..<count { channels[index].reserveCapacity(min(Int(expected) + 1024, 1 << 24)) }
  }

  mutating func fill(from reader: any AudioReader) throws {
    let width = info.channelCount
    let block = min(Self.blockFrames, max(1, (1 << 20) / width))
    let interleaved = UnsafeMutableBufferPointer<Float>.allocate(capacity: block * width)
    defer { interleaved.deallocate() }
    var left = frames
    while left > 0 {
      try Interruption.check()
      let wanted = UnsafeMutableBufferPointer(rebasing: interleaved[0..<min(left, block) * width])
      let count = try reader.read(into: wanted)
      if count == 0 { break }
      try take(UnsafeBufferPointer(rebasing: wanted[0..<count * width]), count)
      left -= count
    }
    for index in resamplers.indices { try resamplers[index].finish(into: &channels[index]) }
  }

  private mutating func take(_ block: UnsafeBufferPointer<Float>, _ count: Int) throws {
    let width = info.channelCount
    if width == 1 { return try append(block, to: 0) }
    let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    defer { part.deallocate() }
    if mono {
      let scale = 1 / Float(width)
      if width == 2 {
        for frame in 0..<count { part[frame] = (block[2 * frame] + block[2 * frame + 1]) * scale }
      } else {
        for frame in 0..<count {
          var sum: Float = 0
          for channel in 0..<width { sum += block[frame * width + channel] }
          part[frame] = sum * scale
        }
      }
      return try append(UnsafeBufferPointer(part), to: 0)
    }
    for channel in 0..<width {
      if width == 2 {
        for frame in 0..<count { part[frame] = block[2 * frame + channel] }
      } else {
        for frame in 0..<count { part[frame] = block[frame * width + channel] }
      }
      try append(UnsafeBufferPointer(part), to: channel)
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
