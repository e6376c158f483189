import Essentials
import Glibc

/// The size of an optimizer's steps: one number, or a schedule that gives one for each step.
///
/// Steps count from 0: the first batch is trained with the value at 0. Names, defaults and formulas are
/// those of `keras.optimizers.schedules`.
public enum LearningRate: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The same for all steps.
  case constant(Double)
  /// `initial · rate^(step / steps)`; a staircase takes the whole part of the quotient.
  case exponentialDecay(initial: Double, steps: Int, rate: Double, staircase: Bool = false)
  /// `initial / (1 + rate · step / steps)`; a staircase takes the whole part of the quotient.
  case inverseTimeDecay(initial: Double, steps: Int, rate: Double, staircase: Bool = false)
  /// `(initial − end) · (1 − step / steps)^power + end` up to `steps`, then `end`; with `cycle` it begins
  /// again from there, each time over a longer way.
  case polynomialDecay(
    initial: Double, steps: Int, end: Double = 1e-4, power: Double = 1, cycle: Bool = false)
  /// Half a cosine from `initial` down to `alpha · initial`; with `warmupTarget` a straight line from
  /// `initial` up to it comes first, and the cosine begins there (Loshchilov and Hutter, 2017).
  case cosineDecay(
    initial: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil, warmupSteps: Int = 0)
  /// Half cosines, each `tMul` times as long as the one before and beginning `mMul` times as high.
  case cosineDecayRestarts(
    initial: Double, firstSteps: Int, tMul: Double = 2, mMul: Double = 1, alpha: Double = 0)
  /// `values[0]` up to and with step `boundaries[0]`, `values[1]` up to and with the next, and so on.
  case piecewiseConstant(boundaries: [Int], values: [Double])

  /// One number for all steps.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// One number for all steps.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }

  /// Whether it is one number.
  public var isConstant: Bool { if case .constant = self { true } else { false } }

  /// The learning rate of a step, counted from 0.
  public func value(at step: Int) -> Double {
    let position = Double(step)
    switch self {
    case .constant(let value): return value
    case .exponentialDecay(let initial, let steps, let rate, let staircase):
      return initial * pow(rate, Self.quotient(step, steps, staircase))
    case .inverseTimeDecay(let initial, let steps, let rate, let staircase):
      return initial / (1 + rate * Self.quotient(step, steps, staircase))
    case .polynomialDecay(let initial, let steps, let end, let power, let cycle):
      var length = Double(steps)
      if cycle { length *= step == 0 ? 1 : (position / length).rounded(.up) }
      let done = min(position, length) / length
      return (initial - end) * pow(1 - done, power) + end
    case .cosineDecay(let initial, let steps, let alpha, let warmupTarget, let warmupSteps):
      guard let warmupTarget else { return initial * Self.cosine(min(position / Double(steps), 1), alpha) }
      if step < warmupSteps {
        return (warmupTarget - initial) * (position / Double(warmupSteps)) + initial
      }
      return warmupTarget * Self.cosine(min((position - Double(warmupSteps)) / Double(steps), 1), alpha)
    case .cosineDecayRestarts(let initial, let firstSteps, let tMul, let mMul, let alpha):
      var done = position / Double(firstSteps)
      var restart = done.rounded(.down)
      if tMul == 1 {
        done -= restart
      } else {
        restart = (log(1 - done * (1 - tMul)) / log(tMul)).rounded(.down)
        done = (done - (1 - pow(tMul, restart)) / (1 - tMul)) / pow(tMul, restart)
      }
      let height = 0.5 * pow(mMul, restart) * (1 + cos(Double.pi * done))
      return initial * ((1 - alpha) * height + alpha)
    case .piecewiseConstant(let boundaries, let values):
      return values[boundaries.firstIndex { step <= $0 } ?? values.count - 1]
    }
  }

  private static func quotient(_ step: Int, _ steps: Int, _ staircase: Bool) -> Double {
    let quotient = Double(step) / Double(steps)
    return staircase ? quotient.rounded(.down) : quotient
  }

  private static func cosine(_ done: Double, _ alpha: Double) -> Double {
    (1 - alpha) * 0.5 * (1 + cos(Double.pi * done)) + alpha
  }

  /// - Throws: a `value` failure that names the setting out of its range.
  public func check() throws(Failure) {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ range: String) throws(Failure) {
      guard holds else { throw Failure(.value, "\(name) is \(value); it is \(range)", parameter: name) }
    }
    func rate(_ value: Double, _ name: String) throws(Failure) {
      try require(value >= 0 && value.isFinite, name, value, "a number from 0")
    }
    func count(_ value: Int, _ name: String = "decay_steps") throws(Failure) {
      try require(value > 0, name, Double(value), "at least 1")
    }
    switch self {
    case .constant(let value): try rate(value, "learning_rate")
    case .exponentialDecay(let initial, let steps, let decay, _),
      .inverseTimeDecay(let initial, let steps, let decay, _):
      try rate(initial, "initial_learning_rate")
      try count(steps)
      try rate(decay, "decay_rate")
    case .polynomialDecay(let initial, let steps, let end, let power, _):
      try rate(initial, "initial_learning_rate")
      try count(steps)
      try rate(end, "end_learning_rate")
      try rate(power, "power")
    case .cosineDecay(let initial, let steps, let alpha, let target, let warmup):
      try rate(initial, "initial_learning_rate")
      try count(steps)
      try require((0...1).contains(alpha), "alpha", alpha, "from 0 to 1")
      if let target { try rate(target, "warmup_target") }
      try require(warmup >= 0, "warmup_steps", Double(warmup), "at least 0")
      guard warmup == 0 || target != nil else {
        throw Failure(
          .value, "warmup_steps is \(warmup), but there is no warmup_target", hint: "give both",
          parameter: "warmup_steps")
      }
    case .cosineDecayRestarts(let initial, let steps, let tMul, let mMul, let alpha):
      try rate(initial, "initial_learning_rate")
      try count(steps, "first_decay_steps")
      try require(tMul >= 1 && tMul.isFinite, "t_mul", tMul, "at least 1")
      try rate(mMul, "m_mul")
      try require((0...1).contains(alpha), "alpha", alpha, "from 0 to 1")
    case .piecewiseConstant(let boundaries, let values):
      guard values.count == boundaries.count + 1 else {
        throw Failure(
          .value,
          "values has \(values.count) numbers for \(boundaries.count) boundaries; there is one more value "
            + "than boundaries", parameter: "values")
      }
      guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw Failure(.value, "boundaries are not in rising order", parameter: "boundaries")
      }
      for value in values { try rate(value, "values") }
    }
  }
}

extension LearningRate {
  /// A number, or the schedule as a script writes it.
  public var summary: String {
    guard let name = json["schedule"]?.string, let members = json.members?.dropFirst() else {
      return json.text
    }
    return
      "\(name)(\(members.filter { $0.value != .null }.map { "\($0.name)=\($0.value.text)" }.joined(separator: ", ")))"
  }

  /// As a model file keeps it: a number, or an object with the schedule's name and settings.
  var json: JSON {
    func schedule(_ name: String, _ settings: [(name: String, value: JSON)]) -> JSON {
      .object([("schedule", .string(name))] + settings)
    }
    func number(_ value: Int) -> JSON { .number(Double(value)) }
    switch self {
    case .constant(let value): return .number(value)
    case .exponentialDecay(let initial, let steps, let rate, let staircase):
      return schedule(
        "exponential_decay",
        [
          ("initial_learning_rate", .number(initial)), ("decay_steps", number(steps)),
          ("decay_rate", .number(rate)), ("staircase", .bool(staircase)),
        ])
    case .inverseTimeDecay(let initial, let steps, let rate, let staircase):
      return schedule(
        "inverse_time_decay",
        [
          ("initial_learning_rate", .number(initial)), ("decay_steps", number(steps)),
          ("decay_rate", .number(rate)), ("staircase", .bool(staircase)),
        ])
    case .polynomialDecay(let initial, let steps, let end, let power, let cycle):
      return schedule(
        "polynomial_decay",
        [
          ("initial_learning_rate", .number(initial)), ("decay_steps", number(steps)),
          ("end_learning_rate", .number(end)), ("power", .number(power)), ("cycle", .bool(cycle)),
        ])
    case .cosineDecay(let initial, let steps, let alpha, let target, let warmup):
      return schedule(
        "cosine_decay",
        [
          ("initial_learning_rate", .number(initial)), ("decay_steps", number(steps)),
          ("alpha", .number(alpha)), ("warmup_target", target.map { .number($0) } ?? .null),
          ("warmup_steps", number(warmup)),
        ])
    case .cosineDecayRestarts(let initial, let steps, let tMul, let mMul, let alpha):
      return schedule(
        "cosine_decay_restarts",
        [
          ("initial_learning_rate", .number(initial)), ("first_decay_steps", number(steps)),
          ("t_mul", .number(tMul)), ("m_mul", .number(mMul)), ("alpha", .number(alpha)),
        ])
    case .piecewiseConstant(let boundaries, let values):
      return schedule(
        "piecewise_constant",
        [("boundaries", .array(boundaries.map(number))), ("values", .array(values.map { .number($0) }))])
    }
  }

  /// - Throws: a `format` failure for what is no learning rate.
  init(json: JSON) throws(Failure) {
    func number(_ name: String) throws(Failure) -> Double {
      guard let value = json[name]?.number else {
        throw Failure(.format, "its learning rate's '\(name)' is no number")
      }
      return value
    }
    func count(_ name: String) throws(Failure) -> Int {
      guard let value = json[name]?.integer else {
        throw Failure(.format, "its learning rate's '\(name)' is no whole number")
      }
      return value
    }
    let initial = "initial_learning_rate"
    switch json["schedule"]?.string {
    case nil:
      guard let value = json.number else { throw Failure(.format, "its learning_rate is no number") }
      self = .constant(value)
    case "exponential_decay":
      self = .exponentialDecay(
        initial: try number(initial), steps: try count("decay_steps"), rate: try number("decay_rate"),
        staircase: json["staircase"] == .bool(true))
    case "inverse_time_decay":
      self = .inverseTimeDecay(
        initial: try number(initial), steps: try count("decay_steps"), rate: try number("decay_rate"),
        staircase: json["staircase"] == .bool(true))
    case "polynomial_decay":
      self = .polynomialDecay(
        initial: try number(initial), steps: try count("decay_steps"), end: try number("end_learning_rate"),
        power: try number("power"), cycle: json["cycle"] == .bool(true))
    case "cosine_decay":
      self = .cosineDecay(
        initial: try number(initial), steps: try count("decay_steps"), alpha: try number("alpha"),
        warmupTarget: json["warmup_target"]?.number, warmupSteps: try count("warmup_steps"))
    case "cosine_decay_restarts":
      self = .cosineDecayRestarts(
        initial: try number(initial), firstSteps: try count("first_decay_steps"), tMul: try number("t_mul"),
        mMul: try number("m_mul"), alpha: try number("alpha"))
    case "piecewise_constant":
      guard let boundaries = json["boundaries"]?.integers, let values = json["values"]?.array else {
        throw Failure(.format, "its learning rate's boundaries or values are no numbers")
      }
      self = .piecewiseConstant(boundaries: boundaries, values: values.compactMap(\.number))
    case let name?: throw Failure(.format, "its learning rate is of the unknown kind '\(name)'")
    }
    try check()
  }
}
