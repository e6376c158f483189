import AudioSignals
import Essentials
import Foundation
import TestSupport
import Testing

@Suite struct AudioFileTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func load(_ wav: WAVBytes) throws -> AudioClip {
    try AudioFile.load(folder.write(wav.bytes, as: "a.wav"))
  }

  // MARK: WAV files, built byte by byte

  @Test(arguments: ["RIFF", "RIFX", "RF64"], [8, 12, 16, 20, 24, 32])
  func wholeNumbersScaleToFullScale(_ magic: String, _ bits: Int) throws {
    let bytes = (bits + 7) / 8
    let big = magic == "RIFX"
    let full = 1 << (8 * bytes - 1)
    // Two channels, frame by frame: full scale down, half up, zero, a quarter down.
    let values = [-full, full / 2, 0, -full / 4].map { bits == 8 ? $0 + 128 : $0 }
    let data = WAVBytes.integers(values, bytes: bytes, bigEndian: big)
    let clip = try load(WAVBytes(magic: magic, channels: 2, bits: bits, data: data))
    #expect(clip.samples == [-1, 0, 0.5, -0.25])
    #expect(clip.channelCount == 2)
    #expect(clip.rate == 8000)
    #expect(clip.source == "a.wav")
  }

  @Test func sixteenBitsAreDividedBy32768() throws {
    let values = [1, -1, 12345, 32767, -32768]
    let clip = try load(WAVBytes(data: WAVBytes.integers(values, bytes: 2)))
    #expect(clip.samples == values.map { Float($0) / 32768 })
  }

  @Test(arguments: [false, true], ["RIFF", "RIFX"])
  func floatsAreKept(_ double: Bool, _ magic: String) throws {
    let values: [Double] = [0.25, -1.5, 3, .nan, .infinity]
    let data = values.flatMap { value -> [UInt8] in
      let bits = double ? value.bitPattern : UInt64(Float(value).bitPattern)
      let little = (0..<(double ? 8 : 4)).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
      return magic == "RIFX" ? little.reversed() : little
    }
    let clip = try load(WAVBytes(magic: magic, formatTag: 3, bits: double ? 64 : 32, data: data))
    #expect(Array(clip.samples[0..<3]) == [0.25, -1.5, 3])
    #expect(clip.samples[3].isNaN)
    #expect(clip.firstNonFiniteSample == 3)
  }

  @Test func extensibleAndOddChunks() throws {
    let data = WAVBytes.integers([1 << 14, -(1 << 14)], bytes: 2)
    #expect(try load(WAVBytes(data: data, extensible: true)).samples == [0.5, -0.5])
    // A chunk of odd length is followed by a padding byte.
    let note = Array("note".utf8) + [3, 0, 0, 0] + Array("abc".utf8) + [0]
    #expect(try load(WAVBytes(data: data, extraChunk: note)).samples == [0.5, -0.5])
    #expect(try load(WAVBytes(bits: 8, data: [128, 192, 64])).samples == [0, 0.5, -0.5])
  }

  @Test func muLawIsExpanded() throws {
    // ITU-T G.711: 0xff and 0x7f are zero, 0x80 the greatest positive value, 32124 of 32768.
    let clip = try load(WAVBytes(formatTag: 7, bits: 8, data: [0xff, 0x7f, 0x80, 0x00]))
    #expect(clip.samples == [0, 0, 32124 / 32768, -32124 / 32768])
  }

  @Test func aStreamOfUnknownLengthIsReadToItsEnd() throws {
    let data = WAVBytes.integers([1 << 14, 0, 0], bytes: 2)
    for size: UInt32 in [0xffff_ffff, 0x7fff_ffff] {
      #expect(try load(WAVBytes(data: data, claimedSize: size)).frameCount == 3, "\(size)")
    }
  }

  @Test func cutShortIsRefusedUnlessAllowed() throws {
    let data = WAVBytes.integers([1 << 14, 0, 0], bytes: 2)
    let path = try folder.write(WAVBytes(data: data, claimedSize: 2000).bytes, as: "cut.wav")
    let refused = failure { _ = try AudioFile.load(path) }
    #expect(refused.kind == .format)
    #expect(refused.message == "'\(path)' is cut short: its header promises 1000 frames, and 3 are there")
    #expect(try AudioFile.load(path, allowTruncated: true).samples == [0.5, 0, 0])
    #expect(try AudioFile.info(path).notes.count == 1)
  }

  // MARK: Refusals

  @Test(
    arguments: [
      ("a rate of 0", WAVBytes(rate: 0, data: [1, 2]), "0 Hz"),
      ("a rate of four billion", WAVBytes(rate: 4_000_000_000, data: [1, 2]), "4000000000 Hz"),
      ("no channels", WAVBytes(channels: 0, data: [1, 2]), "0 channels"),
      ("too many channels", WAVBytes(channels: 65535, blockAlign: 2, data: [1, 2]), "65535 channels"),
      ("no samples", WAVBytes(), "holds no samples"),
      ("no data chunk", WAVBytes(hasData: false), "without a chunk of samples"),
      ("no format chunk", WAVBytes(data: [1, 2], hasFormat: false), "without a format chunk"),
      (
        "frames of another size",
        WAVBytes(channels: 3, bits: 24, blockAlign: 4, data: [1, 2, 3, 4, 5, 6, 7, 8, 9]), "4 bytes"
      ),
      ("64-bit whole numbers", WAVBytes(bits: 64, data: [1, 2, 3, 4, 5, 6, 7, 8]), "64-bit"),
      ("an unknown encoding", WAVBytes(formatTag: 0x4321, bits: 16, data: [1, 2]), "cannot be decoded"),
    ] as [(String, WAVBytes, String)])
  func brokenHeadersAreRefused(_ what: String, _ wav: WAVBytes, _ expected: String) throws {
    let path = try folder.write(wav.bytes, as: "broken.wav")
    let refused = failure { _ = try AudioFile.load(path) }
    #expect(refused.kind == .format, "\(what)")
    #expect(refused.message.contains(expected), "\(refused.message)")
    #expect(refused.message.contains("broken.wav"))
    #expect(refused.parameter == "path")
  }

  @Test(
    arguments: [
      ("picture.wav", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0], "a PNG picture"),
      ("page.mp3", Array("\n<!DOCTYPE html><html><body>not found</body></html>".utf8), "an HTML page"),
      ("notes.wav", Array("Gehört am 3. Mai, früh\n".utf8), "a text file"),
      ("set.mp3", [0x50, 0x4b, 3, 4, 20, 0, 0, 0], "a ZIP archive"),
      ("photo.flac", [0xff, 0xd8, 0xff, 0xe0, 0, 16], "a JPEG picture"),
      ("sound.mp3", Array("....ftypM4A ....".utf8), "M4A"),
      ("pointer.wav", Array("version https://git-lfs.github.com/spec/v1\n".utf8), "Git LFS"),
    ] as [(String, [UInt8], String)])
  func renamedFilesAreTold(_ name: String, _ bytes: [UInt8], _ what: String) throws {
    let path = try folder.write(bytes, as: name)
    let refused = failure { _ = try AudioFile.load(path) }
    #expect(refused.kind == .format)
    #expect(refused.message.contains(what) && refused.message.contains(name), "\(refused.message)")
  }

  @Test func filesThatAreNotThere() throws {
    let missing = folder.path("missing.wav")
    #expect(
      failure { _ = try AudioFile.load(missing) }.message
        == "cannot read '\(missing)': no such file or directory")
    #expect(failure { _ = try AudioFile.load(folder.url.path) }.message.contains("it is a folder"))
    #expect(
      failure { _ = try AudioFile.load(folder.write([], as: "empty.wav")) }.message.contains("is empty"))
    #expect(failure { _ = try AudioFile.load("/dev/null") }.message.contains("no regular file"))
    #expect(failure { _ = try AudioFile.load("a\0b") }.kind == .file)
    let pipe = folder.path("pipe.wav")
    mkfifo(pipe, 0o600)
    #expect(failure { _ = try AudioFile.load(pipe) }.message.contains("no regular file"))
  }

  /// Whatever bytes there are: a clip or a Failure, never anything else.
  @Test func garbageNeverTraps() throws {
    var random = RandomSource(seed: 7)
    let clip = try Generator.noise(duration: 0.5, rate: 8000, seed: 1)
    var originals: [(String, [UInt8])] = [
      ("g.wav", WAVBytes(data: WAVBytes.integers(Array(0..<200), bytes: 2)).bytes)
    ]
    for name in ["g.flac", "g.ogg", "g.aiff", "g.mp3"] {
      let path = folder.path("original-" + name)
      try AudioFile.save(clip, to: path)
      originals.append((name, Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
    }
    for (name, original) in originals {
      for round in 0..<150 {
        var bytes = original
        for _ in 0..<1 + random.integer(below: 8) {
          // Mostly in the header, where it hurts.
          let place = random.integer(below: round.isMultiple(of: 2) ? min(64, bytes.count) : bytes.count)
          bytes[place] = UInt8(truncatingIfNeeded: random.next())
        }
        if round.isMultiple(of: 3) { bytes = Array(bytes.prefix(random.integer(below: bytes.count))) }
        let path = try folder.write(bytes, as: name)
        do {
          #expect(try AudioFile.load(path).frameCount >= 0)
        } catch {
          #expect(error is Failure, "\(error)")
        }
      }
    }
    for length in [1, 3, 4, 11, 12, 100, 5000] {
      let path = try folder.write(
        (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }, as: "r.mp3")
      #expect(failure { _ = try AudioFile.load(path) }.kind == .format, "\(length)")
    }
  }

  @Test func aHeaderThatPromisesTooMuchAllocatesNothing() throws {
    // A FLAC header with 2^36 - 1 samples before one real block.
    let path = folder.path("lie.flac")
    try AudioFile.save(Generator.noise(duration: 0.1, rate: 8000, seed: 1), to: path)
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    bytes[21] |= 0x0f
    for index in 22..<26 { bytes[index] = 0xff }
    let refused = failure { _ = try AudioFile.load(folder.write(bytes, as: "lie.flac")) }
    #expect(refused.kind == .memory || refused.kind == .format, "\(refused)")
    #expect(refused.message.contains("lie.flac"))
  }

  // MARK: Writing and reading again

  @Test(arguments: ["wav", "flac", "aiff"], [SampleEncoding.pcm8, .pcm16, .pcm24])
  func wholeNumbersComeBackAsTheyWere(_ ending: String, _ encoding: SampleEncoding) throws {
    let bits = encoding == .pcm8 ? 8 : encoding == .pcm16 ? 16 : 24
    let scale = Float(1 << (bits - 1))
    var random = RandomSource(seed: 1)
    let samples = (0..<4000).map { _ in Float(random.uniform(-1, 1) * Double(scale)).rounded() / scale }
    let clip = try AudioClip(samples: samples, channelCount: 2, rate: 11025)
    let path = folder.path("a.\(ending)")
    try AudioFile.save(clip, to: path, encoding: encoding)
    let back = try AudioFile.load(path)
    #expect(back.samples == samples.map { min($0, (scale - 1) / scale) })
    #expect(back.rate == 11025)
    let info = try AudioFile.info(path)
    #expect(info.format.hasSuffix("\(bits)-bit"))
    #expect(info.frameCount == 2000 && info.channelCount == 2)
  }

  @Test func floatFilesKeepEverything() throws {
    let clip = try AudioClip(samples: [0.1, -7.5, .nan, .infinity], rate: 44100)
    let path = folder.path("a.wav")
    try AudioFile.save(clip, to: path, encoding: .float)
    let back = try AudioFile.load(path)
    #expect(back.samples[1] == -7.5 && back.samples[2].isNaN && back.samples[3] == .infinity)
    let refused = failure { try AudioFile.save(clip, to: path) }
    #expect(refused.message.contains("not a number"))
    // The refusal left the file as it was.
    #expect(try AudioFile.load(path).samples[1] == -7.5)
  }

  @Test(arguments: [
    ("a.ogg", 8000.0, 1), ("a.ogg", 44100, 2), ("a.mp3", 8000, 1), ("a.mp3", 16000, 2), ("a.mp3", 44100, 1),
    ("a.mp3", 48000, 2),
  ])
  func lossyFilesKeepTheSoundAndItsLength(_ name: String, _ rate: Double, _ channels: Int) throws {
    let tone = try Generator.tone(frequency: 440, duration: 1.2345, rate: rate, amplitude: 0.5)
    let samples = (0..<channels).flatMap { _ in tone.samples }
    let path = folder.path(name)
    try AudioFile.save(AudioClip(samples: samples, channelCount: channels, rate: rate), to: path)
    let back = try AudioFile.load(path)
    #expect(back.frameCount == tone.frameCount)
    #expect(try AudioFile.info(path).frameCount == tone.frameCount)
    #expect(back.channelCount == channels && back.rate == rate)
    var error: Float = 0
    for index in 2000..<tone.frameCount - 2000 {
      error = max(error, abs(back.samples[index] - tone.samples[index]))
    }
    #expect(error < 0.05, "\(error)")
  }

  @Test func anMP3IsReadWhateverItIsCalledAndCarries() throws {
    let tone = try Generator.tone(frequency: 440, duration: 1, rate: 44100, amplitude: 0.5)
    try AudioFile.save(tone, to: folder.path("plain.mp3"))
    let plain = Array(try Data(contentsOf: folder.url.appendingPathComponent("plain.mp3")))
    let original = try AudioFile.load(folder.path("plain.mp3"))
    #expect(try AudioFile.load(folder.write(plain, as: "renamed.wav")).samples == original.samples)
    // An ID3v2 tag of 20,000 bytes before, an ID3v1 tag behind.
    let tag = Array("ID3".utf8) + [4, 0, 0, 0, 1, 28, 32] + [UInt8](repeating: 0, count: 20000)
    let tail = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
    #expect(
      try AudioFile.load(folder.write(tag + plain + tail, as: "tagged.mp3")).samples == original.samples)
    // Cut in the middle: its own header still promises all.
    let cut = try folder.write(Array(plain.prefix(plain.count / 2)), as: "cut.mp3")
    #expect(failure { _ = try AudioFile.load(cut) }.message.contains("cut short"))
    let part = try AudioFile.load(cut, allowTruncated: true)
    #expect(part.frameCount > 15000 && part.frameCount < 30000)
    #expect(part.samples[5000..<10000] == original.samples[5000..<10000])
  }

  @Test func variableBitRatesAreRead() throws {
    let noise = try Generator.noise(duration: 2, rate: 44100, seed: 1)
    let clip = try AudioClip.concatenating([noise, Generator.silence(duration: 2, rate: 44100)])
    let path = folder.path("vbr.mp3")
    try AudioFile.save(clip, to: path, encoding: .quality(0.5))
    #expect(try AudioFile.info(path).format.contains("variable"))
    #expect(try AudioFile.load(path).frameCount == clip.frameCount)
  }

  @Test(arguments: ["a.wav", "a.flac", "a.ogg", "a.mp3"])
  func aPartIsWhatTheWholeHasThere(_ name: String) throws {
    let clip = try Generator.noise(duration: 3, rate: 8000, seed: 2)
    let path = folder.path(name)
    try AudioFile.save(clip, to: path)
    let whole = try AudioFile.load(path)
    let part = try AudioFile.load(path, offset: 1.25, duration: 0.5)
    #expect(part.frameCount == 4000)
    #expect(zip(part.samples, whole.samples[10000..<14000]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(try AudioFile.load(path, offset: 99).frameCount == 0)
    #expect(try AudioFile.load(path, duration: 99).frameCount == whole.frameCount)
    #expect(failure { _ = try AudioFile.load(path, offset: -1) }.parameter == "offset")
    #expect(failure { _ = try AudioFile.load(path, duration: .nan) }.parameter == "duration")
  }

  @Test func streamedMixingAndResamplingGiveTheSame() throws {
    let left = try Generator.noise(duration: 3, rate: 44100, seed: 1)
    let right = try Generator.noise(duration: 3, rate: 44100, seed: 2)
    let path = folder.path("a.wav")
    try AudioFile.save(
      AudioClip(samples: left.samples + right.samples, channelCount: 2, rate: 44100), to: path)
    let whole = try AudioFile.load(path)
    #expect(try AudioFile.load(path, mono: true) == whole.mono())
    #expect(try AudioFile.load(path, rate: 16000) == whole.resampled(to: 16000))
    #expect(try AudioFile.load(path, rate: 16000, mono: true) == whole.mono().resampled(to: 16000))
  }

  @Test func readersGiveBlocks() throws {
    let path = folder.path("a.flac")
    let clip = try Generator.noise(duration: 1, rate: 8000, seed: 2)
    try AudioFile.save(clip, to: path)
    let whole = try AudioFile.load(path)
    let reader = try AudioFile.open(path)
    var block = [Float](repeating: 0, count: 3000)
    var samples: [Float] = []
    while true {
      let count = try block.withUnsafeMutableBufferPointer { try reader.read(into: $0) }
      if count == 0 { break }
      samples += block[0..<count]
    }
    #expect(samples == whole.samples)
    try reader.seek(toFrame: 7990)
    #expect(try block.withUnsafeMutableBufferPointer { try reader.read(into: $0) } == 10)
  }

  @Test func whatCannotBeWrittenIsRefused() throws {
    let clip = try Generator.noise(duration: 2, seed: 1)
    #expect(failure { try AudioFile.save(clip, to: folder.path("a.txt")) }.hint?.contains(".wav") == true)
    #expect(failure { try AudioFile.save(clip, to: folder.path("a")) }.parameter == "path")
    #expect(
      failure { try AudioFile.save(clip, to: folder.path("no/folder/a.wav")) }.message.contains(
        "no such file"))
    #expect(failure { try AudioFile.save(clip.sliced(to: 0), to: folder.path("a.wav")) }.parameter == "a")
    #expect(
      failure { try AudioFile.save(clip, to: folder.path("a.flac"), encoding: .float) }.parameter
        == "encoding")
    #expect(
      failure { try AudioFile.save(clip.resampled(to: 9000), to: folder.path("a.mp3")) }.parameter == "rate")
    let odd = try AudioClip(samples: [0, 1], rate: 8000.5)
    #expect(failure { try AudioFile.save(odd, to: folder.path("a.wav")) }.parameter == "rate")
    let three = try AudioClip(samples: [0, 1, 2], channelCount: 3, rate: 8000)
    #expect(failure { try AudioFile.save(three, to: folder.path("a.mp3")) }.message.contains("at most 2"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test(arguments: ["full.wav", "full.flac", "full.ogg", "full.mp3"])
  func aFullDiskIsAnError(_ name: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.path(name), withDestinationPath: "/dev/full")
    let clip = try Generator.noise(duration: 2, rate: 44100, seed: 1)
    let refused = failure { try AudioFile.save(clip, to: folder.path(name)) }
    #expect(refused.kind == .file)
    #expect(refused.message.contains(name), "\(refused.message)")
  }

  // MARK: Real recordings, for local checks only: skipped where the folder is absent

  @Test(.enabled(if: RepositoryPaths.realRecordings != nil))
  func realRecordingsAreGapless() throws {
    let folder = try #require(RepositoryPaths.realRecordings)
    let path = folder.appendingPathComponent("Forest Recordings/recording_00.mp3").path
    let info = try AudioFile.info(path)
    #expect(info.frameCount == 8_642_000)
    let clip = try AudioFile.load(path, rate: 16000, mono: true)
    #expect(clip.frameCount == 2_880_667)
    #expect(try clip.windows(length: 48000, step: 48000).count == 60)
  }
}
