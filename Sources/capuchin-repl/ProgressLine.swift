import Essentials
import Notebook

/// A progress as one line that fits: `12/36 ━━━━━━━━────────────── 640ms/step - loss: 0.21`.
struct ProgressLine {
  let text: String

  init(_ progress: Progress, width: Int, styled: (String, String) -> String) {
    let words = ProgressText(progress)
    let label = TextWidth.fitting(words.label, max(4, width - 10))
    let used = TextWidth.of(label) + (label.isEmpty ? 0 : 1)
    let wanted = TextWidth.of(words.detail)
    var parts = label.isEmpty ? [] : [label]
    var left = width - used
    if let fraction = progress.fraction {
      // The bar gives way to the detail, down to eight cells.
      let cells = max(min(8, left), min(24, left - wanted - 1))
      if cells > 0 {
        let done = Int((Double(cells) * min(max(fraction.isNaN ? 0 : fraction, 0), 1)).rounded(.down))
        parts.append(
          styled(String(repeating: "━", count: done), Style.green)
            + styled(String(repeating: "─", count: cells - done), Style.dim))
        left -= cells + 1
      }
    }
    if wanted > 0, left > 1 { parts.append(TextWidth.fitting(words.detail, left)) }
    text = parts.joined(separator: " ")
  }
}
