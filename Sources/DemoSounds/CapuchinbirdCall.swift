import Essentials
import Glibc

/// One bird's voice: what its calls have in common.
///
/// Modelled on measured calls: a growl of about a second, noise between 550 and 900 Hz in fast
/// pulses that climbs, then at once a drawn-out moo of about two seconds, harmonics of 134 Hz from
/// the third to the twelfth, loudest near 1475 Hz and between 650 and 1100 Hz, that sinks a little
/// and falls at its end while the growl comes back.
struct CapuchinbirdVoice {
  private let pitch: Double
  private let growlDuration: Double
  private let mooDuration: Double
  private let growlLow: Double
  private let growlHigh: Double
  private let pulseRate: Double
  private let growlLevel: Double
  private let harmonics: [Double]

  /// Levels of the harmonics from the first to the thirteenth, in dB.
  private static let template: [Double] = [-60, -40, -23, -18, -6, -3, -7, -4, -8, -4, 0, -19, -26]

  init(_ random: inout RandomSource) {
    pitch = random.uniform(124, 145)
    growlDuration = random.uniform(0.75, 1.35)
    mooDuration = random.uniform(1.55, 2.3)
    growlLow = random.uniform(560, 640)
    growlHigh = random.uniform(740, 840)
    pulseRate = random.uniform(104, 126)
    growlLevel = random.uniform(0.7, 1.9)
    // Some voices are dark, with the upper harmonics far below the lower ones.
    let tilt = random.uniform(-13, 3)
    harmonics = Self.template.indices.map { index in
      let level = Self.template[index] + 3.5 * random.normal() + tilt * (Double(index) - 5) / 5
      return pow(10, level / 20)
    }
  }

  /// One call, and when its moo starts, in seconds.
  func call(_ random: inout RandomSource) -> (sound: Sound, mooStart: Double) {
    let growl = growlDuration * random.uniform(0.85, 1.15)
    let moo = mooDuration * random.uniform(0.9, 1.1)
    let tail = random.uniform(0.2, 0.5)
    let base = pitch * random.uniform(0.985, 1.015)
    var sound = Sound(repeating: 0, count: Acoustics.frames(growl + moo + tail))

    let rolling = growlNoise(growl + 0.06, from: growlLow, to: growlHigh, &random) { time in
      Acoustics.smooth(time / (0.7 * growl)) * Acoustics.smooth((growl + 0.06 - time) / 0.08)
    }
    Acoustics.add(rolling, to: &sound, factor: Float(growlLevel))

    let drift = Acoustics.drift(&random, speed: 2)
    let tones = Acoustics.harmonics(moo, count: harmonics.count) { time in
      let place = time / moo
      let fall = 0.04 * place + 0.13 * Acoustics.smooth((place - 0.76) / 0.24)
      return base * (1.02 - fall + 0.003 * drift(time) + 0.02 * exp(-time / 0.04))
    } amplitude: { harmonic, time in
      let place = time / moo
      // The upper harmonics go first.
      let end = 1.0 - 0.1 * Double(harmonic) / 13
      let fade = Acoustics.smooth((end - place) / 0.24)
      return 0.3 * harmonics[harmonic - 1] * Acoustics.smooth(time / 0.035) * fade
    }
    Acoustics.add(tones, to: &sound, at: Acoustics.frames(growl))

    let returnStart = growl + moo * random.uniform(0.55, 0.75)
    let rest = growl + moo + tail - returnStart
    let back = growlNoise(rest, from: growlHigh * 0.92, to: growlLow * 1.05, &random) { time in
      Acoustics.smooth(time / (0.5 * rest)) * Acoustics.smooth((rest - time) / (0.35 * rest))
    }
    let backLevel = Float(growlLevel * random.uniform(0.3, 0.9))
    Acoustics.add(back, to: &sound, at: Acoustics.frames(returnStart), factor: backLevel)
    return (sound, growl)
  }

  private func growlNoise(
    _ duration: Double, from low: Double, to high: Double, _ random: inout RandomSource,
    level: (Double) -> Double
  ) -> Sound {
    let count = Acoustics.frames(duration)
    var slow = Acoustics.noise(count, &random)
    let smoothing = Filter(.lowPass, 35)
    smoothing.apply(&slow)
    var quadrature = Acoustics.noise(count, &random)
    smoothing.apply(&quadrature)
    var sound = Sound(repeating: 0, count: count)
    var carrier = 0.0
    var pulse = 0.0
    for index in 0..<count {
      let time = Double(index) / Acoustics.rate
      let frequency = low + (high - low) * time / duration
      carrier += 2 * Double.pi * frequency / Acoustics.rate
      pulse += 2 * Double.pi * pulseRate / Acoustics.rate
      // Narrow noise around the carrier, in pulses.
      let tone = Double(slow[index]) * cos(carrier) + Double(quadrature[index]) * sin(carrier)
      let gate = 0.5 + 0.5 * cos(pulse)
      sound[index] = Float(6 * tone * gate * gate * level(time))
    }
    return sound
  }
}
