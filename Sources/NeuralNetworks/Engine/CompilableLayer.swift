import Essentials
import Tensors

/// What the engine makes of a layer. Only this module can make one, so there is no layer that it cannot run.
public struct LayerCompilation: Sendable {
  let layer: any CompilableLayer

  init(_ layer: any CompilableLayer) { self.layer = layer }
}

/// A layer that the engine can compile.
protocol CompilableLayer: Layer {
  /// Appends the layer's operations; `activation` may be done on the way, the rest is the caller's.
  func append(
    to builder: PlanBuilder, index: Int, flow: Flow, activation: Activation, hasGradient: Bool
  ) throws -> Flow
}

/// A layer that ends in a function, which `append` is told, or which the planner puts behind.
protocol ActivatedLayer: CompilableLayer {
  /// The function on the outputs.
  var activation: Activation { get }
}

extension Layer {
  /// What to compile, and the function on its outputs.
  var splitActivation: (any CompilableLayer, Activation) {
    let layer = compilation.layer
    return (layer, (layer as? any ActivatedLayer)?.activation ?? .linear)
  }

  /// The activation that ends the layer.
  var finalActivation: Activation { splitActivation.1 }
}

extension Flow {
  /// A picture of one row as the sequence that it is.
  var asSequence: Flow {
    var flow = self
    flow.shape = Array(shape.dropFirst())
    return flow
  }
}

extension PlanBuilder {
  /// A sequence (steps, channels) as a picture of one row, which convolutions and pools take.
  ///
  /// Behind one it lies in their layouts already; elsewhere sequences are plain.
  func picture(_ flow: Flow) throws -> Flow {
    guard flow.shape.count == 2 else { return flow }
    var seen = flow
    seen.shape = [1] + flow.shape
    if descriptor(flow.value).dims.count == 4 { return seen }
    let layout = try MemoryDescriptor(examples: count, of: seen.shape)
    seen.value = alias(flow.value, as: layout)
    seen.gradient = flow.gradient.map { alias($0, as: layout) }
    return seen
  }
}
