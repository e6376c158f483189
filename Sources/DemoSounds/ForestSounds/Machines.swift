import Essentials
import Glibc

/// Machines far away.
extension ForestSound {
  static func engine(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(48, 165)
    let low = voice.uniform(300, 900)
    let width = voice.uniform(350, 900)
    let revs = voice.uniform() < 0.5 ? voice.uniform(0.05, 0.2) : 0.01
    let drift = Acoustics.drift(&random, speed: 0.6)
    let swell = Acoustics.drift(&random, speed: 0.3)
    return Acoustics.harmonics(duration, count: 24) { time in
      pitch * (1 + revs * drift(time))
    } amplitude: { harmonic, time in
      let away = (Double(harmonic) * pitch - low) / width
      return 0.25 * exp(-away * away) * max(0.2, 0.8 + 0.2 * swell(time))
    }
  }

  static func saws(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(100, 170)
    let low = voice.uniform(500, 900)
    let high = voice.uniform(1400, 1800)
    let length = voice.uniform(1.2, 4)
    let rise = voice.uniform(0.1, 0.35)
    let colour = (0..<18).map { _ in pow(10, 5 * voice.normal() / 20) }
    return repeating(duration, firstPause: random.uniform(-1, 0.8)) {
      let long = length * random.uniform(0.7, 1.3)
      let drift = Acoustics.drift(&random, speed: 5)
      // It revs up into the wood: the pitch climbs and shakes.
      let sound = Acoustics.harmonics(long, count: 18) { time in
        pitch * (0.75 + rise * Acoustics.smooth(time / (0.6 * long)) + 0.015 * drift(time))
      } amplitude: { harmonic, time in
        let frequency = Double(harmonic) * pitch
        let inside =
          Acoustics.smooth((frequency - low) / 250 + 0.5) * Acoustics.smooth((high - frequency) / 300 + 0.5)
        return 0.3 * inside * colour[harmonic - 1]
          * Acoustics.envelope(time, long, attack: 0.25, release: 0.25)
      }
      return (sound, random.uniform(0.2, 1))
    }
  }
}
