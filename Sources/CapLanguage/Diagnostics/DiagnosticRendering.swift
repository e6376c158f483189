import Essentials

extension Diagnostic {
  /// The diagnostic as text, several lines, no final line end:
  ///
  ///     error: no function named 'sftt'
  ///        ┌─ tutorial.cap:12:13
  ///     12 │ s = wave |> sftt(frame_length=320, frame_step=32)
  ///        │             ^^^^ did you mean 'stft'?
  ///        in f, called at tutorial.cap:30:1
  public func rendered(colored: Bool) -> String {
    DiagnosticRenderer(diagnostic: self, ink: Ink(isColored: colored)).text()
  }
}

/// ANSI colours, or none.
private struct Ink {
  let isColored: Bool
  func paint(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
  func frame(_ text: String) -> String { paint(text, "34") }
  func strong(_ text: String, _ severity: Diagnostic.Severity) -> String {
    paint(text, severity == .error ? "1;31" : "1;33")
  }
  func note(_ text: String) -> String { paint(text, "36") }
}

private struct DiagnosticRenderer {
  let diagnostic: Diagnostic
  let ink: Ink
  /// Columns of source that are shown of a long line.
  private let window = 100

  init(diagnostic: Diagnostic, ink: Ink) {
    self.diagnostic = diagnostic
    self.ink = ink
  }

  private struct Mark {
    let line: Int
    let span: Span
    let text: String
    let isPrimary: Bool
  }

  func text() -> String {
    let severity = diagnostic.severity
    var lines = [
      ink.strong(severity.rawValue + ":", severity) + " " + ink.paint(printable(diagnostic.message), "1")
    ]
    guard let source = diagnostic.source else {
      if let hint = diagnostic.hint { lines.append("  " + printable(hint)) }
      return lines.joined(separator: "\n")
    }
    var marks = [
      Mark(
        line: source.lineIndex(of: Int(diagnostic.span.start)), span: diagnostic.span,
        text: diagnostic.hint ?? "", isPrimary: true)
    ]
    marks += diagnostic.notes.map {
      Mark(line: source.lineIndex(of: Int($0.span.start)), span: $0.span, text: $0.message, isPrimary: false)
    }
    marks.sort { ($0.line, $0.isPrimary ? 0 : 1) < ($1.line, $1.isPrimary ? 0 : 1) }
    let width = String((marks.last?.line ?? 0) + source.firstLine).count
    let blank = String(repeating: " ", count: width + 1)
    let place = source.position(of: Int(diagnostic.span.start))
    lines.append(ink.frame(blank + "┌─") + " \(printable(source.name)):\(place.line):\(place.column)")
    var shown: Int?
    for mark in marks {
      let (text, caretStart, caretWidth) = excerpt(source, mark)
      if shown != mark.line {
        if let shown, mark.line > shown + 1 { lines.append(ink.frame(blank + "⋮")) }
        let number = String(mark.line + source.firstLine)
        let padding = String(repeating: " ", count: width - number.count)
        lines.append(ink.frame("\(padding)\(number) │") + (text.isEmpty ? "" : " " + text))
        shown = mark.line
      }
      let caret = String(repeating: mark.isPrimary ? "^" : "-", count: caretWidth)
      let label = mark.text.isEmpty ? "" : " " + printable(mark.text)
      let painted = mark.isPrimary ? ink.strong(caret + label, severity) : ink.note(caret + label)
      lines.append(ink.frame(blank + "│") + " " + String(repeating: " ", count: caretStart) + painted)
    }
    lines += trace().map { blank + $0 }
    return lines.joined(separator: "\n")
  }

  /// The line as shown, the column of the caret in it and its width.
  private func excerpt(_ source: Source, _ mark: Mark) -> (String, Int, Int) {
    let range = source.lineRange(mark.line)
    let start = min(max(Int(mark.span.start), range.lowerBound), range.upperBound)
    let end = min(max(Int(mark.span.end), start), range.upperBound)
    var before = shown(source.text(range.lowerBound..<start), from: 0)
    var column = TextWidth.of(before)
    var under = shown(source.text(start..<end), from: column)
    var after = shown(source.text(end..<range.upperBound), from: column + TextWidth.of(under))
    var width = TextWidth.of(under)
    if column + width + TextWidth.of(after) > window {
      if column > window / 2 {
        before = "…" + suffix(before, window / 2)
        column = TextWidth.of(before)
      }
      if width > window {
        under = prefix(under, window) + "…"
        width = TextWidth.of(under)
        after = ""
      }
      let room = max(0, window - column - width)
      if TextWidth.of(after) > room { after = prefix(after, room) + "…" }
    }
    return (before + under + after, column, max(1, width))
  }

  private func prefix(_ text: String, _ columns: Int) -> String {
    var taken = ""
    var width = 0
    for scalar in text.unicodeScalars {
      width += TextWidth.of(scalar)
      if width > columns { break }
      taken.unicodeScalars.append(scalar)
    }
    return taken
  }

  private func suffix(_ text: String, _ columns: Int) -> String {
    var taken: [Unicode.Scalar] = []
    var width = 0
    for scalar in text.unicodeScalars.reversed() {
      width += TextWidth.of(scalar)
      if width > columns { break }
      taken.append(scalar)
    }
    return String(String.UnicodeScalarView(taken.reversed()))
  }

  /// Source text as a terminal can show it: tabs to the next fourth column, control characters made visible.
  private func shown(_ text: String, from column: Int) -> String {
    var result = ""
    var position = column
    for scalar in text.unicodeScalars {
      if scalar == "\t" {
        let blanks = 4 - position % 4
        result += String(repeating: " ", count: blanks)
        position += blanks
      } else {
        let safe = safe(scalar)
        result.unicodeScalars.append(safe)
        position += TextWidth.of(safe)
      }
    }
    return result
  }

  private func safe(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) { return picture }
    if (0x7F..<0xA0).contains(scalar.value) { return "\u{FFFD}" }
    return scalar
  }

  /// A message may quote what a file holds.
  private func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(scalar == "\n" ? scalar : safe(scalar)) }
    return String(result)
  }

  private func trace() -> [String] {
    var lines: [(text: String, count: Int)] = []
    for entry in diagnostic.trace {
      let place = entry.source.position(of: Int(entry.span.start))
      let text = "in \(entry.function), called at \(entry.source.name):\(place.line):\(place.column)"
      if let last = lines.last, last.text == text {
        lines[lines.count - 1].count += 1
      } else {
        lines.append((text, 1))
      }
    }
    var texts = lines.map { $0.count > 1 ? "\($0.text) (\($0.count) times)" : $0.text }
    if texts.count > 16 {
      texts = Array(texts[..<8]) + ["… \(texts.count - 14) more calls …"] + Array(texts[(texts.count - 6)...])
    }
    return texts
  }
}
