import CapLanguage
import CapLibrary
import Essentials
import TestSupport
import Testing

/// Mistakes get an error of the right kind that says what would have been right.
@Suite struct MistakeTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    /// With `«…»` round the place that the caret must stand under.
    let code: String
    let kind: Failure.Kind
    /// Must occur in the message or the hint.
    let says: [String]
    init(_ code: String, _ kind: Failure.Kind, _ says: String...) {
      self.code = code
      self.kind = kind
      self.says = says
    }
    var testDescription: String { code }
  }

  static let mistakes: [Mistake] = [
    // The arguments themselves.
    Mistake("«sqrt»()", .type, "misses the argument 'x'"),
    Mistake("sqrt(1, «2»)", .type, "takes at most 1 argument"),
    Mistake("sqrt(«\"a\"»)", .type, "'x'", "a number, a list of numbers or a tensor"),
    Mistake("round(1.5, «digit»=2)", .name, "no parameter 'digit'", "'digits'"),
    Mistake("zeros(«-1»)", .value, "'shape' of 'zeros'", "not -1"),
    Mistake("zeros(«2.5»)", .value, "'shape' of 'zeros'", "whole number", "not 2.5"),
    Mistake("take([1], «-1»)", .value, "'count' of 'take'"),
    Mistake("split([1, 2], «1.5»)", .value, "'by'"),
    Mistake("percentile([1], «101»)", .value, "'q'"),
    Mistake("exit(«300»)", .value, "'status'"),
    Mistake("sleep(«440Hz»)", .unit, "'duration' of 'sleep'"),
    // Kinds.
    Mistake("len(«3»)", .type, "a number has no length"),
    Mistake("map(«x => x», [1])", .type, "the items first, then the function"),
    Mistake("filter(«x => true», [1])", .type, "the items first"),
    Mistake("reduce(«(a, b) => a», [1])", .type, "the items first"),
    Mistake("map([1], «3»)", .type, "'f' takes a function, not a number"),
    Mistake("map(«3», x => x)", .type, "'xs' takes something with items"),
    Mistake("filter([1], «x => x»)", .type, "true or false"),
    Mistake("sum(«[1, \"a\"]»)", .type, "[1]"),
    Mistake("sum(«\"abc\"»)", .type, "[0]"),
    Mistake("sum(«[1s, 2]»)", .type, "a time at [0]"),
    Mistake("tensor(«[1, \"a\"]»)", .type, "a string at [1]"),
    Mistake("tensor(«{a: 1}»)", .type, "'x' of 'tensor'", "not a record"),
    Mistake("«sorted»([1, \"a\"])", .type, "a string and a number have no order"),
    Mistake("any(«[0, \"a\"]»)", .type, "a string"),
    Mistake("bool(«tensor([1, 0])»)", .type, "any(t) or all(t)"),
    Mistake("if «tensor([1, 0])» { 1 }", .type, "any("),
    Mistake("max(«tensor([1, 2]), 0»)", .type, "maximum(a, b)"),
    Mistake("record(«[1]»)", .type, "[key, value]"),
    Mistake("table(«[1, 2]»)", .type, "a list of records"),
    // Shapes.
    Mistake("tensor(«[[1, 2], [3]]»)", .shape, "ragged", "[1]"),
    Mistake("tensor(«[1, [2]]»)", .shape, "ragged", "[1]"),
    Mistake("tensor(«[[1], 2]»)", .shape, "ragged", "[1]"),
    Mistake("«zeros([2, 3]) + zeros([4])»", .shape, "(2, 3)", "(4,)"),
    Mistake(
      "«zeros([2, 3]) @ zeros([2, 3])»", .shape, "cannot multiply matrices of shapes (2, 3) and (2, 3)"),
    Mistake("reshape(zeros(6), «[4]»)", .shape, "(6,)", "(4,)"),
    Mistake("stack(«[zeros(2), zeros(3)]»)", .shape, "(2,)", "(3,)"),
    Mistake("concat(«[zeros([2, 2]), zeros([2, 3])]»)", .shape, "(2, 3)"),
    Mistake("concat(«1, 2»)", .shape, "stack"),
    Mistake("squeeze(zeros([2, 1]), «0»)", .shape, "has 2, and only 1 goes away"),
    Mistake("table(«{a: [1], b: [1, 2]}»)", .shape, "'a' has 1", "'b' has 2"),
    Mistake("t = zeros(3)\nt[«0»] = [1, 2]", .shape, "(2,)"),
    // Positions and keys.
    Mistake("zeros([2, 3])[«2»]", .index, "outside axis 0"),
    Mistake("zeros(3)«[0, 0]»", .index, "2 indices", "(3,)"),
    Mistake("zeros(3)[«0.5»]", .type, "a whole number, not 0.5"),
    Mistake("zeros(3)[«\"a\"»]", .type, "not a string"),
    Mistake("sum(zeros([2, 3]), axis=«2»)", .index, "no axis 2", "(2, 3)"),
    Mistake("table([{clip: 1}]).«clop»", .name, "clip"),
    Mistake("table([{clip: 1}])[«\"clop\"»]", .key, "clip"),
    Mistake("table([{clip: 1}], columns=«[\"clop\"]»)", .key, "clip"),
    Mistake("table([{clip: 1}])[«3»]", .index, "position 3 is outside"),
    Mistake("remove({calls: 1}, «\"call\"»)", .key, "calls"),
    // Values.
    Mistake("mean(«[]»)", .value, "mean of no"),
    Mistake("max(«[]»)", .value, "max of no"),
    Mistake("«max»()", .value, "needs a list"),
    Mistake("std(«[1]», ddof=1)", .value, "needs more than 1 numbers"),
    Mistake("reduce(«[]», (a, b) => a)", .value, "no items"),
    Mistake("sqrt(«-1»)", .arithmetic, "at least 0", "-1"),
    Mistake("log(«0»)", .arithmetic, "above 0"),
    Mistake("clip(1, «3», 2)", .value, "'low' (3)", "'high' (2)"),
    Mistake("number(«\"3,5\"»)", .value, "\"3,5\""),
    Mistake("int(«nan»)", .value, "no whole number for nan"),
    Mistake("split(\"a\", «\"\"»)", .value, "chars"),
    Mistake("replace(\"a\", «\"\"», \"b\")", .value, "empty"),
    Mistake("«split»([1, 2])", .value, "fraction"),
    Mistake("split([1, 2], 0.5, «1»)", .value, "either"),
    Mistake("range(0, 5, «0»)", .value, "must not be 0"),
    Mistake("arange(0, 5, «0»)", .value, "in steps of 0"),
    Mistake("random_integer(3, «3»)", .value, "from 3 to below 3"),
    Mistake("choice(«[]»)", .value, "nothing"),
    Mistake("choice([1], «2»)", .value, "replace=true"),
    Mistake("one_hot(«[3]», 3)", .value, "no class of 0 to 2"),
    Mistake("format(«\"{} {}\"», 1)", .value, "than the 1 values given"),
    Mistake("format(«\"{\"», 1)", .value, "{{"),
    Mistake("pad_left(\"a\", 3, «\"xy\"»)", .value, "one character"),
    Mistake("«repeat»(\"a\")", .value, "'count' is missing"),
    Mistake("assert(«1 > 2», \"no way\")", .raised, "no way"),
    Mistake("help(«\"sqrrt\"»)", .name, "sqrt"),
    // Files.
    Mistake("read_text(«\"no_such_file.txt\"»)", .file, "no_such_file.txt"),
    Mistake("read_text(«\".\"»)", .file, "it is a folder"),
    Mistake("read_text(«\"\"»)", .value, "empty"),
    Mistake("files(«\"no_such_folder/*.wav\"»)", .file, "no folder 'no_such_folder'"),
    Mistake("list_dir(«\"no_such_folder\"»)", .file, "no_such_folder"),
    Mistake("write_text(«\"no_such_folder/a.txt\"», \"\")", .file, "no_such_folder"),
    Mistake("remove_file(«\".\"»)", .file, "folder"),
    Mistake("read_csv(\"x.csv\", separator=«\"ab\"»)", .value, "'separator'"),
    Mistake("load_npy(«\"no_such.npy\"»)", .file, "no_such.npy"),
    // What belongs into a list, arguments in another order, other names, near words.
    Mistake("zeros(2, «3»)", .type, "write zeros([2, 3])"),
    Mistake("tensor(1, «2», 3)", .type, "write tensor([1, 2, 3])"),
    Mistake("reshape(zeros([6]), 3, «2»)", .type, "write reshape(x, [3, 2])"),
    Mistake("sequential(«dense(1)»)", .type, "put it into a list"),
    Mistake("sequential(«[dense]»)", .type, "item 0 is a function", "dense(…)"),
    Mistake("stft(«320», 32, tone(440Hz, 1s))", .type, "in another order: stft(a, frame_length, frame_step"),
    Mistake("resample(«16kHz», tone(440Hz, 1s))", .type, "in another order: resample(a, rate"),
    Mistake("tone(«1s», 440Hz)", .unit, "not a time: 1 s", "in another order: tone(freq, duration"),
    Mistake("load(\"a.wav\", «sr»=16000)", .name, "no parameter 'sr'", "called 'rate'"),
    Mistake("stft(tone(440Hz, 1s), «n_fft»=512)", .name, "no parameter 'n_fft'", "called 'fft_length'"),
    Mistake("conv2d(16, «kernel»=3)", .name, "no parameter 'kernel'", "called 'kernel_size'"),
    Mistake("dense(3, activation=«\"Relu\"»)", .value, "did you mean \"relu\"?"),
    Mistake(
      "compile(sequential([dense(1)]), loss=«\"mean_squared_error\"»)", .value, "did you mean \"mse\"?"),
    Mistake("compile(sequential([dense(1)]), optimizer=«\"adm\"»)", .value, "did you mean \"adam\"?"),
    Mistake("compile(sequential([dense(1)]), metrics=«[\"acuracy\"]»)", .value, "did you mean \"accuracy\"?"),
  ]

  @Test(arguments: mistakes) func isExplained(_ mistake: Mistake) throws {
    let marked = Marked(mistake.code)
    let range = try #require(marked.range, "the mistake states no caret")
    let error = try #require(CapRunner().error(marked.text), "no error")
    #expect(error.kind == mistake.kind, "\(error)")
    #expect(error.range == range, "the caret stands under '\(error.marked)'")
    for words in mistake.says { #expect("\(error)".contains(words), "\(error)") }
  }
}

/// Sizes that no machine has are refused before anything is made.
@Suite struct HostileInputTests {
  static let tooMuch = [
    "zeros([1e9, 1e9])", "ones([1e5, 1e5, 1e5])", "full(1e15, 1)", "eye(1e7)", "arange(1e13)",
    "linspace(0, 1, 1e14)",
    "random_uniform([1e8, 1e8])", "random_normal(1e15)", "random_integer(0, 5, [1e8, 1e8])",
    "one_hot(zeros(1000), 1e12)",
    "repeat(\"abc\", 1e15)", "repeat([1, 2], 1e15)", "repeat(zeros(1000), 1e12)", "list(range(1e14))",
    "tensor(range(1e14))", "sorted(range(1e14))", "pad_left(\"a\", 1e15)", "\"a\" * 1e15", "[1] * 1e15",
    "sum(range(1e15))", "enumerate(range(1e14))", "choice([1], 1e15, replace=true)",
    "replace(repeat(\"a\", 1e6), \"a\", repeat(\"b\", 1e6))",
  ]

  @Test(arguments: tooMuch) func isRefused(_ code: String) throws {
    let error = try #require(CapRunner().error("x = \(code)"), "no error")
    #expect(error.kind == .memory || error.kind == .value, "\(error)")
    #expect(!error.message.isEmpty)
  }

  /// Every function takes every kind of value for its arguments and either works or fails with an error.
  @Test func noArgumentTraps() throws {
    let values = [
      "none", "true", "-1", "0", "2.5", "1e300", "nan", "inf", "-inf", "3s", "440Hz", "\"\"", "\"a\"",
      "\"\\x00\"", "[]",
      "[[]]", "[1, [2]]", "{}", "{a: 1}", "x => x", "(a, b) => a", "tensor([1, 2])", "zeros([0, 3])",
      "zeros([2, 0])", "range(0)",
      "range(3)", "table([])", "sqrt", "dataset([1, 2])", "tone(440Hz, 10ms)", "9007199254740992",
      "-9007199254740992",
    ]
    // These wait, leave, or write where they are told to.
    let left: Set<String> = [
      "exit", "sleep", "timeit", "make_dir", "remove_file", "write_text", "write_csv", "save_npy",
      "demo_dataset", "files", "list_dir",
    ]
    let runner = CapRunner()
    var tried = 0
    for function in LanguageFunctions.all where !left.contains(function.name) {
      for first in values {
        for rest in [
          "", ", 1", ", \"a\"", ", [0, 0]", ", -1", ", x => x", ", 1e300", ", none, 2", ", 1, 2, 3",
        ] {
          tried += 1
          if let error = runner.error("result = \(function.name)(\(first)\(rest));") {
            #expect(!error.message.isEmpty)
          }
        }
      }
    }
    #expect(tried > 10_000)
  }

  @Test func deepNestingIsNoArray() throws {
    let runner = CapRunner()
    _ = try runner.run("x = [1]\nfor i in range(10000) { x = [x] }")
    #expect(try #require(runner.error("tensor(x)")).kind == .shape)
  }
}
