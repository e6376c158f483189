/// A source with `«…»` round the place that a diagnostic must point at.
public struct Marked {
  /// The source without the marks.
  public let text: String
  /// The place between them, in bytes; nil where there are none.
  public let range: Range<Int>?

  /// Takes the marks out.
  public init(_ marked: String) {
    var bytes: [UInt8] = []
    var start: Int?
    var end: Int?
    for scalar in marked.unicodeScalars {
      if scalar == "«" {
        start = bytes.count
      } else if scalar == "»" {
        end = bytes.count
      } else {
        bytes += Array(String(scalar).utf8)
      }
    }
    text = String(decoding: bytes, as: UTF8.self)
    range = start.flatMap { start in end.map { start..<$0 } }
  }
}
