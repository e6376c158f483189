import Essentials

/// How far a piece of long work has come, in numbers: viewers make of them what they show, a line of text
/// (`ProgressText`) or a curve.
///
/// On a terminal redrawn in place; elsewhere only the last one (`isDone`) is shown.
public struct Progress: Sendable, Equatable {
  /// What is counted.
  public enum Unit: Sendable, Equatable {
    /// Steps of training, told as Keras tells them.
    case step
    /// Rounds of a loop.
    case item
  }

  /// A number that was measured on the way, such as the loss.
  public struct Measure: Sendable, Equatable {
    /// What was measured, such as `loss` or `val_recall`.
    public let name: String
    /// The latest value.
    public let value: Double

    /// A number with its name.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// Which piece of work: updates with the same `id` replace each other. See `Session.newProgressID()`.
  public let id: Int
  /// What is counted.
  public let unit: Unit
  /// What the work is, such as `validating`; empty where that is clear.
  public let name: String
  /// How many are done.
  public let done: Int
  /// How many there are; nil if nobody knows.
  public let total: Int?
  /// How long it has taken, in seconds; nil where that says nothing.
  public let seconds: Double?
  /// What was measured.
  public let measures: [Measure]
  /// Words to go with it.
  public let note: String
  /// Whether the work is over; the line then stays.
  public let isDone: Bool

  /// Describes how far the work `id` has come.
  public init(
    id: Int, unit: Unit = .item, name: String = "", done: Int, total: Int?, seconds: Double? = nil,
    measures: [Measure] = [], note: String = "", isDone: Bool = false
  ) {
    self.id = id
    self.unit = unit
    self.name = name
    self.done = done
    self.total = total
    self.seconds = seconds
    self.measures = measures
    self.note = note
    self.isDone = isDone
  }

  /// How much is done, 0 to 1; nil if nobody knows.
  public var fraction: Double? {
    total.map { $0 <= 0 ? 1 : min(1, max(0, Double(done) / Double($0))) }
  }
}

/// A progress in words: `12/36 640ms/step - loss: 0.2113`.
public struct ProgressText: Sendable {
  /// What stands before a bar, such as `12/36`.
  public let label: String
  /// What stands behind it, such as `640ms/step - loss: 0.2113`.
  public let detail: String

  /// The words of a progress.
  public init(_ progress: Progress) {
    let count =
      switch (progress.total, progress.unit) {
      case (let total?, _): "\(progress.done)/\(total)"
      case (nil, .step): "\(progress.done)/?"
      case (nil, .item): "\(progress.done)"
      }
    label = progress.name.isEmpty ? count : "\(progress.name) \(count)"
    var parts = Self.timing(progress)
    parts += progress.measures.map { "\($0.name): \(Self.measure($0.value, 4))" }
    if !progress.note.isEmpty { parts.append(progress.note) }
    detail = parts.joined(separator: " - ")
  }

  /// All of it as one line: `label - detail`.
  public var line: String { [label, detail].filter { !$0.isEmpty }.joined(separator: " - ") }

  /// A measured number with so many decimals; small ones as `1.2345e-05`, like Keras.
  public static func measure(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value > 0 ? "inf" : "-inf" }
    if value != 0, value.magnitude < 1e-3, places > 2 { return NumberText.scientific(value, digits: places) }
    return NumberText.fixed(value, places)
  }

  private static func timing(_ progress: Progress) -> [String] {
    guard let seconds = progress.seconds else { return [] }
    let done = progress.done
    switch progress.unit {
    case .step:
      // `23s 640ms/step`, as Keras writes it.
      let each = seconds / Double(max(done, 1))
      let perStep =
        each >= 1
        ? "\(measure(each, 1))s"
        : each >= 1e-3 ? "\(Int((each * 1e3).rounded()))ms" : "\(Int(each * 1e6))us"
      return ["\(Int(seconds.rounded()))s \(perStep)/step"]
    case .item:
      guard done > 0 else { return [] }
      let each = seconds / Double(done)
      guard !progress.isDone, let total = progress.total, total > done else { return [text(each) + "/item"] }
      return [text(each) + "/item", text(each * Double(total - done)) + " left"]
    }
  }

  private static func text(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.001: "\(NumberText.significant(seconds * 1e6, digits: 3))µs"
    case ..<1: "\(NumberText.significant(seconds * 1000, digits: 3))ms"
    case ..<60: "\(NumberText.fixed(seconds, 1))s"
    default: "\(Int(seconds) / 60)min \(Int(seconds) % 60)s"
    }
  }
}
