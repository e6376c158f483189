import Essentials

/// Every layer there is, for files. A layer's line here is all that a new one needs besides its own file.
public enum LayerKinds {
  /// All layers.
  public static let all: [any Layer.Type] = [
    // Convolutions.
    Conv1D.self, Conv2D.self, DepthwiseConv2D.self, SeparableConv2D.self, Conv2DTranspose.self,
    // Recurrent, and around others.
    LSTM.self, GRU.self, Bidirectional.self, TimeDistributed.self,
    // Pooling.
    MaxPool1D.self, AveragePool1D.self, GlobalMaxPool1D.self, GlobalAveragePool1D.self,
    MaxPool2D.self, AveragePool2D.self, GlobalMaxPool2D.self, GlobalAveragePool2D.self,
    // Normalisation.
    BatchNorm.self, LayerNorm.self, GroupNorm.self,
    // Random.
    Dropout.self, SpatialDropout1D.self, SpatialDropout2D.self, GaussianDropout.self, GaussianNoise.self,
    // Shaping.
    Flatten.self, Reshape.self, Permute.self, RepeatVector.self, ZeroPadding1D.self, ZeroPadding2D.self,
    Cropping1D.self, Cropping2D.self, UpSampling1D.self, UpSampling2D.self,
    // Functions and products.
    Dense.self, ActivationLayer.self, LeakyReLU.self, ELU.self, ReLU.self,
  ]

  /// A layer's settings and its kind.
  static func settings(of layer: any Layer) -> LayerSettings {
    var settings = layer.settings
    settings["kind"] = .word(type(of: layer).kind)
    return settings
  }

  /// The layer of these settings.
  /// - Throws: a `format` failure for an unknown kind, or one that names the setting.
  static func layer(_ settings: LayerSettings) throws(Failure) -> any Layer {
    guard case .word(let kind) = settings["kind"], let type = all.first(where: { $0.kind == kind }) else {
      throw Failure(.format, "there is no layer of this kind")
    }
    var own = settings
    own["kind"] = nil
    return try type.init(settings: own)
  }
}
