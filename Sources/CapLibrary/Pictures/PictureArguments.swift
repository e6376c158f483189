import CapLanguage
import Essentials
import Notebook
import Plotting

/// What all drawing functions take, and what they do with a figure once it is made.
enum PictureArguments {
  /// The parameters that every drawing function ends with.
  static let parameters: [Parameter] = [
    Parameter("title", .optional(.string), default: .nothing, "A line above the picture"),
    Parameter(
      "xlabel", .optional(.string), default: .nothing, "The horizontal axis's label; none takes what is drawn"
    ),
    Parameter(
      "ylabel", .optional(.string), default: .nothing, "The vertical axis's label; none takes what is drawn"),
    Parameter(
      "size", .optional(.list(.number(.positive))), default: .nothing, unit: "inches", "[width, height]"),
    Parameter("dpi", .number(.between(10, 2400)), default: 100, unit: "dots per inch", "How sharp a PNG is"),
    Parameter("theme", .choice(["light", "dark"]), default: "light", "The colours of paper and ink"),
    Parameter(
      "save", .oneOf([.optional(.string), .bool]), default: .nothing,
      "The file: a bare name goes into the plots folder, .png, .svg or .pdf by ending; none numbers a PNG; "
        + "false draws nothing yet, for subplots"),
  ]

  static let errors = [
    "value: a size that is no picture", "file: the file cannot be written, or the disk is full",
  ]

  static func options(_ arguments: Arguments) throws -> PictureOptions {
    var size: PictureSize?
    if !arguments.isNothing("size") {
      let sides = try arguments.numbers("size")
      guard sides.count == 2 else {
        throw Failure(.value, "'size' takes [width, height], not \(sides.count) numbers", parameter: "size")
      }
      size = PictureSize(width: sides[0], height: sides[1], dpi: try arguments.number("dpi"))
    }
    return PictureOptions(
      title: try arguments.optionalString("title"), xLabel: try arguments.optionalString("xlabel"),
      yLabel: try arguments.optionalString("ylabel"), size: size,
      theme: try arguments.string("theme") == "dark" ? .dark : .light)
  }

  /// Writes and shows the figure as `save` asks.
  static func present(_ figure: Figure, _ arguments: Arguments, _ context: CallContext) throws -> Value {
    var figure = figure
    figure.size.dpi = try arguments.number("dpi")
    let object = FigureObject(figure)
    if case .bool(let wanted) = arguments["save"], !wanted { return .object(object) }
    try object.present(path: try path(arguments, context), in: context.host as? Session)
    return .object(object)
  }

  private static func path(_ arguments: Arguments, _ context: CallContext) throws -> String {
    let session = context.host as? Session
    guard case .string(let string) = arguments["save"] else {
      return try session?.nextPlotPath() ?? "plot.png"
    }
    var name = string.text
    guard !name.isEmpty else { throw Failure(.value, "the file's name is empty", parameter: "save") }
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
