import COneDNN
import Essentials
import Tensors

/// One way along the sequences of a share, with its weights.
final class RecurrentPass {
  private let cell: RecurrentCell
  private let count: Int
  private let steps: Int
  private let inputs: Int
  private let units: Int
  private let isReversed: Bool
  private let activation: ElementFunction?
  private let gateFunction: ElementFunction?
  private let kernel: Weight
  private let recurrent: Weight
  private let bias: Weight?
  private let kernelGradient: SlotID?
  private let recurrentGradient: SlotID?
  private let biasGradient: SlotID?
  /// The state after each step, in the order of time: [example][step][unit].
  let states: SlotID
  /// Gates and the new, [example][step][gates · units]; then their gradients.
  private let gates: SlotID
  /// An LSTM's cells; what a GRU's reset gate multiplied, or what came of that: [example][step][unit].
  private let cells: SlotID
  /// The gradients of the state's products of a GRU that resets after them, as `gates`.
  private let products: SlotID
  /// Of one step: [example][gates · units], twice.
  private let step: SlotID

  init(_ builder: PlanBuilder, index: Int, _ way: RecurrentOperation.Way, steps: Int, inputs: Int) throws {
    let recurrence = way.layer.recurrence
    cell = way.layer.cell
    count = builder.count
    self.steps = steps
    self.inputs = inputs
    units = recurrence.units
    isReversed = recurrence.goesBackwards
    activation = recurrence.activation.element
    gateFunction = recurrence.recurrentActivation.element
    func number(of name: String) throws -> Int { try builder.parameterIndex(index, way.prefix + name) }
    func gradient(_ parameter: Int) throws -> SlotID? {
      guard builder.isTraining else { return nil }
      let length = builder.network.parameters[parameter].value.count
      return builder.accumulator(parameter, as: try MemoryDescriptor(rowMajor: [length]))
    }
    let parameters = builder.network.parameters
    let kernelIndex = try number(of: "kernel")
    let recurrentIndex = try number(of: "recurrent_kernel")
    kernel = parameters[kernelIndex]
    recurrent = parameters[recurrentIndex]
    kernelGradient = try gradient(kernelIndex)
    recurrentGradient = try gradient(recurrentIndex)
    if recurrence.useBias {
      let biasIndex = try number(of: "bias")
      bias = parameters[biasIndex]
      biasGradient = try gradient(biasIndex)
    } else {
      bias = nil
      biasGradient = nil
    }
    let (rows, width) = (builder.count * steps, cell.gates * units)
    func memory(_ length: Int) throws -> SlotID {
      builder.kept(try MemoryDescriptor(rowMajor: [max(length, 1)]))
    }
    states = try memory(rows * units)
    gates = try memory(rows * width)
    cells = try memory(rows * units)
    products = try memory(builder.isTraining && cell == .gruResetAfter ? rows * width : 1)
    step = try memory(builder.count * width * 2)
  }

  private var width: Int { cell.gates * units }

  /// The place in time of a step, counted along the way.
  private func time(_ step: Int) -> Int { isReversed ? steps - 1 - step : step }

  /// c = a · b, or with a or b turned, or added to c.
  private func multiply(
    _ rows: Int, _ columns: Int, _ inner: Int, _ a: UnsafePointer<Float>, _ aStep: Int, turnsA: Bool = false,
    _ b: UnsafePointer<Float>, _ bStep: Int, turnsB: Bool = false, adding: Bool,
    to c: UnsafeMutablePointer<Float>, _ cStep: Int
  ) throws {
    guard rows > 0, columns > 0, inner > 0 else { return }
    try OneDNN.check(
      dnnl_sgemm(
        turnsA ? 84 /* T */ : 78 /* N */, turnsB ? 84 : 78, Int64(rows), Int64(columns), Int64(inner), 1, a,
        Int64(aStep), b, Int64(bStep), adding ? 1 : 0, c, Int64(cStep)), "multiply matrices")
  }

  // MARK: Forward

  func forward(_ workspace: Workspace, _ x: UnsafePointer<Float>) throws {
    let gates = workspace.pointer(gates)
    let rows = count * steps
    if let bias {
      for row in 0..<rows { (gates + row * width).update(from: bias.value.base, count: width) }
    }
    try multiply(
      rows, width, inputs, x, inputs, kernel.value.base, width, adding: bias != nil, to: gates, width)
    for step in 0..<steps {
      try Interruption.check()
      let now = time(step)
      let before = step == 0 ? nil : time(step - 1)
      switch cell {
      case .lstm: try stepLSTM(workspace, now, before)
      case .gruResetAfter: try stepResetAfter(workspace, now, before)
      case .gruResetBefore: try stepResetBefore(workspace, now, before)
      }
    }
  }

  private func stepLSTM(_ workspace: Workspace, _ now: Int, _ before: Int?) throws {
    let (gates, states, cells) = (
      workspace.pointer(gates), workspace.pointer(states), workspace.pointer(cells)
    )
    if let before {
      try multiply(
        count, width, units, states + before * units, steps * units, recurrent.value.base, width,
        adding: true, to: gates + now * width, steps * width)
    }
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      let (h, c) = (states + (example * steps + now) * units, cells + (example * steps + now) * units)
      VectorFunctions.apply(gateFunction, z, count: 2 * units)
      VectorFunctions.apply(activation, z + 2 * units, count: units)
      VectorFunctions.apply(gateFunction, z + 3 * units, count: units)
      if let before {
        let old = cells + (example * steps + before) * units
        for unit in 0..<units { c[unit] = z[units + unit] * old[unit] + z[unit] * z[2 * units + unit] }
      } else {
        for unit in 0..<units { c[unit] = z[unit] * z[2 * units + unit] }
      }
      h.update(from: c, count: units)
      VectorFunctions.apply(activation, h, count: units)
      for unit in 0..<units { h[unit] *= z[3 * units + unit] }
    }
  }

  /// The state's products with their bias, [example][3 · units], in `step`.
  private func stepResetAfter(_ workspace: Workspace, _ now: Int, _ before: Int?) throws {
    let (gates, states, kept) = (
      workspace.pointer(gates), workspace.pointer(states), workspace.pointer(cells)
    )
    let own = workspace.pointer(step)
    for example in 0..<count {
      if let bias {
        (own + example * width).update(from: bias.value.base + width, count: width)
      } else {
        (own + example * width).update(repeating: 0, count: width)
      }
    }
    if let before {
      try multiply(
        count, width, units, states + before * units, steps * units, recurrent.value.base, width,
        adding: true, to: own, width)
    }
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      let product = own + example * width
      let h = states + (example * steps + now) * units
      let new = z + 2 * units
      for unit in 0..<2 * units { z[unit] += product[unit] }
      VectorFunctions.apply(gateFunction, z, count: 2 * units)
      (kept + (example * steps + now) * units).update(from: product + 2 * units, count: units)
      for unit in 0..<units { new[unit] += z[units + unit] * product[2 * units + unit] }
      VectorFunctions.apply(activation, new, count: units)
      mix(z, new, before.map { states + (example * steps + $0) * units }, h)
    }
  }

  private func stepResetBefore(_ workspace: Workspace, _ now: Int, _ before: Int?) throws {
    let (gates, states, kept) = (
      workspace.pointer(gates), workspace.pointer(states), workspace.pointer(cells)
    )
    if let before {
      try multiply(
        count, 2 * units, units, states + before * units, steps * units, recurrent.value.base, width,
        adding: true, to: gates + now * width, steps * width)
    }
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      VectorFunctions.apply(gateFunction, z, count: 2 * units)
      let reset = kept + (example * steps + now) * units
      if let before {
        let old = states + (example * steps + before) * units
        for unit in 0..<units { reset[unit] = z[units + unit] * old[unit] }
      } else {
        reset.update(repeating: 0, count: units)
      }
    }
    if before != nil {
      try multiply(
        count, units, units, kept + now * units, steps * units, recurrent.value.base + 2 * units, width,
        adding: true, to: gates + now * width + 2 * units, steps * width)
    }
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      VectorFunctions.apply(activation, z + 2 * units, count: units)
      mix(
        z, z + 2 * units, before.map { states + (example * steps + $0) * units },
        states + (example * steps + now) * units)
    }
  }

  /// z · old + (1 − z) · new.
  private func mix(
    _ z: UnsafePointer<Float>, _ new: UnsafePointer<Float>, _ old: UnsafePointer<Float>?,
    _ h: UnsafeMutablePointer<Float>
  ) {
    if let old {
      for unit in 0..<units { h[unit] = z[unit] * old[unit] + (1 - z[unit]) * new[unit] }
    } else {
      for unit in 0..<units { h[unit] = (1 - z[unit]) * new[unit] }
    }
  }

  // MARK: Backward

  /// - Parameters:
  ///   - gradient: that of the states, in the order of time.
  ///   - result: where the input's goes, if somebody needs it.
  func backward(
    _ workspace: Workspace, _ x: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    to result: UnsafeMutablePointer<Float>?, adding: Bool
  ) throws {
    let gates = workspace.pointer(gates)
    let carried = workspace.pointer(step)
    carried.update(repeating: 0, count: count * width * 2)
    for step in (0..<steps).reversed() {
      try Interruption.check()
      let now = time(step)
      let before = step == 0 ? nil : time(step - 1)
      switch cell {
      case .lstm: try backLSTM(workspace, now, before, gradient)
      case .gruResetAfter: try backResetAfter(workspace, now, before, gradient)
      case .gruResetBefore: try backResetBefore(workspace, now, before, gradient)
      }
    }
    let rows = count * steps
    if let kernelGradient {
      try multiply(
        inputs, width, rows, x, inputs, turnsA: true, gates, width, adding: true,
        to: workspace.pointer(kernelGradient), width)
    }
    if let result {
      try multiply(
        rows, inputs, width, gates, width, kernel.value.base, width, turnsB: true, adding: adding, to: result,
        inputs)
    }
    let ofState = cell == .gruResetAfter ? workspace.pointer(products) : gates
    if let biasGradient {
      let sums = workspace.pointer(biasGradient)
      for row in 0..<rows {
        for place in 0..<width { sums[place] += gates[row * width + place] }
      }
      if cell == .gruResetAfter {
        for row in 0..<rows {
          for place in 0..<width { sums[width + place] += ofState[row * width + place] }
        }
      }
    }
    guard let recurrentGradient else { return }
    let sums = workspace.pointer(recurrentGradient)
    if cell == .gruResetBefore {
      try multiply(
        units, units, rows, workspace.pointer(cells), units, turnsA: true, gates + 2 * units, width,
        adding: true, to: sums + 2 * units, width)
    }
    // The states one step before: the same array, shifted. What has none before is left out.
    for example in 0..<count {
      (ofState + (example * steps + time(0)) * width).update(repeating: 0, count: width)
    }
    let states = workspace.pointer(states)
    let columns = cell == .gruResetBefore ? 2 * units : width
    try multiply(
      units, columns, rows - 1, states + (isReversed ? units : 0), units, turnsA: true,
      ofState + (isReversed ? 0 : width), width, adding: true, to: sums, width)
  }

  private func slope(_ function: ElementFunction?, _ y: Float) -> Float {
    switch function {
    case nil: 1
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    case .some(let other): other.slope(at: y) ?? .nan
    }
  }

  /// Carried: the gradient of the state before in the first half of `step`, of the cell in the second.
  private func backLSTM(
    _ workspace: Workspace, _ now: Int, _ before: Int?, _ gradient: UnsafePointer<Float>
  ) throws {
    let (gates, cells) = (workspace.pointer(gates), workspace.pointer(cells))
    let carriedState = workspace.pointer(step)
    let carriedCell = carriedState + count * width
    let bent = carriedCell + count * units
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      bent.update(from: cells + (example * steps + now) * units, count: units)
      VectorFunctions.apply(activation, bent, count: units)
      let old = before.map { cells + (example * steps + $0) * units }
      let dy = gradient + (example * steps + now) * units
      for unit in 0..<units {
        let (i, f, g, o) = (z[unit], z[units + unit], z[2 * units + unit], z[3 * units + unit])
        let place = example * units + unit
        let dh = dy[unit] + carriedState[place]
        let dc = carriedCell[place] + dh * o * slope(activation, bent[unit])
        z[unit] = dc * g * slope(gateFunction, i)
        z[units + unit] = dc * (old?[unit] ?? 0) * slope(gateFunction, f)
        z[2 * units + unit] = dc * i * slope(activation, g)
        z[3 * units + unit] = dh * bent[unit] * slope(gateFunction, o)
        carriedCell[place] = dc * f
      }
    }
    try multiply(
      count, units, width, gates + now * width, steps * width, recurrent.value.base, width, turnsB: true,
      adding: false, to: carriedState, units)
  }

  private func backResetAfter(
    _ workspace: Workspace, _ now: Int, _ before: Int?, _ gradient: UnsafePointer<Float>
  ) throws {
    let (gates, states, kept) = (
      workspace.pointer(gates), workspace.pointer(states), workspace.pointer(cells)
    )
    let products = workspace.pointer(products)
    let carried = workspace.pointer(step)
    for example in 0..<count {
      let row = example * steps + now
      let (z, product) = (gates + row * width, products + row * width)
      let (dy, inner) = (gradient + row * units, kept + row * units)
      let old = before.map { states + (example * steps + $0) * units }
      for unit in 0..<units {
        let (update, reset, new) = (z[unit], z[units + unit], z[2 * units + unit])
        let place = example * units + unit
        let dh = dy[unit] + carried[place]
        let dnew = dh * (1 - update) * slope(activation, new)
        let dupdate = dh * ((old?[unit] ?? 0) - new) * slope(gateFunction, update)
        let dreset = dnew * inner[unit] * slope(gateFunction, reset)
        z[unit] = dupdate
        z[units + unit] = dreset
        z[2 * units + unit] = dnew
        product[unit] = dupdate
        product[units + unit] = dreset
        product[2 * units + unit] = dnew * reset
        carried[place] = dh * update
      }
    }
    try multiply(
      count, units, width, products + now * width, steps * width, recurrent.value.base, width, turnsB: true,
      adding: true, to: carried, units)
  }

  private func backResetBefore(
    _ workspace: Workspace, _ now: Int, _ before: Int?, _ gradient: UnsafePointer<Float>
  ) throws {
    let (gates, states) = (workspace.pointer(gates), workspace.pointer(states))
    let carried = workspace.pointer(step)
    let dreset = carried + count * width
    for example in 0..<count {
      let row = example * steps + now
      let z = gates + row * width
      let old = before.map { states + (example * steps + $0) * units }
      for unit in 0..<units {
        let (update, new) = (z[unit], z[2 * units + unit])
        let place = example * units + unit
        let dh = gradient[row * units + unit] + carried[place]
        z[2 * units + unit] = dh * (1 - update) * slope(activation, new)
        z[unit] = dh * ((old?[unit] ?? 0) - new) * slope(gateFunction, update)
        carried[place] = dh * update
      }
    }
    // Of the state times the reset gate.
    try multiply(
      count, units, units, gates + now * width + 2 * units, steps * width, recurrent.value.base + 2 * units,
      width, turnsB: true, adding: false, to: dreset, units)
    for example in 0..<count {
      let z = gates + (example * steps + now) * width
      let old = before.map { states + (example * steps + $0) * units }
      for unit in 0..<units {
        let place = example * units + unit
        let reset = z[units + unit]
        carried[place] += dreset[place] * reset
        z[units + unit] = dreset[place] * (old?[unit] ?? 0) * slope(gateFunction, reset)
      }
    }
    try multiply(
      count, units, 2 * units, gates + now * width, steps * width, recurrent.value.base, width, turnsB: true,
      adding: true, to: carried, units)
  }
}
