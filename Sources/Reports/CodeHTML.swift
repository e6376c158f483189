import CapLanguage
import Notebook

/// Code in the colours of the prompt.
enum CodeHTML {
  /// The code with a `span` around each coloured stretch; its class is the colour's name.
  static func text(_ code: String) -> String {
    let utf8 = Array(code.utf8)
    func escaped(_ range: Range<Int>) -> String {
      HTML.escaped(String(decoding: utf8[range], as: UTF8.self))
    }
    var html = ""
    var done = 0
    for (range, color) in CodeColors.stretches(of: code) where range.lowerBound >= done && !range.isEmpty {
      html += escaped(done..<range.lowerBound)
      html += "<span class=\"\(color.rawValue)\">\(escaped(range))</span>"
      done = range.upperBound
    }
    return html + escaped(done..<utf8.count)
  }
}
