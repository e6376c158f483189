import Essentials

extension Figure {
  /// Training history: loss in one panel, the other measures in the next; training solid, validation
  /// dashed.
  public static func history(_ curves: [TrainingCurve], options: PictureOptions = PictureOptions()) throws
    -> Figure
  {
    let losses = curves.filter { $0.name == "loss" }
    let measures = curves.filter { $0.name != "loss" }
    var panels: [Axes] = []
    if !losses.isEmpty || measures.isEmpty { panels.append(panel(losses, label: "loss", options)) }
    if !measures.isEmpty {
      var axes = panel(measures, label: "metric", options)
      if let extent = axes.yExtent, extent.lowerBound >= 0, extent.upperBound <= 1 {
        // A line along the top edge needs a little room.
        axes.y.within = 0...1.02
      }
      panels.append(axes)
    }
    let size = PictureSize(width: panels.count > 1 ? 10 : 6.4, height: 4)
    if panels.count == 1, let only = panels.first { return Figure(only, options, size: size) }
    for index in panels.indices {
      panels[index].annotate(index == 0 ? options.annotations : options.annotations.filter(\.isVertical))
    }
    return Figure(
      title: options.title, size: options.size ?? size, theme: options.theme,
      content: .grid(PanelGrid(columns: 2, cells: panels.map { .axes($0) })))
  }

  private static func panel(_ curves: [TrainingCurve], label: String, _ options: PictureOptions) -> Axes {
    var axes = Axes()
    axes.x.label = "epoch"
    axes.x.customLabel = options.xLabel
    axes.x.unit = .count
    axes.y.label = label
    let isLoss = label == "loss"
    for (index, curve) in curves.enumerated() {
      let ink = Ink.palette(isLoss ? index : index + 1)
      for (values, isValidation) in [(curve.training, false), (curve.validation, true)] where !values.isEmpty
      {
        let name =
          isLoss ? isValidation ? "validation" : "training" : isValidation ? "val_\(curve.name)" : curve.name
        axes.marks.append(
          LineMark(
            x: (1...values.count).map(Double.init), y: values, label: name, ink: ink, isDashed: isValidation,
            width: 1.2, showsDots: values.count <= 25))
      }
    }
    axes.x.padding = 0.04
    if axes.yExtent == nil {
      axes.note = axes.marks.isEmpty ? "no epochs" : "no value is a finite number"
      axes.marks = []
    } else {
      let values = curves.flatMap { $0.training + $0.validation }
      let missing = values.count - values.filter(\.isFinite).count
      if missing > 0 { axes.note = AxisText.notFinite(missing, "value") }
    }
    return axes
  }
}
