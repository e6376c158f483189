/// The layers that there is a plain form of. A new one takes its file and its line here.
enum PlainLayers {
  static let kinds: [any PlainLayer.Type] = [
    PlainConv2D.self, PlainDense.self, PlainBatchNorm.self, PlainMaxPool2D.self, PlainAveragePool2D.self,
    PlainGlobalAveragePool2D.self, PlainFlatten.self, PlainDropout.self, PlainActivation.self,
  ]

  static func kind(_ name: String) -> (any PlainLayer.Type)? { kinds.first { $0.kind == name } }

  static func defaults(_ name: String) -> [String: Setting] { kind(name)?.defaults ?? [:] }

  static func make(_ item: Item, input: [Int]) throws -> any PlainLayer {
    guard let type = kind(item.name) else { throw Malformed("there is no plain layer '\(item.name)'") }
    return try type.init(item.merged(type.defaults), input: input)
  }
}
