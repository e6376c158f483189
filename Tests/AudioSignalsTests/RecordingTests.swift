import AudioSignals
import Essentials
import Foundation
import TestSupport
import Testing

/// What is decoded on the way gives the numbers of decoding first.
@Suite struct RecordingTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// 9.7 s in two channels that differ, in the format of the ending.
  private func file(_ ending: String) throws -> String {
    let left = try Generator.noise(duration: 9.7, rate: 44100, amplitude: 0.1, seed: 1)
    let right = try Generator.chirp(from: 100, to: 9000, duration: 9.7, rate: 44100)
    let clip = try AudioClip(samples: left.samples + right.samples, channelCount: 2, rate: 44100)
    let path = folder.path("a." + ending)
    try AudioFile.save(clip, to: path)
    return path
  }

  @Test(arguments: ["wav", "flac", "mp3"])
  func wholeRecordingsAreWhatLoadingGives(_ ending: String) throws {
    let path = try file(ending)
    let eager = try AudioFile.load(path)
    let recording = try Recording(path)
    #expect(recording.frameCount == eager.frameCount)
    #expect(recording.shape == eager.shape)
    #expect(recording.description == eager.description)
    #expect(recording.keptClip == nil)
    #expect(try recording.clip() == eager)
    #expect(recording.keptClip == eager)
    #expect(try recording.mono()?.clip() == eager.mono())
    #expect(try recording.channel(1)?.clip() == eager.channel(1))
    #expect(recording.channel(2) == nil)
    let mono = try #require(try recording.mono()?.resampled(to: 16000))
    #expect(try mono.clip() == eager.mono().resampled(to: 16000))
    #expect(try mono.frameCount == mono.clip().frameCount)
    // What comes after resampling is not done on the way.
    #expect(try recording.resampled(to: 16000)?.mono() == nil)
    #expect(try mono.resampled(to: 8000) == nil)
  }

  @Test(
    arguments: [
      (22050, 16000), (16000, 16000), (48000, 16000), (44100, 16000), (8000, 44100), (44100, 11025),
    ] as [(Double, Double)])
  func lengthsAreKnownBeforehand(_ rates: (Double, Double)) throws {
    for frames in [1, 2, 1000, 44099, 44100, 100_003] {
      let clip = try AudioClip(samples: [Float](repeating: 0.5, count: frames), rate: rates.0)
      let path = folder.path("b.wav")
      try AudioFile.save(clip, to: path)
      let recording = try #require(try Recording(path).resampled(to: rates.1))
      #expect(try recording.frameCount == recording.clip().frameCount)
    }
  }

  @Test(arguments: [(16000, 16000), (48000, 48000), (20000, 7000), (5000, 30000)], [false, true])
  func windowsAreThoseOfTheClip(_ cut: (Int, Int), _ partial: Bool) throws {
    let path = try file("mp3")
    let recording = try #require(try Recording(path).mono()?.resampled(to: 16000))
    let windows = try recording.windows(length: cut.0, step: cut.1, partial: partial)
    let expected = try AudioFile.load(path).mono().resampled(to: 16000)
      .windows(length: cut.0, step: cut.1, partial: partial)
    #expect(windows.cut.count == expected.count)
    // The first pass decodes, and the second takes what was kept.
    for pass in 0..<2 {
      #expect((recording.keptClip != nil) == (pass == 1))
      let next = try windows.makeIterator()
      for window in expected { #expect(try next() == window) }
      #expect(try next() == nil)
    }
  }

  @Test func aPartInTimeIsCutInTime() throws {
    let path = try file("wav")
    let part = try Recording(path, offset: 2.5, duration: 3)
    #expect(try part.clip() == AudioFile.load(path, offset: 2.5, duration: 3))
    #expect(part.duration == 3)
    #expect(throws: Failure.self) { try Recording(path, offset: -1) }
  }

  @Test func whatChangesUnderwayIsRefused() throws {
    let path = try file("wav")
    let recording = try Recording(path)
    try AudioFile.save(try Generator.tone(frequency: 440, duration: 1), to: path)
    let failure = #expect(throws: Failure.self) { try recording.clip() }
    #expect(failure?.kind == .file)
    #expect(failure?.message.contains("has changed") == true)
  }

  /// The files that this process holds open at a path.
  private func openCount(_ path: String) throws -> Int {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: "/proc/self/fd").count {
      (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == path
    }
  }

  /// Whoever has looked at a file reads on where it was opened; of many files only a few stay open.
  @Test func theFirstReaderIsUsedAndFewAreKept() throws {
    let path = try URL(fileURLWithPath: file("wav")).resolvingSymlinksInPath().path
    let recording = try Recording(path)
    let resampled = try #require(try recording.resampled(to: 16000))
    // None where other tests opened many at the same time.
    #expect(try openCount(path) <= 1)
    let clip = try resampled.clip()
    #expect(try openCount(path) == 0)
    // Read again, by a reader of its own.
    #expect(try recording.clip().resampled(to: 16000) == clip)
    let many = try (0..<100).map { _ in try Recording(path) }
    #expect(try openCount(path) <= 16)
    for recording in many { #expect(try recording.clip().frameCount == 427_770) }
    #expect(try openCount(path) == 0)
  }

  @Test func aRecordingCutShortIsNoticedWhereItEnds() throws {
    let path = try file("mp3")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let short = folder.path("short.mp3")
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: short))
    let recording = try Recording(short)
    let next = try recording.windows(length: 44100, step: 44100).makeIterator()
    #expect(try next()?.frameCount == 44100)
    let failure = #expect(throws: Failure.self) { while try next() != nil {} }
    #expect(failure?.kind == .format)
    #expect(failure?.message.contains("cut short") == true)
    #expect(try Recording(short, allowTruncated: true).clip().duration > 4)
  }
}
