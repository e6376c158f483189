import CapLibrary
import Essentials
import Foundation
import TestSupport
import Testing

/// Long recordings and batches are made when they are wanted; a script sees no difference.
@Suite struct StreamingTests {
  private let runner = CapRunner()
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // 31 s: long enough to be decoded later.
    _ = try runner.run(
      """
      left = noise(31s, 8kHz, seed=1)
      right = noise(31s, 8kHz, seed=2)
      path = "\(folder.path("long.wav"))"
      save_audio(path, audio([list(left.samples), list(right.samples)], 8kHz));
      """)
  }

  @Test func aLongRecordingIsTheSoundThatItHolds() throws {
    _ = try runner.run("a = load(path)\nb = load(path, allow_truncated=true);")
    #expect(
      try runner.value("[a.length, a.channels, a.rate == 8kHz, a.duration == 31s]") == [
        248_000, 2, true, true,
      ])
    #expect(try runner.value("a == b") == true)
    #expect(try runner.value("mono(load(path)) == mono(b)") == true)
    #expect(try runner.value("channel(load(path), 1) == channel(b, 1)") == true)
    #expect(try runner.value("resample(mono(load(path)), 6kHz) == resample(mono(b), 6kHz)") == true)
    #expect(try runner.value("mono(resample(load(path), 6kHz)) == mono(resample(b, 6kHz))") == true)
    #expect(try runner.value("load(path)[1, 100:103] == b[1, 100:103]") == true)
    #expect(runner.error("channel(load(path), 2)")?.kind == .index)
  }

  @Test func itsWindowsAreThoseOfTheSound() throws {
    _ = try runner.run(
      """
      fn cut(a) { a |> mono |> windows(3s, 2s) |> map(w => sum(w.samples)) |> list }
      later = cut(load(path))
      now = cut(load(path, allow_truncated=true));
      """)
    #expect(try runner.value("len(later)") == 15)
    #expect(try runner.value("later == now") == true)
    #expect(
      try runner.value(
        "load(path) |> mono |> windows(3s) |> shuffle(100, seed=3) |> map(w => sum(w.samples)) |> list")
        == runner.value(
          "load(path, allow_truncated=true) |> mono |> windows(3s) |> shuffle(100, seed=3) |> map(w => sum(w.samples)) |> list"
        ))
  }

  @Test func scoresOfAnUndecodedRecordingKnowTheirTimes() throws {
    _ = try runner.run(
      """
      fn spectrum(a) { a |> stft(256, 128) |> abs |> expand_dims(-1) }
      m = sequential([flatten(), dense(1, activation="sigmoid")], input_shape=[186, 129, 1])
      later = load(path) |> mono |> windows(3s) |> map(spectrum) |> predict(m, _)
      now = load(path, allow_truncated=true) |> mono |> windows(3s) |> map(spectrum) |> predict(m, _);
      """)
    #expect(try runner.value("later.shape") == [10, 1])
    #expect(try runner.value("all(later == now)") == true)
    #expect(try runner.value("group_calls(later, 0)[0].end") == runner.value("group_calls(now, 0)[0].end"))
  }

  @Test func batchesOfSpectrogramsTrainLikeTensors() throws {
    _ = try runner.run(
      """
      fn spectrum(seed) { abs(stft(noise(0.1s, 8kHz, seed=seed), 64, 32)) |> expand_dims(-1) }
      examples = dataset(range(12), list(range(12)) |> map(i => i % 2))
      fn trained(f) {
        seed(5)
        m = sequential([conv2d(2, [3, 3]), flatten(), dense(1, activation="sigmoid")], input_shape=[24, 33, 1])
        compile(m)
        fit(m, examples |> map(f) |> cache |> batch(5) |> prefetch(2), epochs=3, verbose=false).loss
      };
      """)
    #expect(try runner.value("trained(spectrum) == trained(i => tensor(spectrum(i)))") == true)
    #expect(try runner.value("first(examples |> map(spectrum) |> batch(5))[0].shape") == [5, 24, 33, 1])
    #expect(
      try runner.value(
        "(examples |> map(spectrum) |> batch(5) |> map((x, y) => [x * 2, y]) |> first)[0].shape") == [
          5, 24, 33, 1,
        ])
    #expect(try runner.value("[len(x) for x, y in examples |> map(spectrum) |> batch(5)]") == [5, 5, 2])
    let mixed = runner.error(
      "first(dataset([1, 2]) |> map(i => abs(stft(noise(i * 0.1s, 8kHz), 64, 32))) |> batch(2))")
    #expect(mixed?.kind == .shape)
    #expect(mixed?.message.contains("example 1 of the batch") == true)
  }
}
