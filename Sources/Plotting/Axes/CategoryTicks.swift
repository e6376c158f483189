/// Names at 0, 1, 2, …: level where they fit, else turned; shortened where they are long, and
/// only every n-th where they are many.
struct CategoryTicks {
  let names: [String]
  let range: ClosedRange<Double>
  let length: Double
  let style: TextStyle
  let canvas: Canvas

  func horizontal(label: String, longest: Double) -> TickSet {
    let spacing = self.spacing
    let room = style.size * 0.8
    // A few hundred names cannot stand level: do not measure a million.
    if names.count <= 400, spacing > style.size * 2 {
      let most = max(spacing - room, style.size * 2)
      if names.allSatisfy({ canvas.measure(Text.printable(String($0.prefix(200))), style).width <= most }) {
        return TickSet(ticks: ticks(every: 1, width: most), label: label, angle: 0)
      }
      return TickSet(ticks: ticks(every: 1, width: longest * 1.3), label: label, angle: -45)
    }
    let every = max(1, Int((style.size * 1.35 / spacing).rounded(.up)))
    return TickSet(ticks: ticks(every: every, width: longest), label: label, angle: -90)
  }

  func vertical(label: String, widest: Double) -> TickSet {
    let every = max(1, Int((style.size * 1.35 / spacing).rounded(.up)))
    return TickSet(ticks: ticks(every: every, width: widest), label: label, angle: 0)
  }

  private var spacing: Double { max(length / (range.upperBound - range.lowerBound), 1e-9) }

  private func ticks(every: Int, width: Double) -> [Tick] {
    stride(from: 0, to: names.count, by: Self.round(every)).compactMap { index in
      guard range.contains(Double(index)) else { return nil }
      return Tick(
        value: Double(index),
        label: Text.fitted(names[index], style, width: width, on: canvas, shortening: .middle))
    }
  }

  /// 1, 2, 5, 10, …: at least `count`.
  private static func round(_ count: Int) -> Int {
    var unit = 1
    while unit < Int.max / 20 {
      for factor in [1, 2, 5] where factor * unit >= count { return factor * unit }
      unit *= 10
    }
    return count
  }
}
