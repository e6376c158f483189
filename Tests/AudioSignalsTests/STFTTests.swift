import AudioSignals
import Essentials
import Foundation
import Tensors
import Testing

@Suite struct STFTTests {
  private func clip(_ name: String = "signal") throws -> AudioClip {
    try AudioClip(samples: Reference.tensor(name).elements, rate: 16000)
  }

  @Test(arguments: [
    ("tutorial", 320, 32, nil, Window.hann), ("odd", 255, 100, 300, .hann),
    ("hamming", 128, 64, 128, .hamming), ("rectangular", 7, 300, 9, .rectangular),
  ])
  func agreesWithTensorFlow(_ name: String, _ length: Int, _ step: Int, _ points: Int?, _ window: Window)
    throws
  {
    let expected = try Reference.tensor("stft_\(name)")
    let peak = expected.elements.map(abs).max() ?? 0
    let stft = try STFT(frameLength: length, frameStep: step, fftLength: points, window: window)
    let complex = try ComplexSpectrogram(clip(), stft)
    #expect(greatestDifference(try complex.parts(), expected) < 1e-5 * peak)
    var magnitudes: [Float] = []
    var phases: [Float] = []
    for index in 0..<expected.count / 2 {
      let (real, imaginary) = (expected.elements[2 * index], expected.elements[2 * index + 1])
      magnitudes.append((real * real + imaginary * imaginary).squareRoot())
      phases.append(0)
    }
    let shape = Array(expected.shape.dropLast())
    let wanted = try Tensor(shape: shape, elements: magnitudes)
    #expect(greatestDifference(try complex.magnitude.tensor(), wanted) < 1e-5 * peak)
    let squares = try Tensor(shape: shape, elements: magnitudes.map { $0 * $0 })
    #expect(greatestDifference(try complex.power.tensor(), squares) < 1e-5 * peak * peak)
  }

  @Test func tutorialShapes() throws {
    let stft = try STFT(frameLength: 320, frameStep: 32)
    #expect(stft.fftLength == 512)
    let clip = try Generator.noise(duration: 3, seed: 1)
    let spectrogram = Spectrogram(clip, stft)
    #expect(spectrogram.shape == [1491, 257])
    #expect(spectrogram.expanded().shape == [1491, 257, 1])
    #expect(spectrogram.expanded().storedByteCount == 192_000)
    #expect(spectrogram.description == "Spectrogram 1491 frames × 257 bins · 2 ms step · 0–8000 Hz")
    #expect(spectrogram.frequencies.last == 8000)
  }

  @Test func phaseIsTheAngle() throws {
    let stft = try STFT(frameLength: 64, frameStep: 16)
    let complex = try ComplexSpectrogram(clip(), stft)
    let (parts, phase) = (try complex.parts().elements, try complex.phase.tensor().elements)
    let magnitude = try complex.magnitude.tensor()
    for index in phase.indices {
      let real = magnitude.elements[index] * Float(cos(Double(phase[index])))
      #expect(abs(real - parts[2 * index]) < 1e-4)
    }
    let restored = try stft.inverse(magnitude: magnitude, phase: try complex.phase.tensor(), rate: 16000)
    let covered = try clip().samples[1..<restored.frameCount - 1]
    #expect(zip(covered, restored.samples[1...]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test(arguments: [
    (320, 80, Window.hann), (256, 64, .hamming), (100, 33, .hann), (65, 20, .blackman), (9, 4, .rectangular),
  ])
  func inverseRestoresTheSignal(_ length: Int, _ step: Int, _ window: Window) throws {
    let clip = try clip()
    let stft = try STFT(frameLength: length, frameStep: step, window: window)
    let restored = try ComplexSpectrogram(clip, stft).inverse()
    let frames = stft.frameCount(samples: clip.frameCount)
    #expect(restored.frameCount == (frames - 1) * step + length)
    // Hann windows start and end at zero: what only they cover comes back badly or not at all.
    for index in length / 8 + 1..<restored.frameCount - length / 8 - 1 {
      #expect(abs(restored.samples[index] - clip.samples[index]) < 1e-4, "sample \(index)")
    }
  }

  @Test func shorterThanAFrameGivesNoFrames() throws {
    let stft = try STFT(frameLength: 320, frameStep: 32)
    let clip = try AudioClip(samples: [Float](repeating: 1, count: 319), rate: 16000)
    #expect(try Spectrogram(clip, stft).tensor().shape == [0, 257])
    #expect(try ComplexSpectrogram(clip, stft).inverse().frameCount == 0)
  }

  /// A frame's numbers do not depend on the frames beside it, nor on how the work is shared out.
  @Test func framesAreIndependent() throws {
    let stft = try STFT(frameLength: 32, frameStep: 3)
    let long = try Generator.noise(duration: 2, seed: 3)
    let whole = try Spectrogram(long, stft).tensor()
    #expect(whole.shape[0] > 8192)
    for frame in [0, 1, 4095, 4096, 4097, 8191, whole.shape[0] - 1] {
      let alone = try Spectrogram(long.sliced(from: frame * 3, to: frame * 3 + 32), stft).tensor()
      let row = whole.elements[frame * 17..<(frame + 1) * 17]
      #expect(zip(alone.elements, row).allSatisfy { abs($0 - $1) < 1e-6 }, "frame \(frame)")
    }
  }

  @Test func notANumberStaysWhereItIs() throws {
    var samples = try clip().samples
    let stft = try STFT(frameLength: 100, frameStep: 50)
    let before = try Spectrogram(AudioClip(samples: samples, rate: 16000), stft).tensor()
    samples[1010] = .nan
    let after = try Spectrogram(AudioClip(samples: samples, rate: 16000), stft).tensor()
    for frame in 0..<after.shape[0] {
      let row = after.elements[frame * 65..<(frame + 1) * 65]
      if frame == 19 || frame == 20 {
        #expect(row.allSatisfy { $0.isNaN }, "frame \(frame)")
      } else {
        let old = before.elements[frame * 65..<(frame + 1) * 65]
        #expect(zip(row, old).allSatisfy { abs($0 - $1) < 1e-5 }, "frame \(frame)")
      }
    }
  }

  @Test func channelsComeFirst() throws {
    let left = try clip()
    let right = try Generator.tone(frequency: 1000, duration: 0.125)
    let stereo = try AudioClip(samples: left.samples + right.samples, channelCount: 2, rate: 16000)
    let stft = try STFT(frameLength: 128, frameStep: 64)
    let both = try Spectrogram(stereo, stft).tensor()
    #expect(both.shape == [2, 30, 65])
    #expect(
      both.elements == (try Spectrogram(left, stft).tensor().elements)
        + (try Spectrogram(right, stft).tensor().elements))
    let restored = try ComplexSpectrogram(stereo, stft).inverse()
    #expect(restored.channelCount == 2)
  }

  @Test func badSettingsNameTheParameter() {
    #expect(failure { _ = try STFT(frameLength: 0, frameStep: 1) }.parameter == "frame_length")
    #expect(failure { _ = try STFT(frameLength: .max, frameStep: 1) }.parameter == "frame_length")
    #expect(failure { _ = try STFT(frameLength: 8, frameStep: 0) }.parameter == "frame_step")
    #expect(failure { _ = try STFT(frameLength: 8, frameStep: 1, fftLength: 4) }.parameter == "fft_length")
    #expect(failure { _ = try Window(named: "hanning") }.hint?.contains("\"hann\"") == true)
  }

  @Test func windowsMatchTheirFormulas() {
    // scipy.signal.get_window("hann", 8), ("hamming", 4), ("blackman", 4)
    let hann: [Float] = [0, 0.14644661, 0.5, 0.85355339, 1, 0.85355339, 0.5, 0.14644661]
    #expect(zip(Window.hann.values(length: 8), hann).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(Window.hamming.values(length: 4), [0.08, 0.54, 1, 0.54]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(Window.blackman.values(length: 4), [0, 0.34, 1, 0.34]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(Window.hann.values(length: 5, symmetric: true) == Window.hann.values(length: 5))
    #expect(Window.hann.values(length: 1) == [1])
    #expect(Window.hann.values(length: 0).isEmpty)
  }

  /// A few frames at a time are the same numbers, within the bound that is told.
  @Test(arguments: [Spectrogram.Quantity.magnitude, .power]) func rowsAreThoseOfTheWhole(
    _ quantity: Spectrogram.Quantity
  ) throws {
    let samples = try Generator.noise(duration: 0.2, rate: 16000, amplitude: 0.7, seed: 3).samples
    for (length, step) in [(320, 32), (512, 100), (33, 40)] {
      let stft = try STFT(frameLength: length, frameStep: step)
      let spectrogram = Spectrogram(try AudioClip(samples: samples, rate: 16000), stft, quantity).expanded()
      let whole = try spectrogram.tensor().elements
      let maker = try #require(spectrogram.makeRows())
      var rows = [Float](repeating: .nan, count: whole.count)
      for first in stride(from: 0, to: spectrogram.frameCount, by: 3 * maker.rowsTogether) {
        let end = min(first + 3 * maker.rowsTogether, spectrogram.frameCount)
        try rows.withUnsafeMutableBufferPointer { rows in
          try maker.write(
            first..<end, into: try #require(rows.baseAddress) + first * spectrogram.columnCount)
        }
      }
      #expect(rows == whole)
      let largest = try #require(whole.max())
      #expect(largest <= maker.bound)
      #expect(maker.bound < (quantity == .power ? 200 * 200 : 200) * largest)
    }
    let stft = try STFT(frameLength: 320, frameStep: 32)
    var broken = samples
    broken[1000] = .nan
    #expect(Spectrogram(try AudioClip(samples: broken, rate: 16000), stft, quantity).makeRows() == nil)
    let clip = try AudioClip(samples: samples, rate: 16000)
    #expect(try Spectrogram(clip, stft, quantity).inDecibels().makeRows() == nil)
    #expect(Spectrogram(clip, stft, .phase).makeRows() == nil)
    let stereo = try AudioClip(samples: samples + samples, channelCount: 2, rate: 16000)
    #expect(Spectrogram(stereo, stft, quantity).makeRows() == nil)
  }
}

@Suite struct MelTests {
  private func spectrogram() throws -> Spectrogram {
    let clip = try AudioClip(samples: Reference.tensor("signal").elements, rate: 16000)
    return Spectrogram(clip, try STFT(frameLength: 320, frameStep: 100))
  }

  @Test(arguments: [MelFilterbank.Scale.slaney, .htk])
  func bandsAgreeWithLibrosa(_ scale: MelFilterbank.Scale) throws {
    let expected = try Reference.tensor("mel_\(scale.rawValue)")
    let bands = try spectrogram().mel(bands: 40, scale: scale)
    let peak = expected.elements.max() ?? 0
    #expect(greatestDifference(try bands.tensor(), expected) < 1e-5 * peak)
    #expect(bands.description.contains("40 mel bands"))
  }

  @Test func decibelsAgreeWithLibrosa() throws {
    let level = try spectrogram().mel(bands: 40).inDecibels()
    #expect(greatestDifference(try level.tensor(), try Reference.tensor("mel_db")) < 2e-3)
    let magnitude = try spectrogram().inDecibels(range: 30)
    #expect(greatestDifference(try magnitude.tensor(), try Reference.tensor("magnitude_db")) < 2e-3)
    let values = try spectrogram().tensor()
    #expect(try DecibelScale.decibels(of: values, range: 30) == magnitude.tensor())
    let power = Spectrogram(try spectrogram().clip, try spectrogram().stft, .power)
    #expect(greatestDifference(try power.inDecibels(range: 30).tensor(), try magnitude.tensor()) < 2e-3)
  }

  @Test func coefficientsAgreeWithLibrosa() throws {
    let expected = try Reference.tensor("mfcc")
    let coefficients = try spectrogram().mel(bands: 40).mfcc(count: 13)
    #expect(greatestDifference(try coefficients.tensor(), expected) < 5e-3)
    #expect(try spectrogram().mfcc(count: 13, bands: 40).expanded().tensor().shape == expected.shape + [1])
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let spectrogram = try spectrogram()
    let phases = Spectrogram(spectrogram.clip, spectrogram.stft, .phase)
    #expect(failure { _ = try phases.mel() }.kind == .value)
    #expect(failure { _ = try phases.inDecibels() }.kind == .value)
    #expect(failure { _ = try spectrogram.inDecibels().inDecibels() }.kind == .value)
    #expect(failure { _ = try spectrogram.inDecibels().mel() }.hint != nil)
    #expect(failure { _ = try spectrogram.mfcc(count: 65) }.parameter == "count")
    #expect(failure { _ = try spectrogram.mel(bands: 0) }.parameter == "bands")
    #expect(failure { _ = try spectrogram.mel(highest: 9000) }.parameter == "high")
    #expect(failure { _ = try spectrogram.mel(lowest: -1) }.parameter == "low")
    #expect(failure { _ = try spectrogram.inDecibels(range: 0) }.parameter == "top_db")
  }

  /// What is done to each number keeps seconds and hertz, and gives the numbers that the tensor would give.
  @Test func functionsAndArithmeticAreStages() throws {
    let bands = try spectrogram().mel(bands: 40)
    let plain = try bands.tensor()
    let level = bands.applying(.log1p)
    #expect(try level.tensor() == plain.applying(.log1p))
    #expect(level.frequencies == bands.frequencies && level.secondsPerFrame == bands.secondsPerFrame)
    #expect(level.form.values == .other("log1p power") && level.description.hasSuffix(" · log1p"))
    #expect(level != bands && level == bands.applying(.log1p))

    let mean = Tensor((0..<40).map { Float($0) / 10 })
    let centred = try #require(level.combined(.subtract, with: mean, isOnTheLeft: false))
    #expect(try centred.tensor() == Tensor.combining(.subtract, plain.applying(.log1p), mean))
    let mirrored = try #require(level.combined(.subtract, with: mean, isOnTheLeft: true))
    #expect(try mirrored.tensor() == Tensor.combining(.subtract, mean, plain.applying(.log1p)))
    #expect(bands.combined(.add, with: try Tensor.zeros([3, 1, 1]), isOnTheLeft: false) == nil)

    // A multiple of powers is one of powers, and may be told in decibels; a logarithm may not.
    let double = try #require(
      bands.combined(.multiply, with: try Tensor(shape: [], elements: [4]), isOnTheLeft: false))
    let raised = try double.inDecibels(range: nil).tensor()
    let levels = try bands.inDecibels(range: nil).tensor()
    for (high, low) in zip(raised.elements, levels.elements) where low > -99 {
      #expect(abs(high - low - 6.0206) < 1e-3)
    }
    #expect(failure { _ = try level.inDecibels() }.message.contains("log1p power values"))
    #expect(failure { _ = try level.mel() }.kind == .value)
    #expect(level.makeRows() == nil)
    // As it is usual beside decibels: the cosine transform of logarithms.
    let coefficients = try level.mfcc(count: 13)
    #expect(coefficients.shape == [bands.frameCount, 13] && coefficients.frequencies.isEmpty)
    let moved = try #require(
      try bands.inDecibels().combined(.add, with: Tensor(shape: [], elements: [3]), isOnTheLeft: false))
    #expect(moved.form.values == .decibels)
  }

  @Test func severalChannelsPassThroughAllStages() throws {
    let samples = try Reference.tensor("signal").elements
    let clip = try AudioClip(samples: samples + samples.map { 2 * $0 }, channelCount: 2, rate: 16000)
    let both = try Spectrogram(clip, STFT(frameLength: 320, frameStep: 100)).mel(bands: 20).applying(.sqrt)
    let first = try spectrogram().mel(bands: 20).applying(.sqrt)
    let values = try both.tensor()
    #expect(values.shape == [2] + first.shape)
    #expect(try values.row(0) == first.tensor())
    let twice = try values.row(1).elements
    for (two, one) in zip(twice, try first.tensor().elements) {
      #expect(abs(two - 2 * one) < 1e-4 * abs(two) + 1e-6)
    }
    #expect(try both.mfcc(count: 5).tensor().shape == [2, first.frameCount, 5])
  }
}
