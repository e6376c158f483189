import Essentials

/// One way along sequences, step by step, by Keras's formulas.
final class PlainRecurrence {
  enum Cell { case lstm, gruResetAfter, gruResetBefore }

  /// What a step keeps for the way back.
  private struct Step {
    var input = Field([0, 0])
    var state = Field([0, 0])
    var cell = Field([0, 0])
    var gates: [Field] = []
    /// What the reset gate multiplies, or what came of it; the function of the new cell.
    var inner = Field([0, 0])
  }

  let units: Int
  let returnsSequences: Bool
  let goesBackwards: Bool
  let steps: Int
  var weights: [PlainWeight]
  private let cell: Cell
  private let inputs: Int
  /// One for each step and use: decisions are each step's own.
  private let functions: [[PlainFunction]]
  private var kept: [Step] = []

  init(_ item: Item, input: [Int], turned: Bool = false) throws {
    guard input.count == 2 else { throw Malformed("a recurrent layer takes no \(input)") }
    cell =
      item.name == "lstm" ? .lstm : try item.flag("reset_after") ? .gruResetAfter : .gruResetBefore
    units = try item.integer("units")
    returnsSequences = try item.flag("return_sequences")
    goesBackwards = try item.flag("go_backwards") != turned
    (steps, inputs) = (input[0], input[1])
    let (new, gate) = (try item.word("activation"), try item.word("recurrent_activation"))
    let words = cell == .lstm ? [gate, gate, new, gate, new] : [gate, gate, new]
    functions = try (0..<steps).map { _ in try words.map { try PlainFunction($0) } }
    let width = (cell == .lstm ? 4 : 3) * units
    weights = [
      PlainWeight("kernel", [inputs, width], regularizer: "kernel_regularizer", of: item),
      PlainWeight("recurrent_kernel", [units, width], regularizer: "recurrent_regularizer", of: item),
    ]
    if try item.flag("use_bias") {
      weights.append(
        PlainWeight(
          "bias", cell == .gruResetAfter ? [2, width] : [width], regularizer: "bias_regularizer", of: item))
    }
  }

  var cost: Int { steps * (inputs + units) * units * (cell == .lstm ? 4 : 3) }

  private func time(_ step: Int) -> Int { goesBackwards ? steps - 1 - step : step }

  private func bias(_ row: Int) -> Field? {
    guard weights.count > 2 else { return nil }
    let width = weights[0].value.channels
    return Field([width], Array(weights[2].value.values[row * width..<(row + 1) * width]))
  }

  private func product(_ x: Field, _ matrix: Field, _ bias: Field?, _ pass: Pass) -> Field {
    var sum = x.times(matrix)
    if let bias { sum = sum.combined(bias, +) }
    pass.disturb(&sum)
    return sum
  }

  /// The states (examples, steps, units) in the order in which they are made.
  func forward(_ x: Field, _ pass: Pass) -> Field {
    let (kernel, recurrent) = (weights[0].value, weights[1].value)
    var state = Field([x.examples, units])
    var memory = state
    var states = Field([x.examples, steps, units])
    kept = []
    for number in 0..<steps {
      var own = Step()
      own.input = x.step(time(number))
      own.state = state
      own.cell = memory
      let function = functions[number]
      let p = product(own.input, kernel, bias(0), pass)
      switch cell {
      case .lstm:
        let z = p + product(state, recurrent, nil, pass)
        own.gates = (0..<4).map { function[$0].forward(z.part($0, of: 4), pass) }
        memory = own.gates[1] * memory + own.gates[0] * own.gates[2]
        own.inner = function[4].forward(memory, pass)
        state = own.gates[3] * own.inner
      case .gruResetAfter:
        let q = product(state, recurrent, bias(1), pass)
        own.gates = (0..<2).map { function[$0].forward(p.part($0, of: 3) + q.part($0, of: 3), pass) }
        own.inner = q.part(2, of: 3)
        own.gates.append(function[2].forward(p.part(2, of: 3) + own.gates[1] * own.inner, pass))
        state = own.gates[0] * state + own.gates[0].map { 1 - $0 } * own.gates[2]
      case .gruResetBefore:
        let q = product(state, Field.joined([recurrent.part(0, of: 3), recurrent.part(1, of: 3)]), nil, pass)
        own.gates = (0..<2).map { function[$0].forward(p.part($0, of: 3) + q.part($0, of: 2), pass) }
        own.inner = own.gates[1] * state
        let new = p.part(2, of: 3) + product(own.inner, recurrent.part(2, of: 3), nil, pass)
        own.gates.append(function[2].forward(new, pass))
        state = own.gates[0] * state + own.gates[0].map { 1 - $0 } * own.gates[2]
      }
      pass.disturb(&state)
      kept.append(own)
      states.setStep(number, state)
    }
    return states
  }

  /// From the gradient of the states, in the order in which they were made, that of the input.
  func backward(_ gradient: Field, _ pass: Pass) -> Field {
    let (kernel, recurrent) = (weights[0].value, weights[1].value)
    let examples = gradient.examples
    var result = Field([examples, steps, inputs])
    var carried = Field([examples, units])
    var carriedCell = carried
    var (kernelSum, recurrentSum) = (Field(kernel.shape), Field(recurrent.shape))
    var biasSums = [Field([kernel.channels]), Field([kernel.channels])]
    var typical = (input: 0.0, state: 0.0, slope: 0.0)
    for number in (0..<steps).reversed() {
      let own = kept[number]
      let function = functions[number]
      let dh = gradient.step(number) + carried
      // The gradients of the input's products, and of the state's.
      var (ofInput, ofState): (Field, Field)
      switch cell {
      case .lstm:
        let dc = carriedCell + function[4].backward(dh * own.gates[3], pass)
        ofInput = Field.joined([
          function[0].backward(dc * own.gates[2], pass), function[1].backward(dc * own.cell, pass),
          function[2].backward(dc * own.gates[0], pass), function[3].backward(dh * own.inner, pass),
        ])
        ofState = ofInput
        carriedCell = dc * own.gates[1]
        carried = ofState.times(recurrent.transposed)
      case .gruResetAfter:
        let dz = function[0].backward(dh * (own.state - own.gates[2]), pass)
        let new = function[2].backward(dh * own.gates[0].map { 1 - $0 }, pass)
        let dr = function[1].backward(new * own.inner, pass)
        ofInput = Field.joined([dz, dr, new])
        ofState = Field.joined([dz, dr, new * own.gates[1]])
        carried = dh * own.gates[0] + ofState.times(recurrent.transposed)
      case .gruResetBefore:
        let dz = function[0].backward(dh * (own.state - own.gates[2]), pass)
        let new = function[2].backward(dh * own.gates[0].map { 1 - $0 }, pass)
        let dinner = new.times(recurrent.part(2, of: 3).transposed)
        let dr = function[1].backward(dinner * own.state, pass)
        ofInput = Field.joined([dz, dr, new])
        ofState = ofInput
        carried =
          dh * own.gates[0] + dinner * own.gates[1] + dz.times(recurrent.part(0, of: 3).transposed)
          + dr.times(recurrent.part(1, of: 3).transposed)
      }
      pass.disturb(&carried)
      kernelSum = kernelSum + own.input.transposed.times(ofInput)
      let states = own.state.transposed
      if cell == .gruResetBefore {
        recurrentSum =
          recurrentSum
          + Field.joined([
            states.times(ofState.part(0, of: 3)), states.times(ofState.part(1, of: 3)),
            own.inner.transposed.times(ofState.part(2, of: 3)),
          ])
      } else {
        recurrentSum = recurrentSum + states.times(ofState)
      }
      biasSums[0] = biasSums[0] + ofInput.channelSums
      biasSums[1] = biasSums[1] + ofState.channelSums
      typical = (
        max(typical.input, own.input.typical), max(typical.state, own.state.typical),
        max(typical.slope, max(ofInput.typical, ofState.typical))
      )
      var back = ofInput.times(kernel.transposed)
      pass.disturb(&back)
      result.setStep(time(number), back)
    }
    let rows = examples * steps
    pass.disturbSum(&kernelSum, count: rows, typical: typical.input * typical.slope)
    pass.disturbSum(&recurrentSum, count: rows, typical: typical.state * typical.slope)
    weights[0].gradient = kernelSum
    weights[1].gradient = recurrentSum
    if weights.count > 2 {
      for number in biasSums.indices {
        pass.disturbSum(&biasSums[number], count: rows, typical: typical.slope, chain: rows)
      }
      weights[2].gradient =
        cell == .gruResetAfter
        ? Field(weights[2].value.shape, biasSums[0].values + biasSums[1].values) : biasSums[0]
    }
    return result
  }

  /// The last state, or all: what comes out.
  func output(_ states: Field) -> Field { returnsSequences ? states : states.step(steps - 1) }

  /// The gradient of all states from that of what comes out.
  func gradient(_ output: Field) -> Field {
    if returnsSequences { return output }
    var all = Field([output.examples, steps, units])
    all.setStep(steps - 1, output)
    return all
  }

  /// Settings for a layer of this name.
  static func settings(_ name: String, for input: [Int], _ random: inout RandomSource) -> [String: Setting]? {
    guard input.count == 2 else { return nil }
    // What grows without limit is no number after many steps.
    let isShort = input[0] <= 8
    let functions = [
      "linear", "relu", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "softplus", "softsign",
    ]
    var settings: [String: Setting] = [
      "units": .number(Double(random.pick([1, 2, 3, 7, 8, 16, 17, 32]))),
      "activation": .word(isShort && random.chance(0.4) ? random.pick(functions) : "tanh"),
      // A gate below 0 makes states grow from step to step.
      "recurrent_activation": .word(
        !random.chance(0.25)
          ? "sigmoid" : isShort ? random.pick(["hard_sigmoid", "tanh", "softsign"]) : "hard_sigmoid"),
      "use_bias": .flag(random.chance(0.8)), "return_sequences": .flag(random.chance(0.5)),
      "go_backwards": .flag(random.chance(0.2)),
    ]
    if name == "gru" { settings["reset_after"] = .flag(random.chance(0.7)) }
    if random.chance(0.1) { settings["recurrent_regularizer"] = .item(random.regularizer()) }
    return settings
  }

  static let defaults: [String: Setting] = [
    "activation": .word("tanh"), "recurrent_activation": .word("sigmoid"), "use_bias": .flag(true),
    "return_sequences": .flag(false), "go_backwards": .flag(false),
  ]
}
