import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// From sound to frequencies and back.
enum SpectraFunctions {
  static let all: [FunctionDeclaration] = [
    stft, istft, spectrogram, power, mel, mfcc, toDB, powerToDB,
  ]

  /// A sound and how it is cut into frames: together, its transform.
  private static let transform = Argument<ComplexSpectrogram>.group(
    AudioArguments.sound,
    Argument(
      "frame_length", .samples(.atLeast(1), of: AudioArguments.sound), unit: "samples",
      "The length of a frame; a time such as 20ms"),
    Argument(
      "frame_step", .samples(.atLeast(1), of: AudioArguments.sound), unit: "samples",
      "From the start of one frame to the start of the next; a time such as 2ms"),
    Argument(
      "fft_length", .optional(.integer(.atLeast(1))), default: .nothing, unit: "samples",
      "Points of the Fourier transform; none takes the next power of two from the frame length on"),
    Argument(
      "window", .choice(Window.self), default: "hann",
      "What fades a frame's ends; periodic, as in tf.signal")
  ) { sound, frameLength, frameStep, fftLength, window in
    let clip = try sound.clip
    let settings = try STFT(
      frameLength: frameLength, frameStep: frameStep, fftLength: fftLength, window: window)
    guard clip.frameCount >= settings.frameLength else {
      throw Failure(
        .shape, "the sound has \(clip.frameCount) samples, fewer than one frame of \(settings.frameLength)",
        hint: "pad(a, length) makes it longer", parameter: "a")
    }
    return ComplexSpectrogram(clip, settings)
  }

  private static let frameErrors = [
    "value: an FFT length below the frame length",
    "shape: a sound shorter than one frame",
  ]
  private static let frameShape =
    "frames = 1 + (samples - frame_length) // frame_step, bins = fft_length / 2 + 1"
  private static let bands = ArgumentKind<Int>.integer(.between(1, Double(MelFilterbank.countLimit)))

  private static let stft = FunctionDeclaration(
    "stft", topic: "spectra", "Asks each moment of a sound how much of each frequency is in it",
    takes: ArgumentList(
      transform),
    gives: TransformObject.self,
    returns: "a transform: complex numbers of shape (frames, bins), " + frameShape
      + "; several channels come first",
    errors: frameErrors,
    examples: [
      FunctionDeclaration.Example(
        "abs(stft(tone(1kHz, 3s), frame_length=320, frame_step=32)).shape", output: "[1491, 257]"),
      FunctionDeclaration.Example("abs(stft(tone(1kHz, 3s), 20ms, 2ms)).shape", output: "[1491, 257]"),
    ],
    notes:
      "Frames are not padded at the ends, as in tf.signal (librosa pads unless center=False). The result is "
      + "computed when something is asked of it.",
    source: "tf.signal.stft: Σ w[n] x[n + t·step] exp(-2πi k n / fft_length)",
    seeAlso: ["abs", "angle", "spectrogram", "istft"]
  ) { _, transform in .object(TransformObject(transform)) }

  private static let istft = FunctionDeclaration(
    "istft", topic: "spectra", "Turns a transform back into sound",
    takes: ArgumentList(
      Argument("s", .object("transform", TransformObject.self), "What stft gave")),
    gives: AudioObject.self, returns: "audio; equal to the original wherever the frames cover it",
    examples: [
      FunctionDeclaration.Example(
        "a = noise(1s, seed=1)\nb = istft(stft(a, 512, 128))\nmax(abs(a[1000:9000].samples - b[1000:9000].samples)) < 1e-5",
        output: "true")
    ],
    source: "overlap-add divided by the summed squared windows, as librosa.istft", seeAlso: ["stft"]
  ) { _, s in AudioObject.value(try s.transform.inverse()) }

  private static let spectrogram = FunctionDeclaration(
    "spectrogram", topic: "spectra", "Magnitudes of the short-time Fourier transform: abs(stft(…))",
    takes: ArgumentList(
      transform), returns: "a spectrogram of shape (frames, bins): " + frameShape,
    errors: frameErrors,
    examples: [
      FunctionDeclaration.Example("spectrogram(tone(1kHz, 1s), 512, 256).shape", output: "[61, 257]")
    ],
    seeAlso: ["stft", "mel", "to_db", "plot"]
  ) { _, transform in SpectrogramObject.value(transform.magnitude) }

  private static let power = FunctionDeclaration(
    "power_spectrogram", topic: "spectra", "Squared magnitudes of the short-time Fourier transform",
    takes: ArgumentList(
      transform), returns: "a spectrogram of shape (frames, bins): " + frameShape,
    errors: frameErrors,
    examples: [
      FunctionDeclaration.Example("power_spectrogram(tone(1kHz, 1s), 512, 256).shape", output: "[61, 257]")
    ],
    seeAlso: ["spectrogram"]
  ) { _, transform in SpectrogramObject.value(transform.power) }

  private static let mel = FunctionDeclaration(
    "mel", topic: "spectra", "Sums a spectrogram's power up in bands that are spaced as the ear hears",
    takes: ArgumentList(
      Argument("s", .spectrogram, "A spectrogram of magnitudes or powers"),
      Argument("bands", bands, also: ["n_mels"], default: 64, "How many bands"),
      Argument(
        "fmin", .frequency(.nonNegative), inner: ["low"], default: .hertz(0), unit: "Hz",
        "Where the lowest band begins"),
      Argument(
        "fmax", .optional(.frequency(.positive)), inner: ["high"], default: .nothing, unit: "Hz",
        "Where the highest band ends; none is half the rate")),
    gives: SpectrogramObject.self, returns: "a spectrogram of powers, shape (frames, bands)",
    errors: ["value: decibels, phases or mel bands, or bands outside the audio's frequencies"],
    examples: [
      FunctionDeclaration.Example(
        "mel(spectrogram(tone(1kHz, 1s), 512, 256), bands=40).shape", output: "[61, 40]")
    ],
    source: "librosa.feature.melspectrogram(power=2), Slaney's scale and norm", seeAlso: ["mfcc", "to_db"]
  ) { _, s, bands, fmin, fmax in
    SpectrogramObject.value(try s.spectrogram.mel(bands: bands, lowest: fmin, highest: fmax))
  }

  private static let mfcc = FunctionDeclaration(
    "mfcc", topic: "spectra",
    "Mel-frequency cepstral coefficients: the shape of each moment's spectrum in a few numbers",
    takes: ArgumentList(
      Argument("s", .spectrogram, "A spectrogram, or mel bands of one"),
      Argument(
        "count", .integer(.atLeast(1)), also: ["n_mfcc"], default: 20,
        "How many coefficients, at most as many as bands"),
      Argument("bands", bands, also: ["n_mels"], default: 64, "Mel bands to make first, where `s` has none")),
    gives: SpectrogramObject.self, returns: "a spectrogram of coefficients, shape (frames, count)",
    errors: ["value: more coefficients than bands"],
    examples: [
      FunctionDeclaration.Example(
        "mfcc(spectrogram(tone(1kHz, 1s), 512, 256), count=13).shape", output: "[61, 13]")
    ],
    source: "librosa.feature.mfcc: orthonormal type-II cosine transform of the bands' decibels",
    seeAlso: ["mel"]
  ) { _, s, count, bands in
    SpectrogramObject.value(try s.spectrogram.mfcc(count: count, bands: bands))
  }

  private static let topDB = Argument(
    "top_db", .optional(.number(.positive)), default: 80, unit: "dB",
    "How far below the loudest to go; none goes all the way")

  private static let toDB = FunctionDeclaration(
    "to_db", also: ["amplitude_to_db"], topic: "spectra", "Turns magnitudes or powers into decibels",
    takes: ArgumentList(
      Argument("s", .any, "A spectrogram, or a tensor of magnitudes"),
      topDB),
    returns: "the same shape, in dB relative to magnitude 1",
    errors: ["value: a spectrogram of phases, or one in decibels already"],
    examples: [FunctionDeclaration.Example("round(to_db(tensor([1, 0.1]))[1])", output: "-20")],
    source: "librosa.amplitude_to_db(ref=1): 20 log10(max(s, 1e-5)), powers: 10 log10(max(s, 1e-10))",
    seeAlso: ["power_to_db", "spectrogram", "mel"]
  ) { _, s, topDB in try decibels(of: s, isPower: false, range: topDB) }

  private static let powerToDB = FunctionDeclaration(
    "power_to_db", topic: "spectra", "Turns powers into decibels",
    takes: ArgumentList(
      Argument("s", .any, "A tensor of powers; a spectrogram, which knows by itself what it holds"),
      topDB),
    returns: "the same shape, in dB relative to power 1",
    errors: ["value: a spectrogram of phases, or one in decibels already"],
    examples: [FunctionDeclaration.Example("round(power_to_db(tensor([1, 0.1]))[1])", output: "-10")],
    source: "librosa.power_to_db(ref=1): 10 log10(max(s, 1e-10))", seeAlso: ["to_db", "mel"]
  ) { _, s, topDB in try decibels(of: s, isPower: true, range: topDB) }

  private static func decibels(of s: ArgumentValue, isPower: Bool, range: Double?) throws -> Value {
    let range = range.map { Float($0) }
    if case .object(let object as SpectrogramObject) = s.value {
      return SpectrogramObject.value(try object.spectrogram.inDecibels(range: range))
    }
    return .object(
      TensorObject(try DecibelScale.decibels(of: try s.tensor(), isPower: isPower, range: range)))
  }
}
