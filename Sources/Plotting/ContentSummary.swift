extension DrawnContent {
  /// What the picture shows in one sentence, for readers who cannot see it: titles, what stands on the axes and
  /// between which values, what the legend names.
  public var summary: String {
    var parts = strings(.title).filter { !$0.isEmpty }
    for panel in axes {
      let labels = [panel.y, panel.x].map(\.summary).filter { !$0.isEmpty }
      var part = labels.joined(separator: " over ")
      if let scale = panel.colorBar?.summary, !scale.isEmpty {
        part += part.isEmpty ? scale : ", colours \(scale)"
      }
      if !panel.legend.isEmpty { part += (part.isEmpty ? "" : ": ") + panel.legend.joined(separator: ", ") }
      if !part.isEmpty, parts.last != part { parts.append(part) }
    }
    return parts.joined(separator: "; ")
  }
}

extension DrawnAxis {
  /// `Time (s) 0 to 3`, by the labels at the outermost ticks; empty for an axis without a label.
  fileprivate var summary: String {
    guard !label.isEmpty else { return "" }
    let labels = ticks.map(\.label).filter { !$0.isEmpty }
    guard let first = labels.first, let last = labels.last, labels.count > 1 else { return label }
    return "\(label) \(first) to \(last)"
  }
}
