import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// Samples with their rate, as a value of the language. A long recording's are decoded when they are wanted.
final class AudioObject: DomainObject, TensorConvertible, @unchecked Sendable {
  private enum Content {
    case clip(AudioClip)
    case recording(Recording)
  }

  private let content: Content

  init(_ clip: AudioClip) {
    content = .clip(clip)
    super.init()
  }

  private init(_ recording: Recording) {
    content = .recording(recording)
    super.init()
  }

  static func value(_ clip: AudioClip) -> Value { .object(AudioObject(clip)) }

  /// From this many seconds on, a recording is decoded when its samples are wanted.
  private static let secondsToDefer = 30.0

  /// The recording, decoded now where it is short.
  static func value(_ recording: Recording) throws -> Value {
    if recording.duration < secondsToDefer { return value(try recording.clip()) }
    return .object(AudioObject(recording))
  }

  /// The samples, decoded where they were not.
  var clip: AudioClip {
    get throws {
      switch content {
      case .clip(let clip): clip
      case .recording(let recording): try recording.clip()
      }
    }
  }

  /// What is not decoded yet.
  var undecoded: Recording? {
    if case .recording(let recording) = content, recording.keptClip == nil { recording } else { nil }
  }

  /// What is known without decoding.
  var sound: any Sound {
    switch content {
    case .clip(let clip): clip
    case .recording(let recording): recording
    }
  }

  override var kindName: String { "audio" }
  override var summary: String { sound.description }

  func tensorValue() throws -> Tensor { try clip.tensor() }

  override class var ownFieldNames: [String] {
    ["samples", "rate", "channels", "duration", "length", "shape", "source"]
  }

  override func field(_ name: String) throws -> Value? {
    switch name {
    case "samples": .object(TensorObject(try clip.tensor()))
    case "rate": .hertz(sound.rate)
    case "channels": .number(sound.channelCount)
    case "duration": .seconds(sound.duration)
    case "length": .number(sound.frameCount)
    case "shape": .list(sound.shape.map { .number($0) })
    case "source": sound.sourceName.map { .string($0) } ?? .nothing
    default: nil
    }
  }

  /// `a[:48000]`, `a[1s:2.5s]` cut in time and stay audio; `a[100]` is a sample, a list of one a channel
  /// where there are several; a second subscript picks the time in one channel: `a[0, :48000]`.
  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    switch subscripts.count {
    case 1: return try inTime(subscripts[0], of: try clip)
    case 2:
      guard sound.channelCount > 1 else {
        throw Failure(.index, "this audio is mono and has one axis, its samples", hint: "write a[start:end]")
      }
      guard case .index(let channel) = subscripts[0] else {
        throw Failure(
          .index, "the first of two subscripts is a channel's number", hint: "write a[0, start:end]")
      }
      let index = try Indexing.position(channel, count: sound.channelCount, of: "list of channels")
      return try inTime(subscripts[1], of: try clip.channel(index))
    default: throw Failure(.index, "audio has at most two axes, channels and samples")
    }
  }

  private func inTime(_ part: Subscript, of clip: AudioClip) throws -> Value {
    switch part {
    case .index(let index):
      let position = try Indexing.position(try samples(index), count: clip.frameCount, of: "audio")
      let values = (0..<clip.channelCount).map { channel in
        Value.number(Double(clip.samples[channel * clip.frameCount + position]))
      }
      return values.count == 1 ? values[0] : .list(values)
    case .slice(let start, let stop, let step):
      let slice = try Indexing.slice(
        try samples(start), try samples(stop), try samples(step), count: clip.frameCount)
      guard slice.step == 1 else {
        throw Failure(
          .value, "audio is cut in steps of 1",
          hint: "resample(a, rate) changes the rate; a.samples[::2] is a tensor")
      }
      return Self.value(clip.sliced(from: slice.start, to: slice.start + slice.count))
    }
  }

  /// A time as a number of samples; other values as they are.
  private func samples(_ value: Value) throws -> Value {
    guard case .quantity(let quantity) = value else { return value }
    guard quantity.unit == .second else {
      throw Failure(.unit, "audio is cut by samples or by times such as 1.5s, not by \(value.kindPhrase)")
    }
    return .number((quantity.amount * sound.rate).rounded())
  }

  override var count: Int? { sound.frameCount }

  override func element(at index: Int) throws -> Value { try inTime(.index(.number(index)), of: try clip) }

  /// Sounds of one rate and length add up; numbers scale them. The result is audio.
  override func binary(_ operation: BinaryOperation, right: Value) throws -> Value? {
    try combined(operation, with: right, onTheLeft: true)
  }

  override func binary(_ operation: BinaryOperation, left: Value) throws -> Value? {
    try combined(operation, with: left, onTheLeft: false)
  }

  private func combined(_ operation: BinaryOperation, with other: Value, onTheLeft: Bool) throws
    -> Value?
  {
    switch operation {
    case .add, .subtract, .multiply, .divide: break
    default: return nil
    }
    let otherTensor: Value
    switch other {
    case .number: otherTensor = other
    case .object(let object as AudioObject):
      guard object.sound.rate == sound.rate else {
        throw Failure(
          .value,
          "two sounds of different rates, \(Value.hertz(sound.rate)) and \(Value.hertz(object.sound.rate))",
          hint: "resample one of them first")
      }
      guard object.sound.shape == sound.shape else {
        throw Failure(
          .shape,
          "two sounds of different shapes, \(sound.shape.shapeDescription) and \(object.sound.shape.shapeDescription)",
          hint: "pad(a, length) or a[:length] makes them equally long")
      }
      otherTensor = .object(TensorObject(try object.clip.tensor()))
    default: return nil
    }
    let own = TensorObject(try clip.tensor())
    let result =
      onTheLeft
      ? try own.binary(operation, right: otherTensor) : try own.binary(operation, left: otherTensor)
    guard case .object(let object as TensorObject)? = result else { return nil }
    return Self.value(try AudioClip(object.tensor, rate: sound.rate, source: sound.sourceName))
  }

  override func unary(_ operation: UnaryOperation) throws -> Value? {
    guard operation == .negate else { return .object(self) }
    return try combined(.multiply, with: .number(-1), onTheLeft: true)
  }

  override func isEqual(to other: DomainObject) -> Bool {
    guard let other = other as? AudioObject else { return false }
    guard sound.rate == other.sound.rate, sound.shape == other.sound.shape else { return false }
    // What cannot be decoded equals nothing.
    guard let own = try? clip, let others = try? other.clip else { return false }
    return own.samples == others.samples
  }
}

extension AudioObject: Concatenable {
  func concatenated(with others: [Value], axis: Int) throws -> Value {
    var clips = [try clip]
    for (index, other) in others.enumerated() {
      guard case .object(let object as AudioObject) = other else {
        throw Failure(
          .type, "item \(index + 1) is \(other.kindPhrase), not audio like the first", parameter: "xs")
      }
      clips.append(try object.clip)
    }
    return Self.value(try AudioClip.concatenating(clips))
  }
}
