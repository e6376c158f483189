import CapLanguage
import CapLibrary
import Essentials
import Foundation
import TestSupport
import Testing

/// Sizes, numbers and files out of all bounds are errors, never traps; `Tests/Fuzzing` looks for more of them.
@Suite struct SafetyTests {
  /// What asks for more than there is, or for what there cannot be.
  static let refused = [
    "zeros([1e9, 1e9])", "ones([1e9, 1e9, 1e9, 1e9])", "full([1e18], 1)", "eye(1e9)", "arange(1e18)",
    "linspace(0, 1, 1e15)", "random_uniform([1e9, 1e9])", "reshape(zeros(4), [9e15, 9e15])",
    "one_hot([1], 1e15)",
    "list(range(1e18))", "tensor(range(1e15))", "list(range(1e15))", "sorted(range(1e15))",
    "cumsum(range(1e15))",
    "map(range(1e18), x => x)", "zip(range(1e18), range(1e18))", "repeat([1, 2], 1e15)",
    "repeat(\"ab\", 1e15)",
    "replace(\"a\" * 1e6, \"a\", \"b\" * 1e6)",
    "conv2d(1e18, 3)", "conv2d(1e15, 3)", "conv2d(1, 1e15)", "conv2d(1, 3, strides=1e15)", "dense(1e15)",
    "max_pool2d(1e15)", "sequential([flatten()], input_shape=[1e9, 1e9, 1e9])",
    "sequential([conv2d(65536, 3)], input_shape=[65536, 65536, 65536])",
    "sequential([dense(268435456)], input_shape=[268435456])",
    "tensor([1])[9e18]", "tensor([1])[-9e18]", "tensor([1])[nan]", "[1][nan:]", "\"abc\"[9e18]",
    "t = zeros(3)\nt[9e18] = 1", "xs = [1]\nxs[1e300] = 1",
    "f\"{1:.1000000000}\"", "f\"{1:.1000000000f}\"", "f\"{1:1000000000}\"", "f\"{1:99999999999999999999}\"",
    "format(\"{:>1000000000}\", 1)",
    "subplots([[1]] * 401)", "subplots([[1]], columns=1e9)", "histogram([1], bins=1e15)",
    "silence(1e18s)", "tone(440Hz, 1e300s)", "noise(1e15s)", "silence(1s, 1e300Hz)",
    "pad(silence(1s), 1e18s)",
    "pad(silence(1s), 1e15)", "resample(silence(1s, 1Hz), 16000000Hz)", "silence(1s)[1e300s:1e300s:0]",
    "stft(silence(1s), 1e15, 1)", "stft(silence(1s), 10, 1, fft_length=1e15)",
    "mel(spectrogram(silence(1s), 64, 32), bands=1e9)", "windows(silence(1s), 1e18s, 1s)",
    "dataset([1]) |> batch(1e18)", "dataset([1]) |> repeat(1e18)", "dataset([1]) |> shuffle(1e18)",
    "roll([1, 2], 1e300)", "round(1.5, digits=1e15)", "sleep(inf * 1s)", "exit(1e18)", "seed(1e18)",
    "random_integer(-1e300, 1e300)", "number(\"1\" * 1e6)", "expand_dims(zeros(1), 1e15)",
    "load(\"/dev/zero\")", "load_npy(\"/dev/zero\")", "load_model(\"/dev/zero\")", "files(\"\\x00\")",
  ]

  @Test(arguments: refused) func isRefused(_ code: String) { #expect(CapRunner().error(code) != nil) }

  /// What is odd, but has an answer.
  static let answered = [
    ("tensor([1, 2, 3])[1e300:].shape", "[0]"), ("[1, 2, 3][-1e300:1e300:1e300]", "[1]"),
    ("[1, 2, 3][::-9e18]", "[3]"), ("len(dataset([1]) |> repeat(1e15))", "1000000000000000"),
    ("range(1e15)[-1]", "999999999999999"), ("\"abc\"[-1e300:2]", "\"ab\""), ("argsort([nan, 1])", "[1, 0]"),
    ("len(files(\"[\" * 1000))", "0"), ("round(1e300)", "1e+300"), ("-1 in range(1e15)", "false"),
    ("1e14 in range(1e15)", "true"), ("stft(silence(1s), 10, 1e15).shape", "[1, 9]"),
  ]

  @Test(arguments: answered) func hasAnAnswer(_ code: String, _ answer: String) throws {
    #expect(try CapRunner().run(code) == answer)
  }

  /// Files whose headers lie or nest without end.
  static let files: [(name: String, code: String, bytes: [UInt8])] = [
    ("deep.safetensors", "load_model", safetensors(String(repeating: "[", count: 200_000))),
    ("deep.safetensors", "load_model", safetensors(String(repeating: "{\"a\":", count: 100_000))),
    ("long.safetensors", "load_model", [255, 255, 255, 255, 255, 255, 255, 127] + Array("{}".utf8)),
    (
      "huge.safetensors", "load_model",
      safetensors(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,9223372036854775807]}}"
      )
    ),
    (
      "minus.safetensors", "load_model",
      safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[8,0]}}")
    ),
    ("number.safetensors", "load_model", safetensors("{\"a\":1e999999}")),
    (
      "shape.npy", "load_npy",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }")
    ),
    ("minus.npy", "load_npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")),
    (
      "digits.npy", "load_npy",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "9", count: 1000)),), }")
    ),
    ("deep.npy", "load_npy", npy(String(repeating: "(", count: 60_000))),
    ("short.npy", "load_npy", Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })),
    ("item.npy", "load_npy", npy("{'descr': '<f999999999999', 'fortran_order': False, 'shape': (3,), }")),
    ("bytes.csv", "read_csv", [0xFF, 0, 0x22, 0x0A, 0xC3]), ("quote.csv", "read_csv", Array("a,b\n\"".utf8)),
    ("bytes.txt", "read_text", [0xFF, 0xFE, 0]),
    ("riff.wav", "load", Array("RIFF\u{7f}\u{7f}\u{7f}\u{7f}WAVEfmt ".utf8)),
  ]

  @Test(arguments: files.indices) func aLyingFileIsAnError(_ index: Int) throws {
    let folder = try TemporaryFolder()
    let (name, function, bytes) = Self.files[index]
    try Data(bytes).write(to: folder.url.appendingPathComponent(name))
    let error = CapRunner().error("\(function)(\"\(folder.path(name))\")")
    // A header may be sound and name a shape that is too large to have: then that is what is told.
    #expect(error?.message.contains(name) == true || error?.kind == .shape || error?.kind == .memory)
  }

  private static func safetensors(_ header: String) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
  }

  private static func npy(_ header: String) -> [UInt8] {
    let count = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(header.utf8)
  }

  /// Inputs that once ended the fuzzer's process stay in its corpus; it runs them first.
  @Test func importsThatGoInCirclesEnd() throws {
    let folder = try TemporaryFolder()
    for number in 0..<150 {
      try "import \"m\((number + 1) % 150).cap\"\n".write(
        toFile: folder.path("m\(number).cap"), atomically: true, encoding: .utf8)
    }
    try "import \"self.cap\"".write(toFile: folder.path("self.cap"), atomically: true, encoding: .utf8)
    #expect(CapRunner().error("import \"\(folder.path("self.cap"))\"")?.kind == .state)
    let chain = CapRunner().error("import \"\(folder.path("m0.cap"))\"")
    #expect(chain?.kind == .recursion || chain?.kind == .state)
  }
}
