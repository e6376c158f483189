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

  override var fieldNames: [String] { ["title", "path"] }
  override func field(_ name: String) throws -> Value? {
    switch name {
    case "title": figure.title.map { .string($0) } ?? .nothing
    case "path": path.map { .string($0) } ?? .nothing
    default: nil
    }
  }

  /// Writes the figure and tells the session.
  func present(path: String, in session: Session?) throws {
    let metadata = PictureMetadata(
      title: figure.title, source: session.map { "cell \($0.cellNumber)" }, software: "capuchin-repl")
    let format = Picture.Format(rawValue: Self.ending(path)) ?? .png
    var bytes: [UInt8]?
    if format == .png {
      let png = try figure.pngBytes(metadata: metadata)
      try FileReplacement.write(png, to: path)
      bytes = png
    } else {
      try figure.write(to: path, metadata: metadata)
    }
    let pixels = try figure.size.pixels()
    let picture = Picture(
      path: path, format: format, title: figure.title ?? "", width: pixels.width, height: pixels.height,
      bytes: bytes)
    session?.emit(.picture(picture))
    // The bytes can be read again from the file.
    let kept = Picture(
      path: path, format: format, title: picture.title, width: picture.width, height: picture.height)
    shown.withLock { $0 = (kept, session?.cellNumber ?? 0) }
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
