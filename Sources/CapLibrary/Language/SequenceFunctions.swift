import CapLanguage
import Essentials
import Tensors

/// Lists, ranges, and whatever else has items. Lazy sequences (datasets) stay lazy.
enum SequenceFunctions {
  static let all = [
    len, range, enumerate, zip, map, filter, reduce, sorted, sort, reversed, take, skip, split, shuffle,
    unique,
    counts, count, find, contains, list,
  ]

  private static let topic = "sequences"
  private static let xs = Parameter("xs", .items, "The items")

  private static let len = FunctionDeclaration(
    "len", topic: topic, "How many items something has",
    parameters: [
      Parameter("x", .any, "A list, string, record, range, tensor (its first axis), audio, dataset, …")
    ],
    returns: "a number: of items, of characters for a string, of keys for a record",
    errors: ["type: a value without a length"],
    examples: [Example("len([1, 2, 3])", output: "3"), Example("len(\"héllo\")", output: "5")]
  ) { arguments, _ in
    guard let count = Conversions.count(of: arguments["x"]) else {
      throw Failure(.type, "\(arguments["x"].kindPhrase) has no length", parameter: "x")
    }
    return .number(count)
  }

  private static let range = FunctionDeclaration(
    "range", topic: topic, "Numbers one after the other, made only as they are asked for",
    parameters: [
      Parameter("start", .number, "The first number; the end, where no other is given (the first is then 0)"),
      Parameter("stop", .optional(.number), default: .nothing, "The end, which is left out"),
      Parameter("step", .number, default: 1, "From one number to the next; negative counts down"),
    ],
    returns: "a range: start, start + step, … before stop",
    errors: ["value: a step of 0, or more numbers than can be counted"],
    examples: [
      Example("list(range(4))", output: "[0, 1, 2, 3]"),
      Example("list(range(10, 0, -4))", output: "[10, 6, 2]"),
    ], source: "Python's range", seeAlso: ["arange", "enumerate"]
  ) { arguments, _ in
    let start = try arguments.number("start")
    guard let stop = try arguments.optionalNumber("stop") else {
      return .object(try RangeObject(start: 0, stop: start, step: try arguments.number("step")))
    }
    return .object(try RangeObject(start: start, stop: stop, step: try arguments.number("step")))
  }

  private static let enumerate = FunctionDeclaration(
    "enumerate", topic: topic, "Pairs each item with its position",
    parameters: [xs, Parameter("start", .integer, default: 0, "The first position")],
    returns: "a list of pairs [position, item]; of a dataset, a dataset",
    examples: [Example("for i, x in enumerate([\"a\", \"b\"]) { print(i, x) }", output: "0 a\n1 b")],
    seeAlso: ["zip"]
  ) { arguments, _ in
    let start = try arguments.int("start")
    if let lazy = lazy(arguments["xs"]), let result = try lazy.enumerated(start: start) { return result }
    let items = try Conversions.items(of: arguments["xs"], name: "xs")
    return .list(items.enumerated().map { .list([.number(Double(start) + Double($0)), $1]) })
  }

  private static let zip = FunctionDeclaration(
    "zip", topic: topic, "Puts the first items together, the second ones, and so on",
    parameters: [.variadic("sequences", .items, "Two or more lists, ranges, tensors, datasets, …")],
    returns: "a list of lists, as many as the shortest sequence has items; where one is a dataset, a dataset",
    examples: [
      Example("zip([1, 2, 3], [\"a\", \"b\", \"c\"])", output: "[[1, \"a\"], [2, \"b\"], [3, \"c\"]]")
    ],
    source: "Python's zip", seeAlso: ["enumerate"]
  ) { arguments, _ in
    let sequences = arguments.variadic("sequences")
    if let first = sequences.first, let lazy = lazy(first),
      let result = try lazy.zipped(with: Array(sequences.dropFirst()))
    {
      return result
    }
    let sources = try sequences.map { try Conversions.iterator(over: $0, name: "sequences") }
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
    parameters: [xs, Parameter("f", .itemFunction, "The function")],
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
  ) { arguments, context in
    let function = try ItemFunction(arguments, "f", items: "xs", caller: "map", context)
    if let lazy = lazy(arguments["xs"]) { return try lazy.mapped(try arguments.function("f"), in: context) }
    let next = try Conversions.iterator(over: arguments["xs"], name: "xs")
    var results: [Value] = []
    results.reserveCapacity(min(Conversions.count(of: arguments["xs"]) ?? 0, 1 << 16))
    while let item = try next() {
      try Interruption.check()
      results.append(try function(item))
    }
    return .list(results)
  }

  private static let filter = FunctionDeclaration(
    "filter", topic: topic, "The items for which a function gives true",
    parameters: [xs, Parameter("f", .itemFunction, "Takes an item, gives true or false")],
    returns: "a list; of a dataset, a dataset",
    errors: ["type: a function that gives something else than a bool"],
    examples: [Example("filter([3, 8, 5], x => x > 4)", output: "[8, 5]")],
    source: "Python's filter", seeAlso: ["map"]
  ) { arguments, context in
    let function = try ItemFunction(arguments, "f", items: "xs", caller: "filter", context)
    if let lazy = lazy(arguments["xs"]) { return try lazy.filtered(try arguments.function("f"), in: context) }
    let next = try Conversions.iterator(over: arguments["xs"], name: "xs")
    var kept: [Value] = []
    while let item = try next() {
      try Interruption.check()
      if try function.test(item, "f") { kept.append(item) }
    }
    return .list(kept)
  }

  private static let reduce = FunctionDeclaration(
    "reduce", topic: topic, "Combines all items to one value, from the first to the last",
    parameters: [
      xs, Parameter("f", .itemFunction, "Takes the value so far and an item, gives the next value"),
      Parameter(
        "initial", .any, default: .nothing, "The value before the first item; none starts with the first"),
    ],
    returns: "the last value", errors: ["value: no items and no initial value"],
    examples: [Example("reduce([1, 2, 3, 4], (total, x) => total * x)", output: "24")],
    source: "Python's functools.reduce", seeAlso: ["sum", "map"]
  ) { arguments, context in
    _ = try ItemFunction(arguments, "f", items: "xs", caller: "reduce", context)
    let function = try arguments.function("f")
    let next = try Conversions.iterator(over: arguments["xs"], name: "xs")
    var result = arguments["initial"]
    if !arguments.isGiven("initial") {
      guard let first = try next() else {
        throw Failure(.value, "nothing to reduce: there are no items and no initial value", parameter: "xs")
      }
      result = first
    }
    while let item = try next() {
      try Interruption.check()
      result = try context.call(function, [result, item])
    }
    return result
  }

  private static let sorted = FunctionDeclaration(
    "sorted", topic: topic, "The items in rising order",
    parameters: [
      xs,
      Parameter("key", .optional(.function), default: .nothing, "Takes an item, gives what to compare by"),
      Parameter("reverse", .bool, default: false, "Whether to sort in falling order"),
    ],
    returns: "a list; equal items keep their order, nan comes last",
    errors: ["type: items that have no order, or are of different kinds"],
    examples: [
      Example("sorted([3, 1, 2])", output: "[1, 2, 3]"),
      Example("sorted([\"pear\", \"fig\"], key=len)", output: "[\"fig\", \"pear\"]"),
    ], source: "Python's sorted", seeAlso: ["sort", "reversed"]
  ) { arguments, context in
    let items = try Conversions.items(of: arguments["xs"], name: "xs")
    let isDescending = try arguments.bool("reverse")
    guard let key = try arguments.optionalFunction("key") else {
      return .list(try order(items, by: items, isDescending: isDescending))
    }
    let keys = try items.map { try context.call(key, [$0]) }
    return .list(try order(items, by: keys, isDescending: isDescending))
  }

  private static let sort = FunctionDeclaration(
    "sort", topic: topic, "Sorts a tensor along an axis, or a list",
    parameters: [
      Parameter("x", .array, "A tensor, or a list"),
      Parameter("axis", .integer, default: -1, "The axis of a tensor to sort along; -1 is the last"),
      Parameter("descending", .bool, default: false, "Whether the largest comes first"),
    ],
    returns: "what was given, in order; nan comes last", errors: ["index: an axis that is not there"],
    examples: [
      Example("sort(tensor([[3, 1], [2, 5]]))", output: "[[1. 3.]\n [2. 5.]]"),
      Example("sort([\"b\", \"a\"])", output: "[\"a\", \"b\"]"),
    ], source: "numpy.sort", seeAlso: ["sorted", "argsort"]
  ) { arguments, _ in
    let isDescending = try arguments.bool("descending")
    if Conversions.isArray(arguments["x"]) {
      return Conversions.value(
        try arguments.tensor("x").sorted(axis: try arguments.int("axis"), descending: isDescending))
    }
    let items = try Conversions.items(of: arguments["x"], name: "x")
    return .list(try order(items, by: items, isDescending: isDescending))
  }

  private static let reversed = FunctionDeclaration(
    "reversed", topic: topic, "The items from the last to the first",
    parameters: [xs], returns: "a list; a string of a string, a range of a range",
    examples: [
      Example("reversed([1, 2, 3])", output: "[3, 2, 1]"), Example("reversed(\"abc\")", output: "\"cba\""),
    ],
    seeAlso: ["flip", "sorted"]
  ) { arguments, _ in
    switch arguments["xs"] {
    case .string(let string): return .string(string.characters.reversed().joined())
    case .object(let range as RangeObject):
      return try range.subscripted([.slice(start: .nothing, stop: .nothing, step: -1)]) ?? .list([])
    case let other: return .list(try Conversions.items(of: other, name: "xs").reversed())
    }
  }

  private static let take = FunctionDeclaration(
    "take", topic: topic, "The first so many items",
    parameters: [
      xs, Parameter("count", .integer(.nonNegative), "How many; fewer are given where there are no more"),
    ],
    returns: "a list; of a dataset, a dataset",
    examples: [Example("take([1, 2, 3], 2)", output: "[1, 2]")],
    source: "tf.data.Dataset.take", seeAlso: ["skip", "split"]
  ) { arguments, _ in
    let count = try arguments.int("count")
    if let lazy = lazy(arguments["xs"]), let result = try lazy.taking(count) { return result }
    if let part = try slice(arguments["xs"], stop: count) { return part }
    let next = try Conversions.iterator(over: arguments["xs"], name: "xs")
    var items: [Value] = []
    while items.count < count, let item = try next() { items.append(item) }
    return .list(items)
  }

  private static let skip = FunctionDeclaration(
    "skip", topic: topic, "All but the first so many items",
    parameters: [xs, Parameter("count", .integer(.nonNegative), "How many are left out")],
    returns: "a list; of a dataset, a dataset",
    examples: [Example("skip([1, 2, 3], 2)", output: "[3]")],
    source: "tf.data.Dataset.skip", seeAlso: ["take", "split"]
  ) { arguments, _ in
    let count = try arguments.int("count")
    if let lazy = lazy(arguments["xs"]), let result = try lazy.skipping(count) { return result }
    if let part = try slice(arguments["xs"], start: count) { return part }
    return .list(Array(try Conversions.items(of: arguments["xs"], name: "xs").dropFirst(count)))
  }

  private static let split = FunctionDeclaration(
    "split", topic: topic, "Cuts a text at separators, or a sequence in two",
    parameters: [
      Parameter("x", .items, "A string; or a list, a tensor, a dataset"),
      Parameter(
        "by", .optional(.oneOf([.string, .number(.fraction)])), default: .nothing,
        "For a string, what stands between the parts (none: white space); else the fraction that goes into the "
          + "first part"),
      Parameter(
        "count", .optional(.integer(.nonNegative)), default: .nothing,
        "For a string, the most cuts; else how many items go into the first part"),
    ],
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
  ) { arguments, _ in
    if case .string(let string) = arguments["x"] { return try splitText(string.text, arguments) }
    if case .string = arguments["by"] {
      throw Failure(
        .type, "'by' takes the fraction of the first part here, not a string",
        hint: "only strings have separators",
        parameter: "by")
    }
    let fraction = arguments["by"].asNumber
    let count = try arguments.optionalInt("count")
    guard (fraction == nil) != (count == nil) else {
      throw Failure(
        .value, "split takes either the fraction of the first part or its count", hint: "split(xs, 0.7)",
        parameter: fraction == nil ? "by" : "count")
    }
    if let lazy = lazy(arguments["x"]), let result = try lazy.split(fraction: fraction, count: count) {
      return result
    }
    var whole = arguments["x"]
    if Conversions.count(of: whole) == nil { whole = .list(try Conversions.items(of: whole, name: "x")) }
    let total = Conversions.count(of: whole) ?? 0
    // A fraction is rounded, so that 0.7 of 10 is 7 whatever 0.7 is in binary.
    let first = min(total, count ?? Int(((fraction ?? 0) * Double(total)).rounded()))
    if let head = try slice(whole, stop: first), let tail = try slice(whole, start: first) {
      return .list([head, tail])
    }
    let items = try Conversions.items(of: whole, name: "x")
    return .list([.list(Array(items[..<first])), .list(Array(items[first...]))])
  }

  private static let shuffle = FunctionDeclaration(
    "shuffle", topic: topic, "The items in a random order",
    parameters: [
      xs,
      Parameter(
        "buffer_size", .optional(.integer(.atLeast(1))), default: .nothing,
        "For a dataset: how many examples wait at a time, one of them being drawn; none holds all"),
      Parameter(
        "seed", .optional(.integer(.nonNegative)), default: .nothing,
        "Decides the order; none draws from the session's random numbers"),
    ],
    returns:
      "a list; a tensor with its rows in another order; of a dataset, a dataset with a new order each pass",
    examples: [Example("sorted(shuffle([1, 2, 3]))", output: "[1, 2, 3]")],
    source: "tf.data.Dataset.shuffle", seeAlso: ["choice", "seed"]
  ) { arguments, context in
    let seed = try arguments.optionalInt("seed")
    if let lazy = lazy(arguments["xs"]),
      let result = try lazy.shuffled(
        bufferSize: try arguments.optionalInt("buffer_size"), seed: seed, in: context)
    {
      return result
    }
    var random = seed.map { RandomSource(seed: UInt64($0)) } ?? context.random
    defer { if seed == nil { context.random = random } }
    if case .object(let object as TensorObject) = arguments["xs"] {
      let order = Array(0..<(object.count ?? 0)).shuffled(using: &random)
      return .object(TensorObject(try object.tensor.taking(order)))
    }
    return .list(try Conversions.items(of: arguments["xs"], name: "xs").shuffled(using: &random))
  }

  private static let unique = FunctionDeclaration(
    "unique", topic: topic, "The different items",
    parameters: [xs],
    returns:
      "a list, each item where it was first met; of a tensor, a tensor of the different numbers in rising order",
    examples: [Example("unique([2, 1, 2, 3, 1])", output: "[2, 1, 3]")], source: "numpy.unique",
    seeAlso: ["counts"]
  ) { arguments, _ in
    if case .object(let object as TensorObject) = arguments["xs"] {
      return .object(TensorObject(try object.tensor.uniqueCounts().values))
    }
    return .list(try tally(try Conversions.items(of: arguments["xs"], name: "xs")).map(\.item))
  }

  private static let counts = FunctionDeclaration(
    "counts", topic: topic, "How often each item occurs",
    parameters: [xs], returns: "a table with the columns value and count, the most frequent first",
    examples: [Example("counts([\"a\", \"b\", \"a\"])[0]", output: "{value: \"a\", count: 2}")],
    source: "Python's collections.Counter", seeAlso: ["unique", "count"]
  ) { arguments, _ in
    let tally = try tally(try Conversions.items(of: arguments["xs"], name: "xs"))
    let rows = tally.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
    return .object(
      TableObject(
        columns: ["value", "count"], rows: rows.map { [$0.element.item, .number($0.element.count)] }))
  }

  private static let count = FunctionDeclaration(
    "count", topic: topic, "How often an item occurs, or a part in a string",
    parameters: [Parameter("x", .items, "A list or a string"), Parameter("item", .any, "What to look for")],
    returns: "a number; parts of a string are counted without overlap",
    errors: ["value: an empty part of a string"],
    examples: [
      Example("count([1, 2, 1], 1)", output: "2"), Example("count(\"banana\", \"an\")", output: "2"),
    ],
    seeAlso: ["counts", "find", "contains"]
  ) { arguments, _ in
    if case .string(let string) = arguments["x"] {
      let part = try arguments.string("item")
      guard !part.isEmpty else { throw Failure(.value, "an empty part cannot be counted", parameter: "item") }
      return .number(TextSearch.positions(of: part, in: string.text).count)
    }
    let item = arguments["item"]
    return .number(try Conversions.items(of: arguments["x"], name: "x").count { $0 == item })
  }

  private static let find = FunctionDeclaration(
    "find", topic: topic, "Where an item stands first, or a part in a string",
    parameters: [Parameter("x", .items, "A list or a string"), Parameter("item", .any, "What to look for")],
    returns: "its position, or none where it does not occur",
    examples: [
      Example("find([5, 7, 9], 7)", output: "1"), Example("find(\"abc\", \"z\") == none", output: "true"),
    ],
    seeAlso: ["contains", "count"]
  ) { arguments, _ in
    if case .string(let string) = arguments["x"] {
      guard let offset = TextSearch.firstPosition(of: try arguments.string("item"), in: string.text) else {
        return .nothing
      }
      return .number(string.text.utf8.prefix(offset).count { $0 & 0xC0 != 0x80 })
    }
    let item = arguments["item"]
    return try Conversions.items(of: arguments["x"], name: "x").firstIndex { $0 == item }.map { .number($0) }
      ?? .nothing
  }

  private static let contains = FunctionDeclaration(
    "contains", topic: topic, "Whether an item is in a list, a key in a record, a part in a string",
    parameters: [Parameter("x", .items, "Where to look"), Parameter("item", .any, "What to look for")],
    returns: "true or false, as `item in x`",
    examples: [Example("contains(\"capuchin\", \"chin\")", output: "true")], seeAlso: ["find", "has"]
  ) { arguments, _ in
    let item = arguments["item"]
    switch arguments["x"] {
    case .string(let string):
      return .bool(TextSearch.firstPosition(of: try arguments.string("item"), in: string.text) != nil)
    case .record(let record): return .bool(record[try arguments.string("item")] != nil)
    case .object(let object):
      if let answer = try object.binary(.contains, right: item) { return answer }
      return .bool(try Conversions.items(of: arguments["x"], name: "x").contains { $0 == item })
    case let other: return .bool(try Conversions.items(of: other, name: "x").contains { $0 == item })
    }
  }

  private static let list = FunctionDeclaration(
    "list", topic: topic, "All items in a list",
    parameters: [Parameter("x", .items, "A range, tensor, string, record (its keys), dataset, …")],
    returns: "a list; a tensor becomes nested lists of numbers",
    errors: ["type: a value without items", "memory: too many items"],
    examples: [
      Example("list(range(3))", output: "[0, 1, 2]"), Example("list(eye(2))", output: "[[1, 0], [0, 1]]"),
    ], seeAlso: ["tensor"]
  ) { arguments, _ in
    if case .object(let object as TensorObject) = arguments["x"] {
      try Limits.checkListCount(object.tensor.count)
      return Conversions.nestedLists(object.tensor)
    }
    return .list(try Conversions.items(of: arguments["x"], name: "x"))
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

  private static func splitText(_ text: String, _ arguments: Arguments) throws -> Value {
    let most = try arguments.optionalInt("count") ?? Int.max
    switch arguments["by"] {
    case .string(let separator):
      guard !separator.text.isEmpty else {
        throw Failure(
          .value, "the separator is empty", hint: "chars(text) gives the single characters", parameter: "by")
      }
      return .strings(TextSearch.split(text, by: separator.text, most: most))
    case .nothing: return .strings(TextSearch.words(text, most: most))
    default:
      throw Failure(.type, "'by' takes the separator here, a string, not a number", parameter: "by")
    }
  }

  /// The items in the order of their keys; equal ones keep their order, nan comes last.
  static func order(_ items: [Value], by keys: [Value], isDescending: Bool) throws -> [Value] {
    let positions = try Array(items.indices).sorted { left, right in
      let (a, b) = (keys[left], keys[right])
      if case .number(let x) = a, case .number(let y) = b {
        if x.isNaN || y.isNaN { return !x.isNaN }
        return isDescending ? x > y : x < y
      }
      return isDescending ? try b.isOrderedBefore(a) : try a.isOrderedBefore(b)
    }
    return positions.map { items[$0] }
  }

  /// Each different item with the number of its occurrences, where it was first met.
  private static func tally(_ items: [Value]) throws -> [(item: Value, count: Int)] {
    var found: [(item: Value, count: Int)] = []
    var numbers: [Double: Int] = [:]
    var texts: [String: Int] = [:]
    var others: [Int] = []
    for item in items {
      try Interruption.check()
      let known: Int?
      switch item {
      case .number(let number): known = numbers[number]
      case .string(let string): known = texts[string.text]
      default: known = others.first { found[$0].item == item }
      }
      if let known {
        found[known].count += 1
        continue
      }
      switch item {
      case .number(let number): numbers[number] = found.count
      case .string(let string): texts[string.text] = found.count
      default: others.append(found.count)
      }
      found.append((item, 1))
    }
    return found
  }
}
