import Foundation
import TestSupport
import Testing

/// The tutorial runs as it is, on little data.
@Suite struct TutorialTests {
  @Test func theWholeTutorialRunsOnAHandfulOfClips() throws {
    let folder = try TemporaryFolder()
    let tutorial = RepositoryPaths.root.appendingPathComponent("scripts/tutorial.cap").path
    let made = try Program.run(
      ["--quiet", "-e", "demo_dataset(\"little\", calls=14, others=20, recordings=1)"], folder: folder.url)
    try #require(made.status == 0, "\(made.errors)")

    let result = try Program.run([tutorial, "little"], folder: folder.url)
    #expect(result.status == 0, "\(result.errors)")
    // 34 clips: 70 % in whole batches are 32, so 2 batches train and 1 tests.
    for words in [
      "14 clips with a call, 20 without, 1 forest recordings", "2 batches to train on, 1 to test with",
      // The shapes and parameters that the tutorial states.
      "(None, 1489, 255, 16)", "(None, 1487, 253, 16)", "(None, 6019376)", "6,021,857", "Epoch 4/4",
      "val_recall",
    ] {
      #expect(result.output.contains(words), "missing: \(words)")
    }
    for picture in ["waveforms", "lengths", "spectrogram", "history", "detections", "counts"] {
      let file = try Data(contentsOf: folder.url.appendingPathComponent("plots/\(picture).png"))
      #expect(file.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
    let table = try String(contentsOfFile: folder.path("results.csv"), encoding: .utf8)
    let rows = table.split(whereSeparator: \.isNewline)
    #expect(rows.count == 2)
    #expect(rows.first == "recording,calls")
    #expect(rows.last?.hasPrefix("recording_00.mp3,") == true)
  }

  @Test func sameSeedSameTraining() throws {
    let script = """
      m = sequential([conv2d(4, 3, activation="relu"), flatten(), dropout(0.3), dense(1, activation="sigmoid")], \
      input_shape=[12, 9, 1])
      compile(m, metrics=["auc"])
      h = fit(m, random_uniform([40, 12, 9, 1]), round(random_uniform(40)), epochs=3, batch_size=8, verbose=false)
      print(h.loss, sum(predict(m, ones([2, 12, 9, 1]))))
      """
    let outputs = try ["7", "7", "8"].map { try Program.run(["--seed", $0, "-e", script]).output }
    #expect(!outputs[0].isEmpty)
    #expect(outputs[0] == outputs[1])
    #expect(outputs[0] != outputs[2])
  }
}
