import Testing

/// A training loop written in Cap is that of `fit`.
@Suite struct OwnLoopTests {
  private func run(_ code: String, threads: Int) throws -> Program.Result {
    try Program.run(["--no-color", "--threads", "\(threads)", "-e", code])
  }

  static let networks = [
    "[conv2d(4, 3, activation=\"relu\"), batch_norm(), flatten(), dropout(0.3), dense(1, activation=\"sigmoid\")]",
    "[conv2d(16, 3, activation=\"relu\"), conv2d(16, 3, activation=\"relu\"), flatten(), dense(1, activation=\"sigmoid\")]",
    "[flatten(), dense(7, activation=\"tanh\"), batch_norm(), dense(1, activation=\"sigmoid\")]",
  ]

  @Test(arguments: networks, ["adam(0.01)", "sgd(0.1, momentum=0.9)"])
  func hasTheBitsOfFit(_ layers: String, _ optimizer: String) throws {
    let code = """
      fn make() {
        seed(4)
        m = sequential(\(layers), input_shape=[18, 20, 1])
        compile(m, optimizer=\(optimizer), metrics=["accuracy"])
        m
      }
      x = random_normal([42, 18, 20, 1])
      y = [i % 2 for i in range(42)]
      a = make()
      fit(a, x, y, batch_size=8, shuffle=false, epochs=2, verbose=false)
      b = make()
      c = make()
      for e in range(2) {
        for i in range(0, 42, 8) {
          apply_gradients(b, gradients(b, x[i:i+8], y[i:i+8]))
          train_on_batch(c, x[i:i+8], y[i:i+8])
        }
      }
      print(all([all(a.weights[k] == b.weights[k]) for k in keys(a.weights)]))
      print(all([all(a.weights[k] == c.weights[k]) for k in keys(a.weights)]))
      """
    for threads in [1, 2] {
      let result = try run(code, threads: threads)
      #expect(result.output == "true\ntrue\n", "\(threads) threads: \(result.output)\(result.errors)")
    }
  }

  @Test func predictingAsInTrainingDropsAnewAndChangesNothing() throws {
    let code = """
      m = sequential([dropout(0.5)], input_shape=[200])
      x = random_normal([6, 200])
      a = predict(m, x, training=true)
      b = predict(m, x, training=true)
      print(all(a == b), sum(a == b) > 100, all((a == 0) + (a == 2 * x) > 0))
      n = sequential([batch_norm()], input_shape=[200])
      print(abs(mean(predict(n, x + 5, training=true))) < 0.01, mean(predict(n, x + 5)) > 4)
      print(all(n.weights["layers.0.moving_mean"] == 0), all(predict(m, x) == x))
      """
    let result = try run(code, threads: 2)
    #expect(result.output == "false true true\ntrue true\ntrue true\n", "\(result.output)\(result.errors)")
  }

  static let refusals = [
    (
      "apply_gradients(m, {\"layers.0.kernel\": [[nan], [1]], \"layers.0.bias\": [0]})",
      "layers.0.kernel holds nan"
    ),
    ("apply_gradients(m, {\"layers.0.kernel\": [[0], [1]]})", "no gradient for layers.0.bias"),
    ("apply_gradients(m, {\"kernel\": [[0], [1]]})", "layers.0.kernel, layers.0.bias"),
    ("apply_gradients(m, {\"layers.0.kernel\": [0], \"layers.0.bias\": [0]})", "(2, 1)"),
    ("apply_gradients(m, 3)", "gradients(m, x, y)"),
    ("set_weights(m, {\"bias\": [0]})", "layers.0.bias"), ("set_weights(m, [[0]])", "2 arrays"),
    ("gradients(m, ones([2, 2]), [1, 2])", "label 1 is 2"),
    ("gradients(sequential([dense(1)]), [[1]], [1])", "not compiled"),
  ]

  @Test(arguments: refusals) func isRefused(_ code: String, _ says: String) throws {
    let result = try run(
      "m = sequential([dense(1, activation=\"sigmoid\")], input_shape=[2]); compile(m); " + code, threads: 1)
    #expect(result.status == 1)
    #expect(result.errors.contains(says), "\(result.errors)")
  }
}
