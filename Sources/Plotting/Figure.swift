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

  /// Draws the figure as pixels, with a record of what was drawn.
  /// - Throws: a `value` failure for a size out of range, `memory`, `interrupt`.
  public func render() throws -> Rendering {
    let (width, height) = try size.pixels()
    let canvas = try Canvas(pixels: width, height, dpi: size.dpi)
    try FigureView(figure: self, canvas: canvas).draw()
    return Rendering(
      width: width, height: height, pixels: try canvas.finishPixels(), dpi: size.dpi, content: canvas.record)
  }

  /// The figure as the bytes of a PNG file: the same figure gives the same bytes.
  public func pngBytes(metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8] {
    try render().pngBytes(metadata: described(metadata))
  }

  /// The figure as the bytes of a file of this format.
  public func bytes(_ format: PictureFormat, metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8]
  {
    switch format {
    case .png: return try pngBytes(metadata: metadata)
    case .svg: return try vectorBytes(.svg, metadata)
    case .pdf: return try vectorBytes(.pdf, metadata)
    }
  }

  /// Writes the figure as PNG, SVG or PDF, by the path's ending (`.png`, `.svg`, `.pdf`).
  /// - Throws: a `value` failure for another ending, a `file` failure that names the path, or what
  ///   `render` throws.
  public func write(to path: String, metadata: PictureMetadata = PictureMetadata()) throws {
    let format = try PictureFormat(path: path)
    try FileReplacement.write(bytes(format, metadata: metadata), to: path)
  }

  private func vectorBytes(_ format: VectorFormat, _ metadata: PictureMetadata) throws -> [UInt8] {
    _ = try size.pixels()
    let canvas = try Canvas(
      vector: format, width: size.width * 72, height: size.height * 72, metadata: described(metadata))
    try FigureView(figure: self, canvas: canvas).draw()
    let bytes = try canvas.finishBytes()
    return format == .svg ? SVGFile.finished(bytes, metadata: described(metadata)) : bytes
  }

  private func described(_ metadata: PictureMetadata) -> PictureMetadata {
    var metadata = metadata
    metadata.title = metadata.title ?? title
    return metadata
  }
}
