import Essentials

/// A function as a layer of its own.
final class PlainActivation: PlainLayer {
  static let kind = "activation"
  let output: [Int]
  var lastFunction: PlainFunction? { function }
  private let function: PlainFunction

  init(_ item: Item, input: [Int]) throws {
    output = input
    function = try PlainFunction(item.word("activation"))
  }

  func forward(_ x: Field, _ pass: Pass) -> Field { function.forward(x, pass) }
  func backward(_ gradient: Field, _ pass: Pass) -> Field { function.backward(gradient, pass) }

  static func settings(for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    ["activation": .word(random.activation())]
  }
}
