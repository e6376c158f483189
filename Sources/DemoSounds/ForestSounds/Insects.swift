import Essentials
import Glibc

/// Insects.
extension ForestSound {
  static func crickets(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let carrier = voice.uniform(2400, 5600)
    let pulses = voice.uniform(18, 60)
    let chirp = voice.uniform() < 0.4 ? duration : voice.uniform(0.15, 0.6)
    let pause = voice.uniform(0.15, 0.7)
    return repeating(duration, firstPause: random.uniform(0, 0.3)) {
      let long = chirp * random.uniform(0.9, 1.1)
      let sound = Acoustics.harmonics(long, count: 1) { _ in
        carrier
      } amplitude: { _, time in
        let gate = max(0, sin(2 * Double.pi * pulses * time))
        return 0.5 * gate * Acoustics.envelope(time, long, attack: 0.02, release: 0.02)
      }
      return (sound, pause * random.uniform(0.85, 1.15))
    }
  }

  static func cicadas(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    var sound = Acoustics.noise(Acoustics.frames(duration), &random)
    Filter(.bandPass, voice.uniform(3800, 7000), sharpness: voice.uniform(3, 9)).apply(&sound)
    let flutter = voice.uniform(30, 110)
    let drift = Acoustics.drift(&random, speed: 0.5)
    for index in sound.indices {
      let time = Double(index) / Acoustics.rate
      let swell = 0.7 + 0.2 * drift(time)
      sound[index] *= Float(swell * (0.6 + 0.4 * sin(2 * Double.pi * flutter * time)))
    }
    return sound
  }

  static func bees(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(115, 240)
    let slope = voice.uniform(0.25, 0.5)
    let passing = random.uniform(0.2, 0.8) * duration
    let width = random.uniform(0.5, 1.4)
    let drift = Acoustics.drift(&random, speed: 2.5)
    return Acoustics.harmonics(duration, count: 16) { time in
      pitch * (1 + 0.05 * drift(time) - 0.05 * tanh((time - passing) / 0.3))
    } amplitude: { harmonic, time in
      let away = (time - passing) / width
      return 0.4 * exp(-slope * Double(harmonic) * 0.6) * exp(-away * away)
    }
  }
}
