import CapLanguage
import DemoSounds
import Essentials
import Notebook
import Synchronization

/// Data to learn on where there is none.
enum DemoFunctions {
  static let all: [FunctionDeclaration] = [demoDataset]

  private static let count = ArgumentKind<Int>.integer(.between(1, Double(DemoDataset.countLimit)))

  private static let demoDataset = FunctionDeclaration(
    "demo_dataset", topic: "demo", "Makes synthetic recordings in the tutorial's folders",
    takes: ArgumentList(
      Argument("folder", .path, "Where; it must not exist yet, or hold such data already"),
      Argument("calls", count, default: 217, "Clips with a call"),
      Argument("others", count, default: 593, "Clips without one"),
      Argument(
        "recordings", .integer(.between(0, Double(DemoDataset.countLimit))), default: 8,
        "Three-minute forest recordings"),
      Argument("seed", .integer(.nonNegative), default: 1, "Decides every sound")),
    returns: "a record: folder, made (false where the data was there already), calls, others, recordings",
    errors: [
      "value: a count out of range", "file: a folder that holds something else or cannot be written",
    ],
    examples: [FunctionDeclaration.Example(inFolder: "demo_dataset(\"data\");", output: "")],
    notes:
      "Calls are low, buzzing moos; the other clips hold birds, crickets, rain, and low sounds that are easily taken "
      + "for a call. The recordings' true calls are in true_calls.csv and true_counts.csv beside the folders. "
      + "The folder appears when everything in it is complete.",
    seeAlso: ["files", "load"]
  ) { context, folder, calls, others, recordings, seed in
    let session = context.host as? Session
    let id = session?.newProgressID() ?? 0
    let shown = Atomic<Int>(0)
    @Sendable func show(_ done: Int, _ total: Int, isDone: Bool = false) {
      session?.emit(
        .progress(
          Progress(
            id: id, done: done, total: total,
            note: isDone ? "synthetic recordings in \(folder)" : "making synthetic recordings",
            isDone: isDone)))
    }
    let total = calls + others + recordings
    let summary = try DemoDataset.make(
      folder: folder, calls: calls, others: others,
      recordings: recordings, seed: UInt64(seed)
    ) { done, total in
      // Told from all threads; a bar need not hear of every file.
      if shown.wrappingAdd(1, ordering: .relaxed).oldValue.isMultiple(of: 4) { show(done, total) }
    }
    if summary.wasMade { show(total, total, isDone: true) }
    return .record([
      ("folder", .string(summary.folder)), ("made", .bool(summary.wasMade)),
      ("calls", .number(summary.calls)),
      ("others", .number(summary.others)), ("recordings", .number(summary.recordings)),
    ])
  }
}
