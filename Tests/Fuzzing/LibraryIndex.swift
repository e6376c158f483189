import CapLanguage
import CapLibrary
import Essentials
import Notebook

/// Which expressions fit which parameters of the library: what a program must say to get past the checks of
/// arguments, into the bodies.
struct LibraryIndex {
  /// A parameter with expressions that its kind takes.
  struct Slot {
    let parameter: Parameter
    let fitting: [String]

    /// Whether small numbers are worth more tries than odd ones, which are refused at once.
    var takesNumbers: Bool { LibraryIndex.fits(parameter.kind, .number(1)) && !parameter.kind.isAny }
  }
  struct Function {
    let name: String
    let slots: [Slot]
  }

  let functions: [Function]
  /// Names of fields that anything has.
  let fields: [String]
  /// Everything that a program may hold.
  static let expressions =
    OddValues.numbers + OddValues.quantities + OddValues.strings + OddValues.others + OddValues.objects

  /// What programs find defined, on one line: in front of every program.
  static let prelude =
    "fn ready_model() { m = sequential([dense(2), dense(1)], input_shape=[2]); compile(m, loss=\"mse\"); m }; "

  init() {
    let session = Subject.makeSession()
    _ = session.run(Cell(source: Self.prelude))
    var known: [(text: String, value: Value)] = []
    var fields: Set<String> = ["a", "b", "missing"]
    for text in Self.expressions {
      _ = session.run(Cell(source: "it = none; it = (\(text));"))
      guard let value = session.interpreter.value(of: "it") else { continue }
      known.append((text, value))
      fields.formUnion(value.asObject?.fieldNames ?? value.asRecord?.keys ?? [])
    }
    self.fields = fields.sorted()
    functions = StandardLibrary.functions.map { function in
      Function(
        name: function.name,
        slots: function.parameters.map { parameter in
          var fitting = known.filter { Self.fits(parameter.kind, $0.value) }.map(\.text)
          if case .choice(let choices) = parameter.kind { fitting += choices.map { "\"\($0)\"" } }
          if case .optional(.choice(let choices)) = parameter.kind { fitting += choices.map { "\"\($0)\"" } }
          return Slot(parameter: parameter, fitting: fitting)
        })
    }
  }

  /// Whether a value is roughly what a kind takes; the range of numbers is left to chance.
  fileprivate static func fits(_ kind: ParameterKind, _ value: Value) -> Bool {
    switch kind {
    case .any: return true
    case .number, .integer: return value.asNumber != nil
    case .time, .frequency: return value.asNumber != nil || value.asQuantity != nil
    case .sampleCount: return value.asNumber != nil || value.asQuantity?.unit == .second
    case .string: return value.asString != nil
    case .choice: return false
    case .bool: return value.asBool != nil
    case .list(let item):
      guard let items = value.asList else { return false }
      return items.allSatisfy { fits(item, $0) }
    case .record: return value.asRecord != nil
    case .function: return value.asFunction != nil
    case .object(let name, _): return value.asObject?.kindName == name
    case .matching(_, let accepts): return accepts(value)
    case .oneOf(let kinds): return kinds.contains { fits($0, value) }
    case .optional(let kind): return value.isNothing || fits(kind, value)
    }
  }
}

extension ParameterKind {
  fileprivate var isAny: Bool {
    if case .any = self { return true }
    return false
  }
}
