/// Sizes of text and room, in points; smaller in small figures.
struct FigureStyle: Sendable {
  let tick: TextStyle
  let label: TextStyle
  let title: TextStyle
  let figureTitle: TextStyle
  let value: TextStyle
  let gap: Double
  let tickLength: Double
  let lineWidth: Double

  init(width: Double, height: Double) {
    // From 60 % in a thumbnail to 100 % from 4 × 2.5 inches on.
    let scale = max(0.6, min(1, min(width / 288, height / 180)))
    tick = TextStyle(size: 9 * scale)
    label = TextStyle(size: 10 * scale)
    title = TextStyle(size: 11 * scale, isBold: true)
    figureTitle = TextStyle(size: 13 * scale, isBold: true)
    value = TextStyle(size: 8.5 * scale)
    gap = 5 * scale
    tickLength = 3.5 * scale
    lineWidth = 1.4 * scale
  }
}
