import Essentials
import Tensors

/// What a layer without weights does to one example at a time, channels last.
protocol ExampleMap: Sendable {
  func forward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>)
  /// Writes all of `result`, the gradient of x, from `gradient`, that of y.
  func backward(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>)
}

/// A map of examples as a piece of a plan.
final class ExampleOperation: Operation {
  private let map: any ExampleMap
  private let source: Flow
  private let result: Flow
  private let count: Int
  private let inputLength: Int
  private let outputLength: Int

  static func append(
    _ map: any ExampleMap, to builder: PlanBuilder, flow: Flow, shape: Shape
  ) throws -> Flow {
    let source = try builder.examples(flow)
    let result = builder.newFlow(
      shape, try MemoryDescriptor(examples: builder.count, of: shape), after: source,
      hasGradient: source.gradient != nil, isPlain: true)
    builder.append(ExampleOperation(map, from: source, to: result, count: builder.count))
    return result
  }

  private init(_ map: any ExampleMap, from source: Flow, to result: Flow, count: Int) {
    self.map = map
    self.source = source
    self.result = result
    self.count = count
    inputLength = source.shape.reduce(1, *)
    outputLength = result.shape.reduce(1, *)
  }

  func forward(_ workspace: Workspace) throws {
    let (x, y) = (workspace.pointer(source.value), workspace.pointer(result.value))
    for example in 0..<count { map.forward(x + example * inputLength, y + example * outputLength) }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient, let before = source.gradient else { return }
    let (x, y) = (workspace.pointer(source.value), workspace.pointer(result.value))
    let (from, to) = (workspace.pointer(own), workspace.pointer(before))
    for example in 0..<count {
      map.backward(
        x + example * inputLength, y + example * outputLength, from + example * outputLength,
        to + example * inputLength)
    }
  }
}
