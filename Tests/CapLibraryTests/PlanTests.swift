import CapLibrary
import Essentials
import Notebook
import Testing

/// `summary(m, plan=true)` tells what the engine runs, and why.
@Suite struct PlanTests {
  private let runner = CapRunner()

  private func plan(_ code: String) throws -> Table {
    _ = try runner.run(code)
    let tables = runner.outputs.compactMap { if case .table(let table) = $0 { table } else { nil } }
    #expect(tables.count == 2)
    return try #require(tables.last)
  }

  @Test func everyLayerIsThere() throws {
    _ = try runner.run(
      """
      m = sequential([conv2d(16, [3, 3], activation="relu", input_shape=[20, 20, 1]), max_pool2d(), flatten(),
                      dense(1, activation="sigmoid")]);
      """)
    let prediction = try plan("summary(m, plan=true);")
    #expect(prediction.title == "Plan of a prediction")
    #expect(
      prediction.columns.map(\.title) == [
        "Layer", "Computes", "Algorithm", "Layout", "Time", "Memory", "Why",
      ])
    #expect(prediction.rows.map { $0[0] } == ["conv2d", "max_pooling2d", "flatten", "dense"])
    #expect(prediction.rows.allSatisfy { !$0[2].isEmpty && !$0[6].isEmpty })
    #expect(prediction.notes.count == 1)
    _ = try runner.run("compile(m)")
    let training = try plan("summary(m, plan=true, batch_size=4);")
    #expect(training.title == "Plan of a training step")
    #expect(training.rows.contains { $0[0] == "conv2d" && $0[1] == "weights' gradient" })
    #expect(runner.error("summary(sequential([dense(1)]), plan=true)")?.kind == .state)
  }

  @Test(arguments: ["x", "batch(dataset(x), 2)", "dataset(x)"])
  func mixedPrecisionTellsWhatItDid(_ examples: String) throws {
    _ = try runner.run(
      """
      m = sequential([conv2d(16, [3, 3], activation="relu", input_shape=[20, 20, 1]), flatten(),
                      dense(1, activation="sigmoid")])
      x = random_normal([5, 20, 20, 1])
      exact = predict(m, x);
      """)
    let told = try runner.run("mixed = predict(m, \(examples), precision=\"mixed\");")
    #expect(told.contains("float32's"))
    #expect(try runner.value("max(abs(mixed - exact)) < 0.02") == true)
    // Once for these weights.
    #expect(try runner.run("mixed = predict(m, \(examples), precision=\"mixed\");") == "")
    #expect(runner.error("predict(m, x, precision=\"half\")")?.kind == .value)
  }
}
