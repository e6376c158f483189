import Essentials
import Glibc
import Kernels

/// A parameter's gradient that is made when it is used, a run at a time, and never stands in memory whole.
protocol StreamedGradient: AnyObject, Sendable {
  /// Index into the network's parameters.
  var parameter: Int { get }
  /// Numbers in a run; a divisor of the parameter's count.
  var runLength: Int { get }
  func write(run: Int, to gradient: UnsafeMutablePointer<Float>)
}

/// What an optimizer gathers from step to step, and how it moves the weights.
final class OptimizerState: @unchecked Sendable {
  private(set) var step = 0
  private let optimizer: Optimizer
  private let instructionSet: Int32
  /// For each parameter: Adam's two moments, or the velocity, or nothing.
  private let moments: [[FloatBuffer]]

  /// - Parameter kernels: which instruction set to work with; all give the same bits.
  init(_ optimizer: Optimizer, parameters: [Parameter], kernels: FusedKernels) throws(Failure) {
    self.optimizer = optimizer
    instructionSet = kernels.instructionSet?.code ?? Int32(KERNELS_NONE)
    let count =
      switch optimizer {
      case .adam: 2
      case .sgd(_, let momentum, _): momentum > 0 ? 1 : 0
      }
    var moments: [[FloatBuffer]] = []
    for parameter in parameters {
      var buffers: [FloatBuffer] = []
      for _ in 0..<(parameter.description.isTrainable ? count : 0) {
        buffers.append(try FloatBuffer(count: parameter.value.count))
      }
      moments.append(buffers)
    }
    self.moments = moments
  }

  private struct Piece {
    let parameter: Int
    let start: Int
    let count: Int
  }

  private static let pieceLength = 1 << 16

  /// Moves all weights by the shares' gradients, summed in the order of shares, and zeroes those.
  ///
  /// Not to be interrupted: a step is whole or was never begun.
  func update(_ parameters: [Parameter], shares: [Share], streamed: (any StreamedGradient)? = nil) {
    step += 1
    var pieces: [Piece] = []
    for (index, parameter) in parameters.enumerated() where parameter.description.isTrainable {
      var length = Self.pieceLength
      if let streamed, streamed.parameter == index {
        length = max(1, length / streamed.runLength) * streamed.runLength
      }
      for start in stride(from: 0, to: parameter.value.count, by: length) {
        let count = min(length, parameter.value.count - start)
        pieces.append(Piece(parameter: index, start: start, count: count))
      }
    }
    let work = Work(state: self, parameters: parameters, shares: shares, streamed: streamed, pieces: pieces)
    // The pool stops between pieces when the user asks for it; what it left is done here.
    do { try WorkerPool.forEach(count: pieces.count) { index, _ in work.run(index) } } catch {}
    for index in pieces.indices { work.run(index) }
  }

  private final class Work: @unchecked Sendable {
    let state: OptimizerState
    let parameters: [Parameter]
    let shares: [Share]
    let streamed: (any StreamedGradient)?
    let pieces: [Piece]
    private let done: Monitor<[Bool]>

    init(
      state: OptimizerState, parameters: [Parameter], shares: [Share], streamed: (any StreamedGradient)?,
      pieces: [Piece]
    ) {
      self.streamed = streamed
      self.state = state
      self.parameters = parameters
      self.shares = shares
      self.pieces = pieces
      done = Monitor(Array(repeating: false, count: pieces.count))
    }

    func run(_ index: Int) {
      let isFirst = done.withLock { done -> Bool in
        if done[index] { return false }
        done[index] = true
        return true
      }
      guard isFirst else { return }
      let piece = pieces[index]
      if let streamed, streamed.parameter == piece.parameter { return runStreamed(piece, streamed) }
      let gradients = shares.compactMap { $0.gradient(piece.parameter).map { $0.base + piece.start } }
      guard let first = gradients.first else { return }
      for other in gradients.dropFirst() {
        for place in 0..<piece.count {
          first[place] += other[place]
          other[place] = 0
        }
      }
      let weights = parameters[piece.parameter].value.base + piece.start
      let moments = state.moments[piece.parameter].map { $0.base + piece.start }
      state.move(weights, first, moments, count: piece.count)
      first.update(repeating: 0, count: piece.count)
    }

    /// The gradient run by run, each used while it is in the cache.
    private func runStreamed(_ piece: Piece, _ streamed: any StreamedGradient) {
      let length = streamed.runLength
      let gradient = UnsafeMutablePointer<Float>.allocate(capacity: length)
      defer { gradient.deallocate() }
      for start in stride(from: piece.start, to: piece.start + piece.count, by: length) {
        streamed.write(run: start / length, to: gradient)
        state.move(
          parameters[piece.parameter].value.base + start, gradient,
          state.moments[piece.parameter].map { $0.base + start }, count: length)
      }
    }
  }

  private func move(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ moments: [UnsafeMutablePointer<Float>], count: Int
  ) {
    switch optimizer {
    case .adam(let rate, let beta1, let beta2, let epsilon):
      guard moments.count == 2 else { return }
      // Keras's Adam: m += (g − m)(1 − β₁), v += (g² − v)(1 − β₂), w −= scale·m / (√v + ε).
      let scale = rate * (1 - pow(beta2, Double(step))).squareRoot() / (1 - pow(beta1, Double(step)))
      var adam = kernels_adam(
        scale: Float(scale), rate1: Float(1 - beta1), rate2: Float(1 - beta2), epsilon: Float(epsilon))
      kernels_adam_step(instructionSet, &adam, weights, gradient, moments[0], moments[1], count)
    case .sgd(let rate, let momentum, let nesterov):
      let (rate, momentum) = (Float(rate), Float(momentum))
      guard let velocity = moments.first else {
        for index in 0..<count { weights[index] -= rate * gradient[index] }
        return
      }
      for index in 0..<count {
        let next = velocity[index] * momentum - rate * gradient[index]
        velocity[index] = next
        weights[index] += nesterov ? next * momentum - rate * gradient[index] : next
      }
    }
  }
}
