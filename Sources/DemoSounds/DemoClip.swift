import AudioSignals
import Essentials
import Glibc

/// One source of short clips: a person with a recorder at one place, whose clips share the voice, the
/// background, the distance and the level.
///
/// Rates, channels, lengths, levels and backgrounds are drawn in the same way for clips with and
/// without a call; rates, channels and lengths anew for each clip, since there are so few sources
/// that by chance a class could have a rate to itself. None of them tells the classes apart.
struct ClipSource {
  private let subject: Subject
  private let background: ForestBackground
  private let distance: Double
  private let backgroundShare: Double
  private let level: Double

  private enum Subject {
    case call(CapuchinbirdVoice)
    case other(ForestSound, voice: RandomSource)
  }

  /// A source of calls, or (with a `kind`) of other sounds.
  init(kind: ForestSound?, _ random: inout RandomSource) {
    if let kind {
      subject = .other(kind, voice: RandomSource(seed: random.next()))
    } else {
      subject = .call(CapuchinbirdVoice(&random))
    }
    background = ForestBackground(&random)
    distance = random.uniform()
    // How far the background lies below the subject, in dB.
    backgroundShare = random.uniform(0, 22)
    level = random.uniform(-34, -14)
  }

  /// The bird of a source of calls.
  var voice: CapuchinbirdVoice? {
    if case .call(let voice) = subject { voice } else { nil }
  }

  /// One clip of the source, of 2 to 5 seconds.
  func clip(_ random: inout RandomSource) throws -> AudioClip {
    let choice = random.uniform()
    let rate = choice < 0.5 ? 44_100.0 : choice < 0.88 ? 48_000 : 11_025
    let isStereo = random.uniform() < 0.5
    // Half seconds, as people cut: 3.4 s in the mean.
    let duration = [2, 2.5, 3, 3, 3, 3.5, 3.5, 4, 4, 5][random.integer(below: 10)]
    var sound = Sound(repeating: 0, count: Acoustics.frames(duration))
    switch subject {
    case .call(let voice):
      let (call, mooStart) = voice.call(&random)
      // The clip may begin within the call, or end within it.
      let wanted = random.uniform(-0.5, min(2.1, duration - 1))
      Acoustics.add(call, to: &sound, at: Int((wanted - mooStart) * Acoustics.rate))
    case .other(let kind, let voice):
      sound = kind.sound(duration, voice: voice, &random)
    }
    Distance(min(max(distance + random.uniform(-0.1, 0.1), 0), 1), &random).apply(&sound)
    Acoustics.level(&sound, to: 1)
    let quiet = backgroundShare + random.uniform(-2, 2)
    let behind = Acoustics.gain(decibels: -quiet)
    var channels = [sound]
    Acoustics.add(background.sound(duration, &random), to: &channels[0], factor: behind)
    if isStereo {
      // The other microphone hears the subject a little later and a background of its own.
      var other = Sound(repeating: 0, count: sound.count)
      Acoustics.add(sound, to: &other, at: random.integer(below: 20), factor: Float(random.uniform(0.6, 1)))
      Acoustics.add(background.sound(duration, &random), to: &other, factor: behind)
      channels.append(other)
    }
    Self.scale(&channels, to: level + random.uniform(-2, 2))
    let clip = try AudioClip(
      samples: channels.flatMap { $0 }, channelCount: channels.count, rate: Acoustics.rate)
    return try clip.resampled(to: rate)
  }

  /// Gives the first channel this level in dB below full scale, and keeps peaks from clipping.
  static func scale(_ channels: inout [Sound], to decibels: Double) {
    let now = Acoustics.rootMeanSquare(channels[0])
    guard now > 0 else { return }
    var factor = Acoustics.gain(decibels: decibels) / now
    var peak: Float = 0
    for channel in channels { for sample in channel { peak = max(peak, abs(sample)) } }
    if peak * factor > 0.9 { factor = 0.9 / peak }
    for index in channels.indices {
      for frame in channels[index].indices { channels[index][frame] *= factor }
    }
  }
}
