import CapLanguage
import Essentials
import Tensors

/// Lists, ranges, and whatever else has items. Lazy sequences (datasets) stay lazy.
enum SequenceFunctions {
  static let all = [len, range, enumerate, zip, map, filter, reduce, take, skip, split, list]

  private static let topic = "sequences"
  private static let xs = Argument("xs", .items, "The items")

  private static let len = FunctionDeclaration(
    "len", topic: topic, "How many items something has",
    takes: ArgumentList(
      Argument("x", .any, "A list, string, record, range, tensor (its first axis), audio, dataset, …")),
    returns: "a number: of items, of characters for a string, of keys for a record",
    errors: ["type: a value without a length"],
    examples: [Example("len([1, 2, 3])", output: "3"), Example("len(\"héllo\")", output: "5")],
    quick: { x in Conversions.count(of: x).map { .number($0) } }
  ) { _, x in
    guard let count = Conversions.count(of: x.value) else {
      if let failure = x.value.asObject?.endless { throw failure.blaming("x") }
      throw Failure(.type, "\(x.value.kindPhrase) has no length", parameter: "x")
    }
    return .number(count)
  }

  private static let range = FunctionDeclaration(
    "range", topic: topic, "Numbers one after the other, made only as they are asked for",
    takes: ArgumentList(
      Argument(
        "start", .number, "The first number; the end, where no other is given (the first is then 0)"),
      Argument("stop", .optional(.number), default: .nothing, "The end, which is left out"),
      Argument("step", .number, default: 1, "From one number to the next; negative counts down")),
    returns: "a range: start, start + step, … before stop",
    errors: ["value: a step of 0, or more numbers than can be counted"],
    examples: [
      Example("list(range(4))", output: "[0, 1, 2, 3]"),
      Example("list(range(10, 0, -4))", output: "[10, 6, 2]"),
    ], source: "Python's range", seeAlso: ["arange", "enumerate"]
  ) { _, start, stop, step in
    guard let stop else {
      return .object(try RangeObject(start: 0, stop: start, step: step))
    }
    return .object(try RangeObject(start: start, stop: stop, step: step))
  }

  private static let enumerate = FunctionDeclaration(
    "enumerate", topic: topic, "Pairs each item with its position",
    takes: ArgumentList(
      xs,
      Argument("start", .integer, default: 0, "The first position")),
    returns: "a list of pairs [position, item]",
    examples: [Example("for i, x in enumerate([\"a\", \"b\"]) { print(i, x) }", output: "0 a\n1 b")],
    seeAlso: ["zip"]
  ) { _, xs, start in
    if let lazy = lazy(xs.value), let result = try lazy.enumerated(start: start) { return result }
    let items = try xs.items()
    return .list(items.enumerated().map { .list([.number(Double(start) + Double($0)), $1]) })
  }

  private static let zip = FunctionDeclaration(
    "zip", topic: topic, "Puts the first items together, the second ones, and so on",
    takes: ArgumentList(
      Argument.variadic("sequences", .items, "Two or more lists, ranges, tensors, datasets, …")),
    returns: "a list of lists, as many as the shortest sequence has items",
    examples: [
      Example("zip([1, 2, 3], [\"a\", \"b\", \"c\"])", output: "[[1, \"a\"], [2, \"b\"], [3, \"c\"]]")
    ],
    source: "Python's zip", seeAlso: ["enumerate"]
  ) { _, sequences in
    if let first = sequences.first, let lazy = lazy(first.value),
      let result = try lazy.zipped(with: sequences.dropFirst().map(\.value))
    {
      return result
    }
    let sources = try sequences.map { try $0.iterator() }
    guard !sources.isEmpty else { return .list([]) }
    var rows: [Value] = []
    while true {
      var row: [Value] = []
      for next in sources {
        guard let item = try next() else { return .list(rows) }
        row.append(item)
      }
      rows.append(.list(row))
      if rows.count & 0xFFFF == 0 {
        try Interruption.check()
        try Limits.checkListCount(rows.count * (2 + row.count))
      }
    }
  }

  private static let map = FunctionDeclaration(
    "map", topic: topic, "What a function makes of each item",
    takes: ArgumentList(
      xs,
      Argument("f", .itemFunction, "The function")),
    returns: "a list of the results; of a dataset, a dataset that calls `f` when an example is wanted",
    errors: ["type: the function before the items"],
    examples: [
      Example("map([1, 2, 3], x => x * 10)", output: "[10, 20, 30]"),
      Example("map(zip([1, 2], [3, 4]), (a, b) => a + b)", output: "[4, 6]"),
    ],
    notes:
      "A function that needs two arguments gets the two parts of an item that is a pair. Over a dataset with "
      + "labels, `f` gets the example and the label stays as it is.",
    source: "Python's map; tf.data.Dataset.map", seeAlso: ["filter", "reduce"]
  ) { context, xs, f in
    let function = try ItemFunction(f, items: xs, caller: "map", context)
    if let lazy = lazy(xs.value) { return try lazy.mapped(function.function, in: context) }
    let next = try xs.iterator()
    var results: [Value] = []
    results.reserveCapacity(min(Conversions.count(of: xs.value) ?? 0, 1 << 16))
    defer { if Interruption.isRequested { Background.free(&results) } }
    while let item = try next() {
      try Interruption.check()
      results.append(try function(item))
    }
    return .list(results)
  }

  private static let filter = FunctionDeclaration(
    "filter", topic: topic, "The items for which a function gives true",
    takes: ArgumentList(
      xs,
      Argument("f", .itemFunction, "Takes an item, gives true or false")),
    returns: "a list; of a dataset, a dataset",
    errors: ["type: a function that gives something else than a bool"],
    examples: [Example("filter([3, 8, 5], x => x > 4)", output: "[8, 5]")],
    source: "Python's filter", seeAlso: ["map"]
  ) { context, xs, f in
    let function = try ItemFunction(f, items: xs, caller: "filter", context)
    if let lazy = lazy(xs.value) { return try lazy.filtered(function.function, in: context) }
    let next = try xs.iterator()
    var kept: [Value] = []
    defer { if Interruption.isRequested { Background.free(&kept) } }
    while let item = try next() {
      try Interruption.check()
      if try function.test(item, "f") { kept.append(item) }
    }
    return .list(kept)
  }

  private static let reduce = FunctionDeclaration(
    "reduce", topic: topic, "Combines all items to one value, from the first to the last",
    takes: ArgumentList(
      xs,
      Argument("f", .itemFunction, "Takes the value so far and an item, gives the next value"),
      Argument(
        "initial", .any, default: .nothing, "The value before the first item; none starts with the first"
      ).ifGiven),
    returns: "the last value", errors: ["value: no items and no initial value"],
    examples: [Example("reduce([1, 2, 3, 4], (total, x) => total * x)", output: "24")],
    source: "Python's functools.reduce", seeAlso: ["sum", "map"]
  ) { context, xs, f, initial in
    let function = try ItemFunction(f, items: xs, caller: "reduce", context).function
    let next = try xs.iterator()
    guard var result = try initial?.value ?? next() else {
      throw Failure(.value, "nothing to reduce: there are no items and no initial value", parameter: "xs")
    }
    while let item = try next() {
      try Interruption.check()
      result = try context.call(function, [result, item])
    }
    return result
  }

  private static let take = FunctionDeclaration(
    "take", topic: topic, "The first so many items",
    takes: ArgumentList(
      xs,
      Argument("count", .integer(.nonNegative), "How many; fewer are given where there are no more")),
    returns: "a list; of a dataset, a dataset",
    examples: [Example("take([1, 2, 3], 2)", output: "[1, 2]")],
    source: "tf.data.Dataset.take", seeAlso: ["skip", "split"]
  ) { _, xs, count in
    if let lazy = lazy(xs.value), let result = try lazy.taking(count) { return result }
    if let part = try slice(xs.value, stop: count) { return part }
    let next = try xs.iterator()
    var items: [Value] = []
    while items.count < count, let item = try next() { items.append(item) }
    return .list(items)
  }

  private static let skip = FunctionDeclaration(
    "skip", topic: topic, "All but the first so many items",
    takes: ArgumentList(
      xs,
      Argument("count", .integer(.nonNegative), "How many are left out")),
    returns: "a list; of a dataset, a dataset",
    examples: [Example("skip([1, 2, 3], 2)", output: "[3]")],
    source: "tf.data.Dataset.skip", seeAlso: ["take", "split"]
  ) { _, xs, count in
    if let lazy = lazy(xs.value), let result = try lazy.skipping(count) { return result }
    if let part = try slice(xs.value, start: count) { return part }
    return .list(Array(try xs.items().dropFirst(count)))
  }

  private static let split = FunctionDeclaration(
    "split", topic: topic, "Cuts a text at separators, or a sequence in two",
    takes: ArgumentList(
      Argument("x", .items, "A string; or a list, a tensor, a dataset"),
      Argument(
        "by", .value(.optional(.oneOf([.string, .number(.fraction)]))), default: .nothing,
        "For a string, what stands between the parts (none: white space); else the fraction that goes into the "
          + "first part"),
      Argument(
        "count", .optional(.integer(.nonNegative)), default: .nothing,
        "For a string, the most cuts; else how many items go into the first part"),
      Argument(
        "fraction", .optional(.number(.fraction)), default: .nothing,
        "The fraction that goes into the first part, where it is wanted by name")),
    returns: "a list of strings; or a list of two sequences of the kind given",
    errors: ["value: an empty separator", "value: neither a fraction nor a count for a sequence, or both"],
    examples: [
      Example("split(\"a,b,,c\", \",\")", output: "[\"a\", \"b\", \"\", \"c\"]"),
      Example("split(\"  two words \")", output: "[\"two\", \"words\"]"),
      Example("split([1, 2, 3, 4], 0.5)", output: "[[1, 2], [3, 4]]"),
    ],
    notes:
      "A dataset is frozen in one order before it is cut, so that no example is ever in both parts, even "
      + "if it was shuffled before.", source: "Python's str.split", seeAlso: ["take", "skip", "join"]
  ) { _, x, by, count, fraction in
    if case .string(let string) = x.value {
      return try splitText(string.text, by: by.value, most: count ?? .max)
    }
    if case .string = by.value {
      throw Failure(
        .type, "'by' takes the fraction of the first part here, not a string",
        hint: "only strings have separators",
        parameter: "by")
    }
    let fraction = by.value.asNumber ?? fraction
    guard (fraction == nil) != (count == nil) else {
      throw Failure(
        .value, "split takes either the fraction of the first part or its count", hint: "split(xs, 0.7)",
        parameter: fraction == nil ? "by" : "count")
    }
    if let lazy = lazy(x.value), let result = try lazy.split(fraction: fraction, count: count) {
      return result
    }
    var whole = x.value
    if Conversions.count(of: whole) == nil { whole = .list(try x.items()) }
    let total = Conversions.count(of: whole) ?? 0
    // A fraction is rounded, so that 0.7 of 10 is 7 whatever 0.7 is in binary.
    let first = min(total, count ?? Int(((fraction ?? 0) * Double(total)).rounded()))
    if let head = try slice(whole, stop: first), let tail = try slice(whole, start: first) {
      return .list([head, tail])
    }
    let items = try Conversions.items(of: whole, name: "x")
    return .list([.list(Array(items[..<first])), .list(Array(items[first...]))])
  }

  private static let list = FunctionDeclaration(
    "list", topic: topic, "All items in a list",
    takes: ArgumentList(
      Argument("x", .items, "A range, tensor, string, record (its keys), dataset, …")),
    returns: "a list; a tensor becomes nested lists of numbers",
    errors: ["type: a value without items", "memory: too many items"],
    examples: [
      Example("list(range(3))", output: "[0, 1, 2]"), Example("list(eye(2))", output: "[[1, 0], [0, 1]]"),
    ], seeAlso: ["tensor"]
  ) { _, x in
    if case .object(let object as TensorObject) = x.value {
      try Limits.checkListCount(object.tensor.count)
      return try Conversions.nestedLists(object.tensor)
    }
    return .list(try x.items())
  }

  // MARK: Shared

  static func lazy(_ value: Value) -> (any SequenceTransformable)? {
    guard case .object(let object) = value else { return nil }
    return object as? any SequenceTransformable
  }

  /// `x[start:stop]` of values that know how to be cut; nil for others.
  private static func slice(_ value: Value, start: Int? = nil, stop: Int? = nil) throws -> Value? {
    let bounds = Subscript.slice(
      start: start.map { .number($0) } ?? .nothing, stop: stop.map { .number($0) } ?? .nothing, step: .nothing
    )
    switch value {
    case .list(let items):
      let end = min(stop ?? items.count, items.count)
      return .list(Array(items[min(start ?? 0, end)..<end]))
    case .string(let string):
      let characters = string.characters
      let end = min(stop ?? characters.count, characters.count)
      return .string(characters[min(start ?? 0, end)..<end].joined())
    case .object(let object): return try object.subscripted([bounds])
    default: return nil
    }
  }

  private static func splitText(_ text: String, by separator: Value, most: Int) throws -> Value {
    switch separator {
    case .string(let separator):
      guard !separator.text.isEmpty else {
        throw Failure(
          .value, "the separator is empty", hint: "chars(text) gives the single characters", parameter: "by")
      }
      return .strings(try TextSearch.split(text, by: separator.text, most: most))
    case .nothing: return .strings(try TextSearch.words(text, most: most))
    default:
      throw Failure(.type, "'by' takes the separator here, a string, not a number", parameter: "by")
    }
  }
}
