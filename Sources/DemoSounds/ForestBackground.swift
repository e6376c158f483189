import Essentials
import Glibc

/// The forest behind a source: air, insects, a far animal. The same for clips with and without a
/// call, so that it tells nothing about the class.
struct ForestBackground {
  private let voice: RandomSource
  private let rumble: Double
  private let hiss: Double
  private let insects: ForestSound?
  private let insectLevel: Float
  private let animal: ForestSound?
  private let animalLevel: Float

  init(_ random: inout RandomSource) {
    voice = RandomSource(seed: random.next())
    rumble = random.uniform(150, 700)
    hiss = random.uniform(0.05, 0.5)
    insects = random.uniform() < 0.5 ? (random.uniform() < 0.6 ? .crickets : .cicadas) : nil
    insectLevel = Acoustics.gain(decibels: random.uniform(-14, 0))
    let animals: [ForestSound] = [
      .songbirds, .whistles, .owls, .doves, .tinamous, .toads, .frogs, .howls, .crows,
    ]
    animal = random.uniform() < 0.55 ? animals[random.integer(below: animals.count)] : nil
    animalLevel = Acoustics.gain(decibels: random.uniform(-12, 2))
  }

  /// Background of level 1.
  func sound(_ duration: Double, _ random: inout RandomSource) -> Sound {
    let count = Acoustics.frames(duration)
    var sound = Acoustics.noise(count, &random)
    let white = sound
    Filter(.lowPass, rumble).apply(&sound)
    Filter(.highPass, 50).apply(&sound)
    Acoustics.level(&sound, to: 1)
    Acoustics.add(Filter(.highPass, 300).applied(white), to: &sound, factor: Float(hiss))
    if let insects {
      var chorus = insects.sound(duration, voice: voice, &random)
      Acoustics.level(&chorus, to: insectLevel)
      Acoustics.add(chorus, to: &sound)
    }
    if let animal {
      var song = animal.sound(duration, voice: voice, &random)
      Acoustics.level(&song, to: animalLevel)
      Acoustics.add(song, to: &sound)
    }
    Acoustics.level(&sound, to: 1)
    return sound
  }
}
