import Essentials
import Tensors

/// Normalisation of each example by itself: of groups of neighbouring channels, over all positions.
///
/// y = γ·(x − mean)/√(variance + ε) + β; with one position it is layer normalisation. Sums are of 256 positions in
/// single precision, then in double.
final class GroupNormOperation: Operation {
  private let epsilon: Double
  private let examples: Int
  private let positions: Int
  private let channels: Int
  private let groups: Int
  private let source: Flow
  private let result: Flow
  private let gamma: FloatBuffer?
  private let beta: FloatBuffer?
  private let gammaGradient: SlotID?
  private let betaGradient: SlotID?
  /// Mean and 1/√(variance + ε) of each example's groups.
  private let statistics: SlotID

  private static let positionsAtOnce = 256

  /// - Parameter rows: how many parts of an example are normalised each by itself.
  static func append(
    to builder: PlanBuilder, index: Int, flow: Flow, epsilon: Double, rows: Int, positions: Int,
    channels: Int,
    groups: Int
  ) throws -> Flow {
    let source = try builder.examples(flow)
    let result = builder.newFlow(
      flow.shape, builder.descriptor(source.value), after: source, hasGradient: true, isPlain: true)
    builder.append(
      try GroupNormOperation(
        builder, index: index, from: source, to: result, epsilon: epsilon, examples: builder.count * rows,
        positions: positions, channels: channels, groups: groups))
    return result
  }

  private init(
    _ builder: PlanBuilder, index: Int, from source: Flow, to result: Flow, epsilon: Double, examples: Int,
    positions: Int, channels: Int, groups: Int
  ) throws {
    self.epsilon = epsilon
    self.examples = examples
    self.positions = positions
    self.channels = channels
    self.groups = groups
    self.source = source
    self.result = result
    let layout = try MemoryDescriptor(rowMajor: [channels])
    func parameter(_ name: String) -> Int? { try? builder.parameterIndex(index, name) }
    gamma = parameter("gamma").map { builder.network.parameters[$0].value }
    beta = parameter("beta").map { builder.network.parameters[$0].value }
    gammaGradient = builder.isTraining ? parameter("gamma").map { builder.accumulator($0, as: layout) } : nil
    betaGradient = builder.isTraining ? parameter("beta").map { builder.accumulator($0, as: layout) } : nil
    statistics = builder.kept(try MemoryDescriptor(rowMajor: [examples * groups * 2]))
  }

  /// Sums over positions of each channel.
  private func sums(
    _ totals: inout [Double], _ part: inout [Float],
    _ term: (_ place: Int, _ channel: Int) -> Float
  ) {
    for channel in 0..<channels { totals[channel] = 0 }
    for first in stride(from: 0, to: positions, by: Self.positionsAtOnce) {
      for channel in 0..<channels { part[channel] = 0 }
      for position in first..<min(first + Self.positionsAtOnce, positions) {
        let place = position * channels
        for channel in 0..<channels { part[channel] += term(place + channel, channel) }
      }
      for channel in 0..<channels { totals[channel] += Double(part[channel]) }
    }
  }

  func forward(_ workspace: Workspace) throws {
    let statistics = workspace.pointer(statistics)
    let size = channels / groups
    let count = Double(positions * size)
    var totals = [Double](repeating: 0, count: channels)
    var part = [Float](repeating: 0, count: channels)
    var scale = [Float](repeating: 0, count: channels)
    var centre = [Float](repeating: 0, count: channels)
    for example in 0..<examples {
      let x = UnsafePointer(workspace.pointer(source.value) + example * positions * channels)
      let y = workspace.pointer(result.value) + example * positions * channels
      sums(&totals, &part) { place, _ in x[place] }
      for group in 0..<groups {
        var sum = 0.0
        for channel in group * size..<(group + 1) * size { sum += totals[channel] }
        let mean = Float(sum / count)
        statistics[(example * groups + group) * 2] = mean
        for channel in group * size..<(group + 1) * size { centre[channel] = mean }
      }
      sums(&totals, &part) { place, channel in
        let difference = x[place] - centre[channel]
        return difference * difference
      }
      for group in 0..<groups {
        var sum = 0.0
        for channel in group * size..<(group + 1) * size { sum += totals[channel] }
        let inverse = Float(1 / (sum / count + epsilon).squareRoot())
        statistics[(example * groups + group) * 2 + 1] = inverse
        for channel in group * size..<(group + 1) * size {
          scale[channel] = inverse * (gamma?.base[channel] ?? 1)
        }
      }
      for position in 0..<positions {
        let place = position * channels
        for channel in 0..<channels {
          y[place + channel] = (x[place + channel] - centre[channel]) * scale[channel]
        }
        if let beta { for channel in 0..<channels { y[place + channel] += beta.base[channel] } }
      }
    }
  }

  func backward(_ workspace: Workspace) throws {
    guard let own = result.gradient else { return }
    let statistics = workspace.pointer(statistics)
    let size = channels / groups
    let count = Double(positions * size)
    var betaSums = [Double](repeating: 0, count: channels)
    var gammaSums = betaSums
    var part = [Float](repeating: 0, count: channels)
    // dx = scale · dy + slope · (x − centre) + shift
    var (scale, slope, shift, centre, inverse) = (part, part, part, part, part)
    for example in 0..<examples {
      let start = example * positions * channels
      let x = UnsafePointer(workspace.pointer(source.value) + start)
      let from = UnsafePointer(workspace.pointer(own) + start)
      for channel in 0..<channels {
        let place = (example * groups + channel / size) * 2
        centre[channel] = statistics[place]
        inverse[channel] = statistics[place + 1]
      }
      sums(&betaSums, &part) { place, _ in from[place] }
      sums(&gammaSums, &part) { place, channel in
        from[place] * ((x[place] - centre[channel]) * inverse[channel])
      }
      if let gammaGradient {
        let sum = workspace.pointer(gammaGradient)
        for channel in 0..<channels { sum[channel] += Float(gammaSums[channel]) }
      }
      if let betaGradient {
        let sum = workspace.pointer(betaGradient)
        for channel in 0..<channels { sum[channel] += Float(betaSums[channel]) }
      }
      guard let before = source.gradient else { continue }
      let to = workspace.pointer(before) + start
      for group in 0..<groups {
        var (mean, product) = (0.0, 0.0)
        for channel in group * size..<(group + 1) * size {
          let factor = Double(gamma?.base[channel] ?? 1)
          mean += factor * betaSums[channel]
          product += factor * gammaSums[channel]
        }
        for channel in group * size..<(group + 1) * size {
          let own = Double(inverse[channel])
          scale[channel] = inverse[channel] * (gamma?.base[channel] ?? 1)
          slope[channel] = Float(-own * own * product / count)
          shift[channel] = Float(-own * mean / count)
        }
      }
      for position in 0..<positions {
        let place = position * channels
        for channel in 0..<channels {
          to[place + channel] =
            scale[channel] * from[place + channel] + slope[channel] * (x[place + channel] - centre[channel])
            + shift[channel]
        }
      }
    }
  }
}
