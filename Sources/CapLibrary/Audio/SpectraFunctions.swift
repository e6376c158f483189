import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// From sound to frequencies and back.
enum SpectraFunctions {
  static let all: [FunctionDeclaration] = [stft, istft, spectrogram, power, mel, mfcc, toDB]

  private static let frameParameters = [
    Parameter("a", AudioFunctions.audioKind, "The sound"),
    Parameter(
      "frame_length", .sampleCount(.atLeast(1)), unit: "samples", "The length of a frame; a time such as 20ms"
    ),
    Parameter(
      "frame_step", .sampleCount(.atLeast(1)), unit: "samples",
      "From the start of one frame to the start of the next; a time such as 2ms"),
    Parameter(
      "fft_length", .optional(.integer(.atLeast(1))), default: .nothing, unit: "samples",
      "Points of the Fourier transform; none takes the next power of two from the frame length on"),
    Parameter(
      "window", .choice(Window.allCases.map(\.rawValue)), default: "hann",
      "What fades a frame's ends; periodic, as in tf.signal"),
  ]
  private static let frameErrors = [
    "value: an FFT length below the frame length",
    "shape: a sound shorter than one frame",
  ]
  private static let frameShape =
    "frames = 1 + (samples - frame_length) // frame_step, bins = fft_length / 2 + 1"
  private static let spectrogramKind = ParameterKind.object("spectrogram", SpectrogramObject.self)

  private static func transform(_ arguments: Arguments) throws -> ComplexSpectrogram {
    let clip = try AudioFunctions.clip(arguments)
    let settings = try STFT(
      frameLength: try arguments.samples("frame_length", rate: clip.rate),
      frameStep: try arguments.samples("frame_step", rate: clip.rate),
      fftLength: try arguments.optionalInt("fft_length"),
      window: try Window(named: try arguments.string("window")))
    guard clip.frameCount >= settings.frameLength else {
      throw Failure(
        .shape, "the sound has \(clip.frameCount) samples, fewer than one frame of \(settings.frameLength)",
        hint: "pad(a, length) makes it longer", parameter: "a")
    }
    return ComplexSpectrogram(clip, settings)
  }

  private static let stft = FunctionDeclaration(
    "stft", topic: "spectra", "Asks each moment of a sound how much of each frequency is in it",
    parameters: frameParameters,
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
  ) { arguments, _ in .object(TransformObject(try transform(arguments))) }

  private static let istft = FunctionDeclaration(
    "istft", topic: "spectra", "Turns a transform back into sound",
    parameters: [
      Parameter("s", .object("transform", TransformObject.self), "What stft gave")
    ],
    returns: "audio; equal to the original wherever the frames cover it",
    examples: [
      FunctionDeclaration.Example(
        "a = noise(1s, seed=1)\nb = istft(stft(a, 512, 128))\nmax(abs(a[1000:9000].samples - b[1000:9000].samples)) < 1e-5",
        output: "true")
    ],
    source: "overlap-add divided by the summed squared windows, as librosa.istft", seeAlso: ["stft"]
  ) { arguments, _ in
    AudioObject.value(try arguments.object("s", as: TransformObject.self).transform.inverse())
  }

  private static let spectrogram = FunctionDeclaration(
    "spectrogram", topic: "spectra", "Magnitudes of the short-time Fourier transform: abs(stft(…))",
    parameters: frameParameters, returns: "a spectrogram of shape (frames, bins): " + frameShape,
    errors: frameErrors,
    examples: [
      FunctionDeclaration.Example("spectrogram(tone(1kHz, 1s), 512, 256).shape", output: "[61, 257]")
    ],
    seeAlso: ["stft", "mel", "to_db", "plot"]
  ) { arguments, _ in SpectrogramObject.value(try transform(arguments).magnitude) }

  private static let power = FunctionDeclaration(
    "power_spectrogram", topic: "spectra", "Squared magnitudes of the short-time Fourier transform",
    parameters: frameParameters, returns: "a spectrogram of shape (frames, bins): " + frameShape,
    errors: frameErrors,
    examples: [
      FunctionDeclaration.Example("power_spectrogram(tone(1kHz, 1s), 512, 256).shape", output: "[61, 257]")
    ],
    seeAlso: ["spectrogram"]
  ) { arguments, _ in SpectrogramObject.value(try transform(arguments).power) }

  private static let mel = FunctionDeclaration(
    "mel", topic: "spectra", "Sums a spectrogram's power up in bands that are spaced as the ear hears",
    parameters: [
      Parameter("s", spectrogramKind, "A spectrogram of magnitudes or powers"),
      Parameter(
        "bands", .integer(.between(1, Double(MelFilterbank.countLimit))), default: 64, "How many bands"),
      Parameter(
        "fmin", .frequency(.nonNegative), default: .hertz(0), unit: "Hz", "Where the lowest band begins"),
      Parameter(
        "fmax", .optional(.frequency(.positive)), default: .nothing, unit: "Hz",
        "Where the highest band ends; none is half the rate"),
    ],
    returns: "a spectrogram of powers, shape (frames, bands)",
    errors: ["value: decibels, phases or mel bands, or bands outside the audio's frequencies"],
    examples: [
      FunctionDeclaration.Example(
        "mel(spectrogram(tone(1kHz, 1s), 512, 256), bands=40).shape", output: "[61, 40]")
    ],
    source: "librosa.feature.melspectrogram(power=2), Slaney's scale and norm", seeAlso: ["mfcc", "to_db"]
  ) { arguments, _ in
    let object = try arguments.object("s", as: SpectrogramObject.self)
    return SpectrogramObject.value(
      try object.spectrogram.mel(
        bands: try arguments.int("bands"), lowest: try arguments.hertz("fmin"),
        highest: try arguments.optionalHertz("fmax")))
  }

  private static let mfcc = FunctionDeclaration(
    "mfcc", topic: "spectra",
    "Mel-frequency cepstral coefficients: the shape of each moment's spectrum in a few numbers",
    parameters: [
      Parameter("s", spectrogramKind, "A spectrogram, or mel bands of one"),
      Parameter(
        "count", .integer(.atLeast(1)), default: 20, "How many coefficients, at most as many as bands"),
      Parameter(
        "bands", .integer(.between(1, Double(MelFilterbank.countLimit))), default: 64,
        "Mel bands to make first, where `s` has none"),
    ],
    returns: "a spectrogram of coefficients, shape (frames, count)",
    errors: ["value: more coefficients than bands"],
    examples: [
      FunctionDeclaration.Example(
        "mfcc(spectrogram(tone(1kHz, 1s), 512, 256), count=13).shape", output: "[61, 13]")
    ],
    source: "librosa.feature.mfcc: orthonormal type-II cosine transform of the bands' decibels",
    seeAlso: ["mel"]
  ) { arguments, _ in
    let object = try arguments.object("s", as: SpectrogramObject.self)
    return SpectrogramObject.value(
      try object.spectrogram.mfcc(count: try arguments.int("count"), bands: try arguments.int("bands")))
  }

  private static let toDB = FunctionDeclaration(
    "to_db", topic: "spectra", "Turns magnitudes or powers into decibels",
    parameters: [
      Parameter("s", .any, "A spectrogram, or a tensor of magnitudes"),
      Parameter(
        "top_db", .optional(.number(.positive)), default: 80, unit: "dB",
        "How far below the loudest to go; none goes all the way"),
    ],
    returns: "the same shape, in dB relative to magnitude 1",
    errors: ["value: a spectrogram of phases, or one in decibels already"],
    examples: [FunctionDeclaration.Example("round(to_db(tensor([1, 0.1]))[1])", output: "-20")],
    source: "librosa.amplitude_to_db(ref=1): 20 log10(max(s, 1e-5)), powers: 10 log10(max(s, 1e-10))",
    seeAlso: ["spectrogram", "mel"]
  ) { arguments, _ in
    let range = try arguments.optionalNumber("top_db").map { Float($0) }
    if case .object(let object as SpectrogramObject) = arguments["s"] {
      return SpectrogramObject.value(try object.spectrogram.inDecibels(range: range))
    }
    let tensor = try Conversions.tensor(arguments["s"], name: "s")
    return .object(TensorObject(try DecibelScale.decibels(of: tensor, range: range)))
  }
}
