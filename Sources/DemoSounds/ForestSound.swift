import Essentials
import Glibc

/// A kind of sound that is no Capuchinbird, and how it is made.
///
/// Several share what a crude detector would go by: energy between 500 and 1500 Hz (owls, doves,
/// frogs, cows, roars), harmonics of a pitch near 134 Hz (cows, saws, engines, bees), growling noise,
/// and the loudest harmonic's place near 1475 Hz (toads, tinamous, saws, howls).
enum ForestSound: String, CaseIterable {
  case songbirds = "songbirds-at-dawn"
  case crickets = "crickets-at-night"
  case cows = "cow-lowing"
  case owls = "owl-hooting"
  case rain = "rain-on-leaves"
  case engine = "engine-far-away"
  case crows = "crows-cawing"
  case frogs = "frogs-at-the-pond"
  case wind = "wind-in-the-trees"
  case doves = "doves-cooing"
  case bees = "bees-passing"
  case cicadas = "cicadas"
  case roar = "monkeys-roaring"
  case whistles = "quail-whistling"
  case thunder = "thunder"
  case woodpecker = "woodpecker-drumming"
  case saws = "saw-far-away"
  case toads = "toads-trilling"
  case howls = "howling-far-away"
  case tinamous = "tinamous-whistling"

  /// A sound of this kind, `duration` seconds long; `voice` decides what all sounds of one source
  /// have in common, `random` what is new in this one.
  func sound(_ duration: Double, voice: RandomSource, _ random: inout RandomSource) -> Sound {
    var voice = voice
    switch self {
    case .songbirds: return Self.songbirds(duration, &voice, &random)
    case .crickets: return Self.crickets(duration, &voice, &random)
    case .cows: return Self.cows(duration, &voice, &random)
    case .owls: return Self.owls(duration, &voice, &random)
    case .rain: return Self.rain(duration, &voice, &random)
    case .engine: return Self.engine(duration, &voice, &random)
    case .crows: return Self.crows(duration, &voice, &random)
    case .frogs: return Self.frogs(duration, &voice, &random)
    case .wind: return Self.wind(duration, &voice, &random)
    case .doves: return Self.doves(duration, &voice, &random)
    case .bees: return Self.bees(duration, &voice, &random)
    case .cicadas: return Self.cicadas(duration, &voice, &random)
    case .roar: return Self.roar(duration, &voice, &random)
    case .whistles: return Self.whistles(duration, &voice, &random)
    case .thunder: return Self.thunder(duration, &voice, &random)
    case .woodpecker: return Self.woodpecker(duration, &voice, &random)
    case .saws: return Self.saws(duration, &voice, &random)
    case .toads: return Self.toads(duration, &voice, &random)
    case .howls: return Self.howls(duration, &voice, &random)
    case .tinamous: return Self.tinamous(duration, &voice, &random)
    }
  }

  /// Repeats notes over the whole duration: `note` gives a sound and the pause after it.
  fileprivate static func repeating(
    _ duration: Double, firstPause: Double, _ note: () -> (Sound, pause: Double)
  ) -> Sound {
    var sound = Sound(repeating: 0, count: Acoustics.frames(duration))
    var time = firstPause
    while time < duration {
      let (part, pause) = note()
      Acoustics.add(part, to: &sound, at: Acoustics.frames(time))
      time += Double(part.count) / Acoustics.rate + max(pause, 0.02)
    }
    return sound
  }
}

// MARK: - Birds

extension ForestSound {
  fileprivate static func songbirds(
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

  fileprivate static func owls(
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

  fileprivate static func doves(
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

  fileprivate static func crows(
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

  fileprivate static func whistles(
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

  fileprivate static func woodpecker(
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
}

extension ForestSound {
  fileprivate static func tinamous(
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

// MARK: - Insects

extension ForestSound {
  fileprivate static func crickets(
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

  fileprivate static func cicadas(
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

  fileprivate static func bees(
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

// MARK: - Weather

extension ForestSound {
  fileprivate static func rain(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    var sound = Acoustics.noise(Acoustics.frames(duration), &random)
    Filter(.highPass, voice.uniform(200, 900)).apply(&sound)
    Filter(.lowPass, voice.uniform(3500, 9000)).apply(&sound)
    for index in sound.indices { sound[index] *= 0.25 }
    for _ in 0..<Int(duration * voice.uniform(10, 60)) where sound.count > 800 {
      let start = random.integer(below: sound.count - 800)
      let tone = random.uniform(800, 4500)
      let strength = random.uniform(0.1, 0.7)
      for index in 0..<800 {
        let age = Double(index) / Acoustics.rate
        sound[start + index] += Float(strength * exp(-age / 0.004) * sin(2 * Double.pi * tone * age))
      }
    }
    return sound
  }

  fileprivate static func wind(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    var sound = Acoustics.noise(Acoustics.frames(duration), &random)
    Filter(.lowPass, voice.uniform(300, 1500)).apply(&sound)
    Filter(.highPass, 60).apply(&sound)
    let gusts = Acoustics.drift(&random, speed: 0.7)
    for index in sound.indices {
      sound[index] *= Float(max(0.1, 0.7 + 0.4 * gusts(Double(index) / Acoustics.rate)))
    }
    return sound
  }

  fileprivate static func thunder(
    _ duration: Double, _ voice: inout RandomSource, _ random: inout RandomSource
  ) -> Sound {
    var sound = Acoustics.noise(Acoustics.frames(duration), &random)
    Filter(.lowPass, voice.uniform(150, 600)).apply(&sound)
    let start = random.uniform(0, 0.35) * duration
    let rumble = Acoustics.drift(&random, speed: 3)
    for index in sound.indices {
      let age = Double(index) / Acoustics.rate - start
      let level = age < 0 ? 0.05 : exp(-age / 1.2) * max(0.2, 1 + 0.5 * rumble(age))
      sound[index] *= Float(2 * level * Acoustics.smooth(age < 0 ? 1 : age / 0.05 + 0.05))
    }
    return sound
  }
}

// MARK: - Low voices and engines

extension ForestSound {
  fileprivate static func cows(
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

  fileprivate static func engine(
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

  fileprivate static func frogs(
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

  fileprivate static func roar(
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

  fileprivate static func saws(
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

  fileprivate static func toads(
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

  fileprivate static func howls(
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
