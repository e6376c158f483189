import CCairo
import Essentials

/// A surface to draw on, in points (1/72 inch) from the top left.
///
/// The only file that owns Cairo handles. Cairo keeps errors inside its context until `finish`.
final class Canvas {
  /// Pixels a point: of the picture itself, or of images within a vector file.
  let pixelsPerPoint: Double
  let isVector: Bool
  let width: Double
  let height: Double
  /// Whether texts are put into the record only.
  var omitsText = false
  /// What was drawn, for `Rendering`.
  var record = DrawnContent()

  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let sink: ByteSink?
  private let pixelWidth: Int
  private let pixelHeight: Int

  private static let vectorResolution = 200.0 / 72

  /// A canvas of pixels.
  init(pixels width: Int, _ height: Int, dpi: Double) throws {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    let limit = min(1 << 30, ByteCount.physicalMemory / 8)
    guard !overflow, count <= limit / 4 else {
      throw Failure(
        .memory,
        "a picture of \(width) × \(height) pixels takes \(ByteCount.text(Double(count) * 4)); "
          + "at most \(ByteCount.text(Double(limit))) is given to one",
        hint: "ask for fewer inches or a lower dpi")
    }
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      throw Failure(.memory, "no memory for a picture of \(width) × \(height) pixels")
    }
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let context = cairo_create(surface) else {
      cairo_surface_destroy(surface)
      throw Failure(.memory, "no memory for a picture of \(width) × \(height) pixels")
    }
    self.surface = surface
    self.context = context
    sink = nil
    isVector = false
    pixelsPerPoint = dpi / 72
    pixelWidth = width
    pixelHeight = height
    self.width = Double(width) * 72 / dpi
    self.height = Double(height) * 72 / dpi
    cairo_scale(context, pixelsPerPoint, pixelsPerPoint)
    prepareText()
  }

  /// A canvas for an SVG or PDF file, of a size in points.
  init(vector format: VectorFormat, width: Double, height: Double, metadata: PictureMetadata) throws {
    let sink = ByteSink()
    let closure = Unmanaged.passUnretained(sink).toOpaque()
    let surface =
      switch format {
      case .svg: cairo_svg_surface_create_for_stream(ByteSink.write, closure, width, height)
      case .pdf: cairo_pdf_surface_create_for_stream(ByteSink.write, closure, width, height)
      }
    guard let surface else { throw Failure(.memory, "no memory for the picture") }
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let context = cairo_create(surface) else {
      cairo_surface_destroy(surface)
      throw Failure(.memory, "no memory for the picture")
    }
    if format == .pdf {
      // Without a date of its own the file would carry the time of day, and never be the same twice.
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
      for (key, value) in [
        (CAIRO_PDF_METADATA_TITLE, metadata.title), (CAIRO_PDF_METADATA_SUBJECT, metadata.source),
        (CAIRO_PDF_METADATA_CREATOR, metadata.software),
      ] {
        if let value { cairo_pdf_surface_set_metadata(surface, key, Text.printable(value)) }
      }
    }
    self.surface = surface
    self.context = context
    self.sink = sink
    isVector = true
    pixelsPerPoint = Self.vectorResolution
    pixelWidth = 0
    pixelHeight = 0
    self.width = width
    self.height = height
    prepareText()
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  // MARK: Results

  /// The pixels as 0xFFRRGGBB, row after row.
  func finishPixels() throws -> [UInt32] {
    try check()
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else { return [] }
    let stride = Int(cairo_image_surface_get_stride(surface))
    let (width, height) = (pixelWidth, pixelHeight)
    return [UInt32](unsafeUninitializedCapacity: width * height) { buffer, count in
      var next = 0
      for y in 0..<height {
        let row = UnsafeRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
          buffer.initializeElement(at: next, to: row[x] | 0xFF00_0000)
          next += 1
        }
      }
      count = next
    }
  }

  /// The bytes of the vector file.
  func finishBytes() throws -> [UInt8] {
    try check()
    cairo_surface_finish(surface)
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let sink else {
      throw Failure(.memory, "the picture could not be finished")
    }
    return sink.bytes
  }

  private func check() throws {
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else {
      let reason = cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown reason"
      throw Failure(.memory, "the picture could not be drawn: \(reason)")
    }
  }

  // MARK: Pixels

  /// The width of a thin but visible line.
  var hairline: Double { isVector ? 0.5 : max(1, (pixelsPerPoint * 0.6).rounded()) / pixelsPerPoint }

  /// The nearest border between pixels.
  func snap(_ place: Double) -> Double {
    isVector ? place : (place * pixelsPerPoint).rounded() / pixelsPerPoint
  }

  /// Where a line of `width` lies sharply on pixels.
  func snapLine(_ place: Double, width: Double) -> Double {
    if isVector { return place }
    let half = (width * pixelsPerPoint).rounded() / 2
    return ((place * pixelsPerPoint - half).rounded() + half) / pixelsPerPoint
  }

  func snap(_ rect: Rect) -> Rect {
    let (x, y) = (snap(rect.x), snap(rect.y))
    return Rect(x: x, y: y, width: snap(rect.maxX) - x, height: snap(rect.maxY) - y)
  }

  // MARK: Shapes

  func fill(_ rect: Rect, _ color: Color) {
    set(color)
    cairo_rectangle(context, rect.x, rect.y, rect.width, rect.height)
    cairo_fill(context)
  }

  func fill(_ rects: [Rect], _ color: Color) {
    set(color)
    for rect in rects { cairo_rectangle(context, rect.x, rect.y, rect.width, rect.height) }
    cairo_fill(context)
  }

  func fillPolygon(_ points: [Point], _ color: Color) {
    guard let first = points.first else { return }
    set(color)
    cairo_move_to(context, Self.bounded(first.x), Self.bounded(first.y))
    for point in points.dropFirst() {
      cairo_line_to(context, Self.bounded(point.x), Self.bounded(point.y))
    }
    cairo_close_path(context)
    cairo_fill(context)
  }

  func strokeRect(_ rect: Rect, _ color: Color, width: Double, dash: [Double] = []) {
    set(color)
    cairo_set_line_width(context, width)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_rectangle(context, rect.x, rect.y, rect.width, rect.height)
    cairo_stroke(context)
  }

  func line(_ from: Point, _ to: Point, _ color: Color, width: Double, dash: [Double] = []) {
    polyline([from, to], color, width: width, dash: dash)
  }

  func polyline(_ points: [Point], _ color: Color, width: Double, dash: [Double] = []) {
    guard let first = points.first else { return }
    set(color)
    cairo_set_line_width(context, width)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_cap(context, dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
    // Long paths are stroked in pieces: the time of Cairo's stroker grows faster than the path.
    let piece = dash.isEmpty ? 400 : Int.max
    var drawn = 1
    cairo_move_to(context, Self.bounded(first.x), Self.bounded(first.y))
    for point in points.dropFirst() {
      cairo_line_to(context, Self.bounded(point.x), Self.bounded(point.y))
      drawn += 1
      if drawn >= piece, color.alpha >= 1 {
        cairo_stroke(context)
        cairo_move_to(context, Self.bounded(point.x), Self.bounded(point.y))
        drawn = 1
      }
    }
    cairo_stroke(context)
  }

  func dots(_ centres: [Point], radius: Double, _ color: Color) {
    set(color)
    for centre in centres {
      cairo_new_sub_path(context)
      cairo_arc(context, Self.bounded(centre.x), Self.bounded(centre.y), radius, 0, 2 * .pi)
      if color.alpha < 1 { cairo_fill(context) }
    }
    cairo_fill(context)
  }

  func clipped(to rect: Rect, _ draw: () throws -> Void) rethrows {
    cairo_save(context)
    cairo_rectangle(context, rect.x, rect.y, rect.width, rect.height)
    cairo_clip(context)
    defer { cairo_restore(context) }
    try draw()
  }

  /// Paints pixels (premultiplied 0xAARRGGBB) into `rect` without smoothing.
  func image(_ pixels: [UInt32], width: Int, height: Int, in rect: Rect) {
    guard width > 0, height > 0, pixels.count >= width * height,
      let image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
    else { return }
    defer { cairo_surface_destroy(image) }
    guard let data = cairo_image_surface_get_data(image) else { return }
    let stride = Int(cairo_image_surface_get_stride(image))
    cairo_surface_flush(image)
    pixels.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      for y in 0..<height {
        UnsafeMutableRawPointer(data + y * stride)
          .copyMemory(from: base + y * width * 4, byteCount: width * 4)
      }
    }
    cairo_surface_mark_dirty(image)
    cairo_save(context)
    cairo_translate(context, rect.x, rect.y)
    cairo_scale(context, rect.width / Double(width), rect.height / Double(height))
    cairo_set_source_surface(context, image, 0, 0)
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
    cairo_rectangle(context, 0, 0, Double(width), Double(height))
    cairo_fill(context)
    cairo_restore(context)
  }

  private func set(_ color: Color) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
  }

  /// Cairo counts in 24.8 fixed point: far away is as good as infinitely far.
  private static func bounded(_ place: Double) -> Double {
    place.isNaN ? 0 : max(-20000, min(20000, place))
  }

  // MARK: Text

  private func prepareText() {
    // Decided here rather than by the machine's settings, so that a picture is the same everywhere.
    let options = cairo_font_options_create()
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  private static let family = "DejaVu Sans"

  private func select(_ style: TextStyle) {
    let weight = style.isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL
    // Where the family is absent, fontconfig gives its nearest.
    cairo_select_font_face(context, Self.family, CAIRO_FONT_SLANT_NORMAL, weight)
    cairo_set_font_size(context, style.size)
  }

  /// The line as Pango shapes it; nil where letters of the main font side by side will do.
  private func shaped(_ text: String, _ style: TextStyle) -> ShapedLine? {
    guard ShapedLine.isNeeded(for: text) else { return nil }
    return ShapedLine(text, family: Self.family, style, on: context)
  }

  /// How much room a printable line of text takes.
  func measure(_ text: String, _ style: TextStyle) -> TextSize {
    measure(text, style, shaped: shaped(text, style))
  }

  private func measure(_ text: String, _ style: TextStyle, shaped: ShapedLine?) -> TextSize {
    var width = 0.0
    if let shaped {
      width = shaped.width
    } else {
      select(style)
      var extents = cairo_text_extents_t()
      cairo_text_extents(context, text, &extents)
      width = max(extents.x_advance, extents.x_bearing + extents.width)
    }
    // The same height for every text of a style, so that lines of labels stand level.
    return TextSize(
      width: width, ascent: style.size * 0.76, descent: style.size * 0.24)
  }

  /// Draws one line of printable text with its anchor at `place`, turned clockwise by `angle` degrees.
  @discardableResult
  func text(
    _ text: String, at place: Point, _ style: TextStyle, _ color: Color, anchor: TextAnchor = .center,
    angle: Double = 0, role: DrawnText.Role
  ) -> Rect {
    let shaped = shaped(text, style)
    let size = measure(text, style, shaped: shaped)
    let left = -size.width * anchor.horizontal
    // From the top of the text (0) over its middle (0.5) to its bottom (1).
    let baseline = size.ascent - size.height * anchor.vertical
    if !omitsText {
      set(color)
      cairo_save(context)
      cairo_translate(context, place.x, place.y)
      cairo_rotate(context, angle * .pi / 180)
      if let shaped {
        shaped.show(x: left, y: baseline)
      } else {
        select(style)
        cairo_move_to(context, left, baseline)
        cairo_show_text(context, text)
      }
      cairo_restore(context)
    }
    record.missingGlyphs += shaped?.missingGlyphs ?? []
    let upright = Rect(x: left, y: baseline - size.ascent, width: size.width, height: size.height)
    let box = Self.bounds(of: upright, turned: angle, around: place)
    record.texts.append(
      DrawnText(string: text, role: role, box: box.scaled(isVector ? 1 : pixelsPerPoint), angle: angle))
    return box
  }

  private static func bounds(of rect: Rect, turned angle: Double, around place: Point) -> Rect {
    let turn = Rotation(degrees: angle)
    let corners = [(rect.x, rect.y), (rect.maxX, rect.y), (rect.x, rect.maxY), (rect.maxX, rect.maxY)]
      .map { turn.apply($0.0, $0.1) }
    let xs = corners.map { $0.x + place.x }
    let ys = corners.map { $0.y + place.y }
    let (left, top) = (xs.min() ?? 0, ys.min() ?? 0)
    return Rect(x: left, y: top, width: (xs.max() ?? 0) - left, height: (ys.max() ?? 0) - top)
  }
}

/// Collects what Cairo writes.
private final class ByteSink {
  var bytes: [UInt8] = []

  static let write: cairo_write_func_t = { closure, data, length in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
      .bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
    return CAIRO_STATUS_SUCCESS
  }
}

/// The vector formats that Cairo writes.
enum VectorFormat: Sendable {
  case svg
  case pdf
}
