import CapLanguage
import Essentials
import Notebook
import Plotting
import Synchronization

/// A picture, as a value of the language. Drawing functions write and show it at once; as the value of a
/// later cell it is shown again.
final class FigureObject: DomainObject, RichDisplay, @unchecked Sendable {
  let figure: Figure
  private let shown = Mutex<(picture: Picture, cell: Int)?>(nil)

  init(_ figure: Figure) {
    self.figure = figure
    super.init()
  }

  override var kindName: String { "figure" }
  override var summary: String {
    let title = figure.title.map { " \"\($0)\"" } ?? ""
    return "Figure\(title)" + (path.map { " · \($0)" } ?? "")
  }

  private var path: String? { shown.withLock { $0?.picture.path } }

  override class var ownFieldNames: [String] {
    ["title", "path"]
  }
  override func field(_ name: String) throws -> Value? {
    switch name {
    case "title": figure.title.map { .string($0) } ?? .nothing
    case "path": path.map { .string($0) } ?? .nothing
    default: nil
    }
  }

  /// Writes the figure and tells the session.
  func present(path: String, in session: Session?) throws {
    let format = try PictureFormat(path: path)
    let drawn = try figure.drawn(
      format,
      metadata: PictureMetadata(
        title: figure.title, source: session.map(Self.origin), software: "capuchin-repl"))
    try FileReplacement.write(drawn.bytes, to: path)
    if let session { MissingGlyphs.tell(drawn.content.missingGlyphs, in: session) }
    let pixels = try figure.size.pixels()
    let figure = figure
    func picture(_ bytes: [UInt8]?) -> Picture {
      Picture(
        path: path, format: format, title: figure.title ?? "",
        summary: drawn.content.summary, width: pixels.width, height: pixels.height, bytes: bytes,
        redrawing: { try Self.drawing(of: figure.fitted(width: $0, height: $1), textInPixels: $2) })
    }
    session?.emit(.picture(picture(drawn.bytes)))
    // A picture that is shown again is drawn again: its bytes need not be kept.
    shown.withLock { $0 = (picture(nil), session?.cellNumber ?? 0) }
  }

  private static func drawing(of figure: Figure, textInPixels: Bool) throws -> Picture.Drawing {
    let rendering = try figure.render(omitsText: !textInPixels)
    let pixels = Pixels(width: rendering.width, height: rendering.height, values: rendering.pixels)
    if textInPixels { return Picture.Drawing(pixels: pixels) { try rendering.pngBytes() } }
    let texts = rendering.content.texts.map { text in
      switch text.angle {
      case 0: Picture.PlacedText(text.string, x: text.box.midX, y: text.box.midY)
      case -90: Picture.PlacedText(text.string, x: text.box.midX, y: text.box.midY, isVertical: true)
      default:
        // Slanted names end at their tick. Level ones are longer than the ticks are apart.
        // The upper edge of their box is that of the axis: a line of 9 points goes below it.
        Picture.PlacedText(
          text.string, x: text.box.maxX, y: text.box.y + 9 * rendering.dpi / 72, roomBelow: text.box.height)
      }
    }
    return Picture.Drawing(pixels: pixels, texts: texts) { try rendering.pngBytes() }
  }

  /// Which code made a picture: `cell 3`, `tutorial.cap, cell 3`.
  private static func origin(_ session: Session) -> String {
    var name = session.sourceName[...]
    // A prompt's cell is called `[3]`, a notebook's `tutorial.ipynb[3]`.
    if name.hasSuffix("]"), let bracket = name.lastIndex(of: "[") { name = name[..<bracket] }
    return (name.isEmpty ? "" : name + ", ") + "cell \(session.cellNumber)"
  }

  func outputs(in session: Session) throws -> [Output] {
    guard let (picture, cell) = shown.withLock({ $0 }) else { return [.value(summary)] }
    return cell == session.cellNumber ? [] : [.picture(picture)]
  }

  /// The letters after the last point of the file's name, in lower case.
  static func ending(_ path: String) -> String {
    guard let point = path.lastIndex(of: "."), !path[point...].contains("/") else { return "" }
    return path[path.index(after: point)...].lowercased()
  }
}

/// Letters that no font here has, told of once each.
private enum MissingGlyphs {
  private static let told = Mutex<Set<Character>>([])

  static func tell(_ letters: [Character], in session: Session) {
    let new = told.withLock { told in letters.filter { told.insert($0).inserted } }
    guard !new.isEmpty else { return }
    let list = new.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (new.count > 8 ? ", …" : "")
    session.warn(
      "no font here has the letter\(new.count == 1 ? "" : "s") \(list): pictures show a box instead",
      hint:
        "fonts for more scripts are in Debian's fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji")
  }
}
