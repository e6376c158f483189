import Essentials

/// Random matrices with orthogonal columns of length 1, or rows where there are fewer of those.
enum Orthogonal {
  /// Gram and Schmidt's procedure, twice over for the last digits, on normally distributed vectors.
  static func fill(_ matrix: FloatBuffer, rows: Int, columns: Int, _ random: inout RandomSource) {
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors: [[Double]] = []
    while vectors.count < count {
      var vector = (0..<length).map { _ in random.normal() }
      for _ in 0..<2 {
        for other in vectors {
          let product = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in 0..<length { vector[index] -= product * other[index] }
        }
      }
      let size = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard size > 1e-6 else { continue }
      vectors.append(vector.map { $0 / size })
    }
    for (number, vector) in vectors.enumerated() {
      for (index, value) in vector.enumerated() {
        let place = rows >= columns ? index * columns + number : number * columns + index
        matrix.base[place] = Float(value)
      }
    }
  }
}
