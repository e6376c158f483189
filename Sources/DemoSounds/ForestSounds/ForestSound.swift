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
  static func repeating(
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
