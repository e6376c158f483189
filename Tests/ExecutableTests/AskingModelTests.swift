import Foundation
import Testing

/// What makes a model's examples may ask the model, or is told that it must not; nobody waits for ever.
@Suite struct AskingModelTests {
  /// A dataset of 32 examples through `f`, and functions that ask the model for an example, a measure, its
  /// weights.
  private static let start = """
    fn make(f) { dataset([[i / 10, 1 - i / 10] for i in range(32)], [1 if i > 15 else 0 for i in range(32)]) |> map(f) }
    m = sequential([dense(1, activation="sigmoid")], input_shape=[2])
    n = sequential([dense(1)], input_shape=[2])
    compile(m)
    compile(n, loss="mse")
    fn plain(x) { tensor(x) }
    fn ask(model, x) { tensor(x) + predict(model, expand_dims(tensor(x), 0))[0, 0] }
    fn predicting(x) { ask(m, x) }
    fn measuring(x) { tensor(x) + evaluate(m, make(plain) |> batch(8)).loss }
    fn weighing(x) { tensor(x) + sum(m.weights["layers.0.bias"]) }

    """

  private func run(_ code: String) throws -> Program.Result {
    try Program.run(["-e", Self.start + code], environment: ["NO_COLOR": "1"]) { process in
      // A wait for ever ends here, with a status of 128 and more.
      DispatchQueue.global().asyncAfter(deadline: .now() + 120) {
        if process.isRunning { process.terminate() }
      }
    }
  }

  static let pipelines = [
    "make(F) |> batch(8)", "make(F) |> batch(8) |> prefetch(2)",
    "make(F) |> cache |> batch(8) |> prefetch(2)",
    "make(F) |> cache |> shuffle(10) |> batch(8)", "make(F) |> prefetch(4) |> map(plain) |> batch(8)",
    "make(plain) |> batch(8) |> map(b => b + predict(m, b)[0, 0]) |> prefetch(1)",
    "make(plain) |> filter(x => sum(F(x)) > -100) |> batch(8) |> prefetch(2)",
  ]

  @Test(arguments: pipelines, ["predicting", "measuring", "weighing"])
  func whatIsTrainedOnDoesNotAsk(_ pipeline: String, _ asking: String) throws {
    let data = pipeline.replacingOccurrences(of: "F", with: asking)
    let result = try run("fit(m, \(data), epochs=2, verbose=false)")
    #expect(result.status == 1, "\(data): \(result.output)\(result.errors)")
    #expect(result.errors.contains("asks a model that is being trained"), "\(result.errors)")
    #expect(result.errors.contains("predict before fit"), "\(result.errors)")
  }

  @Test(arguments: pipelines, ["predicting", "measuring", "weighing"])
  func whatIsMeasuredOnMayAsk(_ pipeline: String, _ asking: String) throws {
    let data = pipeline.replacingOccurrences(of: "F", with: asking)
    let result = try run(
      """
      print(predict(m, \(data)).shape)
      print(evaluate(m, \(data)).loss > 0)
      h = fit(m, make(plain) |> batch(8) |> prefetch(2), validation=\(data), epochs=2, verbose=false)
      print(len(h.val_loss))
      h = fit(n, \(data), epochs=2, verbose=false)
      print(len(h.loss))
      """)
    #expect(result.output == "[32, 1]\ntrue\n2\n2\n", "\(data): \(result.output)\(result.errors)")
  }

  @Test func aCallbackAsksFromAnyThread() throws {
    let result = try run(
      """
      fn look(record) { print(len(list(make(predicting) |> prefetch(2)))); first(make(predicting) |> prefetch(8)); true }
      fit(m, make(plain) |> batch(8) |> prefetch(2), epochs=2, callbacks=[look], verbose=false)
      """)
    #expect(result.output.hasPrefix("32\n32\n"), "\(result.output)\(result.errors)")
  }

  @Test func anAnswerIsThatOfTheSameWeights() throws {
    let result = try run(
      """
      direct = predict(m, stack([plain(x) for x, y in make(plain)]))
      inner = stack([x for x, y in make(x => predict(m, expand_dims(tensor(x), 0))[0]) |> prefetch(4)])
      print(max(abs(direct - inner)) < 0.000001)
      """)
    #expect(result.output == "true\n", "\(result.output)\(result.errors)")
  }

  @Test func twoModelsAskOneAnother() throws {
    let result = try run(
      """
      fn outer(x) { tensor(x) + sum(predict(n, make(y => ask(m, y)))) }
      print(predict(m, make(outer) |> batch(8)).shape)
      """)
    #expect(result.output == "[32, 1]\n", "\(result.output)\(result.errors)")
  }

  /// Whether they meet is chance: each then waits for the other, and one of them is told.
  @Test func twoModelsThatWaitForOneAnotherEnd() throws {
    let result = try run(
      """
      fn one(x) { sum(predict(m, make(y => ask(n, y)))) }
      fn other(x) { sum(predict(n, make(y => ask(m, y)))) }
      print(len(list(dataset(range(60)) |> map(i => one(i) if i % 2 == 0 else other(i)))))
      """)
    #expect(
      result.output == "60\n" || result.errors.contains("ask one another"), "\(result.output)\(result.errors)"
    )
    #expect(result.status < 2)
  }
}
