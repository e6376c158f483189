import AudioSignals
import CapLanguage
import Essentials
import Tensors

/// Reading, writing and making sounds.
enum AudioFunctions {
  static let all: [FunctionDeclaration] = [
    load, info, audio, mono, channel, resample, saveAudio, tone, chirp, noise, silence, pad,
  ]

  private static let load = FunctionDeclaration(
    "load", topic: "audio", "Reads a sound file: WAV, FLAC, OGG, AIFF or MP3, told apart by content",
    takes: ArgumentList(
      Argument("path", .path, "The file"),
      Argument(
        "rate", .optional(.frequency(AudioArguments.rates)), default: .nothing, unit: "Hz",
        "Resamples to this rate; none keeps the file's own"),
      Argument("mono", .bool, default: false, "Whether to average the channels into one"),
      Argument("offset", .time(.nonNegative), default: .seconds(0), unit: "s", "Where to start reading"),
      Argument(
        "duration", .optional(.time(.nonNegative)), default: .nothing, unit: "s",
        "How much to read; none reads to the end"),
      Argument(
        "allow_truncated", .bool, default: false, "Whether to read what is there of a file that was cut short"
      )),
    gives: AudioObject.self,
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
  ) { _, path, rate, mono, offset, duration, allowTruncated in
    return try Path.reading(path, name: "path") {
      let recording = try Recording(
        path, selection: mono ? .mean : .all,
        rate: rate, offset: offset,
        duration: duration, allowTruncated: allowTruncated)
      // How much is there of a file that was cut short is known once it was decoded.
      return allowTruncated ? AudioObject.value(try recording.clip()) : try AudioObject.value(recording)
    }
  }

  private static let info = FunctionDeclaration(
    "info", topic: "audio", "Says what a sound file holds, without decoding it",
    takes: ArgumentList(
      Argument("path", .path, "The file")),
    returns: "a record: rate (Hz), channels, frames (samples a channel), duration (s), format, notes",
    errors: ["file: the file is missing or unreadable", "format: the file is no sound"],
    examples: [
      FunctionDeclaration.Example(
        inFolder: "info(\"a.wav\").duration", output: "1 s")
    ],
    seeAlso: ["load"]
  ) { _, path in
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
    takes: ArgumentList(
      Argument(
        "samples", .any, inner: ["channels"],
        "A tensor or list: (samples) for mono, (channels, samples) for more"),
      Argument("rate", .frequency(AudioArguments.rates), unit: "Hz", "Samples a second")),
    gives: AudioObject.self, returns: "audio",
    errors: ["shape: samples with another number of axes than one or two"],
    examples: [
      FunctionDeclaration.Example("audio([0, 0.5, 0, -0.5], 8kHz).duration", output: "0.5 ms")
    ], seeAlso: ["tone", "load"]
  ) { _, samples, rate in
    let tensor = try samples.tensor()
    return AudioObject.value(try AudioClip(tensor, rate: rate))
  }

  private static let mono = FunctionDeclaration(
    "mono", topic: "audio", "Averages the channels into one",
    takes: ArgumentList(
      AudioArguments.sound), returns: "audio with one channel",
    examples: [FunctionDeclaration.Example("mono(audio([[1, 0], [0, 0]], 8kHz)).samples[0]", output: "0.5")],
    source: "librosa.to_mono", seeAlso: ["channel"]
  ) { _, a in
    if let recording = a.undecoded?.mono() { return try AudioObject.value(recording) }
    return AudioObject.value(try a.clip.mono())
  }

  private static let channel = FunctionDeclaration(
    "channel", topic: "audio", "Keeps one channel and drops the others",
    takes: ArgumentList(
      AudioArguments.sound,
      Argument("n", .integer(.nonNegative), "The channel's number; 0 is the first (left)")),
    gives: AudioObject.self, returns: "audio with one channel", errors: ["index: there is no such channel"],
    examples: [
      FunctionDeclaration.Example("channel(audio([[1, 0], [0, 0]], 8kHz), 0).samples[0]", output: "1")
    ],
    source: "tf.audio.decode_wav(…, desired_channels=1) keeps channel 0", seeAlso: ["mono"]
  ) { _, a, n in
    if let recording = a.undecoded?.channel(n) { return try AudioObject.value(recording) }
    return AudioObject.value(try a.clip.channel(n))
  }

  private static let resample = FunctionDeclaration(
    "resample", topic: "audio", "Changes the sample rate, not the sound",
    takes: ArgumentList(
      AudioArguments.sound,
      Argument("rate", .frequency(AudioArguments.rates), unit: "Hz", "The new rate"),
      Argument(
        "quality", .choice(ResamplingQuality.self), default: "high",
        "libsoxr's recipe: \"high\" is librosa's default, \"quick\" does not filter aliases")),
    gives: AudioObject.self,
    returns: "audio with about duration × rate samples; what lies above half the new rate is filtered out",
    examples: [
      FunctionDeclaration.Example("len(resample(tone(440Hz, 1s, 44100Hz), 16kHz))", output: "16000")
    ],
    source: "libsoxr, as librosa.resample(res_type=\"soxr_hq\")", seeAlso: ["load"]
  ) { context, a, rate, quality in
    // `resample(a, 16)`: hertz where kilohertz were meant leave no sound.
    if rate < 200 {
      context.warn(
        "at \(NumberText.plain(rate)) Hz only what lies below \(NumberText.plain(rate / 2)) Hz is left",
        hint: "a rate in kilohertz has its unit: \(NumberText.plain(rate))kHz")
    }
    if let recording = try a.undecoded?.resampled(to: rate, quality: quality) {
      return try AudioObject.value(recording)
    }
    return AudioObject.value(try a.clip.resampled(to: rate, quality: quality))
  }

  private static let saveAudio = FunctionDeclaration(
    "save_audio", topic: "audio", "Writes a sound file, in the format of the path's ending",
    takes: ArgumentList(
      Argument("path", .path, "The file: .wav, .flac, .ogg, .aiff or .mp3"),
      AudioArguments.sound),
    returns: "none",
    errors: ["value: an unknown ending", "file: the file cannot be written, or the disk is full"],
    examples: [
      FunctionDeclaration.Example(inFolder: "save_audio(\"beep.wav\", tone(440Hz, 0.5s))", output: "")
    ],
    notes: "The file appears whole or not at all.", seeAlso: ["load"]
  ) { _, path, a in
    try AudioFile.save(try a.clip, to: path)
    return .nothing
  }

  private static let durationParameter = Argument("duration", .time(.nonNegative), unit: "s", "Its length")
  private static let rateParameter = Argument(
    "rate", .frequency(AudioArguments.rates), default: .hertz(16000), unit: "Hz", "Samples a second")

  private static let tone = FunctionDeclaration(
    "tone", topic: "audio", "Makes a pure tone (a sine)",
    takes: ArgumentList(
      Argument("freq", .frequency(.nonNegative), unit: "Hz", "Its pitch, at most half the rate"),
      durationParameter,
      rateParameter,
      Argument("amplitude", .number(.nonNegative), default: 1, "Its peak")),
    gives: AudioObject.self, returns: "mono audio",
    errors: ["value: a pitch above half the rate, or more samples than fit"],
    examples: [FunctionDeclaration.Example("tone(1kHz, 1s)", output: "Audio 1.00 s · 16000 Hz · mono")],
    source: "sin(2π f t)", seeAlso: ["chirp", "noise"]
  ) { _, freq, duration, rate, amplitude in
    AudioObject.value(
      try Generator.tone(
        frequency: freq, duration: duration,
        rate: rate, amplitude: amplitude))
  }

  private static let chirp = FunctionDeclaration(
    "chirp", topic: "audio", "Makes a tone that glides from one pitch to another",
    takes: ArgumentList(
      Argument("start", .frequency(.nonNegative), unit: "Hz", "The first pitch"),
      Argument("end", .frequency(.nonNegative), unit: "Hz", "The last pitch"),
      durationParameter,
      rateParameter),
    gives: AudioObject.self, returns: "mono audio", errors: ["value: a pitch above half the rate"],
    examples: [FunctionDeclaration.Example("chirp(200Hz, 2kHz, 1s).duration", output: "1 s")],
    source: "a linear chirp, as scipy.signal.chirp", seeAlso: ["tone"]
  ) { _, start, end, duration, rate in
    AudioObject.value(
      try Generator.chirp(
        from: start, to: end,
        duration: duration, rate: rate))
  }

  private static let noise = FunctionDeclaration(
    "noise", topic: "audio", "Makes white noise",
    takes: ArgumentList(
      durationParameter,
      rateParameter,
      Argument("amplitude", .number(.nonNegative), default: 0.1, "Its standard deviation"),
      Argument(
        "seed", .optional(.integer(.nonNegative)), default: .nothing,
        "Decides the numbers; none draws on from the session's")),
    gives: AudioObject.self, returns: "mono audio, different at each call unless `seed` is given",
    examples: [FunctionDeclaration.Example("noise(1s, seed=1) == noise(1s, seed=1)", output: "true")],
    seeAlso: ["tone", "seed"]
  ) { context, duration, rate, amplitude, seed in
    let seed = seed.map { UInt64($0) } ?? context.random.next()
    return AudioObject.value(
      try Generator.noise(
        duration: duration, rate: rate,
        amplitude: amplitude, seed: seed))
  }

  private static let silence = FunctionDeclaration(
    "silence", topic: "audio", "Makes silence",
    takes: ArgumentList(
      durationParameter,
      rateParameter),
    gives: AudioObject.self, returns: "mono audio of zeros",
    examples: [FunctionDeclaration.Example("len(silence(0.5s))", output: "8000")], seeAlso: ["pad"]
  ) { _, duration, rate in
    AudioObject.value(
      try Generator.silence(duration: duration, rate: rate))
  }

  private static let paddable = Argument("x", .any, "Audio, or a tensor or list of numbers")

  private static let pad = FunctionDeclaration(
    "pad", topic: "audio", "Fills a sound, a tensor's first axis or a list of numbers up with zeros",
    takes: ArgumentList(
      paddable,
      Argument(
        "length", .samples(of: paddable), unit: "samples",
        "The length to reach; what is longer stays as it is"),
      Argument("side", .choice(PaddingSide.self), default: "end", "Where the zeros go")),
    returns: "the same kind of value, at least `length` long",
    errors: ["unit: a time for something that has no rate", "memory: more than fits"],
    examples: [
      FunctionDeclaration.Example("len(pad(tone(440Hz, 1s), 3s, side=\"start\"))", output: "48000"),
      FunctionDeclaration.Example("sum(pad([1, 2], 4, side=\"start\")[:2])", output: "0"),
    ], source: "the tutorial pads at the front; librosa.util.fix_length pads at the end"
  ) { _, x, length, side in
    if case .object(let object as AudioObject) = x.value {
      return AudioObject.value(try object.clip.padded(to: length, side: side))
    }
    return .object(TensorObject(try padded(try x.tensor(), to: length, side)))
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
