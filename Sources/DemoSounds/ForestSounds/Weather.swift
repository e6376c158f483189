import Essentials
import Glibc

/// Rain, wind and thunder.
extension ForestSound {
  static func rain(
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

  static func wind(
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

  static func thunder(
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
