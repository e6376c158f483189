import Foundation
import Tensors
import TestSupport

/// What NumPy computed (References/make_references.py).
struct References: Decodable, Sendable {
  struct PackedTensor: Decodable, Sendable {
    let shape: [Int]
    let data: String

    func tensor() throws -> Tensor {
      try Tensor(shape: shape, elements: data.split(separator: " ").compactMap { Float($0) })
    }
  }

  /// A part of an index: a number, start:stop:step, or a new axis.
  enum Index: Decodable, Sendable {
    case position(Int)
    case slice([Int?])
    case newAxis

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let position = try? container.decode(Int.self) {
        self = .position(position)
      } else if let parts = try? container.decode([Int?].self) {
        self = .slice(parts)
      } else {
        self = .newAxis
      }
    }

    var tensorIndex: TensorIndex {
      switch self {
      case .position(let position): .position(position)
      case .slice(let parts): .slice(start: parts[0], stop: parts[1], step: parts[2])
      case .newAxis: .newAxis
      }
    }
  }

  struct Case: Decodable, Sendable {
    let kind: String
    let name: String
    let inputs: [Int]
    let expected: Int
    let axes: [Int]?
    let keepdims: Bool?
    let argument: Double?
    let numbers: [Double]?
    let indices: [Index]?
  }

  struct Text: Decodable, Sendable {
    let tensor: Int
    let text: String
  }

  let tensors: [PackedTensor]
  let cases: [Case]
  let texts: [Text]

  static let folder = RepositoryPaths.root.appendingPathComponent("Tests/TensorsTests/References")

  static let shared = Result {
    try JSONDecoder().decode(
      References.self, from: Data(contentsOf: folder.appendingPathComponent("cases.json")))
  }

  static func cases(_ kind: String) throws -> [(Case, [Tensor], Tensor)] {
    let references = try shared.get()
    return try references.cases.filter { $0.kind == kind }.map { item in
      (
        item, try item.inputs.map { try references.tensors[$0].tensor() },
        try references.tensors[item.expected].tensor()
      )
    }
  }
}

/// How two tensors differ: nil where the shapes are the same and elements are within `relative` of
/// one another, NaN beside NaN.
func difference(_ actual: Tensor, _ expected: Tensor, relative: Double = 0, absolute: Double = 0) -> String? {
  if actual.shape != expected.shape {
    return "shape \(actual.shape.shapeDescription) instead of \(expected.shape.shapeDescription)"
  }
  for (index, (a, b)) in zip(actual.elements, expected.elements).enumerated() {
    if a == b || (a.isNaN && b.isNaN) { continue }
    let distance = abs(Double(a) - Double(b))
    if distance <= relative * abs(Double(b)) + absolute, distance.isFinite { continue }
    return "element \(index) is \(a) instead of \(b)"
  }
  return nil
}
