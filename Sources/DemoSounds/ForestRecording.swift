import AudioSignals
import Essentials
import Glibc

/// A recording of three minutes from the forest, with the calls that are in it.
struct ForestRecording {
  /// When a call begins and ends, in seconds.
  struct Call: Sendable, Equatable {
    let start: Double
    let end: Double
  }

  /// 180.04 s: 8,642,000 frames at 48 kHz, as the recordings of the challenge have.
  static let frameCount = 8_642_000
  /// Samples a second in the file.
  static let rate = 48_000.0
  /// Bits a second of the file.
  static let bitRate = 128_000

  private static let duration = Double(frameCount) / rate

  /// How many calls the recording of this number has: none in every fourth, many in every eighth.
  static func callCount(_ index: Int, _ random: inout RandomSource) -> Int {
    switch index % 8 {
    case 0, 5: 3 + random.integer(below: 4)
    case 1, 6: 1 + random.integer(below: 3)
    case 2: 14 + random.integer(below: 12)
    case 3: 5 + random.integer(below: 5)
    default: 0
    }
  }

  /// Makes the recording; `voices` are the birds that may be heard in it.
  static func make(
    index: Int, voices: [CapuchinbirdVoice], _ random: inout RandomSource
  ) throws -> (clip: AudioClip, calls: [Call]) {
    var left = Sound(repeating: 0, count: frameCount / 2)
    var right = left
    try addBackground(&left, &right, &random)
    try addOthers(&left, &right, &random)
    let calls = try addCalls(callCount(index, &random), voices, &left, &right, &random)
    var channels = [left, right]
    left = []
    right = []
    ClipSource.scale(&channels, to: random.uniform(-28, -19))
    var samples = channels[0]
    samples.reserveCapacity(frameCount)
    samples.append(contentsOf: channels[1])
    channels = []
    let clip = try AudioClip(samples: samples, channelCount: 2, rate: Acoustics.rate)
    return (try clip.resampled(to: rate), calls)
  }

  /// The forest's noise, of level 1, in pieces so that an interrupt is heard.
  private static func addBackground(
    _ left: inout Sound, _ right: inout Sound, _ random: inout RandomSource
  ) throws {
    let background = ForestBackground(&random)
    let piece = 10.0
    let overlap = 1.0
    var time = -overlap
    while time < duration {
      try Interruption.check()
      for isLeft in [true, false] {
        var sound = background.sound(piece + overlap, &random)
        let fade = Acoustics.frames(overlap)
        for index in 0..<fade {
          // Noises that fade into each other keep their power.
          let place = Double(index) / Double(fade) * Double.pi / 2
          sound[index] *= Float(sin(place))
          sound[sound.count - 1 - index] *= Float(sin(place))
        }
        if isLeft {
          Acoustics.add(sound, to: &left, at: Acoustics.frames(time))
        } else {
          Acoustics.add(sound, to: &right, at: Acoustics.frames(time))
        }
      }
      time += piece
    }
  }

  /// Other animals, engines and weather, now and then.
  private static func addOthers(
    _ left: inout Sound, _ right: inout Sound, _ random: inout RandomSource
  ) throws {
    let kinds = (0..<3).map { _ in
      (
        ForestSound.allCases[random.integer(below: ForestSound.allCases.count)],
        RandomSource(seed: random.next())
      )
    }
    for _ in 0..<6 + random.integer(below: 12) {
      try Interruption.check()
      let (kind, voice) = kinds[random.integer(below: kinds.count)]
      let long = random.uniform(2, 8)
      var sound = kind.sound(long, voice: voice, &random)
      let fade = Acoustics.frames(0.3)
      for index in 0..<min(fade, sound.count / 2) {
        let level = Float(index) / Float(fade)
        sound[index] *= level
        sound[sound.count - 1 - index] *= level
      }
      Distance(random.uniform(0.2, 1), &random).apply(&sound)
      Acoustics.level(&sound, to: Acoustics.gain(decibels: random.uniform(-2, 14)))
      place(sound, at: random.uniform(0, duration - long), &left, &right, &random)
    }
  }

  /// Calls far enough apart that most are a run of windows of their own in the tutorial's rule of
  /// counting; now and then one bird answers another before its call has ended.
  private static func addCalls(
    _ count: Int, _ voices: [CapuchinbirdVoice], _ left: inout Sound, _ right: inout Sound,
    _ random: inout RandomSource
  ) throws -> [Call] {
    guard count > 0, !voices.isEmpty else { return [] }
    let longest = 5.0
    let spacing = min(9, (duration - longest - 1) / Double(count))
    let slack = max(0, duration - longest - 1 - spacing * Double(count - 1))
    let offsets = (0..<count).map { _ in random.uniform(0, slack) }.sorted()
    let mean = random.uniform(15, 22)
    let singers = (0..<1 + random.integer(below: 3)).map { _ in voices[random.integer(below: voices.count)] }
    var calls: [Call] = []
    for number in 0..<count {
      try Interruption.check()
      var (sound, _) = singers[random.integer(below: singers.count)].call(&random)
      Distance(random.uniform(0, 0.7), &random).apply(&sound)
      Acoustics.level(&sound, to: Acoustics.gain(decibels: mean + random.uniform(-5, 5)))
      var start = 0.5 + spacing * Double(number) + offsets[number]
      if let last = calls.last, count >= 4, random.uniform() < 0.07 {
        start = last.end + random.uniform(0.2, 1)
      }
      place(sound, at: start, &left, &right, &random)
      calls.append(Call(start: start, end: start + Double(sound.count) / Acoustics.rate))
    }
    return calls
  }

  private static func place(
    _ sound: Sound, at time: Double, _ left: inout Sound, _ right: inout Sound,
    _ random: inout RandomSource
  ) {
    let side = random.uniform(-0.4, 0.4)
    Acoustics.add(sound, to: &left, at: Acoustics.frames(time), factor: Float(1 - max(0, side)))
    Acoustics.add(
      sound, to: &right, at: Acoustics.frames(time) + Int(side * 12), factor: Float(1 + min(0, side)))
  }
}
