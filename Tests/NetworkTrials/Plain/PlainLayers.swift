/// The layers that there is a plain form of. A new one takes its file and its line here.
enum PlainLayers {
  static let kinds: [any PlainLayer.Type] = [
    PlainConv1D.self, PlainConv2D.self, PlainDepthwiseConv2D.self, PlainSeparableConv2D.self,
    PlainConv2DTranspose.self, PlainLSTM.self, PlainGRU.self, PlainBidirectional.self,
    PlainTimeDistributed.self,
    PlainMaxPool1D.self, PlainAveragePool1D.self, PlainGlobalMaxPool1D.self, PlainGlobalAveragePool1D.self,
    PlainMaxPool2D.self, PlainAveragePool2D.self, PlainGlobalMaxPool2D.self, PlainGlobalAveragePool2D.self,
    PlainBatchNorm.self, PlainLayerNorm.self, PlainGroupNorm.self,
    PlainDropout.self, PlainSpatialDropout1D.self, PlainSpatialDropout2D.self, PlainGaussianNoise.self,
    PlainGaussianDropout.self,
    PlainFlatten.self, PlainReshape.self, PlainPermute.self, PlainRepeatVector.self, PlainZeroPadding1D.self,
    PlainZeroPadding2D.self, PlainCropping1D.self, PlainCropping2D.self, PlainUpSampling1D.self,
    PlainUpSampling2D.self,
    PlainDense.self, PlainActivation.self, PlainLeakyReLU.self, PlainELU.self, PlainReLU.self,
  ]

  static func kind(_ name: String) -> (any PlainLayer.Type)? { kinds.first { $0.kind == name } }

  static func defaults(_ name: String) -> [String: Setting] { kind(name)?.defaults ?? [:] }

  static func make(_ item: Item, input: [Int]) throws -> any PlainLayer {
    guard let type = kind(item.name) else { throw Malformed("there is no plain layer '\(item.name)'") }
    return try type.init(item.merged(type.defaults), input: input)
  }
}
