import AudioSignals
import DemoSounds
import Essentials
import Foundation
import TestSupport
import Testing

/// The data that is made unless something else is asked for (but for seven recordings), which several tests look at; made once.
private enum Example {
  static let folder = Result { try TemporaryFolder() }
  static let made = Result {
    try DemoDataset.make(folder: folder.get().path("data"), recordings: 1)
  }

  static func root() throws -> URL { URL(fileURLWithPath: try made.get().folder) }

  static func files(_ folder: String) throws -> [String] {
    let url = try root().appendingPathComponent(folder)
    return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
      .map { url.appendingPathComponent($0).path }
  }

  static func rows(_ name: String) throws -> [[String]] {
    let text = try String(contentsOf: root().appendingPathComponent(name), encoding: .utf8)
    return text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }
}

private func failure(
  _ sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> Failure {
  do {
    try body()
  } catch let failure as Failure {
    return failure
  } catch {
    Issue.record("threw \(error), not a Failure", sourceLocation: sourceLocation)
  }
  Issue.record("threw nothing", sourceLocation: sourceLocation)
  return Failure(.raised, "nothing was thrown")
}

@Suite struct DemoDatasetTests {
  @Test func layoutAndNames() throws {
    let summary = try Example.made.get()
    #expect(summary.wasMade)
    let names = try FileManager.default.contentsOfDirectory(atPath: summary.folder).sorted()
    #expect(
      names == [
        "Forest Recordings", "Parsed_Capuchinbird_Clips", "Parsed_Not_Capuchinbird_Clips", "true_calls.csv",
        "true_counts.csv",
      ])
    let calls = try Example.files(DemoDataset.callFolder)
    #expect(calls.count == 217)
    #expect(calls.allSatisfy { $0.contains("/XC") && $0.hasSuffix(".wav") })
    #expect(try Example.files(DemoDataset.otherFolder).count == 593)
    #expect(
      try Example.files(DemoDataset.recordingFolder).map { AudioFile.name(of: $0) } == ["recording_00.mp3"])
  }

  @Test func clipsAreWAVFilesOfMixedRatesAndChannels() throws {
    for folder in [DemoDataset.callFolder, DemoDataset.otherFolder] {
      let infos = try Example.files(folder).map { try AudioFile.info($0) }
      #expect(Set(infos.map(\.rate)) == [11025, 44100, 48000])
      #expect(Set(infos.map(\.channelCount)) == [1, 2])
      #expect(infos.allSatisfy { $0.format == "WAV, 16-bit" })
      #expect(infos.allSatisfy { $0.duration > 1.99 && $0.duration < 5.01 })
    }
  }

  @Test func recordingsAreStereoMP3sOfThreeMinutesWithTheirTruth() throws {
    let path = try #require(try Example.files(DemoDataset.recordingFolder).first)
    let info = try AudioFile.info(path)
    #expect(info.frameCount == 8_642_000)
    #expect(info.rate == 48000 && info.channelCount == 2)
    #expect(info.format.hasPrefix("MP3"))
    let clip = try AudioFile.load(path, rate: 16000, mono: true)
    #expect(clip.firstNonFiniteSample == nil)
    #expect((clip.samples.map(abs).max() ?? 9) < 1.2)

    let calls = try Example.rows("true_calls.csv")
    let counts = try Example.rows("true_counts.csv")
    #expect(calls.first == ["recording", "start", "end"])
    #expect(counts == [["recording", "calls"], ["recording_00.mp3", "\(calls.count - 1)"]])
    #expect(calls.count > 1)
    var power = (inside: 0.0, outside: 0.0)
    let stft = try STFT(frameLength: 1024, frameStep: 1024)
    let spectrogram = Spectrogram(clip, stft, .power)
    let values = try spectrogram.tensor()
    let times = try calls.dropFirst().map { row in
      (start: try #require(Double(row[1])), end: try #require(Double(row[2])))
    }
    #expect(
      times.allSatisfy { $0.start >= 0 && $0.end <= 180.05 && $0.end - $0.start > 2 && $0.end - $0.start < 5 }
    )
    // Where a call is said to be, there is more sound in its band than elsewhere.
    var frames = (inside: 0.0, outside: 0.0)
    for frame in 0..<values.shape[0] {
      let time = spectrogram.time(ofFrame: frame)
      let isInside = times.contains { time > $0.start + 1.2 && time < $0.end - 0.8 }
      let band = values.elements[frame * 513 + 42..<frame * 513 + 96].reduce(0, +)
      if isInside {
        power.inside += log(Double(band) + 1e-9)
        frames.inside += 1
      } else {
        power.outside += log(Double(band) + 1e-9)
        frames.outside += 1
      }
    }
    #expect(power.inside / frames.inside > power.outside / frames.outside + 0.7)
  }

  /// A detector that compares the energy of one band with a threshold is wrong on one clip in seven
  /// or more, whichever band and threshold it takes.
  @Test func noSingleBandTellsTheClassesApart() throws {
    let stft = try STFT(frameLength: 512, frameStep: 512)
    func bands(_ path: String) throws -> [Float] {
      let wave = try AudioFile.load(path).channel(0).resampled(to: 16000).sliced(to: 48000)
        .padded(to: 48000, side: .start)
      let power = try Spectrogram(wave, stft, .power).tensor()
      var sums = [Float](repeating: 0, count: 257)
      for (index, value) in power.elements.enumerated() { sums[index % 257] += value }
      return sums
    }
    var examples: [(bands: [Float], isCall: Bool)] = []
    for path in try Example.files(DemoDataset.callFolder) { examples.append((try bands(path), true)) }
    for path in try Example.files(DemoDataset.otherFolder) { examples.append((try bands(path), false)) }
    var best = (accuracy: 0.0, band: "")
    for width in [8, 16, 32, 64] {
      for low in stride(from: 0, through: 256 - width, by: 8) {
        let values = examples.map { ($0.bands[low..<low + width].reduce(0, +), $0.isCall) }.sorted {
          $0.0 < $1.0
        }
        var right = values.count { $0.1 }
        for (_, isCall) in values {
          // The threshold moves past this example: it now counts as quiet.
          right += isCall ? -1 : 1
          let accuracy = Double(max(right, values.count - right)) / Double(values.count)
          if accuracy > best.accuracy { best = (accuracy, "\(Double(low) * 31.25) Hz, \(width) bins") }
        }
      }
    }
    #expect(best.accuracy < 0.85, "\(best)")
    #expect(best.accuracy >= 0.72, "the share of the larger class is always reached")
  }

  /// Neither format nor length tells the classes apart.
  @Test func equipmentTellsNothing() throws {
    var counts: [String: (calls: Int, others: Int)] = [:]
    for (folder, isCall) in [(DemoDataset.callFolder, true), (DemoDataset.otherFolder, false)] {
      for path in try Example.files(folder) {
        let info = try AudioFile.info(path)
        for key in ["\(info.rate) \(info.channelCount)", "\(Int(info.duration * 2 + 0.5))"] {
          if isCall {
            counts[key, default: (0, 0)].calls += 1
          } else {
            counts[key, default: (0, 0)].others += 1
          }
        }
      }
    }
    for (key, count) in counts {
      // Whichever class is guessed for this format or length, always "other" is nearly as good.
      #expect(Double(count.calls) < 1.5 * Double(count.others) + 4, "\(key): \(count)")
    }
  }

  @Test func theSeedDecidesEveryByte() throws {
    let folder = try TemporaryFolder()
    func contents(_ name: String, _ seed: UInt64) throws -> [String: Data] {
      let made = try DemoDataset.make(
        folder: folder.path(name), calls: 5, others: 7, recordings: 0, seed: seed)
      var contents: [String: Data] = [:]
      for inner in [DemoDataset.callFolder, DemoDataset.otherFolder] {
        for file in try FileManager.default.contentsOfDirectory(atPath: made.folder + "/" + inner) {
          contents[file] = try Data(contentsOf: URL(fileURLWithPath: "\(made.folder)/\(inner)/\(file)"))
        }
      }
      return contents
    }
    let first = try contents("a", 4)
    #expect(first.count == 12)
    #expect(try contents("b", 4) == first)
    #expect(try contents("c", 5) != first)
  }

  @Test func dataThatIsThereIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("data")
    try DemoDataset.make(folder: path, calls: 2, others: 1, recordings: 0)
    let clip = try #require(
      try FileManager.default.contentsOfDirectory(atPath: path + "/" + DemoDataset.callFolder).first)
    try FileManager.default.removeItem(atPath: "\(path)/\(DemoDataset.callFolder)/\(clip)")
    let again = try DemoDataset.make(folder: path + "/", calls: 9, others: 9, recordings: 3)
    #expect(!again.wasMade)
    #expect(again.folder == path)
    #expect(again.calls == 1 && again.others == 1 && again.recordings == 0)
  }

  @Test func anEmptyFolderIsFilled() throws {
    let folder = try TemporaryFolder()
    #expect(try DemoDataset.make(folder: folder.url.path, calls: 1, others: 1, recordings: 0).wasMade)
  }

  @Test func progressCountsEveryFile() throws {
    let folder = try TemporaryFolder()
    let seen = Monitor<[Int]>([])
    try DemoDataset.make(folder: folder.path("data"), calls: 2, others: 3, recordings: 0) { done, total in
      seen.withLock { $0.append(total == 5 ? done : -1) }
    }
    #expect(seen.withLock { $0.sorted() } == [1, 2, 3, 4, 5])
  }

  @Test func whatFailsLeavesNothingBehind() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("data")
    // The folder fills while the data is being made, so that it cannot take its place.
    let refused = failure {
      try DemoDataset.make(folder: path, calls: 1, others: 1, recordings: 0) { _, _ in
        try? FileManager.default.createDirectory(atPath: path + "/mine", withIntermediateDirectories: true)
      }
    }
    #expect(refused.kind == .file && refused.parameter == "folder")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["data"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["mine"])
  }

  @Test func badValuesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("data")
    #expect(failure { try DemoDataset.make(folder: path, calls: 0) }.parameter == "calls")
    #expect(failure { try DemoDataset.make(folder: path, others: -1) }.parameter == "others")
    #expect(failure { try DemoDataset.make(folder: path, recordings: -1) }.parameter == "recordings")
    #expect(failure { try DemoDataset.make(folder: path, calls: .max) }.parameter == "calls")
    #expect(failure { try DemoDataset.make(folder: "") }.parameter == "folder")
    #expect(failure { try DemoDataset.make(folder: folder.path("no/parent/data")) }.kind == .file)
    let file = folder.path("file")
    try Data([1]).write(to: URL(fileURLWithPath: file))
    #expect(failure { try DemoDataset.make(folder: file) }.message.contains("is a file"))
    #expect(failure { try DemoDataset.make(folder: folder.url.path) }.message.contains("holds other things"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["file"])
  }
}
