import CapLanguage
import CapLibrary
import Essentials
import Foundation
import TestSupport
import Testing

/// Arguments by the names that peers' users type, and failures that stand under the argument they are about.
@Suite struct ArgumentTests {
  // MARK: Other names

  /// The same call with our name, and with the one from elsewhere.
  static let sameCalls: [(ours: String, theirs: String)] = [
    (
      "list(mel(spectrogram(tone(1kHz, 1s), 512, 256), bands=40).shape)",
      "list(mel(spectrogram(tone(1kHz, 1s), 512, 256), n_mels=40).shape)"
    ),
    (
      "list(mfcc(spectrogram(tone(1kHz, 1s), 512, 256), count=13, bands=50).shape)",
      "list(mfcc(spectrogram(tone(1kHz, 1s), 512, 256), n_mfcc=13, n_mels=50).shape)"
    ),
    (
      "list(to_db(tensor([1, 0.1, 0.001]), top_db=none))",
      "list(amplitude_to_db(tensor([1, 0.1, 0.001]), top_db=none))"
    ),
    ("str(early_stopping(restore_best=true))", "str(early_stopping(restore_best_weights=true))"),
    (
      "str(plot([[1, 2], [3, 4]], colors=\"gray\", save=false))",
      "str(plot([[1, 2], [3, 4]], cmap=\"gray\", save=false))"
    ),
  ]

  @Test(arguments: sameCalls) func otherNamesMeanTheSame(_ calls: (ours: String, theirs: String)) throws {
    let runner = CapRunner()
    #expect(try runner.run(calls.theirs) == runner.run(calls.ours))
  }

  @Test func validationDataIsValidation() throws {
    let text = try CapRunner().run(
      """
      m = sequential([dense(1)], input_shape=[2])
      compile(m, loss="mse")
      h = fit(m, [[0, 1], [1, 0]], [1, 0], validation_data=[[[0, 1]], [1]], verbose=false)
      len(h["val_loss"])
      """)
    #expect(text == "1")
  }

  /// 10 log10 of 1, 0.1 and 0.001; no further down than top_db.
  @Test func powersHaveHalfTheDecibels() throws {
    let runner = CapRunner()
    #expect(
      try runner.run("[round(x, 3) for x in list(power_to_db(tensor([1, 0.1, 0.001])))]") == "[0, -10, -30]")
    #expect(
      try runner.run("[round(x, 3) for x in list(power_to_db(tensor([1, 0.1, 0.001]), 20))]")
        == "[0, -10, -20]")
  }

  @Test func helpShowsOtherNames() throws {
    let mel = try #require(StandardLibrary.functions.first { $0.name == "mel" })
    #expect(mel.helpText.contains("also n_mels"))
    let decibels = try #require(StandardLibrary.functions.first { $0.name == "to_db" })
    #expect(decibels.helpText.contains("Also called amplitude_to_db"))
  }

  @Test func otherNamesAreNoSecondArgument() throws {
    let error = try #require(
      CapRunner().error("mel(spectrogram(tone(1kHz, 1s), 512, 256), bands=40, n_mels=30)"))
    #expect(error.message == "'n_mels' of 'mel' is given twice")
  }

  /// No name stands for two things.
  @Test func otherNamesAreUnique() {
    let names = StandardLibrary.functions.flatMap { [$0.name] + $0.otherNames }
    #expect(Set(names).count == names.count)
    for function in StandardLibrary.functions {
      let names = function.parameters.flatMap { [$0.name] + $0.otherNames }
      #expect(Set(names).count == names.count, "\(function.name)")
    }
  }

  @Test(arguments: [
    ("MaxPooling2D([2, 2])", "here it is called max_pool2d"),
    ("BatchNormalization()", "here it is called batch_norm"),
    ("EarlyStopping(patience=3)", "here it is called early_stopping"),
    ("train_test_split([1, 2], 0.5)", "train, test = split(shuffle(xs), 0.8) gives both parts"),
  ]) func peersNamesGetAHint(_ call: (code: String, hint: String)) throws {
    let error = try #require(CapRunner().error(call.code))
    #expect(error.kind == .name && error.hint == call.hint)
  }

  // MARK: Blames

  /// The argument that a failure is about, as it is written in the call; the floors below call some by other names.
  @Test(arguments: [
    ("mel(spectrogram(tone(1kHz, 1s), 512, 256), fmin=«7kHz», fmax=6kHz)", "fmin"),
    ("mel(spectrogram(tone(1kHz, 1s), 512, 256), 40, 0, «9kHz»)", "fmax"),
    ("mel(spectrogram(tone(1kHz, 1s), 512, 256), n_mels=«0»)", "bands"),
    ("roc(«[0, 2]», [0.1, 0.2])", "y_true"),
    ("stft(tone(1kHz, 1s), «0», 10)", "frame_length"),
    ("pad([1, 2], «3s»)", "length"),
    ("plot([1], xlim=«[2, 1]», save=false)", "xlim"),
    ("plot([1], size=«[1e9, 3]»)", "size"), ("transpose(zeros([2, 3]), «[0, 7]»)", "axes"),
    ("concat(«[tone(1kHz, 1s), 3]»)", "xs"),
    ("clip(1, «3», 2)", "low"),
    ("read_csv(\"a.csv\", separator=«\"ab\"»)", "separator"),
    ("axvline(«inf»)", "x"),
    ("save_audio(«\"\"», tone(1kHz, 1s))", "path"),
    (trained("ds = batch(dataset([], label=1), 2)\nfit(m, «ds», verbose=false)"), "x"),
    (trained("fit(m, «[[nan, 1]]», [1], verbose=false)"), "x"),
    (trained("fit(m, [[0, 1]], [1], validation_data=«3», verbose=false)"), "validation"),
  ]) func caretStandsUnderTheArgument(_ mistake: (code: String, parameter: String)) throws {
    let parts = mistake.code.split(omittingEmptySubsequences: false) { $0 == "«" || $0 == "»" }
    let error = try #require(CapRunner().error(parts.joined()), "\(mistake.code)")
    #expect(error.marked == String(parts[1]), "\(mistake.code): \(error)")
  }

  private static func trained(_ code: String) -> String {
    "m = sequential([dense(1)], input_shape=[2])\ncompile(m, loss=\"mse\")\n" + code
  }

  // MARK: Paths

  /// `~` is the home folder in every path.
  @Test func homeIsExpandedEverywhere() throws {
    let home = try #require(ProcessInfo.processInfo.environment["HOME"])
    let name = "capuchin-test-\(UInt64.random(in: 0 ... .max))"
    defer {
      for ending in [".png", ""] { try? FileManager.default.removeItem(atPath: "\(home)/\(name)\(ending)") }
    }
    let runner = CapRunner()
    _ = try runner.run("plot([1, 2], save=\"~/\(name).png\");")
    #expect(FileManager.default.fileExists(atPath: "\(home)/\(name).png"))
    _ = try runner.run("demo_dataset(\"~/\(name)\", calls=1, others=1, recordings=0);")
    #expect(FileManager.default.fileExists(atPath: "\(home)/\(name)"))
  }

  // MARK: Functions of items

  /// A default makes a parameter one that need not be given, however it is written.
  @Test(arguments: ["fn f(a, b=2) { len(a) }", "fn f(a, b = 2) { len(a) }", "fn f(a, b  =2) { len(a) }"])
  func aDefaultTakesNoPartOfAPair(_ declaration: String) throws {
    #expect(try CapRunner().run("\(declaration)\nmap([[1, 2], [3, 4]], f)") == "[2, 2]")
  }

  @Test func twoParametersTakeAPair() throws {
    #expect(try CapRunner().run("fn f(a, b) { a * b }\nmap([[1, 2], [3, 4]], f)") == "[2, 12]")
  }
}
