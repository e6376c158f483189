import Foundation
import TestSupport
import Testing

/// Labels as words: from a dataset to scores with names, and a file between.
@Suite struct WordLabelTests {
  private static let start = """
    all = dataset([[i, 1] for i in range(20)], label="owl") + dataset([[-i - 1, 1] for i in range(20)], label="frog")
    m = sequential([dense(1, activation="sigmoid")], input_shape=[2])
    compile(m, optimizer=adam(0.1), metrics=["accuracy", recall(per_class=true), recall(class_id="owl", name="o")])

    """

  private func output(_ code: String, folder: TemporaryFolder? = nil) throws -> String {
    let result = try Program.run(["--no-color", "-e", code], folder: folder?.url)
    return result.output + result.errors
  }

  @Test func aBinaryModelSaysWhichWordIsOne() throws {
    let text = try output(
      Self.start + """
        h = fit(m, all |> shuffle |> cache |> batch(8) |> prefetch(2), epochs=30)
        print(m.classes, keys(evaluate(m, all |> batch(8))))
        s = predict(m, [[9, 1], [-9, 1], [7, 1]])
        print(classes(s), s.classes, s[:2].classes)
        confusion_matrix(["owl", "frog", "owl"], s)
        """)
    #expect(text.contains("classes, sorted: 0 frog, 1 owl; the output scores owl"), "\(text)")
    #expect(text.contains("[\"frog\", \"owl\"] [\"loss\", \"accuracy\", \"recall_owl\", \"o\"]"), "\(text)")
    #expect(text.contains("[\"owl\", \"frog\", \"owl\"] [\"frog\", \"owl\"] [\"frog\", \"owl\"]"), "\(text)")
    #expect(text.contains("frog                   1    0\nowl                    0    2"), "\(text)")
  }

  @Test func wordsAreTheNumbersOfTheirPlace() throws {
    let text = try output(
      """
      x = tensor([[i, 1] for i in range(6)])
      words = ["toad", "owl", "frog", "owl", "toad", "frog"]
      numbers = [2, 1, 0, 1, 2, 0]
      fn trained(loss, y) {
        seed(3)
        m = sequential([dense(3, activation="softmax")], input_shape=[2])
        compile(m, loss=loss)
        fit(m, x, y, epochs=3, shuffle=false, verbose=false)
        m.weights["layers.0.kernel"]
      }
      a = trained("sparse_categorical_crossentropy", words)
      print(all(a == trained("sparse_categorical_crossentropy", numbers)))
      print(all(trained("categorical_crossentropy", words) == trained("categorical_crossentropy", one_hot(numbers, 3))))
      m = sequential([dense(1, activation="sigmoid")], input_shape=[2])
      compile(m, classes=["owl", "frog"])
      print(test_on_batch(m, x[:2], ["frog", "owl"]).loss == test_on_batch(m, x[:2], [1, 0]).loss, m.classes)
      """)
    #expect(text == "true\ntrue\ntrue [\"owl\", \"frog\"]\n", "\(text)")
  }

  @Test func severalLabelsAnExample() throws {
    let text = try output(
      """
      m = sequential([dense(3, activation="sigmoid")], input_shape=[2])
      compile(m, optimizer=adam(0.1), metrics=[recall(per_class=true), "binary_accuracy"])
      ds = dataset([[1, 0], [0, 1], [0, 0]], [["owl"], ["owl", "frog"], []]) + dataset([[1, 1]], label=["toad", "owl"])
      h = fit(m, ds |> repeat(20) |> batch(4), epochs=30, verbose=false)
      n = sequential([dense(3, activation="sigmoid")], input_shape=[2])
      compile(n)
      set_weights(n, m.weights)
      x = [[1, 0], [0, 1], [0, 0], [1, 1]]
      hot = [[0, 1, 0], [1, 1, 0], [0, 0, 0], [0, 1, 1]]
      print(abs(evaluate(m, ds |> batch(4)).loss - evaluate(n, x, hot).loss) < 0.000001)
      print(keys(evaluate(m, ds |> batch(4))))
      print(classes(predict(m, x))[1])
      """)
    #expect(
      text == """
        true
        ["loss", "recall_frog", "recall_owl", "recall_toad", "binary_accuracy"]
        ["frog", "owl"]

        """, "\(text)")
  }

  @Test func aFileKnowsItsClasses() throws {
    let folder = try TemporaryFolder()
    let text = try output(
      Self.start + """
        fit(m, all |> batch(8), verbose=false)
        save(m, "m.safetensors")
        n = load_model("m.safetensors")
        print(n.classes, evaluate(n, all |> batch(8)).loss == evaluate(m, all |> batch(8)).loss)
        evaluate(n, dataset([[1, 2]], label="toad") |> batch(1))
        """, folder: folder)
    #expect(text.hasPrefix("[\"frog\", \"owl\"] true\n"), "\(text)")
    #expect(text.contains("no class 'toad'; it has frog, owl"), "\(text)")
  }

  static let refusals: [(String, String)] = [
    ("dataset([1, 2], [\"owl\", 1])", "label 0 is a word and label 1 is a number"),
    ("dataset([1], label=\"owl\") + dataset([1], label=0)", "the other has numbers"),
    ("dataset([1], label=[\"owl\", 2])", "holds nothing else"),
    (start + "fit(m, ones([3, 2]), [\"a\", \"b\", \"c\"])", "dense(3, activation=\"softmax\")"),
    (start + "fit(m, ones([3, 2]), [\"a\", \"a\", \"a\"])", "there is one class, 'a'"),
    (start + "fit(m, ones([1, 2]), [[\"a\", \"b\"]])", "dense(2, activation=\"sigmoid\")"),
    (start + "fit(m, all |> map((x, y) => [x, \"owl\"]) |> batch(2), verbose=false)", "classes=["),
    (start + "compile(m, classes=[\"a\", \"a\"])", "named twice"),
    (start + "compile(m, classes=[\"a\", \"b\", \"c\"])", "3 classes do not go with 1 output"),
    ("confusion_matrix([\"owl\"], [1])", "words"),
  ]

  @Test(arguments: refusals) func isRefused(_ code: String, _ says: String) throws {
    let result = try Program.run(["--no-color", "-e", code])
    #expect(result.status == 1)
    #expect(result.errors.contains(says), "\(result.errors)")
  }
}
