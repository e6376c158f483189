/// Lines, shaded stretches and words over the data; their labels keep clear of one another.
struct AnnotationMark: Mark {
  let annotations: [Annotation]
  /// Whether an image lies below: then lines are white with a dark edge, to show on every colour.
  let isOverImage: Bool
  /// What labels had better not cover.
  private let data: [any Mark]

  /// Annotations over `data`.
  init(_ annotations: [Annotation], over data: [any Mark]) {
    self.annotations = annotations.filter(\.isFinite)
    isOverImage = data.contains { $0 is ImageMark }
    self.data = isOverImage ? [] : data
  }

  var xExtent: ClosedRange<Double>? { AxisExtent.of(annotations.flatMap(\.xs)) }
  var yExtent: ClosedRange<Double>? { AxisExtent.of(annotations.flatMap(\.ys)) }

  // MARK: Lines and stretches

  func draw(on plot: PlotSurface) throws {
    for annotation in annotations { shade(annotation, on: plot) }
    for annotation in annotations {
      for (from, to) in lines(of: annotation, on: plot) { drawLine(from, to, on: plot) }
      if case .text(_, let x, let y) = annotation { drawDot(plot.point(x, y), on: plot) }
    }
  }

  private func shade(_ annotation: Annotation, on plot: PlotSurface) {
    guard let rect = stretch(of: annotation, on: plot) else { return }
    let color = isOverImage ? Color(0xFFFFFF) : plot.theme.accent
    plot.canvas.fill(rect, color.withAlpha(isOverImage ? 0.25 : 0.18))
  }

  private func stretch(of annotation: Annotation, on plot: PlotSurface) -> Rect? {
    let area = plot.area
    // A short stretch in a long picture is still to be seen.
    let least = plot.canvas.hairline * 2
    func ends(_ a: Double, _ b: Double, _ mapping: AxisMapping) -> (low: Double, size: Double) {
      let places = [mapping.position(a), mapping.position(b)].sorted()
      let middle = places[0] / 2 + places[1] / 2
      let size = max(places[1] - places[0], least)
      return (middle - size / 2, size)
    }
    switch annotation {
    case .verticalSpan(let from, let to, _):
      let (x, width) = ends(from, to, plot.x)
      return Rect(x: x, y: area.y, width: width, height: area.height).clamped(to: area)
    case .horizontalSpan(let from, let to, _):
      let (y, height) = ends(from, to, plot.y)
      return Rect(x: area.x, y: y, width: area.width, height: height).clamped(to: area)
    default: return nil
    }
  }

  private func lines(of annotation: Annotation, on plot: PlotSurface) -> [(Point, Point)] {
    let area = plot.area
    let width = plot.style.lineWidth
    switch annotation {
    case .verticalLine(let x, _):
      let place = plot.canvas.snapLine(plot.x.position(x), width: width)
      return [(Point(x: place, y: area.y), Point(x: place, y: area.maxY))]
    case .horizontalLine(let y, _):
      let place = plot.canvas.snapLine(plot.y.position(y), width: width)
      return [(Point(x: area.x, y: place), Point(x: area.maxX, y: place))]
    default: return []
    }
  }

  private func drawLine(_ from: Point, _ to: Point, on plot: PlotSurface) {
    let width = plot.style.lineWidth
    if isOverImage {
      plot.canvas.line(from, to, Color(0x000000, alpha: 0.6), width: width * 2.2)
      plot.canvas.line(from, to, Color(0xFFFFFF), width: width)
    } else {
      plot.canvas.line(from, to, plot.theme.accent, width: width, dash: [width * 3, width * 2])
    }
  }

  private func drawDot(_ place: Point, on plot: PlotSurface) {
    let radius = plot.style.lineWidth * 2
    plot.canvas.dots([place], radius: radius * 1.4, isOverImage ? Color(0x000000) : plot.theme.background)
    plot.canvas.dots([place], radius: radius, isOverImage ? Color(0xFFFFFF) : plot.theme.accent)
  }

  // MARK: Labels

  func drawLabels(on plot: PlotSurface) {
    for (text, box) in labels(on: plot) {
      let ground = isOverImage ? Color(0x000000, alpha: 0.6) : plot.theme.legendBackground
      plot.canvas.fill(box, ground)
      plot.canvas.text(
        text, at: Point(x: box.midX, y: box.midY), plot.style.value,
        isOverImage ? Color(0xFFFFFF) : plot.theme.text, role: .annotation)
    }
  }

  /// The labels that are in sight, each in a place of its own, which covers no data if there is such a
  /// place; one for which there is none at all is left out.
  private func labels(on plot: PlotSurface) -> [(String, Rect)] {
    var placed: [(String, Rect)] = []
    var coverage = Coverage(area: plot.area)
    for mark in data { mark.cover(&coverage, on: plot) }
    for annotation in annotations.prefix(200) {
      guard let label = annotation.label, !label.isEmpty else { continue }
      let text = Text.fitted(label, plot.style.value, width: plot.area.width * 0.4, on: plot.canvas)
      if text.isEmpty { continue }
      let size = plot.canvas.measure(text, plot.style.value)
      let (width, height) = (size.width + 4, size.height + 2)
      let boxes = corners(of: annotation, width, height, on: plot)
        .map { Rect(x: $0.x, y: $0.y, width: width, height: height) }
        .filter { box in plot.area.contains(box) && !placed.contains { $0.1.intersects(box) } }
      if let box = boxes.first(where: { coverage.count(under: $0) == 0 }) ?? boxes.first {
        placed.append((text, box))
      }
    }
    return placed
  }

  /// Where the upper left corner of a label may be, the best first.
  private func corners(
    of annotation: Annotation, _ width: Double, _ height: Double, on plot: PlotSurface
  ) -> [Point] {
    let area = plot.area
    let gap = plot.style.gap * 0.7
    // Further down, where neighbours have taken the upper edge.
    let rows = (0..<max(1, Int(area.height / (height + 2)))).map { area.y + gap + Double($0) * (height + 2) }
    switch annotation {
    case .verticalLine(let x, _):
      let place = plot.x.position(x)
      guard place >= area.x - 1, place <= area.maxX + 1 else { return [] }
      return rows.flatMap { [Point(x: place + gap, y: $0), Point(x: place - gap - width, y: $0)] }
    case .verticalSpan:
      guard let rect = stretch(of: annotation, on: plot) else { return [] }
      // Within the stretch where there is room, else beside it.
      let inside = rect.width >= width ? rect.midX - width / 2 : rect.maxX + gap
      return rows.flatMap { [Point(x: inside, y: $0), Point(x: rect.x - gap - width, y: $0)] }
    case .horizontalLine(let y, _):
      let place = plot.y.position(y)
      guard place >= area.y - 1, place <= area.maxY + 1 else { return [] }
      return [area.maxX - gap - width, area.x + gap, area.midX - width / 2].flatMap {
        [Point(x: $0, y: place - gap - height), Point(x: $0, y: place + gap)]
      }
    case .horizontalSpan:
      guard let rect = stretch(of: annotation, on: plot) else { return [] }
      let y = rect.height >= height ? rect.midY - height / 2 : rect.y - gap - height
      return [area.maxX - gap - width, area.x + gap, area.midX - width / 2].flatMap {
        [Point(x: $0, y: y), Point(x: $0, y: rect.maxY)]
      }
    case .text(_, let x, let y):
      let place = plot.point(x, y)
      guard area.contains(Rect(x: place.x, y: place.y, width: 0, height: 0)) else { return [] }
      let away = gap + plot.style.lineWidth * 2
      return [place.y - away - height, place.y + away].flatMap { top in
        [place.x + away * 0.7, place.x - away * 0.7 - width, place.x - width / 2].map { Point(x: $0, y: top) }
      }
    }
  }

  func cover(_ coverage: inout Coverage, on plot: PlotSurface) {
    for annotation in annotations {
      if let rect = stretch(of: annotation, on: plot) { coverage.add(rect) }
      for (from, to) in lines(of: annotation, on: plot) { coverage.add(from: from, to: to) }
      if case .text(_, let x, let y) = annotation { coverage.add(plot.point(x, y)) }
    }
    for (_, box) in labels(on: plot) { coverage.add(box) }
  }
}
