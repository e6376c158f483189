import CapLanguage
import Essentials
import Notebook
import Plotting

/// What all drawing functions take, and what they do with a figure once it is made.
enum PictureArguments {
  /// The parameters that every function ends with that draws between two axes.
  static let parameters: [Parameter] =
    [
      title,
      Parameter(
        "xlabel", .optional(.string), default: .nothing,
        "The horizontal axis's label; none takes what is drawn"
      ),
      Parameter(
        "ylabel", .optional(.string), default: .nothing, "The vertical axis's label; none takes what is drawn"
      ),
      Parameter(
        "xlim", .optional(.list(place)), default: .nothing,
        "[first, last] of the horizontal axis, in its unit; none takes the data's"),
      Parameter(
        "ylim", .optional(.list(place)), default: .nothing,
        "[first, last] of the vertical axis, in its unit; none takes the data's"),
      Parameter(
        "annotations", .list(.object("annotation", AnnotationObject.self)), default: [],
        "What axvline, axhline, axvspan, axhspan and annotate give, to be marked over the data"),
    ] + pageParameters

  /// The parameters of a picture as a whole.
  static let pageParameters: [Parameter] = [
    Parameter(
      "size", .optional(.list(.number(.positive))), default: .nothing, unit: "inches", "[width, height]"),
    Parameter("dpi", .number(.between(10, 2400)), default: 100, unit: "dots per inch", "How sharp a PNG is"),
    Parameter("theme", .choice(["light", "dark"]), default: "light", "The colours of paper and ink"),
    Parameter(
      "save", .oneOf([.optional(.string), .bool]), default: .nothing,
      "The file: a bare name goes into the plots folder, .png, .svg or .pdf by ending; none numbers a PNG; "
        + "false draws nothing yet, for subplots"),
  ]

  static let title = Parameter(
    "title", .optional(.string), default: .nothing, "A line above the picture")

  private static let place = ParameterKind.oneOf([.number, .time, .frequency])

  static let errors = [
    "value: a size that is no picture", "file: the file cannot be written, or the disk is full",
  ]

  static func options(_ arguments: Arguments) throws -> PictureOptions {
    var options = try pageOptions(arguments)
    options.xLabel = try arguments.optionalString("xlabel")
    options.yLabel = try arguments.optionalString("ylabel")
    options.xRange = try limits("xlim", arguments)
    options.yRange = try limits("ylim", arguments)
    options.annotations = try arguments.list("annotations").compactMap {
      ($0.asObject as? AnnotationObject)?.annotation
    }
    return options
  }

  static func pageOptions(_ arguments: Arguments) throws -> PictureOptions {
    var size: PictureSize?
    if !arguments.isNothing("size") {
      let sides = try arguments.numbers("size")
      guard sides.count == 2 else {
        throw Failure(.value, "'size' takes [width, height], not \(sides.count) numbers", parameter: "size")
      }
      size = PictureSize(width: sides[0], height: sides[1], dpi: try arguments.number("dpi"))
    }
    return PictureOptions(
      title: try arguments.optionalString("title"), size: size,
      theme: try arguments.string("theme") == "dark" ? .dark : .light)
  }

  /// `[first, last]` of an axis or of colours; nil for none.
  static func limits(_ name: String, _ arguments: Arguments) throws -> ClosedRange<Double>? {
    if arguments.isNothing(name) { return nil }
    let ends = try arguments.list(name).map { $0.asNumber ?? $0.asQuantity?.amount ?? .nan }
    guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
      throw Failure(
        .value,
        "'\(name)' takes [first, last], two finite numbers that rise, not \(arguments[name].description)",
        parameter: name)
    }
    return ends[0]...ends[1]
  }

  /// Writes and shows the figure as `save` asks.
  static func present(_ figure: Figure, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    var figure = figure
    figure.size.dpi = try arguments.number("dpi")
    let object = FigureObject(figure)
    let session = context.host as? Session
    switch arguments["save"] {
    case .bool(false): break
    case .string(let name): try object.present(path: try path(named: name.text, session), in: session)
    default:
      // With `%plots off` only those pictures are drawn that a file is asked for.
      if session?.settings.pictures == .off { break }
      try object.present(path: try session?.nextPlotPath() ?? "plot.png", in: session)
    }
    return .object(object)
  }

  private static func path(named name: String, _ session: Session?) throws -> String {
    guard !name.isEmpty else { throw Failure(.value, "the file's name is empty", parameter: "save") }
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
