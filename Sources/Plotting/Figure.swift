import Essentials

/// A picture: one or more panels of axes and marks, a size and a theme.
///
/// A value: nothing is drawn until it is rendered or written. The factories (`waveform`,
/// `spectrogram`, `lines`, …) make figures; `subplots` composes them.
public struct Figure: Sendable {
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

  /// Draws the figure as pixels, with a record of what was drawn.
  /// - Throws: a `value` failure for a size out of range, `memory`, `interrupt`.
  public func render() throws -> Rendering {
    throw Failure(.state, "not drawn yet")
  }

  /// The figure as the bytes of a PNG file: the same figure gives the same bytes.
  public func pngBytes(metadata: PictureMetadata = PictureMetadata()) throws -> [UInt8] {
    try render().pngBytes(metadata: metadata)
  }

  /// Writes the figure as PNG, SVG or PDF, by the path's ending (`.png`, `.svg`, `.pdf`).
  /// - Throws: a `value` failure for another ending, a `file` failure that names the path, or what `render` throws.
  public func write(to path: String, metadata: PictureMetadata = PictureMetadata()) throws {
    try FileReplacement.write(pngBytes(metadata: metadata), to: path)
  }
}
