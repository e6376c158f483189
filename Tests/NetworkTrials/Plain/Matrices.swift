/// Matrices, and sequences (examples, steps, numbers) as matrices of one step.
extension Field {
  /// This matrix times another one.
  func times(_ other: Field) -> Field {
    let (rows, inner, columns) = (shape[0], shape[1], other.shape[1])
    var product = Field([rows, columns])
    for row in 0..<rows {
      for k in 0..<inner {
        let factor = values[row * inner + k]
        for column in 0..<columns {
          product.values[row * columns + column] += factor * other.values[k * columns + column]
        }
      }
    }
    return product
  }

  var transposed: Field {
    var turned = Field([shape[1], shape[0]])
    for row in 0..<shape[0] {
      for column in 0..<shape[1] {
        turned.values[column * shape[0] + row] = values[row * shape[1] + column]
      }
    }
    return turned
  }

  /// Part `number` of `count` equal ones, side by side.
  func part(_ number: Int, of count: Int) -> Field {
    let width = shape[1] / count
    var part = Field([shape[0], width])
    for row in 0..<shape[0] {
      for column in 0..<width {
        part.values[row * width + column] = values[row * shape[1] + number * width + column]
      }
    }
    return part
  }

  /// Matrices of as many rows side by side.
  static func joined(_ parts: [Field]) -> Field {
    let width = parts.reduce(0) { $0 + $1.shape[1] }
    var whole = Field([parts[0].shape[0], width])
    var first = 0
    for part in parts {
      for row in 0..<part.shape[0] {
        for column in 0..<part.shape[1] {
          whole.values[row * width + first + column] = part.values[row * part.shape[1] + column]
        }
      }
      first += part.shape[1]
    }
    return whole
  }

  /// One step of all examples.
  func step(_ number: Int) -> Field {
    let (steps, width) = (shape[1], shape[2])
    var own = Field([shape[0], width])
    for row in 0..<shape[0] {
      for column in 0..<width {
        own.values[row * width + column] = values[(row * steps + number) * width + column]
      }
    }
    return own
  }

  mutating func setStep(_ number: Int, _ own: Field) {
    let (steps, width) = (shape[1], shape[2])
    for row in 0..<shape[0] {
      for column in 0..<width {
        values[(row * steps + number) * width + column] = own.values[row * width + column]
      }
    }
  }

  static func - (a: Field, b: Field) -> Field { Field(a.shape, zip(a.values, b.values).map { $0 - $1 }) }
}
