import Testing

/// What cannot be learnt, or only badly, is told before it trains, with what to write instead.
@Suite struct LearningSetupTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: String
    let says: [String]
    var status: Int32 = 1
    var testDescription: String { code }
  }

  private static func model(_ units: Int, _ activation: String, _ compile: String = "") -> String {
    "m = sequential([dense(\(units), activation=\"\(activation)\")], input_shape=[2]); compile(m\(compile)); "
  }
  private static func fit(_ y: String) -> String { "fit(m, ones([4, 2]), \(y), verbose=false)" }
  private static let sparse = ", loss=\"sparse_categorical_crossentropy\""
  private static let oneHot = ", loss=\"categorical_crossentropy\""

  static let setups: [Case] = [
    Case(code: model(1, "softmax"), says: ["softmax of one unit", "dense(1, activation=\"sigmoid\")"]),
    Case(code: model(1, "softmax", ", loss=\"mse\""), says: ["softmax of one unit"]),
    Case(code: model(1, "sigmoid", oneHot), says: ["one unit", "binary_crossentropy"]),
    Case(code: model(1, "sigmoid", sparse), says: ["one unit", "binary_crossentropy"]),
    Case(
      code: "m = sequential([dense(1, activation=\"softmax\")]); compile(m, loss=\"mse\"); "
        + fit("[0, 1, 0, 1]"),
      says: ["softmax of one unit"]),
    Case(
      code: model(3, "softmax", sparse + ", metrics=[top_k_accuracy(3)]"),
      says: ["always 1", "top_k_accuracy(2)"]),
    Case(
      code: model(3, "softmax", sparse + ", metrics=[recall(class_id=3)]"), says: ["class 3", "3 outputs"]),
    Case(code: model(1, "sigmoid", ", metrics=[recall(0.3), recall(0.7)]"), says: ["two metrics", "name="]),
    Case(code: model(1, "sigmoid", ", metrics=[(a, b) => 1]"), says: ["metric(\"name\", f)"]),
    Case(
      code: model(1, "linear"), says: ["probabilities", "activation=\"sigmoid\"", "from_logits=true"],
      status: 0),
    Case(code: model(1, "relu"), says: ["0 and up", "activation=\"sigmoid\""], status: 0),
    Case(code: model(1, "tanh"), says: ["-1 to 1"], status: 0),
    Case(code: model(3, "linear", sparse), says: ["activation=\"softmax\"", "from_logits=true"], status: 0),
    Case(code: model(3, "sigmoid", sparse), says: ["add up to 1", "softmax"], status: 0),
    Case(
      code: model(1, "linear", ", loss=\"mse\", metrics=[\"recall\"]"), says: ["recall", "from 0 to 1"],
      status: 0),
    Case(
      code: "m = sequential([dense(1, activation=\"relu\")]); compile(m); " + fit("[0, 1, 0, 1]"),
      says: ["0 and up"], status: 0),
  ]

  static let labels: [Case] = [
    Case(code: model(1, "sigmoid") + fit("[1, -1, 1, -1]"), says: ["is -1", "(y + 1) / 2"]),
    Case(code: model(1, "sigmoid") + fit("[1, 2, 1, 2]"), says: ["y - 1"]),
    Case(code: model(1, "sigmoid") + fit("[0, 1, 2, 3]"), says: ["dense(4, activation=\"softmax\")"]),
    Case(code: model(1, "sigmoid") + fit("zeros([4, 3])"), says: ["dense(3, activation=\"sigmoid\")"]),
    Case(code: model(1, "sigmoid") + fit("one_hot([0, 1, 0, 1], 2)"), says: ["y[:, 1]"]),
    Case(
      code: model(3, "sigmoid") + fit("[0, 1, 2, 1]"),
      says: ["sparse_categorical_crossentropy", "one_hot(y, 3)"]),
    Case(code: model(3, "softmax", sparse) + fit("[1, 2, 3, 1]"), says: ["is 3;", "y - 1"]),
    Case(code: model(3, "softmax", sparse) + fit("[0, 2, 5, 1]"), says: ["dense(6, activation=\"softmax\")"]),
    Case(
      code: model(3, "softmax", sparse) + fit("one_hot([0, 1, 0, 1], 3)"),
      says: ["categorical_crossentropy", "argmax"]),
    Case(code: model(3, "softmax", sparse) + fit("[0.5, 1, 0, 1]"), says: ["label 0 is 0.5"]),
    Case(
      code: model(3, "softmax", oneHot) + fit("[0, 1, 2, 1]"),
      says: ["sparse_categorical_crossentropy", "one_hot(y, 3)"]),
    Case(
      code: model(3, "softmax", oneHot) + fit("ones([4, 3])"), says: ["add up to 3", "binary_crossentropy"],
      status: 0),
    Case(code: model(3, "linear", ", loss=\"mse\"") + fit("zeros([4, 2])"), says: ["2 units"]),
  ]

  private static let endless =
    "e = dataset(ones([8, 2]), [0, 1] * 4) |> batch(2) |> repeat; " + model(1, "sigmoid")

  static let withoutEnd: [Case] =
    [
      ("fit(m, e)", "steps_per_epoch=100"),
      ("fit(m, e, steps_per_epoch=2, validation=e)", "validation_steps=100"),
      ("evaluate(m, e)", "steps=100"), ("predict(m, e)", "steps=100"),
      ("predict(m, unbatch(e))", "take(ds, n)"),
      ("cache(e)", "cache before it repeats"), ("split(e, 0.5)", "split it before it repeats"),
    ].map { Case(code: endless + $0.0, says: [$0.1]) }
    + [
      "list(e)", "len(e)", "tensor(e)", "[1 for x in e]", "sum(e)", "stack(e)", "sorted(e)", "3 in e",
      "zip(e, e)",
    ]
    .map { Case(code: endless + $0, says: ["repeats without an end", "take(ds, n)"]) }

  @Test(arguments: setups + labels + withoutEnd) func isTold(_ set: Case) throws {
    let result = try Program.run(["--no-color", "-e", set.code])
    #expect(result.status == set.status, "\(result.output)\(result.errors)")
    for words in set.says { #expect((result.output + result.errors).contains(words), "\(result.errors)") }
  }

  @Test func goodSetupsAreQuiet() throws {
    let code = """
      for last in [dense(1, activation="sigmoid"), dense(3, activation="sigmoid"), dense(2, activation="softmax")] {
        m = sequential([last, dropout(0.1), flatten()], input_shape=[2])
        compile(m, metrics=["recall", "accuracy"])
      }
      m = sequential([dense(3, activation="softmax")], input_shape=[2])
      compile(m, loss="sparse_categorical_crossentropy", metrics=["recall", "f1", top_k_accuracy(2)])
      """
    let result = try Program.run(["--no-color", "-e", code])
    #expect(result.status == 0)
    #expect(result.output + result.errors == "")
  }

  /// As Keras's: an epoch goes on where the last one ended, a validation begins anew.
  @Test func stepsTakePartOfTheData() throws {
    let code = """
      x = tensor([[i, 1] for i in range(6)])
      m = sequential([dense(1)], input_shape=[2])
      fn seen(t, p) { sum(t) }
      compile(m, optimizer=sgd(0), loss="mse", metrics=[seen])
      y = [1, 2, 4, 8, 16, 32]
      ds = dataset(x, y) |> batch(1)
      print(fit(m, ds |> repeat, steps_per_epoch=4, epochs=3, verbose=false).seen)
      print(fit(m, ds, steps_per_epoch=2, epochs=4, validation=ds |> repeat, validation_steps=2, verbose=false).seen)
      print(fit(m, x, y, batch_size=1, shuffle=false, steps_per_epoch=3, epochs=3, verbose=false).seen)
      print(evaluate(m, ds, steps=4).seen, predict(m, ds, steps=4).shape)
      h = fit(m, ds, steps_per_epoch=4, epochs=2, validation=ds, validation_steps=1, verbose=false)
      print(h.seen, h.val_seen)
      """
    let result = try Program.run(["--no-color", "-e", code])
    // The mean over batches of 1 of their labels.
    #expect(
      result.output == """
        [3.75, 12.75, 15]
        [1.5, 6, 24, 1.5]
        [\(7.0 / 3), \(56.0 / 3), \(7.0 / 3)]
        3.75 [4, 1]
        [3.75, 24] [1, 1]

        """, "\(result.output)")
    #expect(result.errors.contains("ended after 2 of 4 steps"))
  }
}
