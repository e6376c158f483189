import Essentials
import Glibc

/// Birds.
extension ForestSound {
  static func songbirds(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let center = voice.uniform(2300, 5200)
    let syllables = (0..<3 + voice.integer(below: 4)).map { _ in
      (
        length: voice.uniform(0.05, 0.28), from: center * voice.uniform(0.7, 1.35),
        to: center * voice.uniform(0.7, 1.35), trill: voice.uniform() < 0.3 ? voice.uniform(18, 45) : 0
      )
    }
    var turn = random.integer(below: syllables.count)
    return repeating(duration, firstPause: random.uniform(0, 0.5)) {
      let syllable = syllables[turn % syllables.count]
      turn += 1
      let shift = random.uniform(0.97, 1.03)
      let sound = Acoustics.harmonics(syllable.length, count: 2) { time in
        let place = time / syllable.length
        let sway = syllable.trill > 0 ? 0.06 * sin(2 * Double.pi * syllable.trill * time) : 0
        return (syllable.from + (syllable.to - syllable.from) * place) * shift * (1 + sway)
      } amplitude: { harmonic, time in
        (harmonic == 1 ? 0.5 : 0.05)
          * Acoustics.envelope(time, syllable.length, attack: 0.012, release: 0.03)
      }
      let phraseEnds = turn.isMultiple(of: syllables.count)
      return (sound, phraseEnds ? random.uniform(0.3, 1.2) : random.uniform(0.02, 0.09))
    }
  }

  static func owls(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(330, 900)
    let length = voice.uniform(0.18, 1.1)
    let fall = voice.uniform(-0.05, 0.14)
    let tremble = voice.uniform() < 0.4 ? voice.uniform(8, 16) : 0
    let second = voice.uniform(0.02, 0.25)
    let pause = voice.uniform(0.15, 0.8)
    return repeating(duration, firstPause: random.uniform(0, 0.8)) {
      let long = length * random.uniform(0.8, 1.25)
      let sound = Acoustics.harmonics(long, count: 3) { time in
        pitch * (1 - fall * time / long + (tremble > 0 ? 0.02 * sin(2 * Double.pi * tremble * time) : 0))
      } amplitude: { harmonic, time in
        let gate = tremble > 0 ? 0.6 + 0.4 * sin(2 * Double.pi * tremble * time) : 1
        let level = harmonic == 1 ? 0.6 : harmonic == 2 ? second : second * 0.4
        return level * gate * Acoustics.envelope(time, long, attack: 0.06, release: 0.1)
      }
      return (sound, pause * random.uniform(0.6, 1.5))
    }
  }

  static func doves(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(420, 680)
    let roll = voice.uniform(18, 34)
    let pattern = (0..<3 + voice.integer(below: 2)).map { _ in voice.uniform(0.12, 0.55) }
    var turn = 0
    return repeating(duration, firstPause: random.uniform(0, 0.5)) {
      let long = pattern[turn % pattern.count]
      turn += 1
      let sound = Acoustics.harmonics(long, count: 4) { time in
        pitch * (1 + 0.08 * sin(Double.pi * time / long))
      } amplitude: { harmonic, time in
        let gate = 0.65 + 0.35 * sin(2 * Double.pi * roll * time)
        return 0.5 / Double(harmonic * harmonic) * gate
          * Acoustics.envelope(time, long, attack: 0.04, release: 0.07)
      }
      return (sound, turn.isMultiple(of: pattern.count) ? random.uniform(0.4, 0.9) : 0.09)
    }
  }

  static func crows(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(260, 480)
    let formant = voice.uniform(1000, 1900)
    let length = voice.uniform(0.18, 0.42)
    return repeating(duration, firstPause: random.uniform(0, 0.6)) {
      let long = length * random.uniform(0.8, 1.2)
      let drift = Acoustics.drift(&random, speed: 30)
      var sound = Acoustics.harmonics(long, count: 14) { time in
        pitch * (1 + 0.12 * sin(Double.pi * time / long) + 0.03 * drift(time))
      } amplitude: { harmonic, time in
        let away = (Double(harmonic) * pitch - formant) / 700
        return 0.3 * exp(-away * away) * Acoustics.envelope(time, long, attack: 0.02, release: 0.08)
      }
      var breath = Acoustics.noise(sound.count, &random)
      Filter(.bandPass, formant, sharpness: 1.2).apply(&breath)
      for index in sound.indices {
        let time = Double(index) / Acoustics.rate
        sound[index] +=
          0.8 * breath[index]
          * Float(Acoustics.envelope(time, long, attack: 0.02, release: 0.08))
      }
      return (sound, random.uniform(0.15, 0.6))
    }
  }

  static func whistles(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let low = voice.uniform(1200, 2000)
    let high = low * voice.uniform(1.2, 1.8)
    return repeating(duration, firstPause: random.uniform(0, 0.8)) {
      let long = random.uniform(0.25, 0.6)
      let sound = Acoustics.harmonics(long, count: 2) { time in
        let place = time / long
        return low + (high - low) * place * place
      } amplitude: { harmonic, time in
        (harmonic == 1 ? 0.6 : 0.06) * Acoustics.envelope(time, long, attack: 0.03, release: 0.03)
      }
      return (sound, random.uniform(0.4, 1.1))
    }
  }

  static func woodpecker(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let wood = voice.uniform(700, 1900)
    let speed = voice.uniform(12, 24)
    return repeating(duration, firstPause: random.uniform(0, 0.8)) {
      let long = random.uniform(0.5, 1.1)
      var sound = Sound(repeating: 0, count: Acoustics.frames(long))
      var time = 0.0
      while time < long {
        let start = Acoustics.frames(time)
        let strength = random.uniform(0.7, 1) * (1 - 0.4 * time / long)
        for index in 0..<min(500, sound.count - start) {
          let age = Double(index) / Acoustics.rate
          sound[start + index] += Float(strength * exp(-age / 0.004) * sin(2 * Double.pi * wood * age))
        }
        time += 1 / speed * random.uniform(0.95, 1.05)
      }
      return (sound, random.uniform(0.4, 1.5))
    }
  }

  static func tinamous(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    let pitch = voice.uniform(1250, 1650)
    let notes = (0..<1 + voice.integer(below: 3)).map { _ in
      (voice.uniform(0.4, 1.6), voice.uniform(0.88, 1.06))
    }
    let tremble = voice.uniform() < 0.5 ? voice.uniform(6, 14) : 0
    var turn = random.integer(below: notes.count)
    return repeating(duration, firstPause: random.uniform(0, 0.8)) {
      let (length, step) = notes[turn % notes.count]
      turn += 1
      let long = length * random.uniform(0.9, 1.1)
      let sound = Acoustics.harmonics(long, count: 2) { time in
        pitch * step * (1 + 0.02 * sin(Double.pi * time / long) + 0.01 * sin(2 * Double.pi * tremble * time))
      } amplitude: { harmonic, time in
        (harmonic == 1 ? 0.6 : 0.03) * Acoustics.envelope(time, long, attack: 0.08, release: 0.12)
      }
      return (sound, random.uniform(0.1, 0.8))
    }
  }
}
