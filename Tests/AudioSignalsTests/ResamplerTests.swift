import AudioSignals
import Essentials
import Testing

@Suite struct ResamplerTests {
  @Test(arguments: ResamplingQuality.allCases)
  func agreesWithSoxrInPython(_ quality: ResamplingQuality) throws {
    let noise = try AudioClip(samples: Reference.tensor("noise").elements, rate: 44100)
    let expected = try Reference.tensor("resample_\(quality.rawValue)")
    let result = try noise.resampled(to: 16000, quality: quality)
    #expect(result.rate == 16000)
    #expect(greatestDifference(try result.tensor(), expected) < 1e-6)
  }

  @Test func agreesWithSoxrUpwards() throws {
    let noise = try AudioClip(samples: Reference.tensor("noise").elements, rate: 11025)
    #expect(
      greatestDifference(try noise.resampled(to: 16000).tensor(), try Reference.tensor("resample_up")) < 1e-6)
  }

  @Test func lengthsAgreeWithSoxrInPython() throws {
    let rows = try Reference.tensor("resample_lengths")
    for row in 0..<rows.shape[0] {
      let values = rows.elements[row * 4..<row * 4 + 4].map { Int($0) }
      let clip = try AudioClip(samples: [Float](repeating: 0, count: values[0]), rate: Double(values[1]))
      #expect(try clip.resampled(to: Double(values[2])).frameCount == values[3], "\(values)")
    }
  }

  @Test(arguments: [1, 7, 160, 4096, 100_000])
  func blocksOfAnySizeGiveTheSame(_ block: Int) throws {
    let noise = try Generator.noise(duration: 1, rate: 48000, seed: 2)
    let whole = try noise.resampled(to: 16000)
    let resampler = try Resampler(from: 48000, to: 16000)
    var output: [Float] = []
    try noise.samples.withUnsafeBufferPointer { samples in
      for start in stride(from: 0, to: samples.count, by: block) {
        try resampler.process(
          UnsafeBufferPointer(rebasing: samples[start..<min(start + block, samples.count)]), into: &output)
      }
    }
    try resampler.finish(into: &output)
    #expect(output == whole.samples)
  }

  @Test func aToneKeepsItsPitch() throws {
    let high = try Generator.tone(frequency: 440, duration: 0.5, rate: 44100)
    let low = try high.resampled(to: 16000)
    let expected = try Generator.tone(frequency: 440, duration: 0.5, rate: 16000)
    #expect(low.frameCount == expected.frameCount)
    for index in 500..<7500 { #expect(abs(low.samples[index] - expected.samples[index]) < 1e-3) }
  }

  @Test func channelsAreResampledApart() throws {
    let left = try Generator.noise(duration: 0.1, rate: 44100, seed: 1)
    let right = try Generator.noise(duration: 0.1, rate: 44100, seed: 2)
    let both = try AudioClip(samples: left.samples + right.samples, channelCount: 2, rate: 44100)
    let result = try both.resampled(to: 16000)
    #expect(try result.channel(0).samples == left.resampled(to: 16000).samples)
    #expect(try result.channel(1).samples == right.resampled(to: 16000).samples)
  }

  @Test func sameRateDoesNothing() throws {
    let clip = try Generator.noise(duration: 0.1, seed: 1)
    #expect(try clip.resampled(to: 16000) == clip)
  }

  @Test func ratesThatAreNoneAreRefused() throws {
    let clip = try Generator.noise(duration: 0.1, rate: 48000, seed: 1)
    for rate in [0, -1, .nan, .infinity, 4e9, 1] {
      #expect(failure { _ = try clip.resampled(to: rate) }.parameter == "rate", "\(rate)")
    }
    #expect(failure { _ = try ResamplingQuality(named: "best") }.parameter == "quality")
  }
}
