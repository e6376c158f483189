import CapLanguage
import Essentials
import NeuralNetworks
import Tensors

/// What kind of labels a dataset has, as far as it is known before they are made.
enum LabelKind: Sendable, Equatable {
  case numbers
  /// Words, all of which are known.
  case words(Set<String>)
  /// What a function makes of them.
  case unknown

  /// The kind of one label: a number or anything else that holds numbers, a word, a list of words.
  /// - Throws: a `type` failure for a list of words and others.
  static func of(_ label: Value, _ name: String) throws -> LabelKind {
    if let word = label.asString { return .words([word]) }
    guard case .list(let items) = label, items.contains(where: { $0.asString != nil }) else {
      return .numbers
    }
    return .words(
      Set(
        try items.map { item in
          guard let word = item.asString else {
            throw Failure(
              .type,
              "a label that holds words holds nothing else, but there is \(item.kindPhrase) beside them",
              parameter: name)
          }
          return word
        }))
  }

  /// The kind of several labels.
  /// - Throws: a `type` failure for words and numbers together.
  static func of(labels: [Value], _ name: String) throws -> LabelKind {
    var words: Set<String>?
    // An empty list is an example without labels, among lists of words.
    let several = labels.contains { $0.asList?.contains { $0.asString != nil } == true }
    for (index, label) in labels.enumerated() {
      if several, label.asList?.isEmpty == true { continue }
      let kind = try of(label, name)
      if index == 0, case .numbers = kind {
        guard !several else { throw mixed(labels, name) }
        continue
      }
      switch (kind, words) {
      case (.words(let own), nil) where index == 0 || several: words = own
      case (.words(let own), .some(let known)): words = known.union(own)
      case (.numbers, nil): break
      default: throw mixed(labels, name)
      }
    }
    return words.map { .words($0) } ?? .numbers
  }

  private static func mixed(_ labels: [Value], _ name: String) -> Failure {
    let word =
      labels.firstIndex { label in (try? of(label, name)).map { $0 != .numbers } ?? false } ?? 0
    let number = labels.firstIndex { label in (try? of(label, name)) == .numbers } ?? 0
    return Failure(
      .type,
      "label \(word) is a word and label \(number) is a number; labels are all words or all numbers",
      hint: "str(label) makes a word of a number", parameter: name)
  }

  /// The kind of labels of both.
  /// - Throws: a `type` failure for words and numbers together.
  func joined(with other: LabelKind) throws -> LabelKind {
    switch (self, other) {
    case (.words(let a), .words(let b)): return .words(a.union(b))
    case (.numbers, .numbers): return .numbers
    case (.unknown, _), (_, .unknown): return .unknown
    default:
      throw Failure(
        .type,
        "one dataset has words as labels (\(wordList ?? other.wordList ?? "")), the other has numbers",
        hint: "give both words: dataset(items, label=\"other\")")
    }
  }

  private var wordList: String? {
    guard case .words(let words) = self else { return nil }
    return words.sorted().prefix(4).joined(separator: ", ")
  }
}

/// Labels as words: their numbers, as a model's loss takes them.
enum LabelEncoding {
  /// The labels of a batch, or of all examples, as numbers.
  /// - Throws: a failure that blames `name`: for words that the model does not know, or words and numbers
  ///   together.
  static func tensor(_ labels: Value, of model: Sequential, exampleShape: Shape, name: String)
    throws
    -> Tensor
  {
    guard case .list(let items) = labels, case .words = try LabelKind.of(labels: items, name) else {
      return try Conversions.tensor(labels, name: name)
    }
    try model.build(inputShape: exampleShape)
    guard let classes = model.classNames else {
      throw Failure(
        .value, "the labels are words, and the model has no classes yet",
        hint: "name them: compile(m, …, classes=[\"frog\", \"owl\"])", parameter: name)
    }
    let units = model.outputShape?.last ?? 1
    guard classes.count == max(units, 2) else {
      throw Failure(
        .shape,
        "\(classes.count) classes (\(shown(classes))) do not go with \(units) output\(units == 1 ? "" : "s")",
        hint: classes.count == 2
          ? "write dense(1, activation=\"sigmoid\") or dense(2, activation=\"softmax\")"
          : "write dense(\(classes.count), activation=\"softmax\")", parameter: name)
    }
    let numbers = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
    func number(_ word: Value) throws -> Int {
      guard let text = word.asString, let number = numbers[text] else {
        throw unknown([word.asString ?? ""], classes, name)
      }
      return number
    }
    let isSparse = model.takesClassNumbers
    if items.allSatisfy({ $0.asString != nil }) {
      let chosen = try items.map(number)
      if units == 1 || isSparse { return Tensor(chosen.map { Float($0) }) }
      return try hot(chosen.map { [$0] }, units)
    }
    guard units > 1, !model.takesOneClass else {
      throw Failure(
        .shape, "the labels are several an example, but the model tells one class from another",
        hint:
          "write dense(\(max(classes.count, 2)), activation=\"sigmoid\") with loss=\"binary_crossentropy\"",
        parameter: name)
    }
    return try hot(
      try items.map { item in try (item.asList ?? [item]).map(number) }, units)
  }

  private static func hot(_ rows: [[Int]], _ units: Int) throws -> Tensor {
    var elements = [Float](repeating: 0, count: rows.count * units)
    for (row, numbers) in rows.enumerated() {
      for number in numbers { elements[row * units + number] = 1 }
    }
    return try Tensor(shape: [rows.count, units], elements: elements)
  }

  /// Gives a model the classes of data whose labels are words, where it has none.
  /// - Returns: what to tell of them, where they are new.
  /// - Throws: a `value` failure that names words which the model does not know, or for words that nobody knows
  ///   before they are made.
  static func nameClasses(_ kind: LabelKind, of model: Sequential, name: String) throws -> String? {
    guard case .words(let words) = kind else { return nil }
    if let classes = model.classNames {
      let others = words.subtracting(classes).sorted()
      guard others.isEmpty else { throw unknown(others, classes, name) }
      return nil
    }
    let classes = words.sorted()
    do { try model.nameClasses(classes) } catch let failure as Failure {
      throw Failure(failure.kind, failure.message, hint: failure.hint, parameter: name)
    }
    let numbered = classes.enumerated().map { "\($0.offset) \($0.element)" }.joined(separator: ", ")
    let scored = model.outputShape?.last == 1 ? "; the output scores \(classes[1])" : ""
    return "classes, sorted: \(numbered)\(scored)\n"
  }

  private static func unknown(_ words: [String], _ classes: [String], _ name: String) -> Failure {
    Failure(
      .value,
      "the model has no class '\(words.prefix(3).joined(separator: "', '"))'; it has \(shown(classes))",
      hint: "a model for other classes is made and compiled anew", parameter: name)
  }

  private static func shown(_ classes: [String]) -> String {
    classes.prefix(8).joined(separator: ", ") + (classes.count > 8 ? ", …" : "")
  }
}
