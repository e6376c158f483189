import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// Reading, writing and making sounds.
enum AudioFunctions {
  static let all: [FunctionDeclaration] = [
    load, info, audio, mono, channel, resample, saveAudio, tone, chirp, noise, silence, pad,
  ]

  static let audioKind = ParameterKind.object("audio", AudioObject.self)
  private static let rateRange = NumberRange.between(1, AudioClip.rateLimit)
  private static let qualities = ResamplingQuality.allCases.map(\.rawValue)

  static func clip(_ arguments: Arguments, _ name: String = "a") throws -> AudioClip {
    try arguments.object(name, as: AudioObject.self).clip
  }

  /// The sound as a recording that has not been decoded yet; nil for any other.
  static func undecoded(_ arguments: Arguments, _ name: String = "a") throws -> Recording? {
    try arguments.object(name, as: AudioObject.self).undecoded
  }

  private static let load = FunctionDeclaration(
    "load", topic: "audio", "Reads a sound file: WAV, FLAC, OGG, AIFF or MP3, told apart by content",
    parameters: [
      Parameter("path", .string, "The file"),
      Parameter(
        "rate", .optional(.frequency(rateRange)), default: .nothing, unit: "Hz",
        "Resamples to this rate; none keeps the file's own"),
      Parameter("mono", .bool, default: false, "Whether to average the channels into one"),
      Parameter("offset", .time(.nonNegative), default: .seconds(0), unit: "s", "Where to start reading"),
      Parameter(
        "duration", .optional(.time(.nonNegative)), default: .nothing, unit: "s",
        "How much to read; none reads to the end"),
      Parameter(
        "allow_truncated", .bool, default: false, "Whether to read what is there of a file that was cut short"
      ),
    ],
    returns:
      "audio with all channels of the file, samples from -1 to 1 (whole numbers are divided by 2^(bits - 1))",
    errors: [
      "file: the file is missing, a folder or unreadable",
      "format: the file is no sound, is broken or cut short; the message says what it is",
    ],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "wave = load(\"a.wav\")\nwave", output: "Audio 1.00 s · 16000 Hz · mono · a.wav")
    ],
    notes: "Nothing is resampled unless `rate` asks for it. MP3 files lose the encoder's padding (gapless). "
      + "Of 30 seconds or more, the samples are decoded when they are first wanted, and a flaw among them is "
      + "reported then; `mono`, `channel`, `resample` and `windows` work as it is decoded, so that hours of "
      + "audio take little memory.",
    source: "librosa.load, but with the file's own rate and channels unless asked",
    seeAlso: ["info", "resample", "mono"]
  ) { arguments, _ in
    let path = try FileFunctions.path(arguments)
    let allowTruncated = try arguments.bool("allow_truncated")
    return try Path.reading(path, name: "path") {
      let recording = try Recording(
        path, selection: try arguments.bool("mono") ? .mean : .all,
        rate: try arguments.optionalHertz("rate"), offset: try arguments.seconds("offset"),
        duration: try arguments.optionalSeconds("duration"), allowTruncated: allowTruncated)
      // How much is there of a file that was cut short is known once it was decoded.
      return allowTruncated ? AudioObject.value(try recording.clip()) : try AudioObject.value(recording)
    }
  }

  private static let info = FunctionDeclaration(
    "info", topic: "audio", "Says what a sound file holds, without decoding it",
    parameters: [Parameter("path", .string, "The file")],
    returns: "a record: rate (Hz), channels, frames (samples a channel), duration (s), format, notes",
    errors: ["file: the file is missing or unreadable", "format: the file is no sound"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "info(\"a.wav\").duration", output: "1 s")
    ],
    seeAlso: ["load"]
  ) { arguments, _ in
    let path = try FileFunctions.path(arguments)
    let info = try Path.reading(path, name: "path") { try AudioFile.info(path) }
    return .record([
      ("name", .string(info.name)), ("rate", .hertz(info.rate)), ("channels", .number(info.channelCount)),
      ("frames", .number(info.frameCount)), ("duration", .seconds(info.duration)),
      ("format", .string(info.format)),
      ("notes", .strings(info.notes)),
    ])
  }

  private static let audio = FunctionDeclaration(
    "audio", topic: "audio", "Makes audio of numbers",
    parameters: [
      Parameter("samples", .any, "A tensor or list: (samples) for mono, (channels, samples) for more"),
      Parameter("rate", .frequency(rateRange), unit: "Hz", "Samples a second"),
    ],
    returns: "audio", errors: ["shape: samples with another number of axes than one or two"],
    examples: [
      FunctionDeclaration.Example("audio([0, 0.5, 0, -0.5], 8kHz).duration", output: "0.5 ms")
    ], seeAlso: ["tone", "load"]
  ) { arguments, _ in
    let tensor = try Conversions.tensor(arguments["samples"], name: "samples")
    return AudioObject.value(try AudioClip(tensor, rate: try arguments.hertz("rate")))
  }

  private static let mono = FunctionDeclaration(
    "mono", topic: "audio", "Averages the channels into one",
    parameters: [Parameter("a", audioKind, "The sound")], returns: "audio with one channel",
    examples: [FunctionDeclaration.Example("mono(audio([[1, 0], [0, 0]], 8kHz)).samples[0]", output: "0.5")],
    source: "librosa.to_mono", seeAlso: ["channel"]
  ) { arguments, _ in
    if let recording = try undecoded(arguments)?.mono() { return try AudioObject.value(recording) }
    return AudioObject.value(try clip(arguments).mono())
  }

  private static let channel = FunctionDeclaration(
    "channel", topic: "audio", "Keeps one channel and drops the others",
    parameters: [
      Parameter("a", audioKind, "The sound"),
      Parameter("n", .integer(.nonNegative), "The channel's number; 0 is the first (left)"),
    ],
    returns: "audio with one channel", errors: ["index: there is no such channel"],
    examples: [
      FunctionDeclaration.Example("channel(audio([[1, 0], [0, 0]], 8kHz), 0).samples[0]", output: "1")
    ],
    source: "tf.audio.decode_wav(…, desired_channels=1) keeps channel 0", seeAlso: ["mono"]
  ) { arguments, _ in
    let index = try arguments.int("n")
    if let recording = try undecoded(arguments)?.channel(index) { return try AudioObject.value(recording) }
    return AudioObject.value(try clip(arguments).channel(index))
  }

  private static let resample = FunctionDeclaration(
    "resample", topic: "audio", "Changes the sample rate, not the sound",
    parameters: [
      Parameter("a", audioKind, "The sound"),
      Parameter("rate", .frequency(rateRange), unit: "Hz", "The new rate"),
      Parameter(
        "quality", .choice(qualities), default: "high",
        "libsoxr's recipe: \"high\" is librosa's default, \"quick\" does not filter aliases"),
    ],
    returns: "audio with about duration × rate samples; what lies above half the new rate is filtered out",
    examples: [
      FunctionDeclaration.Example("len(resample(tone(440Hz, 1s, 44100Hz), 16kHz))", output: "16000")
    ],
    source: "libsoxr, as librosa.resample(res_type=\"soxr_hq\")", seeAlso: ["load"]
  ) { arguments, context in
    let quality = try ResamplingQuality(named: try arguments.string("quality"))
    let rate = try arguments.hertz("rate")
    // `resample(a, 16)`: hertz where kilohertz were meant leave no sound.
    if rate < 200 {
      context.warn(
        "at \(NumberText.plain(rate)) Hz only what lies below \(NumberText.plain(rate / 2)) Hz is left",
        hint: "a rate in kilohertz has its unit: \(NumberText.plain(rate))kHz")
    }
    if let recording = try undecoded(arguments)?.resampled(to: rate, quality: quality) {
      return try AudioObject.value(recording)
    }
    return AudioObject.value(try clip(arguments).resampled(to: rate, quality: quality))
  }

  private static let saveAudio = FunctionDeclaration(
    "save_audio", topic: "audio", "Writes a sound file, in the format of the path's ending",
    parameters: [
      Parameter("path", .string, "The file: .wav, .flac, .ogg, .aiff or .mp3"),
      Parameter("a", audioKind, "The sound"),
    ],
    returns: "none",
    errors: ["value: an unknown ending", "file: the file cannot be written, or the disk is full"],
    examples: [
      FunctionDeclaration.Example(inFolder: "save_audio(\"beep.wav\", tone(440Hz, 0.5s))", output: "")
    ],
    notes: "The file appears whole or not at all.", seeAlso: ["load"]
  ) { arguments, _ in
    try AudioFile.save(try clip(arguments), to: try FileFunctions.path(arguments))
    return .nothing
  }

  private static let durationParameter = Parameter("duration", .time(.nonNegative), unit: "s", "Its length")
  private static let rateParameter = Parameter(
    "rate", .frequency(rateRange), default: .hertz(16000), unit: "Hz", "Samples a second")

  private static let tone = FunctionDeclaration(
    "tone", topic: "audio", "Makes a pure tone (a sine)",
    parameters: [
      Parameter("freq", .frequency(.nonNegative), unit: "Hz", "Its pitch, at most half the rate"),
      durationParameter,
      rateParameter,
      Parameter("amplitude", .number(.nonNegative), default: 1, "Its peak"),
    ],
    returns: "mono audio", errors: ["value: a pitch above half the rate, or more samples than fit"],
    examples: [FunctionDeclaration.Example("tone(1kHz, 1s)", output: "Audio 1.00 s · 16000 Hz · mono")],
    source: "sin(2π f t)", seeAlso: ["chirp", "noise"]
  ) { arguments, _ in
    AudioObject.value(
      try Generator.tone(
        frequency: try arguments.hertz("freq"), duration: try arguments.seconds("duration"),
        rate: try arguments.hertz("rate"), amplitude: try arguments.number("amplitude")))
  }

  private static let chirp = FunctionDeclaration(
    "chirp", topic: "audio", "Makes a tone that glides from one pitch to another",
    parameters: [
      Parameter("start", .frequency(.nonNegative), unit: "Hz", "The first pitch"),
      Parameter("end", .frequency(.nonNegative), unit: "Hz", "The last pitch"), durationParameter,
      rateParameter,
    ],
    returns: "mono audio", errors: ["value: a pitch above half the rate"],
    examples: [FunctionDeclaration.Example("chirp(200Hz, 2kHz, 1s).duration", output: "1 s")],
    source: "a linear chirp, as scipy.signal.chirp", seeAlso: ["tone"]
  ) { arguments, _ in
    AudioObject.value(
      try Generator.chirp(
        from: try arguments.hertz("start"), to: try arguments.hertz("end"),
        duration: try arguments.seconds("duration"), rate: try arguments.hertz("rate")))
  }

  private static let noise = FunctionDeclaration(
    "noise", topic: "audio", "Makes white noise",
    parameters: [
      durationParameter, rateParameter,
      Parameter("amplitude", .number(.nonNegative), default: 0.1, "Its standard deviation"),
      Parameter(
        "seed", .optional(.integer(.nonNegative)), default: .nothing,
        "Decides the numbers; none draws on from the session's"),
    ],
    returns: "mono audio, different at each call unless `seed` is given",
    examples: [FunctionDeclaration.Example("noise(1s, seed=1) == noise(1s, seed=1)", output: "true")],
    seeAlso: ["tone", "seed"]
  ) { arguments, context in
    let seed = try arguments.optionalInt("seed").map { UInt64($0) } ?? context.random.next()
    return AudioObject.value(
      try Generator.noise(
        duration: try arguments.seconds("duration"), rate: try arguments.hertz("rate"),
        amplitude: try arguments.number("amplitude"), seed: seed))
  }

  private static let silence = FunctionDeclaration(
    "silence", topic: "audio", "Makes silence", parameters: [durationParameter, rateParameter],
    returns: "mono audio of zeros",
    examples: [FunctionDeclaration.Example("len(silence(0.5s))", output: "8000")], seeAlso: ["pad"]
  ) { arguments, _ in
    AudioObject.value(
      try Generator.silence(duration: try arguments.seconds("duration"), rate: try arguments.hertz("rate")))
  }

  private static let pad = FunctionDeclaration(
    "pad", topic: "audio", "Fills a sound, a tensor's first axis or a list of numbers up with zeros",
    parameters: [
      Parameter("x", .any, "Audio, or a tensor or list of numbers"),
      Parameter(
        "length", .sampleCount, unit: "samples", "The length to reach; what is longer stays as it is"),
      Parameter("side", .choice(PaddingSide.allCases.map(\.rawValue)), default: "end", "Where the zeros go"),
    ],
    returns: "the same kind of value, at least `length` long",
    errors: ["unit: a time for something that has no rate", "memory: more than fits"],
    examples: [
      FunctionDeclaration.Example("len(pad(tone(440Hz, 1s), 3s, side=\"start\"))", output: "48000"),
      FunctionDeclaration.Example("sum(pad([1, 2], 4, side=\"start\")[:2])", output: "0"),
    ], source: "the tutorial pads at the front; librosa.util.fix_length pads at the end"
  ) { arguments, _ in
    let side = PaddingSide(rawValue: try arguments.string("side")) ?? .end
    if case .object(let object as AudioObject) = arguments["x"] {
      let length = try arguments.samples("length", rate: object.sound.rate)
      return AudioObject.value(try object.clip.padded(to: length, side: side))
    }
    guard case .number = arguments["length"] else {
      throw Failure(
        .unit, "a time needs a rate to count samples with, and \(arguments["x"].kindPhrase) has none",
        hint: "give the length as a number", parameter: "length")
    }
    let tensor = try Conversions.tensor(arguments["x"], name: "x")
    return .object(TensorObject(try padded(tensor, to: try arguments.int("length"), side)))
  }

  /// The tensor with zero rows added along its first axis.
  private static func padded(_ tensor: Tensor, to length: Int, _ side: PaddingSide) throws -> Tensor {
    guard let rows = tensor.shape.first else {
      throw Failure(.shape, "a number has no axis to fill up", parameter: "x")
    }
    guard rows < length else { return tensor }
    let before = side.countBefore(of: length - rows)
    return try tensor.padded(axis: 0, before: before, after: length - rows - before)
  }
}
