import Essentials

/// A window with its walk over height and width.
struct PlainPool {
  let rows: Walk
  let columns: Walk
  let channels: Int

  static let defaults: [String: Setting] = ["padding": .word("valid")]

  init(_ item: Item, input: [Int]) throws {
    guard input.count == 3 else { throw Malformed("\(item.name) on \(input)") }
    let (pool, strides) = (try item.integers("pool"), try item.integers("strides"))
    let padding = try item.word("padding")
    rows = try Walk(input[0], window: pool[0], stride: strides[0], padding: padding)
    columns = try Walk(input[1], window: pool[1], stride: strides[1], padding: padding)
    channels = input[2]
  }

  var output: [Int] { [rows.output, columns.output, channels] }
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

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    var settings = random.windowSettings("pool", input)
    if random.uniform() < 0.6 { settings["strides"] = settings["pool"] }
    return settings
  }
}

/// The largest value of each window; of equal ones the first.
final class PlainMaxPool2D: PlainLayer {
  static let kind = "max_pool2d"
  static let defaults = PlainPool.defaults

  let output: [Int]
  var cost: Int { pool.cost }
  private let pool: PlainPool
  private var chosen: [Int] = []
  private var shape: [Int] = []

  init(_ item: Item, input: [Int]) throws {
    pool = try PlainPool(item, input: input)
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

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    PlainPool.settings(for: input, &random)
  }
}

/// The mean of what is under each window.
final class PlainAveragePool2D: PlainLayer {
  static let kind = "average_pool2d"
  static let defaults = PlainPool.defaults

  let output: [Int]
  var cost: Int { pool.cost }
  private let pool: PlainPool
  private var shape: [Int] = []

  init(_ item: Item, input: [Int]) throws {
    pool = try PlainPool(item, input: input)
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

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    PlainPool.settings(for: input, &random)
  }
}

/// The mean over height and width.
final class PlainGlobalAveragePool2D: PlainLayer {
  static let kind = "global_average_pool2d"

  let output: [Int]
  var cost: Int { 8 * places * output[0] }
  private let places: Int
  private let input: [Int]

  init(_ item: Item, input: [Int]) throws {
    guard input.count == 3 else { throw Malformed("\(item.name) on \(input)") }
    self.input = input
    output = [input[2]]
    places = input[0] * input[1]
  }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    var result = Field([x.examples] + output)
    for n in 0..<x.examples {
      for place in 0..<places {
        for c in 0..<output[0] {
          result.values[n * output[0] + c] += x.values[(n * places + place) * output[0] + c] / Double(places)
        }
      }
    }
    pass.disturb(&result, peak: x.peak)
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    var back = Field([gradient.examples] + input)
    for index in back.values.indices {
      let (n, c) = (index / (places * output[0]), index % output[0])
      back.values[index] = gradient.values[n * output[0] + c] / Double(places)
    }
    return back
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    input.count == 3 ? [:] : nil
  }
}
