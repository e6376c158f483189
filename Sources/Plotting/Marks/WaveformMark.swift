/// Samples over time: an envelope where several share a pixel, else a line through all of them.
struct WaveformMark: Mark {
  let signal: Signal
  let ink: Ink
  let alpha: Double
  let span: Envelope.Span?

  init(_ signal: Signal, ink: Ink, alpha: Double) throws {
    self.signal = signal
    self.ink = ink
    self.alpha = alpha
    span = try Envelope.span(of: signal.samples)
  }

  var xExtent: ClosedRange<Double>? {
    signal.samples.isEmpty
      ? nil : signal.start...(signal.start + Double(signal.samples.count) / signal.sampleRate)
  }

  var yExtent: ClosedRange<Double>? { span.map { Double($0.low)...Double($0.high) } }

  var legendEntries: [LegendEntry] {
    signal.label.map { [LegendEntry(label: $0, ink: ink, symbol: .area, alpha: alpha)] } ?? []
  }

  /// The loudest sample's size.
  var size: Float { span.map { max(abs($0.low), abs($0.high)) } ?? 0 }

  private func index(at time: Double) -> Int {
    let place = ((time - signal.start) * signal.sampleRate).rounded(.up)
    return place.isFinite ? Int(max(0, min(Double(signal.samples.count), place))) : 0
  }

  func draw(on plot: PlotSurface) throws {
    let columns = plot.columns
    let perColumn = (index(at: plot.x.range.upperBound) - index(at: plot.x.range.lowerBound)) / columns
    if perColumn >= 2 {
      let width = plot.area.width / Double(columns)
      for run in Self.runs(try envelope(plot, columns: columns)) {
        drawRun(run, columnWidth: width, on: plot)
      }
    } else {
      drawLine(on: plot)
    }
  }

  private func envelope(_ plot: PlotSurface, columns: Int) throws -> [Envelope.Span?] {
    let mapping = plot.x
    let width = plot.area.width / Double(columns)
    let left = plot.area.x
    return try Envelope.columns(of: signal.samples, count: columns) { column in
      index(at: mapping.value(at: left + Double(column) * width))
    }
  }

  /// Columns without a gap between them.
  private static func runs(_ spans: [Envelope.Span?]) -> [(first: Int, spans: [Envelope.Span])] {
    var runs: [(first: Int, spans: [Envelope.Span])] = []
    var isOpen = false
    for (column, span) in spans.enumerated() {
      guard let span else {
        isOpen = false
        continue
      }
      if !isOpen { runs.append((column, [])) }
      isOpen = true
      runs[runs.count - 1].spans.append(span)
    }
    return runs
  }

  private func drawRun(
    _ run: (first: Int, spans: [Envelope.Span]), columnWidth: Double, on plot: PlotSurface
  ) {
    let half = plot.canvas.hairline / 2
    var upper: [Point] = []
    var lower: [Point] = []
    upper.reserveCapacity(run.spans.count * 2)
    for (offset, span) in run.spans.enumerated() {
      var (low, high) = (span.low, span.high)
      // Successive samples are joined, also across the border between two columns.
      if offset > 0 {
        let before = run.spans[offset - 1]
        if before.low > high { high = (high + before.low) / 2 }
        if before.high < low { low = (low + before.high) / 2 }
      }
      if offset + 1 < run.spans.count {
        let after = run.spans[offset + 1]
        if after.low > high { high = (high + after.low) / 2 }
        if after.high < low { low = (low + after.high) / 2 }
      }
      let left = plot.area.x + Double(run.first + offset) * columnWidth
      let top = plot.y.position(Double(high)) - half
      let bottom = plot.y.position(Double(low)) + half
      upper.append(Point(x: left, y: top))
      upper.append(Point(x: left + columnWidth, y: top))
      lower.append(Point(x: left, y: bottom))
      lower.append(Point(x: left + columnWidth, y: bottom))
    }
    plot.canvas.fillPolygon(upper + lower.reversed(), ink.color(plot.theme).withAlpha(alpha))
  }

  private func drawLine(on plot: PlotSurface) {
    let from = max(0, index(at: plot.x.range.lowerBound) - 1)
    let to = min(signal.samples.count, index(at: plot.x.range.upperBound) + 1)
    guard from < to else { return }
    let color = ink.color(plot.theme).withAlpha(alpha)
    var piece: [Point] = []
    var all: [Point] = []
    func flush() {
      if piece.count > 1 { plot.canvas.polyline(piece, color, width: plot.style.lineWidth) }
      all += piece
      piece = []
    }
    for index in from..<to {
      let value = signal.samples[index]
      if value.isFinite {
        piece.append(
          plot.point(signal.start + (Double(index) + 0.5) / signal.sampleRate, Double(value)))
      } else {
        flush()
      }
    }
    flush()
    // Few samples are shown one by one.
    if plot.area.width / Double(to - from) > plot.style.lineWidth * 6 {
      plot.canvas.dots(all, radius: plot.style.lineWidth * 1.5, color)
    }
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    let columns = Coverage.columns * 2
    guard let spans = try? envelope(plot, columns: columns) else { return }
    let width = plot.area.width / Double(columns)
    for (column, span) in spans.enumerated() {
      guard let span else { continue }
      let top = plot.y.position(Double(span.high))
      coverage.add(
        Rect(
          x: plot.area.x + Double(column) * width, y: top, width: width,
          height: plot.y.position(Double(span.low)) - top))
    }
  }
}
