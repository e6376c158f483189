import Glibc

/// A round value and what stands beside it.
struct Tick: Sendable {
  var value: Double
  var label: String
}

/// The ticks of an axis, and the words of its label that go with their unit.
struct TickSet: Sendable {
  var ticks: [Tick] = []
  var label = ""
  /// For categories: how the labels are turned, in degrees.
  var angle = 0.0
}

/// Chooses round numbers whose labels do not touch one another.
struct TickChooser {
  let axis: Axis
  let range: ClosedRange<Double>
  /// The axis's length in points.
  let length: Double
  let isHorizontal: Bool
  let style: TextStyle
  let canvas: Canvas

  func choose() -> TickSet {
    switch axis.ticks {
    case .none: return TickSet(ticks: [], label: axis.customLabel ?? axis.label ?? "")
    case .categories: return TickSet(ticks: [], label: axis.customLabel ?? axis.label ?? "")
    case .numbers: break
    }
    let format = TickFormat(axis: axis, range: range)
    let ticks = axis.scale == .linear ? evenTicks(format) : uneven(format)
    return TickSet(ticks: ticks, label: format.label)
  }

  private var mapping: AxisMapping {
    AxisMapping(scale: axis.scale, range: range, start: 0, end: length)
  }

  /// The room of a label along the axis.
  private func room(_ label: String) -> Double {
    isHorizontal ? canvas.measure(label, style).width + style.size * 0.9 : style.size * 1.5
  }

  private func evenTicks(_ format: TickFormat) -> [Tick] {
    let span = range.upperBound - range.lowerBound
    // Not more than one tick every four letters, nor more than eleven.
    let most = max(1, min(10, Int(length / (style.size * (isHorizontal ? 3.5 : 2.6)))))
    var step = format.step(atLeast: span / Double(most))
    for _ in 0..<30 {
      let ticks = multiples(of: step, format)
      if ticks.isEmpty { break }
      let distance = step / span * length
      let widest = ticks.map { room($0.label) }.max() ?? 0
      if widest <= distance || ticks.count == 1 {
        // One tick alone says nothing about the scale: show the ends instead where they fit.
        return ticks.count > 1 ? ticks : ends(format, step: step) ?? ticks
      }
      step = format.step(atLeast: step * 1.01)
    }
    return ends(format, step: step) ?? []
  }

  private func multiples(of step: Double, _ format: TickFormat) -> [Tick] {
    let span = range.upperBound - range.lowerBound
    let slack = span * 1e-9
    let first = ((range.lowerBound - slack) / step).rounded(.up)
    guard first.isFinite, abs(first) < 1e15 else { return [] }
    var ticks: [Tick] = []
    for index in 0..<100 {
      let value = (first + Double(index)) * step
      if value > range.upperBound + slack { break }
      ticks.append(Tick(value: value, label: format.text(value, step: step)))
    }
    return ticks
  }

  private func ends(_ format: TickFormat, step: Double) -> [Tick]? {
    if axis.unit == .count { return nil }
    let span = range.upperBound - range.lowerBound
    let fine = pow(10, floor(log10(span)) - 1)
    let low = (range.lowerBound / fine).rounded(.up) * fine
    let high = (range.upperBound / fine).rounded(.down) * fine
    guard low < high else { return nil }
    let ticks = [low, high].map { Tick(value: $0, label: format.text($0, step: fine)) }
    let rooms = ticks.map { room($0.label) }
    let distance = (high - low) / span * length
    return distance > (rooms[0] + rooms[1]) / 2 ? ticks : nil
  }

  /// Ticks of a logarithmic or mel axis: the roundest first, others where there is room.
  private func uneven(_ format: TickFormat) -> [Tick] {
    let mapping = mapping
    var chosen: [(tick: Tick, from: Double, to: Double)] = []
    for round in candidates() {
      for value in round where range.contains(value) {
        let label = format.text(value, step: format.resolution(of: value))
        let place = mapping.position(value)
        let half = room(label) / 2
        let isFree = chosen.allSatisfy { place + half <= $0.from || place - half >= $0.to }
        if isFree { chosen.append((Tick(value: value, label: label), place - half, place + half)) }
      }
      if chosen.count >= 9 { break }
    }
    return chosen.map(\.tick).sorted { $0.value < $1.value }
  }

  private func candidates() -> [[Double]] {
    if axis.scale == .mel {
      return [
        [0, 1000, 2000, 4000, 8000, 16000, 32000], [500, 250, 750], [3000, 6000, 12000, 24000],
        [100, 200, 300, 400, 600, 800, 1500, 5000, 10000, 20000],
      ]
    }
    let low = Int(floor(log10(range.lowerBound)))
    let high = Int(ceil(log10(range.upperBound)))
    guard high - low <= 700 else { return [] }
    let stride = max(1, (high - low) / 8)
    let powers = Swift.stride(from: low, through: high, by: stride).map { pow(10, Double($0)) }
    if high - low > 6 { return [powers] }
    return [powers, powers.map { $0 * 2 } + powers.map { $0 * 5 }, powers.map { $0 * 3 }]
  }
}

/// How the numbers of one axis are written: one unit and one factor for all of them.
struct TickFormat {
  private enum Style {
    case plain
    case clock(hours: Bool)
  }

  let label: String
  private let style: Style
  /// Values are divided by this before they are written.
  private let divisor: Double
  private let unit: AxisUnit

  init(axis: Axis, range: ClosedRange<Double>) {
    unit = axis.unit
    let size = max(abs(range.lowerBound), abs(range.upperBound))
    let span = range.upperBound - range.lowerBound
    var style = Style.plain
    var divisor = 1.0
    var unitName: String?
    switch axis.unit {
    case .seconds:
      if size > 3600 {
        style = .clock(hours: true)
        unitName = "h:min:s"
      } else if size > 120 {
        style = .clock(hours: false)
        unitName = "min:s"
      } else if size < 0.2 {
        (divisor, unitName) = (1e-3, "ms")
      } else {
        unitName = "s"
      }
    case .hertz:
      (divisor, unitName) = size >= 10000 ? (1000, "kHz") : (1, "Hz")
    case .number(let name):
      unitName = name
      if axis.scale == .linear, size >= 1e5 || size < 1e-3, size > 0, span > size * 1e-6 {
        let exponent = Int((floor(log10(size) / 3) * 3).rounded())
        divisor = pow(10, Double(exponent))
        let factor = "×10\(AxisText.superscript(exponent))"
        unitName = name.map { "\(factor) \($0)" } ?? factor
      }
    case .count:
      break
    }
    if let custom = axis.customLabel {
      label = custom
      if unitName != "min:s", unitName != "h:min:s" { style = .plain }
      if axis.unit == .hertz || axis.unit == .seconds { divisor = 1 }
    } else {
      let words = axis.label ?? ""
      if let unitName, !words.isEmpty {
        label = "\(words) (\(unitName))"
      } else {
        label = unitName ?? words
      }
    }
    self.style = style
    self.divisor = divisor
  }

  /// The smallest round step of at least this size.
  func step(atLeast least: Double) -> Double {
    if case .clock = style, least > 0.5 {
      let steps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
      ]
      if let step = steps.first(where: { $0 >= least * 0.999 }) { return step }
    }
    let floorAt = unit == .count ? max(least, 1) : least
    let exponent = floor(log10(floorAt))
    let unit = pow(10, exponent)
    for factor in [1.0, 2, 5, 10] where factor * unit >= floorAt * 0.999 { return factor * unit }
    return 10 * unit
  }

  func text(_ value: Double, step: Double) -> String {
    if case .clock(let hours) = style {
      return AxisText.clock(value, hours: hours, decimals: step < 0.999 ? Self.decimals(step) : 0)
    }
    if unit == .count {
      return abs(value) < 1e15 ? AxisText.grouped(Int(value.rounded())) : AxisText.short(value)
    }
    let decimals = Self.decimals(step / divisor)
    if decimals > 10 || abs(value / divisor) >= 1e7 { return AxisText.short(value / divisor, digits: 6) }
    return AxisText.fixed(value / divisor, decimals: decimals)
  }

  /// The step that shows a round value of a logarithmic axis in full.
  func resolution(of value: Double) -> Double {
    if value == 0 { return divisor }
    return min(pow(10, floor(log10(abs(value)) + 1e-9)), divisor)
  }

  /// Decimals that tell multiples of `step` apart.
  private static func decimals(_ step: Double) -> Int {
    max(0, Int(ceil(-log10(step) - 1e-6)))
  }
}
