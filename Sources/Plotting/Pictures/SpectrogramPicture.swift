import Essentials

extension Figure {
  /// A spectrogram over seconds and hertz, with a colour bar. `limits` are the values of the first and the
  /// last colour, in the colour bar's unit; by default what `scale` says.
  /// - Throws: a `shape` failure if `values` does not hold `frames * bins` numbers, a `value` failure
  ///   for frequencies that do not rise or a step that is not positive.
  public static func spectrogram(
    _ data: SpectrogramData, scale: ValueScale = .amplitudeDecibels(),
    frequencyScale: FrequencyScale = .linear, colormap: Colormap = .viridis,
    limits: ClosedRange<Double>? = nil, reduction: Reduction = .mean,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    let axes = try spectrogramAxes(
      data, scale: scale, frequencyScale: frequencyScale, colormap: colormap, limits: limits,
      reduction: reduction)
    return Figure(axes, options)
  }

  static func spectrogramAxes(
    _ data: SpectrogramData, scale: ValueScale, frequencyScale: FrequencyScale, colormap: Colormap,
    limits: ClosedRange<Double>?, reduction: Reduction
  ) throws -> Axes {
    guard data.frames >= 0, data.bins >= 0,
      data.frames.multipliedReportingOverflow(by: data.bins) == (data.values.count, false)
    else {
      throw Failure(
        .shape,
        "a spectrogram of \(data.frames) frames × \(data.bins) bins does not hold \(data.values.count) values"
      )
    }
    guard data.frameStep.isFinite, data.frameStep > 0, data.start.isFinite,
      data.reach.map({ $0.lowerBound.isFinite && $0.upperBound.isFinite }) ?? true
    else {
      throw Failure(.value, "a spectrogram's frame step must be a positive time, not \(data.frameStep) s")
    }
    let edges = try data.frequencies.edges(bins: data.bins)
    let resolved = try scale.resolved(for: data.values, colormap: colormap, limits: limits)
    var axes = Axes()
    axes.isFramed = true
    axes.showsGrid = false
    axes.x.label = "time"
    axes.x.unit = .seconds
    axes.x.padding = 0
    axes.y.label = "frequency"
    axes.y.unit = .hertz
    axes.y.padding = 0
    axes.colorBar = resolved.bar
    axes.note = resolved.note
    var frequencyScale = frequencyScale
    if case .coefficients = data.frequencies {
      axes.y.label = "coefficient"
      axes.y.unit = .count
      frequencyScale = .linear
    }
    switch frequencyScale {
    case .linear: break
    case .mel: axes.y.scale = .mel
    case .log:
      axes.y.scale = .log
      if let low = edges.dropFirst().first(where: { $0 > 0 }), let high = edges.last, low < high {
        axes.y.range = low...high
      }
    }
    if data.frames > 0, data.bins > 0 {
      axes.marks = [
        ImageMark(
          values: data.values, columns: data.frames, rows: data.bins, start: data.start,
          step: data.frameStep, rowEdges: edges, colors: resolved.colors, reduction: reduction,
          reach: data.reach)
      ]
    } else {
      axes.note = "no frames"
      axes.y.range = axes.y.range ?? 0...1
    }
    return axes
  }

  /// A matrix as coloured cells, row 0 at the top, with a colour bar: `values[row * columns + column]`.
  /// - Throws: a `shape` failure if `values` does not hold `rows * columns` numbers.
  public static func image(
    values: [Float], rows: Int, columns: Int, scale: ValueScale = .linear(name: "value"),
    colormap: Colormap = .viridis, limits: ClosedRange<Double>? = nil, reduction: Reduction = .mean,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    guard rows >= 0, columns >= 0, rows.multipliedReportingOverflow(by: columns) == (values.count, false)
    else {
      throw Failure(.shape, "an image of \(rows) × \(columns) does not hold \(values.count) values")
    }
    let resolved = try scale.resolved(for: values, colormap: colormap, limits: limits)
    var axes = Axes()
    axes.isFramed = true
    axes.showsGrid = false
    axes.x.label = "column"
    axes.x.unit = .count
    axes.x.padding = 0
    axes.y.label = "row"
    axes.y.unit = .count
    axes.y.padding = 0
    axes.y.isReversed = true
    axes.colorBar = resolved.bar
    axes.note = resolved.note
    if values.isEmpty {
      axes.note = "no values"
    } else {
      let turned = [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
        for column in 0..<columns {
          for row in 0..<rows {
            buffer.initializeElement(at: column * rows + row, to: values[row * columns + column])
          }
        }
        count = values.count
      }
      axes.marks = [
        ImageMark(
          values: turned, columns: columns, rows: rows, start: -0.5, step: 1,
          rowEdges: (0...rows).map { Double($0) - 0.5 }, colors: resolved.colors, reduction: reduction)
      ]
    }
    return Figure(axes, options, size: PictureSize(width: 7, height: 5))
  }
}

extension BinFrequencies {
  /// The borders of the bins: halfway between centres; the outermost end at the outermost centres
  /// where the bins are even, so that an axis runs from 0 Hz to half the rate.
  func edges(bins: Int) throws -> [Double] {
    guard bins > 0 else { return [] }
    switch self {
    case .even(let range):
      guard range.lowerBound.isFinite, range.upperBound.isFinite,
        range.lowerBound < range.upperBound || bins == 1
      else { throw Failure(.value, "a spectrogram's frequencies must rise, from \(range)") }
      if bins == 1 {
        let isPoint = range.lowerBound == range.upperBound
        return isPoint
          ? [range.lowerBound - 0.5, range.upperBound + 0.5] : [range.lowerBound, range.upperBound]
      }
      let step = (range.upperBound - range.lowerBound) / Double(bins - 1)
      var edges = (0...bins).map { range.lowerBound + (Double($0) - 0.5) * step }
      edges[0] = range.lowerBound
      edges[bins] = range.upperBound
      return edges
    case .coefficients: return (0...bins).map { Double($0) - 0.5 }
    case .centres(let centres):
      guard centres.count == bins else {
        throw Failure(.shape, "\(centres.count) frequencies do not go with \(bins) bins")
      }
      guard centres.allSatisfy(\.isFinite), zip(centres, centres.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw Failure(.value, "a spectrogram's frequencies must be finite and rise from bin to bin")
      }
      if bins == 1 { return [centres[0] - 0.5, centres[0] + 0.5] }
      var edges = [centres[0] - (centres[1] - centres[0]) / 2]
      if centres[0] >= 0 { edges[0] = max(0, edges[0]) }
      edges += zip(centres, centres.dropFirst()).map { ($0 + $1) / 2 }
      edges.append(centres[bins - 1] + (centres[bins - 1] - centres[bins - 2]) / 2)
      return edges
    }
  }
}

extension ValueScale {
  /// The colours of these values, their bar, and what is to be said about them.
  func resolved(
    for values: [Float], colormap: Colormap, limits: ClosedRange<Double>?
  ) throws -> (colors: ColorScale, bar: ColorBar?, note: String?) {
    let table = colormap.table
    if let limits {
      guard limits.lowerBound.isFinite, limits.upperBound.isFinite, limits.lowerBound < limits.upperBound
      else {
        throw Failure(
          .value, "the colours' limits must be two different numbers, not \(limits)", parameter: "clim")
      }
    }
    guard let span = try Envelope.span(of: values) else {
      let note = values.isEmpty ? nil : "no value is a finite number"
      return (ColorScale(table: table, range: 0...1, transform: .none), nil, note)
    }
    let (low, high) = (Double(span.low), Double(span.high))
    func bar(_ range: ClosedRange<Double>, _ label: String?, _ unit: String?) -> ColorBar {
      ColorBar(colors: table, range: range, label: label, unit: .number(unit))
    }
    func plain(_ range: ClosedRange<Double>?, _ label: String?, _ unit: String?) -> (
      ColorScale, ColorBar, String?
    ) {
      var axis = Axis()
      axis.padding = 0
      axis.range = range
      let ends = axis.ends(for: low...high)
      let note = low == high && range == nil ? "every value is \(AxisText.short(low, digits: 4))" : nil
      return (ColorScale(table: table, range: ends, transform: .none), bar(ends, label, unit), note)
    }
    func decibels(_ factor: Double, _ range: Double) throws -> (ColorScale, ColorBar, String?) {
      guard range.isFinite, range > 0 else {
        throw Failure(.value, "the range in dB must be positive, not \(range)")
      }
      let ends = limits ?? -range...0
      guard high > 0 else {
        return (
          ColorScale(table: table, range: ends, transform: .decibels(factor: factor, reference: 1)),
          bar(ends, "level", "dB"), "silence: no magnitude is above 0"
        )
      }
      return (
        ColorScale(table: table, range: ends, transform: .decibels(factor: factor, reference: high)),
        bar(ends, "level", "dB"), nil
      )
    }
    switch self {
    case .linear(let name, let unit): return plain(limits, name, unit)
    case .decibels(let range):
      return plain(limits ?? (high - low > range ? (high - range)...high : nil), "level", "dB")
    case .amplitudeDecibels(let range): return try decibels(20, range)
    case .powerDecibels(let range): return try decibels(10, range)
    }
  }
}
