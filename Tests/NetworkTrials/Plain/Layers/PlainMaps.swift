import Essentials

/// A layer whose every output is a sum of some inputs, each times a number: copies, zeros around, blends.
class PlainMap: PlainLayer {
  class var kind: String { "" }
  class var defaults: [String: Setting] { [:] }
  /// A part of an output: which number of the example, times what.
  typealias Part = (source: Int, factor: Double)

  let output: [Int]
  private let parts: [[Part]]
  private let input: [Int]

  required init(_ item: Item, input: [Int]) throws {
    self.input = input
    (output, parts) = try Self.map(item, input)
    guard parts.count == output.reduce(1, *), !parts.isEmpty else {
      throw Malformed("\(item.name) on \(input)")
    }
  }

  /// One example's output, and for each number of it what it is made of.
  class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) { (input, []) }

  func forward(_ x: Field, _ pass: Pass) -> Field {
    let size = input.reduce(1, *)
    var result = Field([x.examples] + output)
    for index in result.values.indices {
      let start = index / parts.count * size
      for (source, factor) in parts[index % parts.count] {
        result.values[index] += factor * x.values[start + source]
      }
    }
    return result
  }

  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let size = input.reduce(1, *)
    var back = Field([gradient.examples] + input)
    for index in gradient.values.indices {
      let start = index / parts.count * size
      for (source, factor) in parts[index % parts.count] {
        back.values[start + source] += factor * gradient.values[index]
      }
    }
    pass.disturb(&back)
    return back
  }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? { nil }

  /// For each place of a shape, row-major, what `body` makes of its indices.
  static func each(_ shape: [Int], _ body: ([Int]) -> [Part]) -> [[Part]] {
    (0..<shape.reduce(1, *)).map { flat in
      var rest = flat
      var indices = shape
      for axis in shape.indices.reversed() {
        indices[axis] = rest % shape[axis]
        rest /= shape[axis]
      }
      return body(indices)
    }
  }

  /// The place of indices in a shape, row-major.
  static func place(_ indices: [Int], _ shape: [Int]) -> Int {
    zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }
}

/// The same numbers in another shape; one −1 is what is left.
final class PlainReshape: PlainMap {
  override class var kind: String { "reshape" }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    var shape = try item.integers("shape")
    let size = input.reduce(1, *)
    if let open = shape.firstIndex(of: -1) {
      shape[open] = 1
      shape[open] = size / shape.reduce(1, *)
    }
    guard shape.reduce(1, *) == size else { throw Malformed("\(input) as \(shape)") }
    return (shape, (0..<size).map { [(source: $0, factor: 1)] })
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    let size = input.reduce(1, *)
    let divisors = [1, 2, 3, 4, 8, 16, 17].filter { size % $0 == 0 }
    let (a, b) = (random.pick(divisors), random.pick(divisors))
    let shapes = [[-1], [-1, a], [a, -1], size % (a * b) == 0 ? [a, -1, b] : [-1, 1, a]]
    return ["shape": .integers(random.pick(shapes))]
  }
}

/// Other orders of axes, counted from 1.
final class PlainPermute: PlainMap {
  override class var kind: String { "permute" }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    let order = try item.integers("dims").map { $0 - 1 }
    guard order.sorted() == Array(input.indices) else { throw Malformed("\(order) of \(input)") }
    let output = order.map { input[$0] }
    return (
      output,
      each(output) { indices in
        var own = indices
        for (axis, from) in order.enumerated() { own[from] = indices[axis] }
        return [(place(own, input), 1)]
      }
    )
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["dims": .integers(Array(1...input.count).shuffled(using: &random))]
  }
}

/// A vector several times.
final class PlainRepeatVector: PlainMap {
  override class var kind: String { "repeat_vector" }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    guard input.count == 1 else { throw Malformed("repeat_vector on \(input)") }
    let output = [try item.integer("n")] + input
    return (output, each(output) { [($0[1], 1)] })
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    input.count == 1 ? ["n": .number(Double(1 + random.integer(below: 5)))] : nil
  }
}

/// Zeros around, or edges cut off: the axes with margins, and their sign.
class PlainMargins: PlainMap {
  class var names: [String] { ["rows", "columns"] }
  class var adds: Bool { true }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    guard input.count == names.count + 1 else { throw Malformed("\(item.name) on \(input)") }
    let margins = try names.map { try item.integers($0) } + [[0, 0]]
    let sign = adds ? 1 : -1
    let output = zip(input, margins).map { $0 + sign * ($1[0] + $1[1]) }
    guard output.allSatisfy({ $0 > 0 }) else { throw Malformed("\(item.name) leaves \(output)") }
    return (
      output,
      each(output) { indices in
        let own = zip(indices, margins).map { $0 - sign * $1[0] }
        return zip(own, input).allSatisfy { $0 >= 0 && $0 < $1 } ? [(place(own, input), 1)] : []
      }
    )
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == names.count + 1 else { return nil }
    var settings: [String: Setting] = [:]
    for name in names { settings[name] = .integers([random.integer(below: 4), random.integer(below: 3)]) }
    return settings
  }
}

final class PlainZeroPadding2D: PlainMargins { override class var kind: String { "zero_padding2d" } }

final class PlainZeroPadding1D: PlainMargins {
  override class var kind: String { "zero_padding1d" }
  override class var names: [String] { ["columns"] }
}

final class PlainCropping2D: PlainMargins {
  override class var kind: String { "cropping2d" }
  override class var adds: Bool { false }
}

final class PlainCropping1D: PlainMargins {
  override class var kind: String { "cropping1d" }
  override class var names: [String] { ["columns"] }
  override class var adds: Bool { false }
}

/// Larger pictures: each place several times, or blends of the nearest by their distance.
final class PlainUpSampling2D: PlainMap {
  override class var kind: String { "up_sampling2d" }
  override class var defaults: [String: Setting] { ["interpolation": .word("nearest")] }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    guard input.count == 3 else { throw Malformed("\(item.name) on \(input)") }
    let size = try item.integers("size")
    let isBilinear = try item.word("interpolation") == "bilinear"
    let output = [input[0] * size[0], input[1] * size[1], input[2]]
    func along(_ axis: Int, _ place: Int) -> [Part] {
      guard isBilinear else { return [(place / size[axis], 1)] }
      // Places are squares, with their values at the middles; beyond the outermost middles nothing changes.
      let middle = (Double(place) + 0.5) / Double(size[axis]) - 0.5
      let low = Int(middle.rounded(.down))
      let part = middle - Double(low)
      func inside(_ index: Int) -> Int { min(max(index, 0), input[axis] - 1) }
      return [(inside(low), 1 - part), (inside(low + 1), part)]
    }
    return (
      output,
      each(output) { indices in
        along(0, indices[0]).flatMap { row in
          along(1, indices[1]).map { column in
            (place([row.source, column.source, indices[2]], input), row.factor * column.factor)
          }
        }
      }
    )
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 3 else { return nil }
    return [
      "size": .integers([1 + random.integer(below: 3), 1 + random.integer(below: 3)]),
      "interpolation": .word(random.pick(["nearest", "bilinear"])),
    ]
  }
}

/// Longer sequences: each step several times.
final class PlainUpSampling1D: PlainMap {
  override class var kind: String { "up_sampling1d" }

  override class func map(_ item: Item, _ input: [Int]) throws -> ([Int], [[Part]]) {
    guard input.count == 2 else { throw Malformed("\(item.name) on \(input)") }
    let size = try item.integers("size")[1]
    let output = [input[0] * size, input[1]]
    return (output, each(output) { [(place([$0[0] / size, $0[1]], input), 1)] })
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    input.count == 2 ? ["size": .integers([1, 1 + random.integer(below: 3)])] : nil
  }
}
