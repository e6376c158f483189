import Foundation
import TestSupport
import Testing

/// Bad input ends a script with status 1 and an error that names the file or argument, never a trap, and
/// leaves no half-written file.
@Suite struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: String
    /// All of these must occur in the error.
    let says: [String]
    init(_ code: String, _ says: String...) {
      self.code = code
      self.says = says
    }
    var testDescription: String { code }
  }

  private static let smallModel =
    "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2]); compile(m); "

  static let files: [Case] = [
    Case("load(\"missing.wav\")", "missing.wav", "no such file"),
    Case("load(\"folder\")", "folder", "is a folder"),
    Case("load(\"empty.wav\")", "empty.wav", "empty"),
    Case("load(\"picture.wav\")", "picture.wav", "PNG"),
    Case("load(\"page.mp3\")", "page.mp3", "HTML"),
    Case("load(\"garbage.wav\")", "garbage.wav"),
    Case("load(\"truncated.wav\")", "truncated.wav", "allow_truncated=true"),
    Case("load(\"rate0.wav\")", "rate0.wav", "rate"),
    Case("load(\"rate4G.wav\")", "rate4G.wav", "rate"),
    Case("load(\"channels.wav\")", "channels.wav", "channels"),
    Case("load(\"silent.wav\")", "silent.wav", "no samples"),
    Case("load_npy(\"garbage.wav\")", "garbage.wav"),
    Case("load_model(\"lying.safetensors\")", "lying.safetensors"),
    Case(smallModel + "load_weights(m, \"lying.safetensors\")", "lying.safetensors"),
    Case("read_csv(\"missing.csv\")", "missing.csv"),
    Case("files(\"no such folder/*.wav\")", "no such folder"),
    Case("save_audio(\"no/such/folder.wav\", tone(440Hz, 1s))", "no/such/folder.wav"),
    Case("save_audio(\"/dev/full\", tone(440Hz, 1s))", "/dev/full"),
    Case("write_text(\"/dev/full\", \"text\")", "/dev/full", "no space left"),
    Case(smallModel + "save(m, \"/dev/full\")", "/dev/full", "no space left"),
    Case("plot(tone(440Hz, 1s), save=\"no/such/folder/a.png\")", "no/such/folder/a.png"),
    Case("demo_dataset(\"folder\")", "folder"),
  ]

  static let values: [Case] = [
    Case("resample(tone(440Hz, 1s), 0)", "'rate'"),
    Case("resample(tone(440Hz, 1s), 3s)", "'rate'", "frequency"),
    Case("windows(tone(440Hz, 1s), 3Hz)", "'length'", "time"),
    Case("channel(tone(440Hz, 1s), 1)", "channel 1"),
    Case("dataset([1, 2], [1])", "2 examples", "1 label"),
    Case(smallModel + "fit(m, dataset([[1, 2]], [1]))", "batch"),
    Case(smallModel + "fit(m, batch(dataset([[1, 2]]), 1))", "labels"),
    Case(smallModel + "fit(m, batch(dataset([], label=1), 1))", "empty"),
    Case(smallModel + "fit(m, zeros([4, 3]), zeros(4))", "(4, 3)", "(examples, 2)"),
    Case(smallModel + "fit(m, zeros([4, 2]), zeros(5))", "number of examples"),
    Case(smallModel + "fit(m, [[nan, 1]], [1], verbose=false)", "loss", "x"),
    Case(smallModel + "predict(m, zeros([4, 3]))", "(4, 3)", "(examples, 2)"),
    Case("m = sequential([dense(1)], input_shape=[2]); fit(m, zeros([4, 2]), zeros(4))", "compile"),
    Case("m = sequential([dense(1)]); predict(m, dataset([\"a\"]))", "string"),
    Case("sequential([conv2d(4, 9)], input_shape=[4, 4, 1])", "conv2d"),
    Case("batch(dataset([zeros(2), zeros(3)]), 2) |> list", "(3,)"),
    Case("map(dataset([1, 0]), x => 1 / x) |> list", "zero"),
    Case("zeros([1e9, 1e9])", "EB"),
    Case("compile(sequential([dense(1)]), loss=\"msee\")", "'loss'", "mse"),
    Case("roc([1, 1], [0.5, 0.6])", "negative"),
  ]

  @Test(arguments: files + values) func endsWithAClearError(_ bad: Case) throws {
    let folder = try Self.folder()
    let before = try Self.listing(folder)
    let result = try Program.run(["--no-color", "-e", bad.code], folder: folder.url)
    #expect(result.status == 1, "\(result.errors)")
    for words in bad.says {
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    #expect(try Self.listing(folder) == before)
  }

  @Test func anUnwritablePlotsFolderIsNamed() throws {
    let folder = try Self.folder()
    let result = try Program.run(
      ["--plots", "empty.wav/plots", "-e", "plot([1, 2])"], folder: folder.url)
    #expect(result.status == 1)
    #expect(result.errors.contains("empty.wav/plots"))
  }

  @Test func soundsThatAreNoNumbersAreKeptAndDoNotTrap() throws {
    let folder = try Self.folder()
    let code = "a = load(\"nan.wav\"); print(is_nan(a.samples[0])); plot(a); plot(spectrogram(a, 4, 2))"
    let result = try Program.run(["-e", code], folder: folder.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("true"))
  }

  @Test(
    "functions that call back recurse to the limit and no further",
    arguments: [
      "fn f(n) { g(n) }\nfn g(n) { h(n) }\nfn h(n) { f(n + 1) }", "fn f(n) { [f(x) for x in [n]] }",
      "fn f(n) { sorted([n, n + 1], key=f) }", "fn f(n) { map([n], x => f(x)) }",
      "fn f(n) { filter([n], f) }",
      "fn f(n) { reduce([n, n], (a, b) => f(b)) }", "fn f(n) { list(map(dataset([n]), f)) }",
      "fn f(n) { list(map(dataset([n]), x => f(x) + 1)) }", "fn f(n) { timeit(() => f(n), number=1) }",
      "fn f(n) { group_by([n], f) }", "fn f(n) { f\"{f(n)}\" }", "fn f(n) { {a: f(n)}.a[f(n)] }",
      "fn f(n) { try { f(n) } catch e { raise e }; n }", "fn f(n, k=1) { f(n, k=f(n)) }",
      "fn f(n) { n |> f |> f }",
      "fn f(n) { for x in [f(n)] { } }", "fn f(n) { [f][0](n) }", "fn f(n) { max([f(n)]) }",
    ])
  func endlessRecursionIsAnError(_ definition: String) throws {
    let code = definition + "\ntry { f(0) } catch e { print(e.kind) }\nprint(\"goes on\")"
    let result = try Program.run(["-e", code])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "recursion\ngoes on\n")
  }

  // MARK: The files

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("folder"), withIntermediateDirectories: true)
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name)))
    }
    try write("folder/note.txt", Array("not a recording".utf8))
    try write("empty.wav", [])
    try write(
      "picture.wav", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0, count: 64))
    try write("page.mp3", Array("<!DOCTYPE html><html><body>Not found</body></html>".utf8))
    var state: UInt8 = 7
    let noise = (0..<4096).map { _ -> UInt8 in
      state = state &* 73 &+ 41
      return state
    }
    try write("garbage.wav", noise)
    try write("truncated.wav", Array(wav(samples: 1000).prefix(500)))
    try write("rate0.wav", wav(samples: 10, rate: 0))
    try write("rate4G.wav", wav(samples: 10, rate: .max))
    try write("channels.wav", wav(samples: 10, channels: .max))
    try write("silent.wav", wav(samples: 0))
    try write("nan.wav", floatWAV([.nan, 1, -.infinity, 0, 0, 0, 0, 0]))
    let header = Array(
      "{\"layers.0.kernel\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,99999999]}}".utf8)
    try write("lying.safetensors", [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [1, 2, 3, 4])
    return folder
  }

  private static func listing(_ folder: TemporaryFolder) throws -> Set<String> {
    Set(try FileManager.default.subpathsOfDirectory(atPath: folder.url.path))
  }

  private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// A 16-bit WAV whose header may lie about rate and channels.
  private static func wav(samples: Int, rate: UInt32 = 16000, channels: UInt16 = 1) -> [UInt8] {
    let data = UInt32(samples * 2)
    return Array("RIFF".utf8) + little(data + 36) + Array("WAVEfmt ".utf8) + little(UInt32(16))
      + little(UInt16(1)) + little(channels) + little(rate) + little(rate &* 2) + little(channels &* 2)
      + little(UInt16(16)) + Array("data".utf8) + little(data) + [UInt8](repeating: 1, count: samples * 2)
  }

  private static func floatWAV(_ samples: [Float]) -> [UInt8] {
    let data = UInt32(samples.count * 4)
    return Array("RIFF".utf8) + little(data + 36) + Array("WAVEfmt ".utf8) + little(UInt32(16))
      + little(UInt16(3)) + little(UInt16(1)) + little(UInt32(16000)) + little(UInt32(64000))
      + little(UInt16(4)) + little(UInt16(32)) + Array("data".utf8) + little(data)
      + samples.flatMap { little($0.bitPattern) }
  }
}
