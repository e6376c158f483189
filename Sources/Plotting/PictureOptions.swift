import Essentials

/// How large a picture is: inches on paper, and pixels an inch.
public struct PictureSize: Sendable, Equatable {
  /// Inches from left to right.
  public var width: Double
  /// Inches from top to bottom.
  public var height: Double
  /// Pixels an inch in a PNG. Text keeps its size on paper, so more dots mean a sharper picture.
  public var dpi: Double

  /// A size in inches.
  public init(width: Double, height: Double, dpi: Double = 100) {
    self.width = width
    self.height = height
    self.dpi = dpi
  }

  /// The size in pixels of a PNG, rounded.
  /// - Throws: a `value` failure if a side is not within 1 to 32000 pixels, or `dpi` not within 10 to 2400.
  public func pixels() throws(Failure) -> (width: Int, height: Int) {
    guard dpi >= 10, dpi <= 2400 else {
      throw Failure(.value, "a picture's dpi must be within 10 to 2400, not \(dpi)", parameter: "dpi")
    }
    return (try Self.side(width * dpi, "width"), try Self.side(height * dpi, "height"))
  }

  private static func side(_ length: Double, _ name: String) throws(Failure) -> Int {
    guard length.rounded() >= 1, length.rounded() <= 32000 else {
      let found = length.isFinite && abs(length) < 1e15 ? "\(Int(length.rounded()))" : "\(length)"
      throw Failure(
        .value, "a picture's \(name) must be within 1 to 32000 pixels, not \(found)", parameter: name)
    }
    return Int(length.rounded())
  }
}

/// What every kind of picture takes.
public struct PictureOptions: Sendable {
  /// A line above the picture, any UTF-8; shortened with `…` where it does not fit.
  public var title: String?
  /// In place of the picture's own label of the horizontal axis.
  public var xLabel: String?
  /// In place of the picture's own label of the vertical axis.
  public var yLabel: String?
  /// The horizontal axis's ends, in its unit; by default those of the data.
  public var xRange: ClosedRange<Double>?
  /// The vertical axis's ends, in its unit; by default those of the data.
  public var yRange: ClosedRange<Double>?
  /// The size; by default one that suits the kind of picture.
  public var size: PictureSize?
  /// Light or dark.
  public var theme: Theme
  /// What is marked beside the data. Where a picture has several panels, what belongs to the horizontal
  /// axis stands in each of them, the rest in the first.
  public var annotations: [Annotation]

  /// All options have defaults.
  public init(
    title: String? = nil, xLabel: String? = nil, yLabel: String? = nil,
    xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>? = nil,
    size: PictureSize? = nil, theme: Theme = .light,
    annotations: [Annotation] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.xRange = xRange
    self.yRange = yRange
    self.size = size
    self.theme = theme
    self.annotations = annotations
  }
}

/// What a picture's file says about its origin: text chunks of a PNG, document properties of a PDF.
public struct PictureMetadata: Sendable, Equatable {
  /// The picture's title; by default the figure's.
  public var title: String?
  /// What was drawn and where: a cell, a source file.
  public var source: String?
  /// The program that drew it.
  public var software: String?

  /// All parts may be absent.
  public init(title: String? = nil, source: String? = nil, software: String? = nil) {
    self.title = title
    self.source = source
    self.software = software
  }
}
