import Essentials

/// A picture in a file, and its bytes where they were kept.
public struct Picture: Sendable {
  /// A picture drawn for a front end.
  public struct Drawing: Sendable {
    /// What was drawn; the words only where `texts` is empty.
    public let pixels: Pixels
    /// The words, where they are not among the pixels.
    public let texts: [PlacedText]
    /// The pixels as the bytes of a PNG file.
    public let pngBytes: @Sendable () throws -> [UInt8]

    /// Pixels, and the words that belong to them.
    public init(
      pixels: Pixels, texts: [PlacedText] = [], pngBytes: @escaping @Sendable () throws -> [UInt8]
    ) {
      self.pixels = pixels
      self.texts = texts
      self.pngBytes = pngBytes
    }
  }

  /// Words in a picture.
  public struct PlacedText: Sendable, Equatable {
    /// The words.
    public let string: String
    /// The middle of their box, in pixels from the left.
    public let x: Double
    /// The middle of their box, in pixels from the top.
    public let y: Double
    /// Whether they run upwards.
    public let isVertical: Bool
    /// How far down they may be moved where their place is taken, in pixels.
    public let roomBelow: Double

    /// Words around a place.
    public init(
      _ string: String, x: Double, y: Double, isVertical: Bool = false, roomBelow: Double = 0
    ) {
      self.string = string
      self.x = x
      self.y = y
      self.isVertical = isVertical
      self.roomBelow = roomBelow
    }
  }

  /// Draws the picture within so many pixels, and not larger than it is.
  public typealias Redrawing =
    @Sendable (_ width: Int, _ height: Int, _ textInPixels: Bool) throws -> Drawing

  /// Where the file was written, as given: relative to the current folder, or absolute.
  public let path: String
  /// What the file holds.
  public let format: PictureFormat
  /// The figure's title, empty if it has none.
  public let title: String
  /// What the picture shows, in words, for readers who cannot see it; empty if nobody said.
  public let summary: String
  /// Width in pixels (of a PNG of the figure's size).
  public let width: Int
  /// Height in pixels (of a PNG of the figure's size).
  public let height: Int
  /// The file's bytes, for front ends that show pictures themselves; nil means: read the file.
  public let bytes: [UInt8]?
  private let redrawing: Redrawing?

  /// Describes a picture that has been written to `path`.
  public init(
    path: String, format: PictureFormat = .png, title: String = "", summary: String = "", width: Int,
    height: Int,
    bytes: [UInt8]? = nil, redrawing: Redrawing? = nil
  ) {
    self.path = path
    self.format = format
    self.title = title
    self.summary = summary
    self.width = width
    self.height = height
    self.bytes = bytes
    self.redrawing = redrawing
  }

  /// The picture as PNG whatever its file's format, for front ends that show pixels: the bytes that were
  /// kept, else drawn anew, else the file's. Where it can be drawn anew it is no larger than `limit`, else it
  /// is as large as it is.
  /// - Throws: a `file` failure if the file cannot be read, a `value` failure if there is no way to a PNG.
  public func pngBytes(fitting limit: (width: Int, height: Int)? = nil) throws -> [UInt8] {
    let fits = limit.map { width <= $0.width && height <= $0.height } ?? true
    if format == .png, let bytes, fits || redrawing == nil { return bytes }
    if let redrawing { return try redrawing(limit?.width ?? width, limit?.height ?? height, true).pngBytes() }
    guard format == .png else {
      throw Failure(.value, "'\(path)' is a \(format.rawValue.uppercased()) file, not a PNG")
    }
    return try InputFile(path).remainingBytes(limit: 1 << 28)
  }

  /// The picture drawn anew, no larger than `limit`; nil where it cannot be, but stands in its file.
  /// - Parameter textInPixels: Whether the words are among the pixels; false for front ends whose pixels are too
  ///   coarse for letters.
  /// - Throws: what drawing meets.
  public func drawing(fitting limit: (width: Int, height: Int), textInPixels: Bool) throws -> Drawing? {
    try redrawing?(limit.width, limit.height, textInPixels)
  }
}
