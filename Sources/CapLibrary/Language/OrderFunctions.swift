import CapLanguage
import Essentials
import Tensors

/// Sorting, shuffling, counting and finding items.
enum OrderFunctions {
  static let all = [sorted, sort, reversed, shuffle, unique, counts, groupBy, count, find, contains]

  private static let topic = "sequences"
  private static let xs = Argument("xs", .items, "The items")

  private static let sorted = FunctionDeclaration(
    "sorted", topic: topic, "The items in rising order",
    takes: ArgumentList(
      xs,
      Argument("key", .optional(.function), default: .nothing, "Takes an item, gives what to compare by"),
      Argument("reverse", .bool, default: false, "Whether to sort in falling order")),
    returns: "a list; equal items keep their order, nan comes last",
    errors: ["type: items that have no order, or are of different kinds"],
    examples: [
      Example("sorted([3, 1, 2])", output: "[1, 2, 3]"),
      Example("sorted([\"pear\", \"fig\"], key=len)", output: "[\"fig\", \"pear\"]"),
    ], source: "Python's sorted", seeAlso: ["sort", "reversed"]
  ) { context, xs, key, reverse in
    let items = try xs.items()
    let isDescending = reverse
    guard let key = key else {
      return .list(try order(items, by: items, isDescending: isDescending))
    }
    let keys = try items.map { try context.call(key, with: $0) }
    return .list(try order(items, by: keys, isDescending: isDescending))
  }

  private static let sort = FunctionDeclaration(
    "sort", topic: topic, "Sorts a tensor along an axis, or a list",
    takes: ArgumentList(
      Argument("x", .array, "A tensor, or a list"),
      Argument("axis", .integer, default: -1, "The axis of a tensor to sort along; -1 is the last"),
      Argument("descending", .bool, default: false, "Whether the largest comes first")),
    returns: "what was given, in order; nan comes last", errors: ["index: an axis that is not there"],
    examples: [
      Example("sort(tensor([[3, 1], [2, 5]]))", output: "[[1. 3.]\n [2. 5.]]"),
      Example("sort([\"b\", \"a\"])", output: "[\"a\", \"b\"]"),
    ], source: "numpy.sort", seeAlso: ["sorted", "argsort"]
  ) { _, x, axis, descending in
    let isDescending = descending
    if Conversions.isArray(x.value) {
      return Conversions.value(
        try x.tensor().sorted(axis: axis, descending: isDescending))
    }
    let items = try x.items()
    return .list(try order(items, by: items, isDescending: isDescending))
  }

  private static let reversed = FunctionDeclaration(
    "reversed", topic: topic, "The items from the last to the first",
    takes: ArgumentList(
      xs), returns: "a list; a string of a string, a range of a range",
    examples: [
      Example("reversed([1, 2, 3])", output: "[3, 2, 1]"), Example("reversed(\"abc\")", output: "\"cba\""),
    ],
    seeAlso: ["flip", "sorted"]
  ) { _, xs in
    switch xs.value {
    case .string(let string): return .string(string.characters.reversed().joined())
    case .object(let range as RangeObject):
      return try range.subscripted([.slice(start: .nothing, stop: .nothing, step: -1)]) ?? .list([])
    case let other: return .list(try Conversions.items(of: other, name: "xs").reversed())
    }
  }

  private static let shuffle = FunctionDeclaration(
    "shuffle", topic: topic, "The items in a random order",
    takes: ArgumentList(
      xs,
      Argument(
        "buffer_size", .optional(.integer(.atLeast(1))), default: .nothing,
        "For a dataset: how many examples wait at a time, one of them being drawn; none holds all"),
      Argument(
        "seed", .optional(.integer(.nonNegative)), default: .nothing,
        "Decides the order; none draws from the session's random numbers")),
    returns:
      "a list; a tensor with its rows in another order; of a dataset, a dataset with a new order each pass",
    examples: [Example("sorted(shuffle([1, 2, 3]))", output: "[1, 2, 3]")],
    source: "tf.data.Dataset.shuffle", seeAlso: ["choice", "seed"]
  ) { context, xs, bufferSize, seed in
    if let lazy = SequenceFunctions.lazy(xs.value),
      let result = try lazy.shuffled(
        bufferSize: bufferSize, seed: seed, in: context)
    {
      return result
    }
    var random = seed.map { RandomSource(seed: UInt64($0)) } ?? context.random
    defer { if seed == nil { context.random = random } }
    if case .object(let object as TensorObject) = xs.value {
      let order = Array(0..<(object.count ?? 0)).shuffled(using: &random)
      return .object(TensorObject(try object.tensor.taking(order)))
    }
    return .list(try xs.items().shuffled(using: &random))
  }

  private static let unique = FunctionDeclaration(
    "unique", topic: topic, "The different items",
    takes: ArgumentList(
      xs),
    returns:
      "a list, each item where it was first met; of a tensor, a tensor of the different numbers in rising order",
    examples: [Example("unique([2, 1, 2, 3, 1])", output: "[2, 1, 3]")], source: "numpy.unique",
    seeAlso: ["counts"]
  ) { _, xs in
    if case .object(let object as TensorObject) = xs.value {
      return .object(TensorObject(try object.tensor.uniqueCounts().values))
    }
    return .list(try tally(try xs.items()).map(\.item))
  }

  private static let counts = FunctionDeclaration(
    "counts", topic: topic, "How often each item occurs",
    takes: ArgumentList(
      xs), returns: "a table with the columns value and count, the most frequent first",
    examples: [Example("counts([\"a\", \"b\", \"a\"])[0]", output: "{value: \"a\", count: 2}")],
    source: "Python's collections.Counter", seeAlso: ["unique", "count"]
  ) { _, xs in
    let tally = try tally(try xs.items())
    let rows = try tally.enumerated().sorted {
      try Interruption.check()
      return ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }
    return .object(
      TableObject(
        columns: ["value", "count"], rows: rows.map { [$0.element.item, .number($0.element.count)] }))
  }

  private static let groupBy = FunctionDeclaration(
    "group_by", topic: topic, "The items in groups that have a key in common",
    takes: ArgumentList(
      xs,
      Argument("key", .itemFunction, "Takes an item, gives the key of its group")),
    returns: "a record: for each key, as print writes it, the list of its items, in the order they were met",
    errors: ["type: the function before the items"],
    examples: [
      Example(
        "group_by([\"a1\", \"b1\", \"a2\"], name => name[0])", output: "{a: [\"a1\", \"a2\"], b: [\"b1\"]}")
    ],
    notes:
      "Clips that were cut from one recording belong on one side of a split: group them by their source, and "
      + "split the groups.", source: "Python's itertools.groupby, over all items",
    seeAlso: ["counts", "unique", "split"]
  ) { context, xs, key in
    let key = try ItemFunction(key, items: xs, caller: "group_by", context)
    var positions: [String: Int] = [:]
    var groups: [(String, [Value])] = []
    for item in try xs.items() {
      try Interruption.check()
      let name = try key(item).displayText
      if let known = positions[name] {
        groups[known].1.append(item)
      } else {
        positions[name] = groups.count
        groups.append((name, [item]))
      }
    }
    return .record(groups.map { ($0.0, .list($0.1)) })
  }

  private static let count = FunctionDeclaration(
    "count", topic: topic, "How often an item occurs, or a part in a string",
    takes: ArgumentList(
      Argument("x", .items, "A list or a string"),
      Argument("item", .any, "What to look for")),
    returns: "a number; parts of a string are counted without overlap",
    errors: ["value: an empty part of a string"],
    examples: [
      Example("count([1, 2, 1], 1)", output: "2"), Example("count(\"banana\", \"an\")", output: "2"),
    ],
    seeAlso: ["counts", "find", "contains"]
  ) { _, x, item in
    if case .string(let string) = x.value {
      let part = try item.string()
      guard !part.isEmpty else { throw Failure(.value, "an empty part cannot be counted", parameter: "item") }
      return .number(try TextSearch.positions(of: part, in: string.text).count)
    }
    return .number(
      try x.items().count {
        try Interruption.check()
        return $0 == item.value
      })
  }

  private static let find = FunctionDeclaration(
    "find", topic: topic, "Where an item stands first, or a part in a string",
    takes: ArgumentList(
      Argument("x", .items, "A list or a string"),
      Argument("item", .any, "What to look for")),
    returns: "its position, or none where it does not occur",
    examples: [
      Example("find([5, 7, 9], 7)", output: "1"), Example("find(\"abc\", \"z\") == none", output: "true"),
    ],
    seeAlso: ["contains", "count"]
  ) { _, x, item in
    if case .string(let string) = x.value {
      guard let offset = try TextSearch.firstPosition(of: try item.string(), in: string.text)
      else {
        return .nothing
      }
      return .number(string.text.utf8.prefix(offset).count { $0 & 0xC0 != 0x80 })
    }
    return try LongLists.firstIndex(of: item.value, in: try x.items()).map { .number($0) } ?? .nothing
  }

  private static let contains = FunctionDeclaration(
    "contains", topic: topic, "Whether an item is in a list, a key in a record, a part in a string",
    takes: ArgumentList(
      Argument("x", .items, "Where to look"),
      Argument("item", .any, "What to look for")),
    returns: "true or false, as `item in x`",
    examples: [Example("contains(\"capuchin\", \"chin\")", output: "true")], seeAlso: ["find", "has"]
  ) { _, x, item in
    switch x.value {
    case .string(let string):
      return .bool(try TextSearch.firstPosition(of: try item.string(), in: string.text) != nil)
    case .record(let record): return .bool(record[try item.string()] != nil)
    case .object(let object):
      if let answer = try object.binary(.contains, right: item.value) { return answer }
      return .bool(try LongLists.contains(item.value, in: try x.items()))
    default: return .bool(try LongLists.contains(item.value, in: try x.items()))
    }
  }

  // MARK: Shared

  /// The items in the order of their keys; equal ones keep their order, nan comes last.
  static func order(_ items: [Value], by keys: [Value], isDescending: Bool) throws -> [Value] {
    if let numbers = plainNumbers(keys) {
      var pairs = numbers.enumerated().map { (key: $1, position: $0) }
      if pairs.count < 1 << 18 {
        if isDescending { pairs.sort { $0.key > $1.key } } else { pairs.sort { $0.key < $1.key } }
      } else {
        // Short ones are over before anybody presses Ctrl-C, and need not look for it.
        try pairs.sort {
          try Interruption.check()
          return isDescending ? $0.key > $1.key : $0.key < $1.key
        }
      }
      return pairs.map { items[$0.position] }
    }
    let positions = try Array(items.indices).sorted { left, right in
      try Interruption.check()
      let (a, b) = (keys[left], keys[right])
      if case .number(let x) = a, case .number(let y) = b {
        if x.isNaN || y.isNaN { return !x.isNaN }
        return isDescending ? x > y : x < y
      }
      return isDescending ? try b.isOrderedBefore(a) : try a.isOrderedBefore(b)
    }
    return positions.map { items[$0] }
  }

  /// The keys, if all are numbers and none is nan.
  private static func plainNumbers(_ keys: [Value]) -> [Double]? {
    var numbers: [Double] = []
    numbers.reserveCapacity(keys.count)
    for key in keys {
      guard case .number(let number) = key, !number.isNaN else { return nil }
      numbers.append(number)
    }
    return numbers
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
