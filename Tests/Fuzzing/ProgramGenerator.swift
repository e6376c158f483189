import Essentials

/// Programs that parse, out of the grammar and the library's declarations: most arguments fit what the
/// parameter takes, some are odd, a few are of the wrong kind, missing or too many.
struct ProgramGenerator {
  private let index: LibraryIndex
  private var random: RandomSource
  private var variables: [String] = []
  private var functions: [String] = []
  private var loopDepth = 0
  private var functionDepth = 0

  init(_ index: LibraryIndex, _ random: RandomSource) {
    self.index = index
    self.random = random
  }

  /// A program of a few statements.
  mutating func program() -> String {
    var text = LibraryIndex.prelude
    let count = 1 + random.integer(below: 6)
    for _ in 0..<count {
      // What fails should not keep the rest from running.
      let statement = statement(depth: 3)
      text += chance(70) ? "try { \(statement) } catch e { print(e.message) }\n" : statement + "\n"
    }
    return text
  }

  private mutating func chance(_ percent: Int) -> Bool { random.integer(below: 100) < percent }

  private mutating func pick<Element>(_ items: [Element]) -> Element {
    items[random.integer(below: items.count)]
  }

  private mutating func block(depth: Int) -> String {
    let count = random.integer(below: 3)
    return "{ " + (0..<count).map { _ in statement(depth: depth - 1) }.joined(separator: "; ") + " }"
  }

  private mutating func newName() -> String {
    let name = pick(["x", "y", "z", "a", "b", "xs", "r", "é", "calls"])
    variables.append(name)
    return name
  }

  // MARK: Statements

  private mutating func statement(depth: Int) -> String {
    if depth <= 0 { return expression(depth: 1) }
    switch random.integer(below: 24) {
    case 0..<6: return expression(depth: 4)
    case 6..<10:
      let value = expression(depth: 4)
      return "\(newName()) = \(value)"
    case 10:
      let value = expression(depth: 2)
      return "\(place()) \(pick(["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "="])) \(value)"
    case 11:
      let value = expression(depth: 2)
      return "\(newName()), \(newName()) = \(value)"
    case 12: return "if \(condition()) \(block(depth: depth)) else \(block(depth: depth))"
    case 13, 14:
      let items = chance(60) ? "range(\(random.integer(below: 5)))" : expression(depth: 2)
      loopDepth += 1
      defer { loopDepth -= 1 }
      return chance(30)
        ? "for \(newName()), \(newName()) in enumerate(\(items)) \(block(depth: depth))"
        : "for \(newName()) in \(items) \(block(depth: depth))"
    case 15:
      loopDepth += 1
      defer { loopDepth -= 1 }
      return "while \(condition()) { \(statement(depth: depth - 1)); \(chance(90) ? "break" : "") }"
    case 16, 17: return function(depth: depth)
    case 18, 19:
      return "try \(block(depth: depth)) catch e { print(e.kind, e.message); \(statement(depth: depth - 1)) }"
    case 20: return "raise \(chance(70) ? pick(OddValues.strings) : expression(depth: 1))"
    case 21: return loopDepth > 0 ? pick(["break", "continue"]) : expression(depth: 2) + ";"
    case 22: return functionDepth > 0 ? "return \(expression(depth: 2))" : "print(\(expression(depth: 3)))"
    default: return "plot(\(expression(depth: 3)))"
    }
  }

  private mutating func function(depth: Int) -> String {
    let name = pick(["f", "g", "h"])
    let defaults = random.integer(below: 4)
    let parameters = (0..<random.integer(below: 4)).map { number in
      ["p", "q", "s"][number] + (number >= defaults ? "=\(pick(OddValues.numbers))" : "")
    }
    let outer = variables
    variables += ["p", "q", "s"].prefix(parameters.count)
    functionDepth += 1
    let text = "fn \(name)(\(parameters.joined(separator: ", "))) \(block(depth: depth))"
    functionDepth -= 1
    variables = outer
    functions.append(name)
    return text
  }

  private mutating func place() -> String {
    let name = variables.isEmpty || chance(10) ? newName() : pick(variables)
    switch random.integer(below: 4) {
    case 0: return name
    case 1: return "\(name)[\(subscripts())]"
    case 2: return "\(name).\(pick(index.fields))"
    default: return "\(name)[\(atom())][\(atom())].\(pick(["a", "b"]))"
    }
  }

  private mutating func condition() -> String {
    switch random.integer(below: 5) {
    case 0: pick(["true", "false"])
    case 1: "\(atom()) == \(atom())"
    case 2: "\(expression(depth: 1)) in \(expression(depth: 1))"
    case 3: "not (\(expression(depth: 1)))"
    default: "\(atom()) < \(atom())"
    }
  }

  // MARK: Expressions

  private mutating func atom() -> String {
    switch random.integer(below: 12) {
    case 0..<4 where !variables.isEmpty: pick(variables)
    case 0..<6: pick(OddValues.numbers)
    case 6: pick(OddValues.quantities)
    case 7: pick(OddValues.strings)
    case 8: pick(OddValues.others)
    case 9..<11: pick(OddValues.objects)
    default: String(random.integer(below: 20))
    }
  }

  private mutating func expression(depth: Int) -> String {
    if depth <= 0 { return atom() }
    switch random.integer(below: 30) {
    case 0, 1: return atom()
    case 2..<15: return call(depth: depth)
    case 15, 16:
      let operation = pick([
        "+", "-", "*", "/", "//", "%", "**", "@", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or",
      ])
      return "(\(expression(depth: depth - 1)) \(operation) \(expression(depth: depth - 1)))"
    case 17: return "\(pick(["-", "+", "not "]))(\(expression(depth: depth - 1)))"
    case 18: return "(\(expression(depth: depth - 1)))[\(subscripts())]"
    case 19: return "(\(expression(depth: depth - 1))).\(pick(index.fields))"
    case 20: return "[\(list(depth: depth))]"
    case 21: return "{a: \(expression(depth: depth - 1)), \"b c\": \(atom())}"
    case 22: return "\(pick(["x", "(x, y)", "()", "(x, y=1)"])) => \(expression(depth: depth - 1))"
    case 23: return "(\(expression(depth: depth - 1)) if \(condition()) else \(atom()))"
    case 24:
      let items = chance(50) ? "range(\(random.integer(below: 6)))" : expression(depth: depth - 1)
      return "[\(expression(depth: depth - 1)) for i in \(items)\(chance(30) ? " if \(condition())" : "")]"
    case 25:
      let value = expression(depth: 1)
      return "f\"{\(value.contains("\"") ? "1" : value)\(format())}\""
    case 26 where !functions.isEmpty: return "\(pick(functions))(\(list(depth: depth)))"
    default: return "(\(expression(depth: depth - 1)) |> \(call(depth: depth - 1, skippingFirst: true)))"
    }
  }

  private mutating func list(depth: Int) -> String {
    (0..<random.integer(below: 4)).map { _ in expression(depth: depth - 1) }.joined(separator: ", ")
  }

  private mutating func subscripts() -> String {
    func part(_ generator: inout ProgramGenerator) -> String {
      switch generator.random.integer(below: 6) {
      case 0: ":"
      case 1: "\(generator.pick(OddValues.numbers)):"
      case 2: ":\(generator.pick(OddValues.numbers))"
      case 3: "\(generator.pick(OddValues.numbers)):\(generator.atom()):\(generator.pick(OddValues.numbers))"
      case 4: generator.pick(OddValues.quantities + OddValues.strings) + generator.pick(["", ":"])
      default: generator.atom()
      }
    }
    return (0...(chance(30) ? random.integer(below: 3) : 0)).map { _ in part(&self) }.joined(separator: ", ")
  }

  private mutating func format() -> String {
    if chance(30) { return "" }
    let parts = [
      pick(["", ">", "<", "^", "*>", "=", "🎉^"]), pick(["", "+", " ", "-"]), pick(["", "#"]),
      pick(["", "0"]),
      pick(["", "3", "10", "999999999", "99999999999999999999"]), pick(["", ",", "_"]),
      pick(["", ".0", ".2", ".99", ".1000000000", ".-1"]),
      pick(["", "d", "f", "e", "g", "%", "x", "b", "o", "c", "s", "n", "q"]),
    ]
    return ":" + parts.joined()
  }

  private mutating func call(depth: Int, skippingFirst: Bool = false) -> String {
    let function = pick(index.functions)
    var arguments: [String] = []
    for (position, slot) in function.slots.enumerated() {
      if position == 0, skippingFirst { continue }
      if slot.parameter.isVariadic {
        arguments += (0..<random.integer(below: 4)).map { _ in argument(slot, depth: depth) }
      } else if slot.parameter.defaultValue == nil {
        // One is missing now and then.
        if !chance(3) { arguments.append(argument(slot, depth: depth)) }
      } else if chance(30) {
        arguments.append("\(slot.parameter.name)=\(argument(slot, depth: depth))")
      }
    }
    if chance(3) { arguments.insert(atom(), at: 0) }
    if chance(2) { arguments.append("missing=\(atom())") }
    return "\(function.name)(\(arguments.joined(separator: ", ")))"
  }

  private mutating func argument(_ slot: LibraryIndex.Slot, depth: Int) -> String {
    switch random.integer(below: 20) {
    case 0: return pick(LibraryIndex.expressions)
    case 1..<4 where depth > 1: return expression(depth: depth - 1)
    case 4 where !variables.isEmpty: return pick(variables)
    default:
      if slot.takesNumbers, chance(60) {
        return pick(["0", "1", "2", "3", "4", "8", "0.5", "-1", "0.9", "100"])
      }
      return slot.fitting.isEmpty ? atom() : pick(slot.fitting)
    }
  }
}
