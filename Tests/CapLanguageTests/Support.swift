import CapLanguage
import Essentials
import Foundation
import Synchronization
import TestSupport
import Testing

/// What a program came to.
struct Outcome: Sendable {
  var output = ""
  var result: CellResult?
  var error: LanguageError?

  /// Printed lines, the shown value, the errors: as a golden file holds them.
  var transcript: String {
    var text = output
    if let result, result.isShown { text += "→ " + result.value.cellText() + "\n" }
    if let error { text += error.description + "\n" }
    return text
  }
}

/// What the users of that library may call things.
struct BenchWords: ForeignWords {
  func hint(name: String) -> String? {
    switch name {
    case "np": "functions have no module names before them: write mean(x)"
    case "disp": "write print(…)"
    case "typeof": "kind(x) tells the kind of a value"
    case "float": "write number(x)"
    default: nil
    }
  }
  func parameters(name: String) -> [String] { name == "win_length" ? ["frame_length"] : [] }
}

/// A small library for programs of the tests: the real one lives above the language.
final class Bench: Sendable {
  let interpreter: Interpreter

  init(limits: Limits = Limits(), extra: [FunctionDeclaration] = []) {
    let sink = Sink()
    output = sink
    interpreter = Interpreter(
      functions: Bench.library(sink) + extra, foreign: BenchWords(), limits: limits, seed: 1)
  }

  final class Sink: Sendable {
    private let text = Mutex("")
    func write(_ line: String) { text.withLock { $0 += line } }
    func take() -> String {
      text.withLock { text in
        defer { text = "" }
        return text
      }
    }
  }
  let output: Sink

  /// Runs a cell on a thread with a large stack.
  func run(_ text: String, name: String = "test.cap") -> Outcome { run(Source(name: name, text: text)) }

  func run(_ source: Source, stackSize: Int = Essentials.Thread.largeStack) -> Outcome {
    let box = Mutex(Outcome())
    do {
      try Essentials.Thread.run(stackSize: stackSize) { [interpreter] in
        var outcome = Outcome()
        do throws(LanguageError) {
          outcome.result = try interpreter.run(source)
        } catch {
          outcome.error = error
        }
        box.withLock { $0 = outcome }
      }
    } catch {
      Issue.record("no thread: \(error)")
    }
    return box.withLock { outcome in
      outcome.output = output.take()
      return outcome
    }
  }

  func check(_ source: Source, wholeProgram: Bool = true) -> [Diagnostic] {
    let box = Mutex<[Diagnostic]>([])
    do {
      try Essentials.Thread.run { [interpreter] in
        let found = interpreter.check(source, wholeProgram: wholeProgram)
        box.withLock { $0 = found }
      }
    } catch {
      Issue.record("no thread: \(error)")
    }
    return box.withLock { $0 }
  }

  /// Whole program: checked, then run, as a script is.
  func script(_ text: String, name: String = "test.cap") -> Outcome {
    let source = Source(name: name, text: text)
    let found = check(source)
    if !found.isEmpty { return Outcome(error: LanguageError(found)) }
    return run(source)
  }

  static func library(_ sink: Sink) -> [FunctionDeclaration] {
    [
      FunctionDeclaration(
        "print", topic: "notebook", "Prints values",
        takes: ArgumentList(
          Argument<[Value]>.values("values", "What to print")),
        returns: "none"
      ) { _, values in
        sink.write(values.map(\.displayText).joined(separator: " ") + "\n")
        return .nothing
      },
      FunctionDeclaration(
        "len", topic: "numbers", "The number of items",
        takes: ArgumentList(
          Argument("x", .any, "A list, record or string")),
        returns: "a number"
      ) { _, x in
        switch x.value {
        case .list(let list): return .number(list.count)
        case .record(let record): return .number(record.count)
        case .string(let text): return .number(text.count)
        case .object(let object): if let count = object.count { return .number(count) }
        default: break
        }
        throw Failure(.type, "\(x.value.kindPhrase) has no length", parameter: "x")
      },
      FunctionDeclaration(
        "range", topic: "numbers", "Numbers in steps",
        takes: ArgumentList(
          Argument("start", .number, "The first, or the end where it stands alone"),
          Argument("stop", .optional(.number), default: .nothing, "The end, not included"),
          Argument("step", .number, default: 1, "The distance")), returns: "a range"
      ) { _, start, stop, step in
        guard let stop = stop else {
          return .object(try RangeObject(start: 0, stop: start, step: step))
        }
        return .object(try RangeObject(start: start, stop: stop, step: step))
      },
      FunctionDeclaration(
        "sum", topic: "numbers", "The sum",
        takes: ArgumentList(
          Argument("xs", .list(.number), "Numbers")),
        returns: "a number"
      ) { _, xs in .number(xs.reduce(0, +)) },
      FunctionDeclaration(
        "map", topic: "numbers", "Calls a function with each item",
        takes: ArgumentList(
          Argument("xs", .list, "Items"),
          Argument("f", .function, "A function of one item")),
        returns: "a list"
      ) { context, xs, f in
        .list(try xs.map { try context.call(f, [$0]) })
      },
      FunctionDeclaration(
        "parallel_map", topic: "numbers", "As map, on all cores",
        takes: ArgumentList(
          Argument("xs", .list, "Items"),
          Argument("f", .function, "A function of one item")),
        returns: "a list"
      ) { context, xs, f in
        let items = xs
        let caller = context.workerCaller(for: f)
        return .list(
          try WorkerPool.map(count: items.count) { try caller.call([items[$0]], randomPath: [UInt64($0)]) })
      },
      FunctionDeclaration(
        "random", topic: "numbers", "A random number from 0 to 1", returns: "a number"
      ) { context in
        var source = context.random
        defer { context.random = source }
        return .number(source.uniform())
      },
      FunctionDeclaration(
        "stft", topic: "spectra", "Short-time Fourier transform",
        takes: ArgumentList(
          Argument("a", .any, "Audio"),
          Argument("frame_length", .value(.sampleCount(.atLeast(1))), unit: "samples", "Length of a frame"),
          Argument(
            "frame_step", .value(.sampleCount(.atLeast(1))), unit: "samples", "From one frame to the next"),
          Argument(
            "fft_length", .optional(.integer(.atLeast(1))), default: .nothing,
            "The next power of two by default"),
          Argument("window", .value(.choice(["hann", "hamming"])), default: "hann", "Window"),
          Argument("max_delay", .time(.nonNegative), default: .seconds(3), unit: "s", "Longest delay")),
        returns: "complex frames",
        errors: ["A frame longer than the audio."],
        examples: [.init("stft(1, 320, 32)", output: "1")], source: "Allen (1977)", seeAlso: ["map"]
      ) { _, a, _, _, _, _, _ in
        if a.value.isNothing { throw Failure(.value, "no audio", parameter: "a") }
        if a.value == 13 { throw Failure(.value, "thirteen") }
        return a.value
      },
      FunctionDeclaration(
        "box", topic: "numbers", "A grid of numbers",
        takes: ArgumentList(
          Argument("side", .integer(.between(1, 100)), "Side")),
        returns: "a box"
      ) { _, side in .object(BoxObject(side: side, cells: [:])) },
    ]
  }
}

/// A domain value: a square of numbers with value semantics.
final class BoxObject: DomainObject, @unchecked Sendable {
  let side: Int
  let cells: [Int: Double]

  init(side: Int, cells: [Int: Double]) {
    self.side = side
    self.cells = cells
    super.init()
  }
  override var kindName: String { "box" }
  override var summary: String { "Box \(side) × \(side)" }
  override var fieldNames: [String] { ["side", "total"] }
  override func field(_ name: String) -> Value? {
    switch name {
    case "side": .number(side)
    case "total": .number(cells.values.reduce(0, +))
    default: nil
    }
  }
  override func settingField(_ name: String, to value: Value) throws -> DomainObject? {
    guard name == "side" else { return nil }
    guard let side = value.asInt else { throw Failure(.type, "a side is a whole number") }
    return BoxObject(side: side, cells: cells)
  }
  private func position(_ subscripts: [Subscript]) throws -> Int? {
    guard subscripts.count == 2, case .index(let row) = subscripts[0], case .index(let column) = subscripts[1]
    else {
      return nil
    }
    return try Indexing.position(row, count: side, of: "box") * side
      + Indexing.position(column, count: side, of: "box")
  }
  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    if let position = try position(subscripts) { return .number(cells[position] ?? 0) }
    return .string("\(subscripts.count) parts")
  }
  override func settingSubscript(_ subscripts: [Subscript], to value: Value) throws -> DomainObject? {
    guard let position = try position(subscripts), let number = value.asNumber else { return nil }
    var changed = cells
    changed[position] = number
    return BoxObject(side: side, cells: changed)
  }
  override func binary(_ operation: BinaryOperation, right: Value) -> Value? {
    guard case .number(let number) = right else { return nil }
    switch operation {
    case .multiply: return .object(BoxObject(side: side, cells: cells.mapValues { $0 * number }))
    case .matrixMultiply: return .string("matmul")
    case .greater: return .string("elementwise")
    default: return nil
    }
  }
  override func binary(_ operation: BinaryOperation, left: Value) -> Value? {
    operation == .multiply ? binary(operation, right: left) : nil
  }
  override func call(_ arguments: [Value], named: [(String, Value)], in context: CallContext) throws -> Value?
  {
    .number(arguments.count)
  }
  override var count: Int? { side }
  override func element(at index: Int) -> Value { .number(index * 10) }
}
