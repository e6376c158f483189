import Essentials
import Kernels

/// A parameter's gradient that is made when it is used, a run at a time, and never stands in memory whole.
protocol StreamedGradient: AnyObject, Sendable {
  /// Index into the network's parameters.
  var parameter: Int { get }
  /// Numbers in a run; a divisor of the parameter's count.
  var runLength: Int { get }
  /// No number of the gradient is larger in magnitude; NaN or infinite where one may be no number.
  var bound: Double { get }
  /// Writes a run; the same each time until the next batch.
  func write(run: Int, to gradient: UnsafeMutablePointer<Float>)
}

/// A step that would leave numbers that are none; nothing was changed.
struct NonFiniteStep: Error {
  /// Index into the network's parameters.
  let parameter: Int
  /// What it was found in: `gradient`, `value`, ….
  let place: String
  let value: Float
}

/// What an optimizer gathers from step to step, and how it moves the weights.
final class OptimizerState: @unchecked Sendable {
  /// Steps made.
  private(set) var step = 0
  /// For each parameter what the rule gathers: Adam's two moments, a velocity, or nothing.
  let moments: [[FloatBuffer]]
  private let rule: Optimizer.Rule
  private let instructionSet: Int32
  private var schedule: NadamSchedule?
  private var reach: StepReach

  /// - Parameter kernels: which instruction set to work with; all give the same bits.
  init(_ optimizer: Optimizer, parameters: [Weight], kernels: FusedKernels) throws(Failure) {
    rule = optimizer.rule
    instructionSet = kernels.instructionSet?.code ?? Int32(KERNELS_NONE)
    var moments: [[FloatBuffer]] = []
    for parameter in parameters {
      var buffers: [FloatBuffer] = []
      for _ in 0..<(parameter.description.isTrainable ? rule.momentNames.count : 0) {
        buffers.append(try FloatBuffer(count: parameter.value.count))
      }
      if case .adagrad(let initial, _) = rule {
        for buffer in buffers { buffer.base.update(repeating: Float(initial), count: buffer.count) }
      }
      moments.append(buffers)
    }
    self.moments = moments
    if case .nadam(let beta1, _, _) = rule { schedule = NadamSchedule(beta1: beta1) }
    reach = StepReach(rule)
  }

  /// Goes on where an optimizer stood after so many steps, once its moments are in place.
  func resume(after steps: Int) {
    step = steps
    if case .nadam(let beta1, _, _) = rule {
      var schedule = NadamSchedule(beta1: beta1)
      for step in 0..<steps {
        // A file may say that there were any number of steps.
        if schedule.isSpent { break }
        schedule.advance(to: step + 1)
      }
      self.schedule = schedule
    }
    let peaks = moments.joined().map { Double(kernels_peak($0.base, $0.count)) }
    reach = StepReach(rule, momentPeak: peaks.max() ?? 0)
  }

  /// The names of what is gathered for each parameter.
  var momentNames: [String] { rule.momentNames }

  private struct Piece {
    let parameter: Int
    let start: Int
    let count: Int
  }

  private static let pieceLength = 1 << 16

  /// Moves all weights by the shares' gradients, summed in the order of shares, and zeroes those.
  ///
  /// The gradients are looked through before any weight moves, where they are summed anyway. What a step
  /// does to finite weights with finite gradients is bounded beforehand (`StepReach`); where no bound
  /// promises that all numbers stay finite, the step is made, looked at, and undone.
  ///
  /// Not to be interrupted: a step is whole or was never begun.
  /// - Parameters:
  ///   - optimizer: the settings of this step, with the rule that this was made for.
  ///   - addsPenalties: whether the slopes of regularizers are still to be added to the gradients.
  /// - Throws: `NonFiniteStep`; weights and moments are as they were, gradients are zero.
  func update(
    _ network: Network, shares: [Share], streamed: (any StreamedGradient)? = nil, optimizer: Optimizer,
    addsPenalties: Bool = true
  ) throws(NonFiniteStep) {
    let parameters = network.parameters
    if reach.networkVersion != network.version, let found = network.nonFiniteParameter {
      for share in shares { share.clearGradients() }
      throw NonFiniteStep(parameter: found.index, place: "value", value: found.value)
    }
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
    let work = Work(
      state: self, parameters: parameters, shares: shares, streamed: streamed, pieces: pieces,
      settings: StepSettings(optimizer, at: step, schedule: schedule))
    work.addsPenalties = addsPenalties
    let gathered = work.gather(needsNorm: optimizer.needsNorm)
    for (index, gradient) in gathered.enumerated() where !gradient.peak.isFinite {
      for share in shares { share.clearGradients() }
      throw NonFiniteStep(parameter: index, place: "gradient", value: gradient.peak)
    }
    work.settings.clip(gathered, by: optimizer.clipping)
    var peak = gathered.reduce(0.0) { max($0, Double($1.peak)) }
    if case .value(let limit) = optimizer.clipping { peak = min(peak, limit) }
    if reach.isCertain(peak: peak, settings: work.settings, network: network) {
      work.move()
    } else {
      try moveUndoably(work, network)
    }
    step += 1
    schedule?.advance(to: step)
    reach.networkVersion = network.version + 1
  }

  /// Makes the step on trial.
  private func moveUndoably(_ work: Work, _ network: Network) throws(NonFiniteStep) {
    func arrays() -> [(parameter: Int, place: String, buffer: FloatBuffer)] {
      network.parameters.enumerated().filter(\.element.description.isTrainable).flatMap { index, parameter in
        [(index, "value", parameter.value)]
          + zip(rule.momentNames, moments[index]).map { (index, $0, $1) }
      }
    }
    func content(_ buffer: FloatBuffer) -> UnsafeBufferPointer<Float> {
      UnsafeBufferPointer(start: buffer.base, count: buffer.count)
    }
    let before = arrays().map { Array(content($0.buffer)) }
    work.move()
    guard let wrong = arrays().first(where: { !content($0.buffer).isAllFinite }) else { return }
    let value = kernels_peak(wrong.buffer.base, wrong.buffer.count)
    for (array, old) in zip(arrays(), before) { array.buffer.base.update(from: old, count: old.count) }
    throw NonFiniteStep(parameter: wrong.parameter, place: wrong.place, value: value)
  }

  /// What is known of a parameter's gradient before weights move.
  struct Gathered: Sendable {
    /// The largest magnitude, or a bound on it.
    var peak: Float = 0
    /// The sum of squares, where asked for.
    var squares = 0.0

    mutating func add(_ other: Gathered) {
      // NaN is larger than everything.
      peak = peak >= other.peak ? peak : other.peak >= peak ? other.peak : .nan
      squares += other.squares
    }
  }

  private final class Work: @unchecked Sendable {
    let state: OptimizerState
    let parameters: [Weight]
    let shares: [Share]
    let streamed: (any StreamedGradient)?
    let pieces: [Piece]
    var settings: StepSettings
    var addsPenalties = true
    private let isSmall: Bool

    init(
      state: OptimizerState, parameters: [Weight], shares: [Share], streamed: (any StreamedGradient)?,
      pieces: [Piece], settings: StepSettings
    ) {
      self.streamed = streamed
      self.state = state
      self.parameters = parameters
      self.shares = shares
      self.pieces = pieces
      self.settings = settings
      isSmall = pieces.reduce(0) { $0 + $1.count } <= OptimizerState.pieceLength / 4
    }

    /// All pieces, on all threads where that is worth it.
    private func forEachPiece(_ body: @escaping @Sendable (Int) -> Void) {
      if isSmall { return pieces.indices.forEach(body) }
      let done = Monitor(Array(repeating: false, count: pieces.count))
      @Sendable func once(_ index: Int) {
        let isFirst = done.withLock { done -> Bool in
          if done[index] { return false }
          done[index] = true
          return true
        }
        if isFirst { body(index) }
      }
      // The pool stops between pieces when the user asks for it; what it left is done here.
      do { try WorkerPool.forEach(count: pieces.count) { index, _ in once(index) } } catch {}
      for index in pieces.indices { once(index) }
    }

    private func gradients(_ piece: Piece) -> [UnsafeMutablePointer<Float>] {
      shares.compactMap { $0.gradient(piece.parameter).map { $0.base + piece.start } }
    }

    /// Sums the shares' gradients into the first, zeroes the others, and looks at the sums.
    func gather(needsNorm: Bool) -> [Gathered] {
      let found = Monitor(Array(repeating: Gathered(), count: pieces.count))
      forEachPiece { [self] index in
        let piece = pieces[index]
        var own = Gathered()
        if let streamed, streamed.parameter == piece.parameter {
          if !needsNorm, streamed.bound < 1e30, parameters[piece.parameter].penalty == nil {
            own.peak = Float(streamed.bound)
          } else {
            forEachRun(piece, streamed) { own.add(Self.look($0, $1, needsNorm: needsNorm)) }
          }
        } else if let first = gradients(piece).first {
          for other in gradients(piece).dropFirst() {
            for place in 0..<piece.count {
              first[place] += other[place]
              other[place] = 0
            }
          }
          if addsPenalties {
            parameters[piece.parameter].addPenaltySlope(to: first, from: piece.start, count: piece.count)
          }
          own = Self.look(first, piece.count, needsNorm: needsNorm)
        }
        found.withLock { $0[index] = own }
      }
      var gathered = Array(repeating: Gathered(), count: parameters.count)
      for (piece, own) in zip(pieces, found.withLock { $0 }) { gathered[piece.parameter].add(own) }
      return gathered
    }

    private static func look(
      _ gradient: UnsafeMutablePointer<Float>, _ count: Int, needsNorm: Bool
    ) -> Gathered {
      var found = Gathered(peak: kernels_peak(gradient, count))
      if needsNorm {
        for place in 0..<count { found.squares += Double(gradient[place]) * Double(gradient[place]) }
      }
      return found
    }

    /// Each run of a streamed gradient, used while it is in the cache.
    private func forEachRun(
      _ piece: Piece, _ streamed: any StreamedGradient,
      _ body: (UnsafeMutablePointer<Float>, Int) -> Void
    ) {
      let length = streamed.runLength
      let gradient = UnsafeMutablePointer<Float>.allocate(capacity: length)
      defer { gradient.deallocate() }
      for start in stride(from: piece.start, to: piece.start + piece.count, by: length) {
        streamed.write(run: start / length, to: gradient)
        parameters[piece.parameter].addPenaltySlope(to: gradient, from: start, count: length)
        body(gradient, length)
      }
    }

    func move() {
      forEachPiece { [self] index in
        let piece = pieces[index]
        let weights = parameters[piece.parameter].value.base
        let moments = state.moments[piece.parameter]
        if let streamed, streamed.parameter == piece.parameter {
          var start = piece.start
          forEachRun(piece, streamed) { gradient, count in
            settings.move(
              weights + start, gradient, moments.map { $0.base + start }, parameter: piece.parameter,
              count: count, instructionSet: state.instructionSet)
            start += count
          }
        } else if let first = gradients(piece).first {
          settings.move(
            weights + piece.start, first, moments.map { $0.base + piece.start }, parameter: piece.parameter,
            count: piece.count, instructionSet: state.instructionSet)
          first.update(repeating: 0, count: piece.count)
        }
      }
    }
  }
}

extension Optimizer {
  var needsNorm: Bool {
    switch clipping {
    case .norm, .globalNorm: true
    case nil, .value: false
    }
  }
}
