import Foundation
import TestSupport
import Testing

/// A folder with everything that examples in the help and the documents take for granted: recordings in
/// `data`, a few small files, and (by `prelude`) variables of the names that the tutorial uses.
///
/// Each is a fresh copy, so that examples may write and remove what they like.
struct ExampleFolder {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let manager = FileManager.default
    let template = try Self.template.get().url
    for name in try manager.contentsOfDirectory(atPath: template.path) {
      let source = template.appendingPathComponent(name)
      let target = folder.url.appendingPathComponent(name)
      if name == "data" {
        try manager.createSymbolicLink(at: target, withDestinationURL: source)
      } else {
        try manager.copyItem(at: source, to: target)
      }
    }
  }

  /// Runs a script in the folder, which is also the home; `# →` has no meaning here.
  func run(_ code: String, prelude: String = "", name: String = "example.cap", arguments: [String] = [])
    throws
    -> Program.Result
  {
    // The prelude on the first lines' place would shift the lines that errors tell: it is imported.
    var text = code
    if !prelude.isEmpty {
      try prelude.write(toFile: folder.path("prelude.cap"), atomically: true, encoding: .utf8)
      text = Self.preludeNames.map { "from \"prelude.cap\" import \($0); " }.joined() + "\n" + code
    }
    try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
    return try Program.run(
      ["--quiet", "--no-color", name] + arguments, environment: ["HOME": folder.url.path], folder: folder.url)
  }

  /// The variables that an example may use without making them.
  static let preludeNames = ["wave", "recording", "lengths", "scores", "model", "train", "test"]
  static let prelude = """
    wave = load("a.wav")
    recording = load("data/Forest Recordings/recording_00.mp3", duration=12s) |> mono |> resample(16kHz)
    lengths = [2.5, 3, 3.5, 3]
    model = sequential([dense(1, activation="sigmoid")], input_shape=[2])
    compile(model)
    scores = recording |> windows(3s, 3s) |> map(a => [max(a.samples), 1]) |> predict(model, _)
    train = dataset([[0, 1], [1, 0], [2, 1], [1, 3]], [1, 0, 0, 1]) |> batch(2)
    test = dataset([[3, 1], [1, 2]], [0, 1]) |> batch(2)
    """

  private static let template = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    let made = try Program.run(
      [
        "--quiet", "-e",
        """
        demo_dataset("data", calls=14, others=20, recordings=1)
        save_audio("a.wav", tone(440Hz, 1s)); write_text("notes.txt", "first line\\nsecond line\\n")
        save_npy("x.npy", zeros([2, 3])); make_dir("recordings/2026")
        write_csv("results.csv", [{recording: "a.mp3", calls: 3}, {recording: "b.mp3", calls: 5}])
        \(prelude)
        save(model, "capuchin.safetensors"); save_weights(model, "weights.safetensors");
        """,
      ], folder: folder.url)
    try #require(made.status == 0, "\(made.errors)")
    try FileManager.default.copyItem(
      atPath: folder.path("data/Forest Recordings/recording_00.mp3"),
      toPath: folder.path("recordings/2026/night.mp3"))
    return folder
  }
}
