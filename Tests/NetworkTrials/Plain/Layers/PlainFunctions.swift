import Essentials
import Foundation

/// A function with settings as a layer of its own.
class PlainFunctionLayer: PlainLayer {
  class var kind: String { "" }
  class var defaults: [String: Setting] { [:] }
  let output: [Int]
  private let function: PlainFunction

  required init(_ item: Item, input: [Int]) throws {
    output = input
    function = PlainFunction(try Self.pieces(item))
  }

  class func pieces(_ item: Item) throws -> PlainFunction.Pieces { ([], []) }

  func forward(_ x: Field, _ pass: Pass) -> Field { function.forward(x, pass) }
  func backward(_ gradient: Field, _ pass: Pass) -> Field { function.backward(gradient, pass) }

  class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? { [:] }
}

/// x, or a part of it below 0.
final class PlainLeakyReLU: PlainFunctionLayer {
  override class var kind: String { "leaky_relu" }
  override class var defaults: [String: Setting] { ["negative_slope": .number(0.3)] }

  override class func pieces(_ item: Item) throws -> PlainFunction.Pieces {
    let slope = try item.number("negative_slope")
    return ([0], [({ x in slope * x }, { _ in slope }), ({ x in x }, { _ in 1 })])
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["negative_slope": .number(random.pick([0, 0.1, 0.3]))]
  }
}

/// x, or alpha·(exp(x) − 1) below 0.
final class PlainELU: PlainFunctionLayer {
  override class var kind: String { "elu" }
  override class var defaults: [String: Setting] { ["alpha": .number(1)] }

  override class func pieces(_ item: Item) throws -> PlainFunction.Pieces {
    let alpha = try item.number("alpha")
    return ([0], [({ x in alpha * expm1(x) }, { x in alpha * exp(x) }), ({ x in x }, { _ in 1 })])
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["alpha": .number(random.pick([0.5, 1, 2]))]
  }
}

/// The largest value from `max_value` on, x from `threshold` on, else a part of x − threshold.
final class PlainReLU: PlainFunctionLayer {
  override class var kind: String { "re_lu" }
  override class var defaults: [String: Setting] { ["negative_slope": .number(0), "threshold": .number(0)] }

  override class func pieces(_ item: Item) throws -> PlainFunction.Pieces {
    let (slope, threshold) = (try item.number("negative_slope"), try item.number("threshold"))
    let low: PlainFunction.Piece = ({ x in slope * (x - threshold) }, { _ in slope })
    let middle: PlainFunction.Piece = ({ x in x }, { _ in 1 })
    guard let largest = try? item.number("max_value") else { return ([threshold], [low, middle]) }
    return ([threshold, largest], [low, middle, ({ _ in largest }, { _ in 0 })])
  }

  override class func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    var settings: [String: Setting] = [
      "negative_slope": .number(random.pick([0, 0.1])), "threshold": .number(random.pick([0, 0, 0.5])),
    ]
    if random.chance(0.5) { settings["max_value"] = .number(random.pick([1, 6])) }
    return settings
  }
}
