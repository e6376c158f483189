import Essentials

/// A picture: one or more panels of axes and marks, a size and a theme.
///
/// A value: nothing is drawn until it is rendered or written. The factories (`waveform`,
/// `spectrogram`, `lines`, …) make figures; `subplots` composes them.
public struct Figure: Sendable, CustomStringConvertible {
  /// The line above everything.
  public var title: String?
  /// The size on paper and in pixels.
  public var size: PictureSize
  /// Light or dark.
  public var theme: Theme
  var content: Panel

  init(title: String? = nil, size: PictureSize, theme: Theme, content: Panel) {
    self.title = title
    self.size = size
    self.theme = theme
    self.content = content
  }

  init(_ axes: Axes, _ options: PictureOptions, size: PictureSize = PictureSize(width: 10, height: 4)) {
    var axes = axes
    axes.apply(options)
    self.init(
      title: options.title, size: options.size ?? size, theme: options.theme, content: .axes(axes))
  }

  /// `Figure "Training" · 1000 × 400 pixels`.
  public var description: String {
    let name = title.map { " \"\(Text.printable(String($0.prefix(60))))\"" } ?? ""
    guard let pixels = try? size.pixels() else { return "Figure\(name)" }
    return "Figure\(name) · \(pixels.width) × \(pixels.height) pixels"
  }

  /// Draws the figure as pixels, with a record of what was drawn. Texts that are omitted stand in the record
  /// all the same, at their places.
  /// - Throws: a `value` failure for a size out of range, `memory`, `interrupt`.
  public func render(omitsText: Bool = false) throws -> Rendering {
    let (width, height) = try size.pixels()
    let canvas = try Canvas(pixels: width, height, dpi: size.dpi)
    canvas.omitsText = omitsText
    try FigureView(figure: self, canvas: canvas).draw()
    return Rendering(
      width: width, height: height, pixels: try canvas.finishPixels(), dpi: size.dpi, content: canvas.record)
  }

  /// The figure within so many pixels, at its own proportions, and no larger than it is. Dots an inch go
  /// first, down to 100; then inches, which keeps the text readable; then both.
  public func fitted(width: Int, height: Int) -> Figure {
    guard let pixels = try? size.pixels() else { return self }
    let scale = min(1, Double(width) / Double(pixels.width), Double(height) / Double(pixels.height))
    guard scale > 0, scale < 1 else { return self }
    var figure = self
    let wanted = size.dpi * scale
    let dpi = max(10, wanted / max(0.6, min(1, wanted / 100)))
    figure.size = PictureSize(
      width: size.width * wanted / dpi, height: size.height * wanted / dpi, dpi: dpi)
    return figure
  }

  /// The figure as the bytes of a PNG file: the same figure gives the same bytes.
  public func pngBytes(metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8] {
    try bytes(.png, metadata: metadata)
  }

  /// The figure as the bytes of a file of this format: the same figure gives the same bytes.
  public func bytes(_ format: PictureFormat, metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8]
  {
    try drawn(format, metadata: metadata).bytes
  }

  /// The figure as the bytes of a file of this format, with a record of what was drawn.
  /// - Throws: what `render` throws.
  public func drawn(
    _ format: PictureFormat, metadata: PictureMetadata = PictureMetadata()
  ) throws -> (bytes: [UInt8], content: DrawnContent) {
    switch format {
    case .png:
      let rendering = try render()
      return (try rendering.pngBytes(metadata: described(metadata)), rendering.content)
    case .svg: return try vector(.svg, metadata)
    case .pdf: return try vector(.pdf, metadata)
    }
  }

  /// Writes the figure as PNG, SVG or PDF, by the path's ending (`.png`, `.svg`, `.pdf`).
  /// - Throws: a `value` failure for another ending, a `file` failure that names the path, or what
  ///   `render` throws.
  public func write(to path: String, metadata: PictureMetadata = PictureMetadata()) throws {
    let format = try PictureFormat(path: path)
    try FileReplacement.write(bytes(format, metadata: metadata), to: path)
  }

  private func vector(
    _ format: VectorFormat, _ metadata: PictureMetadata
  ) throws -> (bytes: [UInt8], content: DrawnContent) {
    _ = try size.pixels()
    let canvas = try Canvas(
      vector: format, width: size.width * 72, height: size.height * 72, metadata: described(metadata))
    try FigureView(figure: self, canvas: canvas).draw()
    let bytes = try canvas.finishBytes()
    return (
      format == .svg ? SVGFile.finished(bytes, metadata: described(metadata)) : bytes, canvas.record
    )
  }

  private func described(_ metadata: PictureMetadata) -> PictureMetadata {
    var metadata = metadata
    metadata.title = metadata.title ?? title
    return metadata
  }
}
