/// Values at which programs break, as Cap writes them.
enum OddValues {
  static let numbers = [
    "0", "-0.0", "1", "-1", "2", "3", "5", "7", "0.5", "-0.5", "1.5", "1e-300", "5e-324", "1e300", "-1e300",
    "1e18",
    "-1e18", "1e10", "1e9", "-1e9", "65536", "2147483647", "2147483648", "-2147483649", "4294967296",
    "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "inf", "-inf", "nan", "pi",
    "0x7fffffffffffffff", "1_000", "16000", "100", "1000", "255", "256",
  ]

  static let quantities = [
    "0s", "1s", "-1s", "20ms", "1e300s", "1e-300s", "3min", "0Hz", "1Hz", "16kHz", "440Hz", "-5Hz", "1e18Hz",
    "1e18s", "inf * 1s", "nan * 1Hz", "0.5Hz", "1e-12s",
  ]

  static let strings = [
    "\"\"", "\"a\"", "\"\\u{0}\"", "\"é日\\u{301}🎉\"", "\"a\\nb\\tc\"", "\"{}\"", "\"%s\"", "\"*\"",
    "\"**/[\"", "\".\"",
    "\"/dev/null\"", "\"/dev/zero\"", "\"/\"", "\"missing.wav\"", "\"a.png\"", "\"a.svg\"", "\"a.pdf\"",
    "\"a.wav\"", "\"sound.wav\"", "\"numbers.npy\"", "\"rows.csv\"", "\"model.safetensors\"",
    "\"broken.wav\"", "\"a,b;c\"",
    "\"nan\"", "\"1e5\"", "\"\\u{202e}abc\"", "\"a\" * 1000", "\"{:>10}\"", "\"{0:.3f}\"", "\"🎉\" * 50",
    "\"hann\"", "\"relu\"",
    "\"same\"", "\"adam\"", "\"plots/x.png\"", "\"\\\\\"", "\"'\"",
  ]

  static let others = [
    "none", "true", "false", "[]", "{}", "[1]", "[1, 2, 3]", "[[1, 2], [3, 4]]", "[[]]", "[[1], [2, 3]]",
    "[none]", "[nan, 1]", "[inf, -inf]", "[\"a\", \"b\"]", "[1, \"a\"]", "[true, false]", "[0, 1, 1, 0]",
    "[0.1, 0.9, 0.4]", "{a: 1}", "{a: [1, 2], b: [\"x\", \"y\"]}", "[{a: 1, b: 2}, {a: 3, b: 4}]",
    "[{a: 1}, {b: 2}]",
    "{start: 0s, end: 1s}", "[{start: 1s, end: 2s, score: 0.5}]", "[[0, 1], [2, 3]]", "range(5)", "range(0)",
    "range(1e18)", "range(10, 0, -3)", "x => x", "(a, b) => a + b", "() => 1", "x => [x, x]", "(a, b=2) => a",
    "x => x > 0", "x => none", "len", "print", "x => 1 / 0", "[1s, 2s]", "[x => x]", "[[[[1]]]]",
    "[1, 2][:0]",
    "[(x) => x, 1]", "[-1]", "[1e18, 1e18]", "[0, 5]", "[2, 0, 3]", "[1, 1, 1, 1, 1, 1, 1, 1, 1]",
  ]

  /// One or more of every kind of value that the library makes; small, so that thousands run a second.
  static let objects = [
    "tensor([1, 2, 3])", "tensor([[1, 2], [3, 4]])", "zeros([2, 3])", "zeros(0)", "zeros([0, 3])",
    "zeros([2, 0, 2])", "ones([1, 4, 4, 1])", "tensor(5)", "tensor([nan, inf, -inf, 0])",
    "arange(6) |> reshape([2, 3])", "ones([3, 4]) |> transpose", "arange(10)[::-2]", "eye(3)",
    "random_uniform([4, 3])", "zeros([1, 1, 1, 1, 1, 1])", "full([2, 2], 1e38)", "zeros([3, 8, 8, 1])",
    "random_uniform([8, 8, 1])",
    "tone(440Hz, 0.1s)", "silence(0.05s)", "noise(0.1s)", "audio([0, 0.5, 0, -0.5], 8kHz)",
    "audio([[1, 0, 1], [0, 0, 0]], 8kHz)", "audio([], 8kHz)", "audio([nan, inf, 1, 0], 4kHz)",
    "tone(440Hz, 0.1s)[:10]",
    "chirp(100Hz, 2kHz, 0.1s)", "tone(440Hz, 0.2s, rate=1)", "audio([0, 1, 0], 1Hz)",
    "stft(tone(440Hz, 0.1s), 64, 32)", "spectrogram(tone(440Hz, 0.1s), 64, 32)",
    "abs(stft(noise(0.1s), 32, 16))",
    "power_spectrogram(noise(0.05s), 64, 64)", "mel(power_spectrogram(noise(0.1s), 256, 128))",
    "to_db(spectrogram(noise(0.1s), 64, 32))", "mfcc(noise(0.2s))", "spectrogram(audio([0, 1], 8kHz), 2, 1)",
    "dataset([1, 2, 3])", "dataset([1, 2, 3], label=1)", "dataset([])", "dataset([[1, 2], [3, 4]], [0, 1])",
    "batch(dataset([[1, 2], [3, 4], [5, 6]], [0, 1, 0]), 2)", "dataset([zeros(2), ones(2)]) |> repeat",
    "windows(noise(0.1s), 0.02s, 0.01s)", "zip(dataset([1, 2]), dataset([3, 4]))", "cache(dataset([1, 2]))",
    "shuffle(dataset([1, 2, 3]), 2)", "dataset([1, 2, 3]) |> map(x => x * 2)",
    "dataset([tone(440Hz, 0.01s)])",
    "dense(2)", "dense(1, activation=\"sigmoid\")", "conv2d(2, 3)", "conv2d(2, [1, 3], activation=\"relu\")",
    "max_pool2d(2)",
    "flatten()", "dropout(0.5)", "batch_norm()", "activation(\"relu\")", "global_average_pool2d()",
    "sequential([dense(1)])", "sequential([dense(2, activation=\"relu\"), dense(1)], input_shape=[2])",
    "sequential([conv2d(2, 3), flatten(), dense(1, activation=\"sigmoid\")], input_shape=[8, 8, 1])",
    "sequential([])", "ready_model()", "adam()", "sgd(0.1)", "early_stopping()",
    "table([{a: 1, b: \"x\"}, {a: 2, b: \"y\"}])", "table([])", "table({a: [1, 2]})",
    "confusion_matrix([0, 1], [1, 1])",
    "roc([0, 1, 1], [0.1, 0.5, 0.9])", "precision_recall([0, 1, 1], [0.1, 0.5, 0.9])",
    "group_calls([0.9, 0.9, 0.1, 0.8])", "runs([1, 1, 0, 1])", "progress([1, 2])", "enumerate([\"a\"])",
    "plot([1, 2, 3])", "histogram([1, 2, 2])",
    "fit(ready_model(), zeros([4, 2]), zeros(4), epochs=1, verbose=false)",
  ]

  /// Pieces of text that lexers trip over.
  static let pieces: [[UInt8]] = [
    [0], [0xFF], [0xC3], [0xF0, 0x9F], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], Array("\u{202E}".utf8),
    Array("e\u{301}\u{301}".utf8), Array("🎉".utf8), Array("“x”".utf8), Array("−".utf8), Array("\r\n".utf8),
    Array("\r".utf8), Array("\t".utf8), Array("\u{2028}".utf8), Array("\u{A0}".utf8), Array("\\\n".utf8),
    Array("f\"{".utf8), Array("\"\"\"".utf8), Array("}}".utf8), Array("{{".utf8),
    Array("# %% [markdown] x\n".utf8),
    Array("# %%\n".utf8), Array("f\"{1:>9999}\"".utf8), Array("f\"{x:.1000000000}\"".utf8),
    Array("f\"{1e300:d}\"".utf8),
    Array("\"\\u{110000}\"".utf8), Array("\"\\x\"".utf8), Array("1e99999".utf8), Array("0x".utf8),
    Array("1__0".utf8), Array("1.e5".utf8), Array("3kHzz".utf8), Array("|>".utf8), Array("=>".utf8),
    Array("_".utf8), Array("...".utf8), Array("[::]".utf8), Array("[:, ::-1]".utf8), Array("[1:2:0]".utf8),
    Array("**".utf8), Array("@".utf8), Array("//=".utf8), Array(";".utf8), Array("\n".utf8),
  ]

  static let brackets: [(open: String, close: String)] = [
    ("(", ")"), ("[", "]"), ("{a: ", "}"), ("-", ""), ("not ", ""), ("f\"{", "}\""), ("x => ", ""),
    ("if true { ", " }"),
    ("for i in [1] { ", " }"), ("try { ", " } catch e { }"), ("fn g() { ", " }"), ("2 ** ", ""),
    ("len(", ")"),
    ("[x for x in ", "]"), ("1 if true else ", ""), ("1 + ", ""), ("1 |> max(", ")"), ("a.", ""),
    ("x = ", ""),
    ("list(", ")"), ("map([1], x => ", ")"), ("str(", ")"), ("tensor([", "])"), ("@", ""), ("", "[0]"),
    ("", ".a"),
    ("", "()"), ("", " |> str"), ("", " and true"), ("while true { break; ", " }"),
  ]
}
