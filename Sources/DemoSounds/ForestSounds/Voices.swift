import Essentials
import Glibc

/// Low voices: of mammals, frogs and toads.
extension ForestSound {
  static func cows(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(85, 190)
    let formants = [voice.uniform(250, 500), voice.uniform(650, 1000), voice.uniform(1200, 1700)]
    let length = voice.uniform(1.0, 2.3)
    return repeating(duration, firstPause: random.uniform(0, 1.0)) {
      let long = length * random.uniform(0.8, 1.2)
      let peak = random.uniform(0.35, 0.65)
      let drift = Acoustics.drift(&random, speed: 4)
      // The mouth opens slowly: the formants climb, unlike the bird's sudden onset.
      let sound = Acoustics.harmonics(long, count: 18) { time in
        let place = time / long
        let arc = place < peak ? place / peak : (1 - place) / (1 - peak)
        return pitch * (0.8 + 0.3 * Acoustics.smooth(arc) + 0.01 * drift(time))
      } amplitude: { harmonic, time in
        let place = time / long
        let opening = 0.75 + 0.35 * Acoustics.smooth(place / peak)
        let frequency = Double(harmonic) * pitch
        var level = 0.0
        for formant in formants {
          let away = (frequency - formant * opening) / 140
          level += exp(-away * away)
        }
        return 0.3 * level * Acoustics.envelope(time, long, attack: 0.3, release: 0.4)
      }
      return (sound, random.uniform(0.4, 1.5))
    }
  }

  static func frogs(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let body = voice.uniform(380, 1300)
    let rattle = voice.uniform(22, 110)
    let length = voice.uniform(0.15, 0.9)
    return repeating(duration, firstPause: random.uniform(0, 0.5)) {
      let long = length * random.uniform(0.8, 1.2)
      let shift = random.uniform(0.96, 1.04)
      let sound = Acoustics.harmonics(long, count: 3) { _ in
        body * shift
      } amplitude: { harmonic, time in
        let gate = pow(max(0, sin(2 * Double.pi * rattle * time)), 2)
        return 0.5 / Double(harmonic) * gate
          * Acoustics.envelope(time, long, attack: 0.03, release: 0.06)
      }
      return (sound, random.uniform(0.1, 0.7))
    }
  }

  static func roar(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let center = voice.uniform(450, 950)
    let flutter = voice.uniform(14, 60)
    let length = voice.uniform(0.7, 2.2)
    return repeating(duration, firstPause: random.uniform(0, 0.6)) {
      let long = length * random.uniform(0.8, 1.2)
      var sound = Acoustics.noise(Acoustics.frames(long), &random)
      Filter(.bandPass, center * random.uniform(0.93, 1.07), sharpness: 2.5).apply(&sound)
      for index in sound.indices {
        let time = Double(index) / Acoustics.rate
        let gate = 0.6 + 0.4 * sin(2 * Double.pi * flutter * time)
        sound[index] *= Float(2 * gate * Acoustics.envelope(time, long, attack: 0.25, release: 0.3))
      }
      return (sound, random.uniform(0.2, 0.9))
    }
  }

  static func toads(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(1100, 1700)
    let trill = voice.uniform(16, 45)
    let length = voice.uniform(0.8, 3.5)
    return repeating(duration, firstPause: random.uniform(-0.5, 0.7)) {
      let long = length * random.uniform(0.8, 1.2)
      let sound = Acoustics.harmonics(long, count: 1) { time in
        pitch * (1 + 0.02 * time / long)
      } amplitude: { _, time in
        let gate = max(0, sin(2 * Double.pi * trill * time))
        return 0.6 * gate * Acoustics.envelope(time, long, attack: 0.15, release: 0.1)
      }
      return (sound, random.uniform(0.2, 1))
    }
  }

  static func howls(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(230, 520)
    let formant = voice.uniform(800, 1500)
    let length = voice.uniform(0.8, 2.4)
    return repeating(duration, firstPause: random.uniform(-0.5, 0.7)) {
      let long = length * random.uniform(0.8, 1.2)
      let peak = random.uniform(0.25, 0.6)
      let sound = Acoustics.harmonics(long, count: 8) { time in
        let place = time / long
        let arc = place < peak ? place / peak : (1 - place) / (1 - peak)
        return pitch * (0.75 + 0.3 * Acoustics.smooth(arc))
      } amplitude: { harmonic, time in
        let away = (Double(harmonic) * pitch - formant) / 550
        return 0.4 * exp(-away * away) * Acoustics.envelope(time, long, attack: 0.12, release: 0.3)
      }
      return (sound, random.uniform(0.2, 0.9))
    }
  }
}
