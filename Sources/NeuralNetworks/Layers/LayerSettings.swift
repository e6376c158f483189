import Essentials
import Tensors

/// A layer's settings by name, as a model file keeps them: numbers, words, flags and lists of numbers.
public struct LayerSettings: Sendable, Equatable {
  /// One setting.
  public enum Value: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// A word, such as `relu`.
    case word(String)
    /// Whole numbers, such as a kernel's height and width.
    case integers([Int])
    /// Yes or no.
    case flag(Bool)
    /// Settings of a part: a regularizer, or a layer within a layer, with its `kind`.
    case group(LayerSettings)
  }

  /// Name and value of each setting.
  public private(set) var values: [String: Value] = [:]

  /// No settings.
  public init() {}

  /// Reads or sets one setting.
  public subscript(name: String) -> Value? {
    get { values[name] }
    set { values[name] = newValue }
  }

  func integers(_ name: String, count: Int? = nil) throws(Failure) -> [Int] {
    guard case .integers(let list) = values[name], count == nil || list.count == count else {
      throw malformed(name, count == nil ? "a list of whole numbers" : "\(count ?? 0) whole numbers")
    }
    return list
  }

  func shape(_ name: String) throws(Failure) -> Shape? {
    values[name] == nil ? nil : try integers(name)
  }

  /// Files that were written before a setting existed do not have it.
  func flag(_ name: String, default missing: Bool) throws(Failure) -> Bool {
    guard let value = values[name] else { return missing }
    guard case .flag(let flag) = value else { throw malformed(name, "true or false") }
    return flag
  }

  func group(_ name: String) throws(Failure) -> LayerSettings? {
    guard let value = values[name] else { return nil }
    guard case .group(let group) = value else { throw malformed(name, "a group of settings") }
    return group
  }

  func extent(_ name: String, default missing: Extent? = nil) throws(Failure) -> Extent {
    if values[name] == nil, let missing { return missing }
    let sides = try integers(name, count: 2)
    return Extent(sides[0], sides[1])
  }

  func integer(_ name: String, default missing: Int? = nil) throws(Failure) -> Int {
    if values[name] == nil, let missing { return missing }
    guard case .number(let value) = values[name], let whole = Int(exactly: value) else {
      throw malformed(name, "a whole number")
    }
    return whole
  }

  func number(_ name: String, default missing: Double? = nil) throws(Failure) -> Double {
    if values[name] == nil, let missing { return missing }
    guard case .number(let value) = values[name] else { throw malformed(name, "a number") }
    return value
  }

  func word<Choice: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(Failure) -> Choice where Choice.RawValue == String {
    guard case .word(let text) = values[name], let choice = Choice(rawValue: text) else {
      throw malformed(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  func malformed(_ name: String, _ expected: String) -> Failure {
    Failure(.format, "the setting '\(name)' should be \(expected)")
  }
}
