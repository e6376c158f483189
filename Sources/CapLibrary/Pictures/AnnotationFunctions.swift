import CapLanguage
import Essentials
import Plotting

/// Something to be marked in a picture, as a value of the language.
final class AnnotationObject: DomainObject, @unchecked Sendable {
  let annotation: Annotation

  init(_ annotation: Annotation) {
    self.annotation = annotation
    super.init()
  }

  override var kindName: String { "annotation" }
  override var summary: String {
    func text(_ numbers: Double...) -> String {
      numbers.map { Value.number($0).description }.joined(separator: ", ")
    }
    let name = annotation.label.map { " \"\($0)\"" } ?? ""
    switch annotation {
    case .verticalLine(let x, _): return "Vertical line at \(text(x))\(name)"
    case .horizontalLine(let y, _): return "Horizontal line at \(text(y))\(name)"
    case .verticalSpan(let from, let to, _): return "Vertical span [\(text(from, to))]\(name)"
    case .horizontalSpan(let from, let to, _): return "Horizontal span [\(text(from, to))]\(name)"
    case .text(let words, let x, let y): return "Text \"\(words)\" at (\(text(x, y)))"
    }
  }

  override func isEqual(to other: DomainObject) -> Bool {
    (other as? AnnotationObject)?.annotation == annotation
  }
}

/// Lines, stretches and words for `annotations=` of the drawing functions.
enum AnnotationFunctions {
  static let all: [FunctionDeclaration] = [axvline, axhline, axvspan, axhspan, annotate]

  /// A place on an axis, in its unit: a number, seconds or hertz.
  private static let place = ArgumentKind<Double>.place.checked { place, name in
    guard place.isFinite else {
      throw Failure(.value, "'\(name)' takes a finite place on the axis, not \(place)")
    }
  }
  private static let label = Argument("label", .optional(.string), default: .nothing, "What stands beside it")
  private static let errors = ["value: a place that is not finite"]
  private static let returns = "an annotation, for annotations=[…] of a drawing function"

  private static let axvline = FunctionDeclaration(
    "axvline", topic: "pictures", "Marks a place of the horizontal axis by a line",
    takes: ArgumentList(
      Argument("x", place, "The place, in the axis's unit"),
      label),
    returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example("axvline(1.5s, \"onset\")", output: "Vertical line at 1.5 \"onset\""),
      FunctionDeclaration.Example(
        inFolder: "plot(wave, annotations=[axvline(1.2s, \"onset\"), axvspan(1.2s, 2s, \"call\")])",
        output: ""),
    ], source: "matplotlib.pyplot.axvline", seeAlso: ["axhline", "axvspan", "annotate"]
  ) { _, x, label in
    let annotation = Annotation.verticalLine(
      x: x, label: label)
    return .object(AnnotationObject(annotation))
  }

  private static let axhline = FunctionDeclaration(
    "axhline", topic: "pictures", "Marks a place of the vertical axis by a line",
    takes: ArgumentList(
      Argument("y", place, "The place, in the axis's unit"),
      label),
    returns: returns, errors: errors,
    examples: [FunctionDeclaration.Example("axhline(0.99)", output: "Horizontal line at 0.99")],
    source: "matplotlib.pyplot.axhline", seeAlso: ["axvline", "axhspan"]
  ) { _, y, label in
    let annotation = Annotation.horizontalLine(
      y: y, label: label)
    return .object(AnnotationObject(annotation))
  }

  private static let axvspan = FunctionDeclaration(
    "axvspan", topic: "pictures", "Shades a stretch of the horizontal axis",
    takes: ArgumentList(
      Argument("xmin", place, "Its begin, in the axis's unit"),
      Argument("xmax", place, "Its end"),
      label),
    returns: returns, errors: errors,
    examples: [FunctionDeclaration.Example("axvspan(1s, 2s)", output: "Vertical span [1, 2]")],
    source: "matplotlib.pyplot.axvspan", seeAlso: ["axvline", "axhspan"]
  ) { _, xmin, xmax, label in
    let annotation = Annotation.verticalSpan(
      from: xmin, to: xmax,
      label: label)
    return .object(AnnotationObject(annotation))
  }

  private static let axhspan = FunctionDeclaration(
    "axhspan", topic: "pictures", "Shades a stretch of the vertical axis",
    takes: ArgumentList(
      Argument("ymin", place, "Its begin, in the axis's unit"),
      Argument("ymax", place, "Its end"),
      label),
    returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example(
        "axhspan(500Hz, 1kHz, \"voice\")", output: "Horizontal span [500, 1000] \"voice\"")
    ],
    source: "matplotlib.pyplot.axhspan", seeAlso: ["axhline", "axvspan"]
  ) { _, ymin, ymax, label in
    let annotation = Annotation.horizontalSpan(
      from: ymin, to: ymax,
      label: label)
    return .object(AnnotationObject(annotation))
  }

  private static let annotate = FunctionDeclaration(
    "annotate", topic: "pictures", "Marks a point by a dot with words beside it",
    takes: ArgumentList(
      Argument("text", .string, "The words"),
      Argument("x", place, "Where, in the horizontal axis's unit"),
      Argument("y", place, "Where, in the vertical axis's unit")),
    returns: returns, errors: errors,
    examples: [
      FunctionDeclaration.Example("annotate(\"peak\", 1s, 0.5)", output: "Text \"peak\" at (1, 0.5)"),
      FunctionDeclaration.Example(
        inFolder: "plot(abs(stft(wave, 20ms, 5ms)), annotations=[annotate(\"call\", 1.2s, 800Hz)])",
        output: ""),
    ],
    source: "matplotlib.pyplot.annotate", seeAlso: ["axvline", "axhline"]
  ) { _, text, x, y in
    let annotation = Annotation.text(
      text, x: x, y: y)
    return .object(AnnotationObject(annotation))
  }
}
