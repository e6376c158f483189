import Foundation
import Glibc
import TestSupport
import Testing

/// A training whose process is killed in the middle, and done again by the same script, has the bits of one that
/// was left alone.
struct ResumeTests {
  private static let network = """
    m = sequential([conv2d(4, 3, activation="relu"), batch_norm(), flatten(), dropout(0.4), dense(6, activation="relu"), dense(1, activation="sigmoid")], input_shape=[12, 10, 1])
    tell = r => { write_text("epoch.txt", str(r.epoch)); true }

    """

  /// Random draws in front of a cache and behind it, an order that is new in each epoch.
  private static let dataset =
    network + """
      fn noisy(x) { x + random_normal([12, 10, 1]) * 0.3 }
      examples = dataset([random_normal([12, 10, 1]) for i in range(150)], [i % 2 for i in range(150)])
      train, test = split(examples |> map(noisy) |> cache |> shuffle(40), 0.8)
      train = train |> map(noisy) |> batch(7) |> prefetch(2)
      test = test |> batch(9)
      compile(m, optimizer=adam(cosine_decay(0.01, 100, warmup_target=0.02, warmup_steps=20)), metrics=["accuracy"])
      h = fit(m, train, epochs=14, validation=test, verbose=false, callbacks=[
        early_stopping(patience=9, restore_best=true), backup_and_restore("run.safetensors"), tell])
      save(m, "done.safetensors"); write_text("history.txt", str(h.loss) + str(h.val_loss))
      """

  private static let tensors =
    network + """
      x = random_normal([160, 12, 10, 1]); y = [i % 3 == 0 for i in range(160)]
      compile(m, optimizer=rmsprop(0.01, momentum=0.5, clipnorm=1), loss=binary_focal_crossentropy(label_smoothing=0.1))
      h = fit(m, x, y, epochs=14, validation_split=0.25, batch_size=7, verbose=false, callbacks=[
        reduce_lr_on_plateau(patience=1, factor=0.5), early_stopping(patience=9, restore_best=true),
        csv_logger("log.csv"), model_checkpoint("best.safetensors", save_best_only=true),
        backup_and_restore("run.safetensors"), tell])
      save(m, "done.safetensors"); write_text("history.txt", str(h.loss) + str(h.learning_rate) + read_text("log.csv"))
      """

  @Test(arguments: [dataset, tensors])
  func aKilledTrainingGoesOnWithTheSameBits(_ script: String) throws {
    let undisturbed = try folder(with: script)
    let whole = try run(undisturbed)
    #expect(whole.status == 0, "\(whole.errors)")
    let killed = try folder(with: script)
    // Killed twice, each time some epochs further, in the middle of one.
    for epoch in [3, 7] { try kill(killed, after: epoch) }
    #expect(try Data(contentsOf: killed.url.appendingPathComponent("run.safetensors")).count > 0)
    let rest = try run(killed)
    #expect(rest.status == 0, "\(rest.errors)")
    for name in ["done.safetensors", "history.txt"] {
      let one = try Data(contentsOf: undisturbed.url.appendingPathComponent(name))
      let other = try Data(contentsOf: killed.url.appendingPathComponent(name))
      #expect(one == other, "\(name) differs")
    }
    #expect(!FileManager.default.fileExists(atPath: killed.path("run.safetensors")))
  }

  private func folder(with script: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try script.write(toFile: folder.path("train.cap"), atomically: true, encoding: .utf8)
    return folder
  }

  private static let environment = ["CAPUCHIN_TUNING": "off"]
  private static let arguments = ["--quiet", "--threads", "2", "train.cap"]

  private func run(_ folder: TemporaryFolder) throws -> Program.Result {
    try Program.run(Self.arguments, environment: Self.environment, folder: folder.url)
  }

  private func kill(_ folder: TemporaryFolder, after epoch: Int) throws {
    let ended = try Program.run(Self.arguments, environment: Self.environment, folder: folder.url) {
      process in
      let deadline = Date(timeIntervalSinceNow: 120)
      while process.isRunning, Date() < deadline {
        let text = (try? String(contentsOfFile: folder.path("epoch.txt"), encoding: .utf8)) ?? ""
        if let done = Int(text), done >= epoch { break }
        usleep(500)
      }
      Glibc.kill(process.processIdentifier, SIGKILL)
    }
    #expect(ended.status == 128 + SIGKILL, "it ended before it was killed: \(ended.errors)")
  }
}
