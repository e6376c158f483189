import Essentials
import Plotting
import Testing

@Suite struct SpectrogramPictureTests {
  private let ramp = SpectrogramData(
    values: (0..<40).map(Float.init), frames: 10, bins: 4, frameStep: 0.5,
    frequencies: .centres([100, 200, 300, 400]))

  private func expected(_ share: Double, _ map: Colormap = .viridis) -> UInt32 {
    map.table[Int((share * 255).rounded())] & 0xFF_FFFF
  }

  @Test func everyCellHasItsColourAtItsPlace() throws {
    for map in Colormap.allCases {
      let picture = try Figure.spectrogram(ramp, scale: .linear(), colormap: map).render()
      let axes = try #require(picture.content.axes.first)
      #expect(axes.x.range == 0...5)
      #expect(axes.y.range == 50...450)
      #expect(axes.x.label == "time (s)" && axes.y.label == "frequency (Hz)")
      for frame in 0..<10 {
        for bin in 0..<4 {
          let seen = picture.color(axes.x(0.5 * Double(frame) + 0.25), axes.y(100 * Double(bin + 1)))
          #expect(seen == expected(Double(frame * 4 + bin) / 39, map))
        }
      }
      let bar = try #require(axes.colorBar)
      #expect(bar.range == 0...39)
      #expect(bar.label == "magnitude")
    }
  }

  @Test func tutorialSpectrogramRunsToHalfTheRate() throws {
    let values = [Float](repeating: 1, count: 1491 * 257)
    let data = SpectrogramData(
      values: values, frames: 1491, bins: 257, frameStep: 0.002, frequencies: .even(0...8000))
    let axes = try #require(try Figure.spectrogram(data).render().content.axes.first)
    #expect(axes.y.range == 0...8000)
    #expect(axes.y.labels == ["0", "1000", "2000", "3000", "4000", "5000", "6000", "7000", "8000"])
    #expect(abs(axes.x.range.upperBound - 2.982) < 1e-9)
    #expect(axes.colorBar?.range == -80...0)
    #expect(axes.colorBar?.label == "level (dB)")
    #expect(axes.colorBar?.labels.first == "−80")
  }

  @Test func highRatesAreInKilohertz() throws {
    let data = SpectrogramData(
      values: [1, 2, 3, 4], frames: 2, bins: 2, frameStep: 1, frequencies: .even(0...22050))
    let axes = try #require(try Figure.spectrogram(data).render().content.axes.first)
    #expect(axes.y.label == "frequency (kHz)")
    #expect(axes.y.labels == ["0", "5", "10", "15", "20"])
  }

  /// 20 log₁₀ of amplitudes and 10 log₁₀ of powers, against the greatest.
  @Test func decibelsAreRelativeToTheGreatest() throws {
    let data = SpectrogramData(
      values: [1, 0.1, 0.01, 0], frames: 4, bins: 1, frameStep: 1, frequencies: .centres([100]))
    let cases: [(ValueScale, [Double])] = [
      (.amplitudeDecibels(range: 80), [1, 0.75, 0.5, 0]), (.powerDecibels(range: 80), [1, 0.875, 0.75, 0]),
      (.amplitudeDecibels(range: 20), [1, 0, 0, 0]),
    ]
    for (scale, shares) in cases {
      let picture = try Figure.spectrogram(data, scale: scale).render()
      let axes = try #require(picture.content.axes.first)
      for (frame, share) in shares.enumerated() {
        #expect(picture.color(axes.x(Double(frame) + 0.5), axes.area.midY) == expected(share))
      }
    }
  }

  /// Shares of the axis's length from librosa (`Reference/make_reference.py`).
  @Test func melAxisIsSlaneys() throws {
    let data = SpectrogramData(
      values: [Float](repeating: 1, count: 514), frames: 2, bins: 257, frameStep: 1,
      frequencies: .even(0...8000))
    let axes = try #require(try Figure.spectrogram(data, frequencyScale: .mel).render().content.axes.first)
    let known: [Double: Double] = [
      250: 0.082881, 500: 0.165762, 1000: 0.331524, 2000: 0.554349, 4000: 0.777175,
    ]
    var seen = 0
    for tick in axes.y.ticks {
      guard let share = known[tick.value] else { continue }
      seen += 1
      #expect(abs((axes.area.maxY - tick.position) / axes.area.height - share) < 0.004)
    }
    #expect(seen >= 4)
  }

  @Test func logAxisGivesEveryOctaveTheSameRoom() throws {
    let data = SpectrogramData(
      values: [Float](repeating: 1, count: 514), frames: 2, bins: 257, frameStep: 1,
      frequencies: .even(0...8000))
    let axes = try #require(try Figure.spectrogram(data, frequencyScale: .log).render().content.axes.first)
    let places = Dictionary(uniqueKeysWithValues: axes.y.ticks.map { ($0.value, $0.position) })
    let (a, b, c) = try (#require(places[50]), #require(places[500]), #require(places[5000]))
    #expect(abs((a - b) - (b - c)) < 1.5)
    #expect(axes.y.range.lowerBound > 0 && axes.y.range.upperBound == 8000)
  }

  /// Ten thousand frames on a few hundred pixels: one loud frame in a hundred.
  @Test func manyFramesAreReducedByMeanOrMaximum() throws {
    let values = (0..<20000).map { $0 / 2 % 100 == 0 ? Float(100) : 0 }
    let data = SpectrogramData(
      values: values, frames: 10000, bins: 2, frameStep: 0.01, frequencies: .even(0...100))
    let options = PictureOptions(size: PictureSize(width: 1.6, height: 1.2))
    for (reduction, share) in [(Reduction.mean, 0.01), (.max, 1.0)] {
      let picture = try Figure.spectrogram(data, scale: .linear(), reduction: reduction, options: options)
        .render()
      let axes = try #require(picture.content.axes.first)
      #expect(axes.area.width < 101)
      let seen = picture.color(axes.area.midX, axes.area.midY)
      let index = try #require(Colormap.viridis.table.firstIndex { $0 & 0xFF_FFFF == seen })
      #expect(abs(Double(index) / 255 - share) <= (reduction == .max ? 0 : 0.02))
    }
  }

  @Test func missingValuesAreGrayNotBlack() throws {
    let data = SpectrogramData(
      values: [1, .nan, 3, 4], frames: 4, bins: 1, frameStep: 1, frequencies: .centres([10]))
    let picture = try Figure.spectrogram(data, scale: .linear()).render()
    let axes = try #require(picture.content.axes.first)
    let color = picture.color(axes.x(1.5), axes.area.midY)
    #expect(color >> 16 > 0xC0 && color & 0xFF > 0xC0)
    #expect(axes.colorBar?.range == 1...4)
  }

  @Test func nothingToSeeIsSaid() throws {
    func note(_ values: [Float], _ scale: ValueScale = .amplitudeDecibels()) throws -> [String] {
      let data = SpectrogramData(
        values: values, frames: values.count, bins: 1, frameStep: 1, frequencies: .centres([10]))
      return try Figure.spectrogram(data, scale: scale).render().content.strings(.note)
    }
    #expect(try note([]) == ["no frames"])
    #expect(try note([.nan, .infinity]) == ["no value is a finite number"])
    #expect(try note([0, 0]) == ["silence: no magnitude is above 0"])
    #expect(try note([3, 3], .linear()) == ["every value is 3"])
  }

  @Test func wrongShapesAreRefused() {
    func kind(_ frames: Int, _ bins: Int, step: Double = 1, _ frequencies: BinFrequencies) -> Failure.Kind? {
      let data = SpectrogramData(
        values: [1, 2, 3, 4, 5, 6], frames: frames, bins: bins, frameStep: step, frequencies: frequencies)
      return #expect(throws: Failure.self) { try Figure.spectrogram(data) }?.kind
    }
    #expect(kind(2, 2, .even(0...1)) == .shape)
    #expect(kind(Int.max, 2, .even(0...1)) == .shape)
    #expect(kind(-2, -3, .even(0...1)) == .shape)
    #expect(kind(2, 3, .centres([1, 2])) == .shape)
    #expect(kind(2, 3, .centres([1, 3, 2])) == .value)
    #expect(kind(2, 3, step: 0, .even(0...1)) == .value)
    #expect(kind(2, 3, .even(1...1)) == .value)
  }

  @Test func imageRowsRunDownwards() throws {
    let picture = try Figure.image(values: [0, 1, 2, 3, 4, 5], rows: 2, columns: 3).render()
    let axes = try #require(picture.content.axes.first)
    for row in 0..<2 {
      for column in 0..<3 {
        let x = axes.area.x + (Double(column) + 0.5) / 3 * axes.area.width
        let y = axes.area.y + (Double(row) + 0.5) / 2 * axes.area.height
        #expect(picture.color(x, y) == expected(Double(row * 3 + column) / 5))
      }
    }
  }

  /// Every 51st colour of matplotlib's tables (`Reference/make_reference.py`).
  @Test func colourMapsAreThePublishedOnes() {
    let known: [Colormap: [UInt32]] = [
      .viridis: [0x440154, 0x404387, 0x29788E, 0x22A784, 0x79D151, 0xFDE724],
      .magma: [0x000003, 0x3B0F6F, 0x8C2980, 0xDD4968, 0xFD9F6C, 0xFBFCBF],
      .inferno: [0x000003, 0x410967, 0x932567, 0xDC5039, 0xFBA40A, 0xFCFEA4],
      .cividis: [0x00224D, 0x35456C, 0x666970, 0x948E77, 0xC8B765, 0xFDE737],
      .gray: [0x000000, 0x333333, 0x666666, 0x999999, 0xCCCCCC, 0xFFFFFF],
    ]
    for map in Colormap.allCases {
      #expect(map.table.count == 256)
      for (index, color) in (known[map] ?? []).enumerated() {
        let seen = map.table[index * 51]
        for shift in [0, 8, 16] {
          #expect(abs(Int(seen >> shift & 0xFF) - Int(color >> shift & 0xFF)) <= 2, "\(map) \(index)")
        }
      }
    }
  }

  @Test func edgeFramesReachToTheEndsOfTheSound() throws {
    // Windows of 0.4 s every 0.1 s: the first frame's middle is at 0.2 s.
    let data = SpectrogramData(
      values: [1, 0.01, 0.01, 0.1], frames: 4, bins: 1, frameStep: 0.1, start: 0.15,
      frequencies: .even(0...100), reach: 0...0.7)
    let picture = try Figure.spectrogram(data).render()
    let axes = try #require(picture.content.axes.first)
    #expect(axes.x.range == 0...0.7)
    func color(_ time: Double) -> UInt32 { picture.color(axes.x(time), axes.area.midY) }
    #expect(color(0.01) == color(0.2) && color(0.2) != color(0.3))
    #expect(color(0.69) == color(0.5) && color(0.5) != color(0.4))
  }
}
