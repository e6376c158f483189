import Essentials
import Glibc

extension Figure {
  /// How often values fall into bins. Several sets share their bins. Values that are not finite are
  /// left out, and the picture says how many.
  /// - Throws: a `value` failure for a count of bins outside 1 to 100000, or edges that do not rise.
  public static func histogram(
    _ sets: [(values: [Double], label: String?)], bins: HistogramBins = .auto,
    options: PictureOptions = PictureOptions()
  ) throws -> Figure {
    let finite = try sets.map { set in
      try set.values.filter {
        try Interruption.check()
        return $0.isFinite
      }
    }
    let edges = try bins.edges(for: finite.count == 1 ? finite[0] : finite.flatMap { $0 })
    var axes = Axes()
    axes.x.padding = 0.02
    axes.y.label = "count"
    axes.y.unit = .count
    axes.y.atLeast = 0...0
    for (index, set) in sets.enumerated() {
      let counts = try HistogramBins.counts(finite[index], edges: edges).map(Double.init)
      axes.marks.append(
        StepMark(
          edges: edges, values: counts, label: set.label, ink: .palette(index),
          fillAlpha: sets.count == 1 ? 0.9 : 0.5, hasOutline: sets.count > 1))
    }
    let total = sets.reduce(0) { $0 + $1.values.count }
    let left = total - finite.reduce(0) { $0 + $1.count }
    if left == total {
      axes.note = total == 0 ? "no values" : "no value is a finite number"
      axes.marks = []
    } else if left > 0 {
      axes.note = AxisText.notFinite(left, of: total, "value")
    }
    return Figure(axes, options, size: PictureSize(width: 7, height: 4))
  }
}

extension HistogramBins {
  private static let most = 100_000

  /// The bins' borders over these values, which must be finite: one more than bins.
  /// - Throws: a `value` failure for a count of bins outside 1 to 100000, or edges that do not rise.
  public func edges(for values: [Double]) throws -> [Double] {
    if case .edges(let edges) = self {
      guard edges.count >= 2, edges.allSatisfy(\.isFinite),
        zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        throw Failure(.value, "a histogram's edges must be finite and rise, two at least", parameter: "bins")
      }
      guard edges.count <= Self.most else {
        throw Failure(
          .value, "a histogram has at most \(Self.most) bins, not \(edges.count)", parameter: "bins")
      }
      return edges
    }
    var (low, high) = (values.first ?? 0, values.first ?? 1)
    for value in values {
      try Interruption.check()
      low = min(low, value)
      high = max(high, value)
    }
    if high <= low { (low, high) = (low - max(0.5, abs(low) * 1e-6), high + max(0.5, abs(high) * 1e-6)) }
    var count = 1
    if case .count(let wanted) = self {
      guard (1...Self.most).contains(wanted) else {
        throw Failure(.value, "a histogram has 1 to \(Self.most) bins, not \(wanted)", parameter: "bins")
      }
      count = wanted
    } else if let first = values.first, values.contains(where: { $0 != first }) {
      count = try Self.automaticCount(values, span: high / 2 - low / 2)
    }
    let n = Double(count)
    return (0...count).map { index in
      index == count ? high : low * (1 - Double(index) / n) + high * (Double(index) / n)
    }
  }

  /// NumPy's rule: Freedman and Diaconis's width 2·IQR/∛n where it is narrower than Sturges's
  /// range/(log₂ n + 1), else the latter.
  private static func automaticCount(_ values: [Double], span halfSpan: Double) throws -> Int {
    let n = Double(values.count)
    let sturges = 2 * halfSpan / (log2(n) + 1)
    let places = [0.25, 0.75].map { $0 * (n - 1) }
    let neighbours = places.flatMap { [Int($0), min(Int($0) + 1, values.count - 1)] }
    let found = try orderStatistics(of: values, ranks: neighbours)
    func quantile(_ index: Int) -> Double {
      let (below, above) = (found[2 * index], found[2 * index + 1])
      return below + (above - below) * (places[index] - places[index].rounded(.down))
    }
    let freedman = 2 * (quantile(1) - quantile(0)) / cbrt(n)
    let width = freedman > 0 && freedman.isFinite ? min(freedman, sturges) : sturges
    guard width > 0, width.isFinite else { return 1 }
    // Far outliers would ask for any number of bins.
    return Int(min(Double(most) / 10, (2 * halfSpan / width).rounded(.up)))
  }

  /// The values that would stand at these places if all were sorted. Of many values only those are sorted
  /// that lie close to such a place.
  private static func orderStatistics(of values: [Double], ranks: [Int]) throws -> [Double] {
    guard values.count > 1 << 16, let low = values.min(), let high = values.max(), high - low < 1e300 else {
      let sorted = try values.sorted {
        try Interruption.check()
        return $0 < $1
      }
      return ranks.map { sorted[$0] }
    }
    let buckets = 4096
    let factor = Double(buckets) / max(high - low, .leastNormalMagnitude)
    func bucket(_ value: Double) -> Int {
      let place = (value - low) * factor
      return place >= 0 && place < Double(buckets) ? Int(place) : buckets - 1
    }
    var counts = [Int](repeating: 0, count: buckets)
    for value in values { counts[bucket(value)] += 1 }
    try Interruption.check()
    return try ranks.map { rank in
      var before = 0
      var index = 0
      while before + counts[index] <= rank {
        before += counts[index]
        index += 1
      }
      let members = values.filter { bucket($0) == index }.sorted()
      try Interruption.check()
      return members[rank - before]
    }
  }

  /// How many values lie in each bin; a value on a border counts to the right, the last edge to the left.
  /// Values outside the edges are not counted, as in `numpy.histogram`.
  public static func counts(_ values: [Double], edges: [Double]) throws -> [Int] {
    guard edges.count >= 2 else { return [] }
    var counts = [Int](repeating: 0, count: edges.count - 1)
    let last = edges.count - 1
    let factor = Double(last) / (edges[last] - edges[0])
    for value in values where value >= edges[0] && value <= edges[last] {
      try Interruption.check()
      // Where the bins are of one width, the first guess is right or next to it.
      let place = (value - edges[0]) * factor
      let guess = place >= 0 && place < Double(last) ? Int(place) : last - 1
      var (low, high) = (guess, guess + 1)
      if value < edges[low] || value >= edges[high] {
        (low, high) = (0, last)
        while high - low > 1 {
          let middle = (low + high) / 2
          if edges[middle] <= value { low = middle } else { high = middle }
        }
      }
      counts[low] += 1
    }
    return counts
  }
}
