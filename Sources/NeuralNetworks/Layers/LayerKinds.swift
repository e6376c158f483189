/// The kinds of layers.
public enum LayerKinds {
  /// Every layer that a model file may hold.
  public static let all: [any Layer.Type] = [
    Conv2D.self, MaxPool2D.self, AveragePool2D.self, GlobalAveragePool2D.self, BatchNorm.self,
    Dropout.self, Flatten.self, Dense.self, ActivationLayer.self,
  ]
}
