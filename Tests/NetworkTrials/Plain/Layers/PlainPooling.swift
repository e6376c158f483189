import Essentials

/// A window with its walk over height and width.
struct PlainPool {
  let rows: Walk
  let columns: Walk
  let channels: Int

  static let defaults: [String: Setting] = ["padding": .word("valid")]

  private let axes: Int

  /// - Parameter axes: those that the window walks over; one is a picture of one row.
  init(_ item: Item, input: [Int], axes: Int) throws {
    guard input.count == axes + 1 else { throw Malformed("\(item.name) on \(input)") }
    self.axes = axes
    let input = axes == 1 ? [1] + input : input
    let (pool, strides) = (try item.integers("pool"), try item.integers("strides"))
    let padding = try item.word("padding")
    rows = try Walk(input[0], window: pool[0], stride: strides[0], padding: padding)
    columns = try Walk(input[1], window: pool[1], stride: strides[1], padding: padding)
    channels = input[2]
  }

  var output: [Int] {
    axes == 1 ? [columns.output, channels] : [rows.output, columns.output, channels]
  }
  var cost: Int { 8 * output.reduce(1, *) * rows.window * columns.window }

  /// For each output, in order, the inputs under its window.
  func eachWindow(_ examples: Int, _ body: (_ place: Int, _ sources: [Int]) -> Void) {
    var place = 0
    for n in 0..<examples {
      for row in 0..<rows.output {
        let ys = (0..<rows.window).compactMap { rows.source(row, $0) }
        for column in 0..<columns.output {
          let xs = (0..<columns.window).compactMap { columns.source(column, $0) }
          let starts = ys.flatMap { y in
            xs.map { ((n * rows.input + y) * columns.input + $0) * channels }
          }
          for channel in 0..<channels {
            body(place, starts.map { $0 + channel })
            place += 1
          }
        }
      }
    }
  }

  static func settings(
    for input: [Int], axes: Int, _ random: inout RandomSource
  ) -> [String: Setting]? {
    guard input.count == axes + 1 else { return nil }
    var settings = random.windowSettings("pool", axes == 1 ? [1] + input : input)
    if axes == 1 {
      for name in ["pool", "strides"] {
        if case .integers(let both) = settings[name] { settings[name] = .integers([1, both[1]]) }
      }
    }
    if random.uniform() < 0.6 { settings["strides"] = settings["pool"] }
    return settings
  }
}

/// The largest value of each window; of equal ones the first.
class PlainMaxPool2D: PlainLayer {
  class var kind: String { "max_pool2d" }
  class var axes: Int { 2 }
  static let defaults = PlainPool.defaults

  let output: [Int]
  var cost: Int { pool.cost }
  private let pool: PlainPool
  private var chosen: [Int] = []
  private var shape: [Int] = []

  required init(_ item: Item, input: [Int]) throws {
    pool = try PlainPool(item, input: input, axes: Self.axes)
    output = pool.output
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    shape = x.shape
    if !pass.keepsDecisions {
      chosen = []
      let peak = x.peak
      pool.eachWindow(x.examples) { _, sources in
        var (best, second) = (sources[0], -Double.infinity)
        for source in sources.dropFirst() {
          let value = x.values[source]
          if value > x.values[best] || (value.isNaN && !x.values[best].isNaN) {
            second = x.values[best]
            best = source
          } else if value > second {
            second = value
          }
        }
        if second > -.infinity { pass.noteMargin(x.values[best] - second, peak: peak) }
        chosen.append(best)
      }
    }
    return Field([x.examples] + output, chosen.map { x.values[$0] })
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = Field(shape)
    for (place, source) in chosen.enumerated() { back.values[source] += gradient.values[place] }
    return back
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    PlainPool.settings(for: input, axes: axes, &random)
  }
}

/// The mean of what is under each window.
class PlainAveragePool2D: PlainLayer {
  class var kind: String { "average_pool2d" }
  class var axes: Int { 2 }
  static let defaults = PlainPool.defaults

  let output: [Int]
  var cost: Int { pool.cost }
  private let pool: PlainPool
  private var shape: [Int] = []

  required init(_ item: Item, input: [Int]) throws {
    pool = try PlainPool(item, input: input, axes: Self.axes)
    output = pool.output
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    shape = x.shape
    var result = Field([x.examples] + output)
    pool.eachWindow(x.examples) { place, sources in
      result.values[place] = sources.reduce(0) { $0 + x.values[$1] } / Double(sources.count)
    }
    pass.disturb(&result, peak: x.peak)
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = Field(shape)
    pool.eachWindow(gradient.examples) { place, sources in
      for source in sources { back.values[source] += gradient.values[place] / Double(sources.count) }
    }
    pass.disturb(&back)
    return back
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    PlainPool.settings(for: input, axes: axes, &random)
  }
}

final class PlainMaxPool1D: PlainMaxPool2D {
  override class var kind: String { "max_pool1d" }
  override class var axes: Int { 1 }
}

final class PlainAveragePool1D: PlainAveragePool2D {
  override class var kind: String { "average_pool1d" }
  override class var axes: Int { 1 }
}

/// The mean or the largest over all places: one window of the whole.
class PlainGlobalPool: PlainLayer {
  class var kind: String { "" }
  class var axes: Int { 2 }
  static let defaults: [String: Setting] = ["keepdims": .flag(false)]

  let output: [Int]
  var cost: Int { inner.cost }
  private let inner: any PlainLayer
  private let pooled: [Int]

  required init(_ item: Item, input: [Int]) throws {
    guard input.count == Self.axes + 1 else { throw Malformed("\(item.name) on \(input)") }
    let channels = input[input.count - 1]
    output = (try item.flag("keepdims") ? Array(repeating: 1, count: Self.axes) : []) + [channels]
    let whole = Setting.integers(Self.axes == 1 ? [1, input[0]] : [input[0], input[1]])
    let settings: [String: Setting] = ["pool": whole, "strides": whole, "padding": .word("valid")]
    inner = try Self.inner(Item("pool", settings), input)
    pooled = inner.output
  }

  class func inner(_ item: Item, _ input: [Int]) throws -> any PlainLayer {
    try PlainAveragePool2D(item, input: input)
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    inner.forward(x, pass).reshaped([x.examples] + output)
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    inner.backward(gradient.reshaped([gradient.examples] + pooled), pass)
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    input.count == axes + 1 ? ["keepdims": .flag(EngineNetwork.hasOptions && random.uniform() < 0.2)] : nil
  }
}

final class PlainGlobalAveragePool2D: PlainGlobalPool {
  override class var kind: String { "global_average_pool2d" }
}

final class PlainGlobalAveragePool1D: PlainGlobalPool {
  override class var kind: String { "global_average_pool1d" }
  override class var axes: Int { 1 }

  override class func inner(_ item: Item, _ input: [Int]) throws -> any PlainLayer {
    try PlainAveragePool1D(item, input: input)
  }
}

final class PlainGlobalMaxPool2D: PlainGlobalPool {
  override class var kind: String { "global_max_pool2d" }

  override class func inner(_ item: Item, _ input: [Int]) throws -> any PlainLayer {
    try PlainMaxPool2D(item, input: input)
  }
}

final class PlainGlobalMaxPool1D: PlainGlobalPool {
  override class var kind: String { "global_max_pool1d" }
  override class var axes: Int { 1 }

  override class func inner(_ item: Item, _ input: [Int]) throws -> any PlainLayer {
    try PlainMaxPool1D(item, input: input)
  }
}
