import CapLanguage
import CapLibrary
import Foundation
import TestSupport
import Testing

/// Values agree with NumPy and Python: `Reference/numpy_reference.py` made the expected ones.
@Suite struct NumPyTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let code: String
    let expected: Expected
    let tolerance: Double
    var testDescription: String { code }
  }

  enum Expected: Sendable, Equatable {
    case number(Double)
    case text(String)
    case bool(Bool)
    case list([Expected])

    init(json: Any) {
      switch json {
      case let number as NSNumber where isJSONBool(number): self = .bool(number.boolValue)
      case let number as NSNumber: self = .number(number.doubleValue)
      case let text as String where ["nan", "inf", "-inf"].contains(text):
        self = .number(Double(text) ?? .nan)
      case let text as String: self = .text(text)
      case let list as [Any]: self = .list(list.map { Expected(json: $0) })
      default: self = .text("unreadable")
      }
    }

    init(_ value: Value) throws {
      switch value {
      case .number(let number): self = .number(number)
      case .bool(let bool): self = .bool(bool)
      case .string(let string): self = .text(string.text)
      case .list(let list): self = .list(try list.map { try Expected($0) })
      case .object(let tensor as TensorObject):
        self = try Expected(try Conversions.nestedLists(tensor.tensor))
      default: self = .text("<\(value.kindName)>")
      }
    }

    func isClose(to other: Expected, _ tolerance: Double) -> Bool {
      switch (self, other) {
      case (.number(let a), .number(let b)):
        if a == b || (a.isNaN && b.isNaN) { return true }
        return (a - b).magnitude <= tolerance * max(1, b.magnitude)
      case (.list(let a), .list(let b)):
        return a.count == b.count && zip(a, b).allSatisfy { $0.isClose(to: $1, tolerance) }
      default: return self == other
      }
    }
  }

  static let cases: [Case] = {
    let file = RepositoryPaths.root.appendingPathComponent(
      "Tests/CapLibraryTests/Reference/numpy_reference.json")
    guard let data = try? Data(contentsOf: file),
      let rows = try? JSONSerialization.jsonObject(with: data) as? [[Any]]
    else { return [] }
    return rows.compactMap { row in
      guard row.count == 3, let code = row[0] as? String, let tolerance = row[2] as? Double else {
        return nil
      }
      return Case(code: code, expected: Expected(json: row[1]), tolerance: tolerance)
    }
  }()

  @Test func hasCases() { #expect(Self.cases.count > 250) }

  @Test(arguments: cases) func agrees(_ reference: Case) throws {
    let found = try Expected(try CapRunner().value(reference.code))
    #expect(
      found.isClose(to: reference.expected, reference.tolerance), "\(found) instead of \(reference.expected)")
  }
}

/// Whether JSON said `true` or `false`: Foundation keeps bools as numbers.
private func isJSONBool(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
