import Plotting
import Testing

@Suite struct WaveformPictureTests {
  @Test func axesAreInSeconds() throws {
    let samples = (0..<48000).map { Float($0 % 100) / 100 - 0.5 }
    let drawn = try Figure.waveform([Signal(samples: samples, sampleRate: 16000)]).render().content
    let axes = try #require(drawn.axes.first)
    #expect(axes.x.range == 0...3)
    #expect(axes.x.label == "time (s)")
    #expect(axes.x.labels == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"])
    #expect(axes.y.label == "amplitude")
    #expect(axes.y.range == -0.525...0.525)
    #expect(axes.legend.isEmpty && axes.legendBox == nil)
  }

  @Test(arguments: [
    (0.01, "time (ms)", "10"), (180, "time (min:s)", "3:00"), (7200, "time (h:min:s)", "2:00:00"),
  ])
  func longAndShortSoundsHaveTheirOwnTimeUnits(length: Double, label: String, last: String) throws {
    let samples = [Float](repeating: 0.1, count: 1000)
    let drawn = try Figure.waveform([Signal(samples: samples, sampleRate: 1000 / length)]).render().content
    #expect(drawn.axes.first?.x.label == label)
    #expect(drawn.axes.first?.x.labels.last == last)
  }

  /// One loud sample among a million is seen, at its height and its time.
  @Test(arguments: [0, 123_457, 500_000, 999_999])
  func noPeakIsLost(index: Int) throws {
    var samples = [Float](repeating: 0, count: 1_000_000)
    samples[index] = 1
    let picture = try Figure.waveform([Signal(samples: samples, sampleRate: 1000)]).render()
    let axes = try #require(picture.content.axes.first)
    let x = min(axes.area.maxX - 1, axes.x(Double(index) / 1000).rounded(.down))
    // From the zero line to just below the peak, the column holds the signal's colour.
    for share in [0.1, 0.5, 0.98] {
      let colors = [x - 1, x, x + 1].map { picture.color($0, axes.y(share)) }
      #expect(colors.contains(blue), "at \(share) of the peak")
    }
    #expect(!(picture.color(x + 5, axes.y(0.5)) == blue) && !(picture.color(x - 5, axes.y(0.5)) == blue))
  }

  @Test func samplesFewerThanPixelsAreALineThroughEach() throws {
    let samples: [Float] = [0, 1, -1, 0.5, 0.5]
    let picture = try Figure.waveform([Signal(samples: samples, sampleRate: 1)]).render()
    let axes = try #require(picture.content.axes.first)
    for (index, sample) in samples.enumerated() {
      #expect(picture.color(axes.x(Double(index) + 0.5), axes.y(Double(sample))) == blue)
    }
    // Halfway between the second and the third sample the line crosses zero.
    #expect(picture.color(axes.x(2), axes.y(0)) == blue)
  }

  @Test func quieterSignalIsSeenOverTheLouder() throws {
    let loud = Signal(samples: (0..<48000).map { $0 % 2 == 0 ? 0.8 : -0.8 }, sampleRate: 16000, label: "loud")
    let quiet = Signal(
      samples: (0..<32000).map { $0 % 2 == 0 ? 0.1 : -0.1 }, sampleRate: 16000, label: "quiet")
    for signals in [[loud, quiet], [quiet, loud]] {
      let picture = try Figure.waveform(signals).render()
      let axes = try #require(picture.content.axes.first)
      #expect(axes.legend == signals.compactMap(\.label))
      let both = picture.color(axes.x(1), axes.y(0.05))
      let loudAlone = picture.color(axes.x(1), axes.y(0.5))
      #expect(both != loudAlone)
      #expect(picture.color(axes.x(2.5), axes.y(0.05)) == loudAlone)
      // No corner is free, so the legend stands above the plot area.
      let box = try #require(axes.legendBox)
      #expect(box.maxY <= axes.area.y)
    }
  }

  @Test func legendStandsInAFreeCorner() throws {
    // Loud at the begin only: the right half is free.
    let samples = (0..<10000).map { index -> Float in index < 5000 ? (index % 2 == 0 ? 1 : -1) : 0 }
    let signal = Signal(samples: samples, sampleRate: 1000, label: "a")
    let axes = try #require(try Figure.waveform([signal]).render().content.axes.first)
    let box = try #require(axes.legendBox)
    #expect(axes.area.contains(box))
    #expect(box.x > axes.x(5))
    #expect(box.maxY < axes.y(0) || box.y > axes.y(0))
  }

  @Test func gapsStayEmpty() throws {
    let samples = (0..<30000).map { index -> Float in
      (10000..<20000).contains(index) ? .nan : index % 100 == 0 ? .infinity : index % 2 == 0 ? 1 : -1
    }
    let picture = try Figure.waveform([Signal(samples: samples, sampleRate: 1000)]).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.y.range == -1.05...1.05)
    #expect(picture.color(axes.x(5.1), axes.y(0.5)) == blue)
    #expect(picture.color(axes.x(15.1), axes.y(0.6)) == 0xFFFFFF)
    #expect(picture.color(axes.x(25.1), axes.y(0.5)) == blue)
  }

  @Test func nothingToSeeIsSaid() throws {
    func note(_ samples: [Float]) throws -> [String] {
      try Figure.waveform([Signal(samples: samples, sampleRate: 100)]).render().content.strings(.note)
    }
    #expect(try Figure.waveform([]).render().content.strings(.note) == ["no samples"])
    #expect(try note([]) == ["no samples"])
    #expect(try note([.nan, .infinity, -.infinity]) == ["no sample is a finite number"])
    #expect(try note([0, 0, 0]) == ["silence: every sample is 0"])
    #expect(try note([0.5]) == [])
  }
}
