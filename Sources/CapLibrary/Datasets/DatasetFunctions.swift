import AudioSignals
import CapLanguage
import Datasets
import Essentials
import Tensors

/// Pipelines in the manner of tf.data. (`map`, `filter`, `shuffle`, `take`, `skip`, `split` work on lists too
/// and are declared with them.)
enum DatasetFunctions {
  static let all: [FunctionDeclaration] = [dataset, windows, cache, batch, unbatch, prefetch, first]

  private static let pipeline = Argument("ds", .dataset, "The pipeline so far")

  private static let dataset = FunctionDeclaration(
    "dataset", topic: "datasets", "Makes a lazy pipeline of examples, with labels or without",
    takes: ArgumentList(
      Argument(
        "x", .any, "The examples: a list (paths, audio, numbers, …), or a tensor whose rows they are"),
      Argument("y", .any, default: .nothing, "One label for each example: numbers, words, or lists of words")
        .ifGiven,
      Argument(
        "label", .any, default: .nothing,
        "The one label that all examples have: 1, \"owl\", or several: [\"owl\", \"frog\"]"
      ).ifGiven),
    gives: DatasetObject.self, returns: "a dataset; it works when it is asked, in `for`, `fit`, `first`, …",
    errors: ["shape: as many labels as examples are wanted", "value: both `y` and `label`"],
    examples: [
      FunctionDeclaration.Example(
        "[y for x, y in dataset([1, 2], label=1) + dataset([3], label=0)]", output: "[1, 1, 0]")
    ],
    source: "tf.data.Dataset.from_tensor_slices", seeAlso: ["map", "batch", "split", "files"]
  ) { _, x, y, label in
    let items = try x.items()
    guard y == nil || label == nil else {
      throw Failure(
        .value, "give either 'y', a label for each example, or 'label', one for all", parameter: "label")
    }
    guard let y, !y.value.isNothing else {
      let label = label.flatMap { $0.value.isNothing ? nil : $0.value }
      let examples = items.map { CapExample(value: $0, label: label) }
      let kind = try label.map { try LabelKind.of($0, "label") } ?? .numbers
      return .object(DatasetObject(Dataset(examples), isLabelled: label != nil, labels: kind))
    }
    let labels = try y.items()
    guard labels.count == items.count else {
      throw Failure(.shape, "\(items.count) examples, but \(labels.count) labels", parameter: "y")
    }
    let examples = zip(items, labels).map { CapExample(value: $0, label: $1) }
    return .object(
      DatasetObject(
        Dataset(examples), isLabelled: true, labels: try LabelKind.of(labels: labels, "y")))
  }

  /// How far a recording is decoded ahead of whoever works on its windows, on a thread of its own.
  private static let windowsAhead = 64
  private static let windowBytesAhead = 16 << 20

  private static let windows = FunctionDeclaration(
    "windows", topic: "datasets", "Cuts a sound into windows, made one by one when they are asked for",
    takes: ArgumentList(
      AudioArguments.sound,
      Argument(
        "length", .samples(.atLeast(1), of: AudioArguments.sound), unit: "samples",
        "The length of a window; a time such as 3s"),
      Argument(
        "step", .optional(.samples(.atLeast(1), of: AudioArguments.sound)), default: .nothing,
        unit: "samples",
        "From the start of one window to the start of the next; none lets them touch"),
      Argument("partial", .bool, default: false, "Whether a last, shorter window is kept")),
    gives: DatasetObject.self,
    returns: "a dataset of audio; scores that `predict` makes of it know their times",
    examples: [
      FunctionDeclaration.Example("len(windows(tone(440Hz, 10s), 3s))", output: "3"),
      FunctionDeclaration.Example("len(windows(tone(440Hz, 10s), 3s, 1s))", output: "8"),
    ],
    source: "tf.keras.utils.timeseries_dataset_from_array; librosa.util.frame",
    seeAlso: ["predict", "group_calls"]
  ) { _, a, length, step, partial in
    let sound = a.sound
    let step = step ?? length
    let dataset: Dataset<CapExample>
    if let recording = a.undecoded {
      let windows = try recording.windows(length: length, step: step, partial: partial)
      dataset = try Dataset(count: windows.cut.count) {
        let next = try windows.makeIterator()
        return { try next().map { CapExample(value: AudioObject.value($0), label: nil) } }
      }.prefetch(windowsAhead, byteCount: { $0.byteCount }, byteBudget: windowBytesAhead, isShown: false)
    } else {
      let windows = try a.clip.windows(length: length, step: step, partial: partial)
      dataset = try Dataset(count: windows.count) {
        CapExample(value: AudioObject.value(windows[$0]), label: nil)
      }
    }
    let windowing = Windowing(
      length: Double(length) / sound.rate, step: Double(step) / sound.rate, source: sound.sourceName)
    return .object(DatasetObject(dataset, isLabelled: false, windowing: windowing))
  }

  private static let cache = FunctionDeclaration(
    "cache", topic: "datasets", "Keeps the examples in memory after the first pass",
    takes: ArgumentList(
      pipeline),
    gives: DatasetObject.self, returns: "a dataset; what stands before it runs once",
    errors: [],
    examples: [FunctionDeclaration.Example("len(cache(dataset([1, 2, 3])))", output: "3")],
    notes: "It keeps what is smallest to rebuild an example from: a spectrogram as the samples it is made of "
      + "(192 kB for three seconds, not 1.5 MB), computed again on all cores when it is wanted.",
    source: "tf.data.Dataset.cache", seeAlso: ["map", "shuffle"]
  ) { _, ds in
    guard ds.dataset.cardinality != .infinite else {
      throw ds.endless(
        "no memory holds it", hint: "cache before it repeats: ds |> cache |> repeat; or", parameter: "ds")
    }
    return .object(
      ds.with(ds.dataset.cache(byteCount: { $0.byteCount }), windowing: ds.windowing))
  }

  private static let batch = FunctionDeclaration(
    "batch", topic: "datasets", "Puts examples together, `batch_size` at a time",
    takes: ArgumentList(
      pipeline,
      Argument(
        "batch_size", .integer(.atLeast(1)), "How many examples a batch holds; the last may hold fewer"),
      Argument("drop_remainder", .bool, default: false, "Whether to leave out a last batch that is not full")),
    gives: DatasetObject.self,
    returns: "a dataset of batches: tensors of shape (batch_size, …), and their labels (batch_size)",
    errors: ["shape: examples of different shapes; the message says which", "value: a dataset of batches"],
    examples: [
      FunctionDeclaration.Example("[len(b) for b in batch(dataset([1, 2, 3, 4, 5]), 2)]", output: "[2, 2, 1]")
    ],
    source: "tf.data.Dataset.batch", seeAlso: ["unbatch", "fit"]
  ) { _, ds, batchSize, dropRemainder in
    guard !ds.isBatched else {
      throw Failure(
        .value, "these are batches already", hint: "unbatch(ds) takes them apart", parameter: "ds")
    }
    let batches = try ds.dataset.batch(
      batchSize, dropRemainder: dropRemainder,
      collate: CapExample.collated)
    return .object(ds.with(batches, isBatched: true, windowing: ds.windowing))
  }

  private static let unbatch = FunctionDeclaration(
    "unbatch", topic: "datasets", "Takes batches apart again",
    takes: ArgumentList(
      Argument("ds", .dataset, "A dataset of batches")),
    gives: DatasetObject.self, returns: "a dataset of single examples",
    errors: ["value: a dataset of single examples"],
    examples: [
      FunctionDeclaration.Example("[x for x in unbatch(batch(dataset([1, 2, 3]), 2))]", output: "[1, 2, 3]")
    ],
    source: "tf.data.Dataset.unbatch", seeAlso: ["batch"]
  ) { _, ds in
    guard ds.isBatched else {
      throw Failure(.value, "these are single examples already", parameter: "ds")
    }
    let single = ds.dataset.flatMap { batch, _ -> [CapExample] in
      let values = try Conversions.items(of: try batch.value, name: "ds")
      let labels = try batch.label.map { try Conversions.items(of: $0, name: "ds") }
      return values.indices.map { CapExample(value: values[$0], label: labels?[$0]) }
    }
    return .object(ds.with(single, isBatched: false, windowing: ds.windowing))
  }

  /// What may wait in a prefetch queue, in bytes: enough for a few batches, little beside the weights.
  private static let prefetchByteBudget = 64 << 20

  private static let prefetch = FunctionDeclaration(
    "prefetch", topic: "datasets", "Makes examples ahead, while others are being worked on",
    takes: ArgumentList(
      pipeline,
      Argument("buffer_size", .integer(.atLeast(1)), "How many examples or batches may wait")),
    gives: DatasetObject.self, returns: "a dataset that gives the same",
    examples: [
      FunctionDeclaration.Example("[x for x in prefetch(dataset([1, 2, 3]), 2)]", output: "[1, 2, 3]")
    ],
    notes: "At most 64 MB wait, whatever the buffer's size, and at least one example.",
    source: "tf.data.Dataset.prefetch", seeAlso: ["batch"]
  ) { _, ds, bufferSize in
    let ahead = try ds.dataset.prefetch(
      bufferSize, byteCount: { $0.byteCount }, byteBudget: prefetchByteBudget)
    return .object(ds.with(ahead, windowing: ds.windowing))
  }

  private static let first = FunctionDeclaration(
    "first", topic: "datasets", "The first item of a dataset, list or anything else that has items",
    takes: ArgumentList(
      Argument("ds", .any, "A dataset, list, …")),
    returns: "the item; of a labelled dataset a pair of value and label",
    errors: ["index: there is no item"],
    examples: [FunctionDeclaration.Example("first([7, 8, 9])", output: "7")], seeAlso: ["take", "list"]
  ) { _, ds in
    if case .object(let object as DatasetObject) = ds.value {
      guard let example = try object.dataset.first() else {
        throw Failure(.index, "the dataset is empty", parameter: "ds")
      }
      return try example.scriptValue
    }
    guard let item = try ds.iterator()() else {
      throw Failure(.index, "\(ds.value.kindPhrase) without items has no first", parameter: "ds")
    }
    return item
  }
}

extension ArgumentKind where Content == DatasetObject {
  /// A dataset.
  static var dataset: ArgumentKind { object("dataset", DatasetObject.self) }
}
