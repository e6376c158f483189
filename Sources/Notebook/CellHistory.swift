import CapLanguage
import Essentials

/// `In` or `Out`: what cells were, or came to, by their numbers.
final class CellHistory: DomainObject, @unchecked Sendable {
  private let name: String
  private let values: Monitor<[Int: Value]> = Monitor([:])

  init(name: String) {
    self.name = name
    super.init()
  }

  func record(_ value: Value, number: Int) { values.withLock { $0[number] = value } }
  func removeAll() { values.withLock { $0 = [:] } }
  func value(number: Int) -> Value? { values.withLock { $0[number] } }

  override var kindName: String { name == "In" ? "input history" : "output history" }

  override var summary: String {
    let numbers = values.withLock { $0.keys.sorted() }
    guard let last = numbers.last else { return "\(name): no cells yet" }
    return "\(name)[n] for \(numbers.count) cells, the last one \(name)[\(last)]"
  }

  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    guard subscripts.count == 1, case .index(let index) = subscripts[0] else {
      throw Failure(.type, "\(name)[n] takes the number of one cell")
    }
    guard let number = index.asInt else {
      throw Failure(.type, "\(name)[n] takes the number of a cell, not \(index.kindPhrase)")
    }
    let (found, known) = values.withLock { ($0[number], $0.keys.sorted()) }
    if let found { return found }
    let nothing = name == "In" ? "has not been entered" : "showed no value"
    throw Failure(
      .index, "cell \(number) \(nothing)",
      hint: known.isEmpty ? nil : "\(name)[n] has " + known.suffix(8).map(String.init).joined(separator: ", ")
    )
  }
}
