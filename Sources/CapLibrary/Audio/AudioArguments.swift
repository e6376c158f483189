import AudioSignals
import CapLanguage
import Essentials

/// What the functions of sound take.
enum AudioArguments {
  /// The sound that a function works on.
  static let sound = Argument("a", .audio, "The sound")

  /// Sample rates that a sound can have.
  static let rates = NumberRange.between(1, AudioClip.rateLimit)
}

extension ArgumentKind where Content == AudioObject {
  /// A sound.
  static var audio: ArgumentKind { object("audio", AudioObject.self) }
}

extension ArgumentKind where Content == SpectrogramObject {
  /// A spectrogram.
  static var spectrogram: ArgumentKind { object("spectrogram", SpectrogramObject.self) }
}

extension ArgumentKind where Content == Int {
  /// A length in samples: a whole number as it is, a time at the rate of the sound in another argument, rounded to
  /// the nearest.
  static func samples<Sound>(_ range: NumberRange = .nonNegative, of sound: Argument<Sound>) -> ArgumentKind {
    let soundName = sound.parameters[0].name
    return ArgumentKind(
      .sampleCount(range),
      decodingBesideOthers: { value, place, arguments in
        guard case .quantity(let time) = value else { return value.asInt ?? 0 }
        let owner = arguments[soundName]
        guard case .object(let object as AudioObject) = owner else {
          throw Failure(
            .unit, "a time needs a rate to count samples with, and \(owner.kindPhrase) has none",
            hint: "give the length as a number")
        }
        guard let whole = Int(exactly: (time.amount * object.sound.rate).rounded()) else {
          throw Failure(.value, "'\(place.name)' is too long: \(time.text)")
        }
        return whole
      })
  }
}
