import Essentials

/// All axes of an example as one.
final class PlainFlatten: PlainLayer {
  static let kind = "flatten"
  let output: [Int]
  private let input: [Int]
  let cost = 0

  init(_ item: Item, input: [Int]) throws {
    self.input = input
    output = [input.reduce(1, *)]
  }

  func forward(_ x: Field, _ pass: Pass) -> Field { x.reshaped([x.examples] + output) }
  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    gradient.reshaped([gradient.examples] + input)
  }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? { [:] }
}
