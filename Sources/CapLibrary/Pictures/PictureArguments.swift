import CapLanguage
import Essentials
import Notebook
import Plotting

/// What a call of a drawing function says of its picture, and what is done with the figure once it is made.
struct PictureSettings {
  /// Where a figure goes.
  enum Target {
    /// Into the plots folder, by number.
    case numbered
    /// Into a file.
    case file(String)
    /// Nowhere yet: it is for `subplots`.
    case nothing
  }

  private(set) var options: PictureOptions
  fileprivate let dpi: Double
  fileprivate let target: Target

  /// With a line above the picture.
  func titled(_ title: String?) -> PictureSettings {
    var settings = self
    settings.options.title = title
    return settings
  }

  fileprivate func with(_ change: (inout PictureOptions) -> Void) -> PictureSettings {
    var settings = self
    change(&settings.options)
    return settings
  }

  /// Writes and shows the figure as `save` asks.
  func present(_ figure: Figure, _ context: CallContext) throws -> Value {
    var figure = figure
    figure.size.dpi = dpi
    let object = FigureObject(figure)
    let session = context.host as? Session
    switch target {
    case .nothing: break
    case .file(let name): try object.present(path: try Self.path(named: name, session), in: session)
    case .numbered:
      // With `%plots off` only those pictures are drawn that a file is asked for.
      if session?.settings.pictures == .off { break }
      try object.present(path: try session?.nextPlotPath() ?? "plot.png", in: session)
    }
    return .object(object)
  }

  private static func path(named name: String, _ session: Session?) throws -> String {
    var name = name
    let ending = FigureObject.ending(name)
    if ending.isEmpty { name += ".png" }
    guard ending.isEmpty || ["png", "svg", "pdf"].contains(ending) else {
      throw Failure(
        .value, "a picture is a .png, .svg or .pdf file, not .\(ending)", hint: "save=\"\(name).png\"",
        parameter: "save")
    }
    return try session?.plotPath(named: name) ?? name
  }
}

/// What all drawing functions take.
enum PictureArguments {
  static let title = Argument("title", .optional(.string), default: .nothing, "A line above the picture")

  /// What a picture is as a whole; every drawing function ends with it.
  static let page = Argument<PictureSettings>.group(
    Argument(
      "size", .optional(.list(.number(.positive))), inner: ["width", "height"], default: .nothing,
      unit: "inches", "[width, height]"),
    Argument("dpi", .number(.between(10, 2400)), default: 100, unit: "dots per inch", "How sharp a PNG is"),
    Argument(
      "theme", .choice([("light", Theme.light), ("dark", .dark)]), default: "light",
      "The colours of paper and ink"),
    Argument(
      "save", .pictureTarget, default: .nothing,
      "The file: a bare name goes into the plots folder, .png, .svg or .pdf by ending; none numbers a PNG; "
        + "false draws nothing yet, for subplots")
  ) { sides, dpi, theme, target in
    var size: PictureSize?
    if let sides {
      guard sides.count == 2 else {
        throw Failure(.value, "'size' takes [width, height], not \(sides.count) numbers", parameter: "size")
      }
      size = PictureSize(width: sides[0], height: sides[1], dpi: dpi)
    }
    return PictureSettings(options: PictureOptions(size: size, theme: theme), dpi: dpi, target: target)
  }

  /// What every function ends with that draws between two axes.
  static let axes = Argument<PictureSettings>.group(
    title,
    Argument(
      "xlabel", .optional(.string), default: .nothing,
      "The horizontal axis's label; none takes what is drawn"),
    Argument(
      "ylabel", .optional(.string), default: .nothing, "The vertical axis's label; none takes what is drawn"),
    Argument(
      "xlim", .optional(.limits(.place)), default: .nothing,
      "[first, last] of the horizontal axis, in its unit; none takes the data's"),
    Argument(
      "ylim", .optional(.limits(.place)), default: .nothing,
      "[first, last] of the vertical axis, in its unit; none takes the data's"),
    Argument(
      "annotations", .list(.object("annotation", AnnotationObject.self)), default: [],
      "What axvline, axhline, axvspan, axhspan and annotate give, to be marked over the data"),
    page
  ) { title, xLabel, yLabel, xRange, yRange, annotations, page in
    page.titled(title).with {
      $0.xLabel = xLabel
      $0.yLabel = yLabel
      $0.xRange = xRange
      $0.yRange = yRange
      $0.annotations = annotations.map(\.annotation)
    }
  }

  static let errors = [
    "value: a size that is no picture", "file: the file cannot be written, or the disk is full",
  ]
}

extension ArgumentKind where Content == PictureSettings.Target {
  /// `save=`: a file, none or true for a numbered one, false for none yet.
  static var pictureTarget: ArgumentKind {
    ArgumentKind(.oneOf([.optional(.string), .bool])) { value, place in
      switch value {
      case .bool(false): return .nothing
      case .string(let name):
        guard !name.text.isEmpty else { throw Failure(.value, "the file's name is empty") }
        return .file(try Path.expanded(name.text, name: place.name))
      default: return .numbered
      }
    }
  }
}

extension ArgumentKind where Content == Double {
  /// A place on an axis, in its unit: a number, seconds or hertz.
  static var place: ArgumentKind { oneOf(.number, .time(), .frequency()) }
}

extension ArgumentKind where Content == ClosedRange<Double> {
  /// `[first, last]` of an axis or of colours.
  static func limits(_ end: ArgumentKind<Double>) -> ArgumentKind {
    let ends = ArgumentKind<[Double]>.list(end)
    return ArgumentKind(
      ends.check,
      decodingBesideOthers: { value, place, arguments in
        let ends = try ends.decode(value, place, arguments)
        guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
          throw Failure(
            .value,
            "'\(place.name)' takes [first, last], two finite numbers that rise, not \(value.description)")
        }
        return ends[0]...ends[1]
      })
  }
}
