import AudioSignals
import CallDetection
import CapLanguage
import Essentials
import NeuralNetworks
import Plotting
import Tensors

/// Chooses the picture that suits a value: what `plot` draws.
struct PlottedValues {
  var labels: [String] = []
  var over: Value = .nothing
  var threshold: Double?
  var isDecibels = true
  var range = 80.0
  /// Nil for the one that suits the spectrogram.
  var frequencyScale: FrequencyScale?
  var colormap = Colormap.viridis
  var limits: ClosedRange<Double>?
  var options = PictureOptions()

  func figure(_ value: Value) throws -> Figure {
    switch value {
    case .object(let object): try figure(object, value)
    case .list(let items): try figure(items)
    case .record(let record): try curves([record])
    default: throw notDrawable(value)
    }
  }

  private func figure(_ object: DomainObject, _ value: Value) throws -> Figure {
    switch object {
    case let audio as AudioObject: return try Figure.waveform(signals(try audio.clip), options: options)
    case let spectrogram as SpectrogramObject: return try figure(spectrogram.spectrogram)
    case let transform as TransformObject: return try figure(transform.transform.magnitude)
    case let history as HistoryObject:
      return try Figure.history(Self.curves(history.history), options: options)
    case let figure as FigureObject: return figure.figure
    case let tensor as TensorObject where tensor.windowing != nil: return try detections(value)
    case let tensor as TensorObject where tensor.classes != nil:
      return try confusionMatrix(tensor.tensor, classes: tensor.classes ?? [])
    case is TableObject:
      throw Failure(
        .type, "a table has several columns", hint: "plot(t[\"column\"]) draws one", parameter: "x")
    case is TensorObject, is any TensorConvertible, is RangeObject:
      return try figure(try Conversions.tensor(value, name: "x"))
    default: throw notDrawable(value)
    }
  }

  /// A list of things to overlay, or of numbers.
  private func figure(_ items: [Value]) throws -> Figure {
    let clips = try items.compactMap { try ($0.asObject as? AudioObject)?.clip }
    if !clips.isEmpty {
      guard clips.count == items.count else {
        throw Failure(.type, "sounds can only be drawn over other sounds", parameter: "x")
      }
      return try Figure.waveform(
        clips.enumerated().map { index, clip in
          Signal(samples: clip.mono().samples, sampleRate: clip.rate, label: label(index) ?? clip.source)
        }, options: options)
    }
    guard items.contains(where: { $0.asNumber == nil && $0.asBool == nil }) else {
      return try figure(try Conversions.tensor(.list(items), name: "x"))
    }
    let records = items.compactMap { item -> RecordObject? in
      if case .record(let record) = item { return record }
      return nil
    }
    if records.count == items.count { return try curves(records) }
    let series = try items.enumerated().map { index, item in
      let tensor = try Conversions.tensor(item, name: "x")
      guard tensor.rank == 1 else {
        throw Failure(
          .shape,
          "a line is a list of numbers, but item \(index) has the shape \(tensor.shape.shapeDescription)",
          parameter: "x")
      }
      return Series(y: tensor.elements.map { Double($0) }, label: label(index))
    }
    return try Figure.lines(series, options: options)
  }

  /// What `roc` and `precision_recall` give, one or several over one another.
  private func curves(_ records: [RecordObject]) throws -> Figure {
    func series(_ x: String, _ y: String) throws -> [Series]? {
      let found = try records.enumerated().compactMap { index, record -> Series? in
        guard let x = record[x], let y = record[y] else { return nil }
        return Series(
          x: try ChartFunctions.numbers(x, "x"), y: try ChartFunctions.numbers(y, "x"), label: label(index))
      }
      return found.count == records.count ? found : nil
    }
    if let curves = try series("fpr", "tpr") { return try Figure.rocCurve(curves, options: options) }
    if let curves = try series("recall", "precision") {
      return try Figure.precisionRecallCurve(curves, options: options)
    }
    throw notDrawable(records.count == 1 ? .record(records[0]) : .list(records.map { .record($0) }))
  }

  /// What `confusion_matrix` gives; `labels` name its classes.
  private func confusionMatrix(_ tensor: Tensor, classes: [String]) throws -> Figure {
    guard labels.isEmpty || labels.count == classes.count else {
      throw Failure(
        .shape, "\(labels.count) labels do not name \(classes.count) classes (\(Self.text(classes)))",
        parameter: "labels")
    }
    return try Figure.confusionMatrix(
      counts: tensor.elements.map { Int(exactly: $0) ?? 0 },
      labels: labels.isEmpty ? classes : labels, options: options)
  }

  private static func text(_ classes: [String]) -> String {
    classes.prefix(5).joined(separator: ", ") + (classes.count > 5 ? ", …" : "")
  }

  private func figure(_ tensor: Tensor) throws -> Figure {
    let axes = tensor.shape.filter { $0 != 1 }
    switch axes.count {
    case 0, 1:
      return try Figure.lines(
        [Series(y: tensor.elements.map { Double($0) }, label: label(0))], options: options)
    case 2:
      return try Figure.image(
        values: tensor.elements, rows: axes[0], columns: axes[1], colormap: colormap, limits: limits,
        options: options)
    default:
      throw Failure(
        .shape, "a picture has two axes at most, not the shape \(tensor.shape.shapeDescription)",
        hint: "t[0] picks the first of several pictures", parameter: "x")
    }
  }

  private func figure(_ spectrogram: Spectrogram) throws -> Figure {
    try Figure.spectrogram(
      data(spectrogram), scale: scale(of: spectrogram),
      frequencyScale: frequencyScale ?? Self.frequencyScale(of: spectrogram), colormap: colormap,
      limits: limits, options: options)
  }

  /// One channel's numbers, with seconds and hertz.
  private func data(_ spectrogram: Spectrogram) throws -> SpectrogramData {
    var values = try spectrogram.tensor().elements
    let frames = spectrogram.frameCount
    let bins = spectrogram.columnCount
    if values.count > frames * bins { values.removeLast(values.count - frames * bins) }
    let centers = spectrogram.frequencies
    let frequencies: BinFrequencies
    if case .coefficients = spectrogram.form.columns {
      frequencies = .coefficients
    } else if case .bands = spectrogram.form.columns, centers.count == bins {
      frequencies = .centres(centers)
    } else if let first = centers.first, let last = centers.last, centers.count == bins {
      frequencies = .even(first...max(last, first))
    } else {
      frequencies = .even(0...Double(max(bins - 1, 1)))
    }
    return SpectrogramData(
      values: values, frames: frames, bins: bins, frameStep: spectrogram.secondsPerFrame,
      start: spectrogram.time(ofFrame: 0) - spectrogram.secondsPerFrame / 2, frequencies: frequencies,
      reach: 0...Double(spectrogram.clip.frameCount) / spectrogram.rate)
  }

  /// Mel bands are even on a mel axis, bins on a linear one.
  private static func frequencyScale(of spectrogram: Spectrogram) -> FrequencyScale {
    if case .bands = spectrogram.form.columns { .mel } else { .linear }
  }

  private func scale(of spectrogram: Spectrogram) -> ValueScale {
    let values = spectrogram.form.values
    switch values {
    case .decibels: return .decibels(range: range)
    case .phase: return .linear(name: values.name, unit: "rad")
    case .other: return .linear(name: values.name)
    case .magnitude: return isDecibels ? .amplitudeDecibels(range: range) : .linear(name: values.name)
    case .power: return isDecibels ? .powerDecibels(range: range) : .linear(name: values.name)
    }
  }

  /// Scores over time, over the sound they were given to where there is one.
  func detections(_ value: Value) throws -> Figure {
    let (scores, windowing) = try CallFunctions.row(value, name: "x")
    guard let windowing else {
      throw Failure(
        .value, "these scores do not know their times",
        hint: "predict(m, windows(a, 3s)) gives scores that do",
        parameter: "x")
    }
    var calls: [MarkedSpan] = []
    if let threshold {
      let track = try WindowScores(scores, windowing)
      calls = try track.calls(threshold: threshold).map { MarkedSpan(start: $0.start, end: $0.end) }
    }
    let track = ScoreTrack(scores: scores.map { Double($0) }, windowing: windowing)
    var spectrogramData: SpectrogramData?
    var scale = ValueScale.amplitudeDecibels(range: range)
    var ownFrequencyScale = FrequencyScale.linear
    switch over {
    case .nothing: break
    case .object(let audio as AudioObject): spectrogramData = try data(Self.overview(of: try audio.clip))
    case .object(let spectrogram as SpectrogramObject):
      spectrogramData = try data(spectrogram.spectrogram)
      scale = self.scale(of: spectrogram.spectrogram)
      ownFrequencyScale = Self.frequencyScale(of: spectrogram.spectrogram)
    default:
      throw Failure(
        .type, "'over' takes the sound that the scores were given to, not \(over.kindPhrase)",
        parameter: "over")
    }
    return try Figure.detections(
      track, threshold: threshold, calls: calls, spectrogram: spectrogramData, scale: scale,
      frequencyScale: frequencyScale ?? ownFrequencyScale, colormap: colormap, limits: limits,
      options: options)
  }

  /// A spectrogram with about as many frames as a picture has columns.
  private static func overview(of clip: AudioClip) throws -> Spectrogram {
    let mono = clip.channelCount == 1 ? clip : clip.mono()
    let frameLength = max(16, min(512, mono.frameCount))
    let step = max(frameLength / 4, mono.frameCount / 3000)
    return Spectrogram(
      try mono.padded(to: frameLength), try STFT(frameLength: frameLength, frameStep: max(step, 1)))
  }

  private func signals(_ clip: AudioClip) throws -> [Signal] {
    let names = clip.channelCount == 1 ? [clip.source] : clip.channelCount == 2 ? ["left", "right"] : []
    // More channels than a few would only hide one another.
    return try (0..<min(clip.channelCount, 4)).map { index in
      let own = names.indices.contains(index) ? names[index] : "channel \(index)"
      let name = label(index) ?? (clip.channelCount == 1 ? nil : own)
      return Signal(samples: try clip.channel(index).samples, sampleRate: clip.rate, label: name)
    }
  }

  private func label(_ index: Int) -> String? { labels.indices.contains(index) ? labels[index] : nil }

  /// Training and validation of one measure make one curve.
  private static func curves(_ history: History) -> [TrainingCurve] {
    history.columns.filter { !$0.name.hasPrefix("val_") }.map {
      TrainingCurve(name: $0.name, training: $0.values, validation: history["val_" + $0.name] ?? [])
    }
  }

  private func notDrawable(_ value: Value) -> Failure {
    Failure(
      .type, "there is no picture of \(value.kindPhrase)",
      hint: "plot draws audio, spectrograms, histories, scores, tensors and lists of numbers", parameter: "x")
  }
}
