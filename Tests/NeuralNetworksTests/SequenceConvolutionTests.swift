import NeuralNetworks
import Tensors
import Testing

struct SequenceConvolutionTests {
  /// 65,536 steps of 40,000 channels are more numbers than 32 bits count: that once ended the process.
  @Test func windowsFarApartAreNoTrap() throws {
    let channels = 40_000
    let model = try Sequential(
      [
        try Conv1D(
          filters: 1,
          try ConvolutionSettings(kernel: Extent(1, 1), strides: Extent(1, 1 << 16), useBias: false))
      ], inputShape: [2, channels])
    let kernel = (0..<channels).map { Float($0 % 7) / 1024 }
    try model.setWeights([Tensor(shape: [1, channels, 1], elements: kernel)])
    let x = (0..<2 * channels).map { Float($0 % 5) }
    let found = try model.predict(Tensor(shape: [1, 2, channels], elements: x))
    let wanted = zip(x, kernel).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(found.shape == [1, 1, 1])
    #expect(abs(Double(found.elements[0]) - wanted) <= 1e-5 * wanted)
  }
}
