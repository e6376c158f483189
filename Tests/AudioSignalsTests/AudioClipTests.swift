import AudioSignals
import Essentials
import Tensors
import Testing

@Suite struct AudioClipTests {
  private let stereo: AudioClip
  init() throws { stereo = try AudioClip(samples: [1, 2, 3, 4, 10, 20, 30, 40], channelCount: 2, rate: 8) }

  @Test func channelsAndMean() throws {
    #expect(stereo.frameCount == 4)
    #expect(stereo.duration == 0.5)
    #expect(try stereo.channel(1).samples == [10, 20, 30, 40])
    #expect(stereo.mono().samples == [5.5, 11, 16.5, 22])
    #expect(failure { _ = try stereo.channel(2) }.kind == .index)
    #expect(failure { _ = try stereo.channel(-1) }.kind == .index)
    let three = try AudioClip(samples: [0, 3, 3, 3, 6, 9], channelCount: 3, rate: 1)
    #expect(three.mono().samples == [3, 5])
  }

  @Test(
    arguments: [
      (nil, 2, [1, 2, 10, 20]), (-1, nil, [4, 40]), (1, -1, [2, 3, 20, 30]), (3, 1, []),
      (nil, 99, [1, 2, 3, 4, 10, 20, 30, 40]),
      (-99, -2, [1, 2, 10, 20]), (Int.min, Int.max, [1, 2, 3, 4, 10, 20, 30, 40]),
    ] as [(Int?, Int?, [Float])])
  func slicesLikePython(_ start: Int?, _ end: Int?, _ expected: [Float]) {
    #expect(stereo.sliced(from: start, to: end).samples == expected)
  }

  @Test func padding() throws {
    #expect(try stereo.padded(to: 5).samples == [1, 2, 3, 4, 0, 10, 20, 30, 40, 0])
    #expect(try stereo.padded(to: 6, side: .start).samples == [0, 0, 1, 2, 3, 4, 0, 0, 10, 20, 30, 40])
    #expect(try stereo.padded(to: 7, side: .both).channel(0).samples == [0, 1, 2, 3, 4, 0, 0])
    #expect(try stereo.padded(to: 2) == stereo)
    #expect(failure { _ = try stereo.padded(to: -1) }.parameter == "length")
    #expect(failure { _ = try stereo.padded(to: .max) }.kind == .memory)
  }

  @Test func concatenating() throws {
    #expect(
      try AudioClip.concatenating([stereo, stereo.sliced(to: 1)]).samples == [
        1, 2, 3, 4, 1, 10, 20, 30, 40, 10,
      ])
    #expect(failure { _ = try AudioClip.concatenating([]) }.kind == .value)
    #expect(
      failure { _ = try AudioClip.concatenating([stereo, stereo.mono()]) }.message.contains("channels"))
    let other = try AudioClip(samples: [1, 2], channelCount: 2, rate: 9)
    #expect(failure { _ = try AudioClip.concatenating([stereo, other]) }.message.contains("9 Hz"))
  }

  @Test func windows() throws {
    let clip = try AudioClip(samples: (0..<10).map(Float.init), rate: 1)
    #expect(try clip.windows(length: 4, step: 4).map(\.samples) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(try clip.windows(length: 4, step: 4, partial: true).map(\.samples).last == [8, 9])
    #expect(try clip.windows(length: 4, step: 3).count == 3)
    #expect(try clip.windows(length: 4, step: 3, partial: true).count == 3)
    #expect(try clip.windows(length: 5, step: 5, partial: true).count == 2)
    #expect(try clip.windows(length: 2, step: 5, partial: true).map(\.samples) == [[0, 1], [5, 6]])
    #expect(try clip.windows(length: 11, step: 1).isEmpty)
    #expect(try clip.windows(length: 11, step: 1, partial: true).map(\.frameCount) == [10])
    #expect(try clip.windows(length: .max, step: .max).isEmpty)
    #expect(try clip.windows(length: 4, step: 3).startTime(of: 2) == 6)
    #expect(failure { _ = try clip.windows(length: 0, step: 1) }.parameter == "length")
    #expect(failure { _ = try clip.windows(length: 1, step: 0) }.parameter == "step")
    let recording = try Generator.silence(duration: 180.04, rate: 16000)
    #expect(try recording.windows(length: 48000, step: 48000).count == 60)
  }

  @Test func tensors() throws {
    #expect(try stereo.tensor().shape == [2, 4])
    #expect(try stereo.mono().tensor().shape == [4])
    #expect(try stereo.materialized() == stereo.tensor())
    #expect(try AudioClip(stereo.tensor(), rate: 8) == stereo)
    #expect(failure { _ = try AudioClip(Tensor(scalar: 1), rate: 8) }.kind == .shape)
  }

  @Test func badValuesAreRefused() {
    #expect(failure { _ = try AudioClip(samples: [1], rate: 0) }.parameter == "rate")
    #expect(failure { _ = try AudioClip(samples: [1], rate: .nan) }.parameter == "rate")
    #expect(failure { _ = try AudioClip(samples: [1, 2, 3], channelCount: 2, rate: 1) }.kind == .shape)
    #expect(failure { _ = try AudioClip(samples: [], channelCount: 0, rate: 1) }.kind == .value)
  }

  @Test func nonFiniteSamplesAreFound() throws {
    #expect(stereo.firstNonFiniteSample == nil)
    #expect(try AudioClip(samples: [0, .infinity, .nan], rate: 1).firstNonFiniteSample == 1)
  }

  @Test func descriptionTellsTheEssentials() throws {
    let clip = try Generator.silence(duration: 3).named("XC3776-3.wav")
    #expect(clip.description == "Audio 3.00 s · 16000 Hz · mono · XC3776-3.wav")
  }

  @Test func generators() throws {
    let tone = try Generator.tone(frequency: 4, duration: 1, rate: 16)
    #expect(zip(tone.samples, [0, 1, 0, -1, 0, 1]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try Generator.noise(duration: 1, seed: 5) == Generator.noise(duration: 1, seed: 5))
    #expect(try Generator.noise(duration: 1, seed: 5) != Generator.noise(duration: 1, seed: 6))
    // A chirp's loudest bin moves from its start to its end.
    let chirp = try Generator.chirp(from: 1000, to: 5000, duration: 1)
    let spectrogram = Spectrogram(chirp, try STFT(frameLength: 512, frameStep: 512))
    let values = try spectrogram.tensor()
    for (frame, hertz) in [(0, 1064.0), (values.shape[0] - 1, 4944.0)] {
      let row = Array(values.elements[frame * 257..<(frame + 1) * 257])
      let loudest = row.indices.max { row[$0] < row[$1] } ?? 0
      #expect(abs(spectrogram.frequencies[loudest] - hertz) < 100)
    }
    #expect(failure { _ = try Generator.tone(frequency: 9000, duration: 1) }.parameter == "freq")
    #expect(failure { _ = try Generator.tone(frequency: 1, duration: -1) }.parameter == "duration")
    #expect(failure { _ = try Generator.tone(frequency: 1, duration: 1e300) }.kind == .memory)
    #expect(failure { _ = try Generator.silence(duration: .nan) }.parameter == "duration")
  }
}
