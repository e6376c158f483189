import COneDNN
import Essentials
import Tensors

/// A convolution's sizes in oneDNN's terms, and the ways that oneDNN has to run it.
struct ConvolutionGeometry {
  let count: Int
  let window: WindowPlan
  let settings: ConvolutionSettings
  let filters: ConvolutionFilters
  /// Rows added below, to input and output alike.
  var extraRows = 0

  var input: [Int] {
    [count, window.channels, window.rows.input + extraRows, window.columns.input]
  }
  var output: [Int] {
    [count, filters.count, window.rows.output + extraRows, window.columns.output]
  }
  /// With an axis of groups in front where there are several.
  var kernel: [Int] {
    let sides = [settings.kernel.height, settings.kernel.width]
    let groups = filters.groups
    if groups == 1 { return [filters.count, window.channels] + sides }
    return [groups, filters.count / groups, window.channels / groups] + sides
  }

  /// A kernel as Keras stores it, (height, width, in / groups, out), under oneDNN's axes (groups, out, in, height,
  /// width).
  func kerasKernel() throws -> MemoryDescriptor {
    let inputs = window.channels / filters.groups
    let steps = [1, filters.count, settings.kernel.width * inputs * filters.count, inputs * filters.count]
    return try MemoryDescriptor(
      dims: kernel, strides: filters.groups == 1 ? steps : [filters.count / filters.groups] + steps)
  }

  /// The multiplications of one pass, done directly.
  var work: Double {
    (output + [window.channels / filters.groups, settings.kernel.height, settings.kernel.width])
      .reduce(1.0) { $0 * Double($1) }
  }

  /// What a time is kept under.
  func key(_ pass: String, _ layouts: [MemoryDescriptor]) -> String {
    let sizes = [input, kernel, output].map { $0.map(String.init).joined(separator: "x") }
    var places = [
      settings.strides.height, settings.strides.width, window.rows.paddingBefore, window.rows.paddingAfter,
      window.columns.paddingBefore, window.columns.paddingAfter,
    ].map(String.init).joined(separator: ",")
    if settings.dilation != Extent(1) {
      places += ",dilated \(settings.dilation.height),\(settings.dilation.width)"
    }
    return ([pass] + sizes + [places] + layouts.map(\.layoutName)).joined(separator: "|")
  }

  /// Whether Winograd is usually the fastest: many channels, and pictures of many tiles.
  ///
  /// oneDNN's own choice (`auto`) is poor here. Measured on one Zen 4 core, 16 → 16 channels, 3 × 3,
  /// 1489 × 255: forward direct 20.8 ms, Winograd 10.9; weights' gradient 19.3 and 12.8; data gradient
  /// 21.0 and 17.0 (10.9 where the tiles divide well). On 1 → 16 channels Winograd takes 16 ms, direct 1.2.
  private var suitsWinograd: Bool {
    settings.kernel == Extent(3) && settings.strides == Extent(1) && settings.dilation == Extent(1)
      && filters.groups == 1 && window.channels % 16 == 0 && filters.count % 16 == 0
      && window.rows.output >= 16 && window.columns.output >= 16
  }

  private var strides: [Int64] { [Int64(settings.strides.height), Int64(settings.strides.width)] }
  private var dilates: [Int64] {
    [Int64(settings.dilation.height - 1), Int64(settings.dilation.width - 1)]
  }
  private var before: [Int64] { [Int64(window.rows.paddingBefore), Int64(window.columns.paddingBefore)] }
  private var after: [Int64] {
    // A valid window may leave rows over; oneDNN rounds down as Keras does.
    [Int64(window.rows.paddingAfter), Int64(window.columns.paddingAfter)]
  }

  // MARK: Candidates

  /// Programs for one algorithm and one layout that are worth timing.
  private static let mostOfAKind = 2

  /// The ways forward, the rule's first. Any layout of results will do.
  func forwards(
    _ builder: PlanBuilder, source own: MemoryDescriptor, bias: MemoryDescriptor?, postOps: PostOps?
  ) throws -> [ConvolutionCandidate] {
    // With one channel, all layouts but blocked ones are the same; the plain one has the fast kernels.
    let isPlain = window.channels == 1 && own.raw.data_type == dnnl_f32
    let list = try forwards(
      builder, from: own, source: isPlain ? own : MemoryDescriptor(anyOf: input), bias: bias,
      postOps: postOps, isBFloat16: false)
    guard builder.isMixed else { return list }
    // Who asks for the rule alone asks for bfloat16 where it is to be had.
    let short = try forwards(
      builder, from: own, source: MemoryDescriptor(anyOf: input, isBFloat16: true), bias: bias,
      postOps: postOps, isBFloat16: true)
    return builder.chooser.isMeasuring ? list + short : short + list
  }

  private func forwards(
    _ builder: PlanBuilder, from own: MemoryDescriptor, source: MemoryDescriptor, bias: MemoryDescriptor?,
    postOps: PostOps?, isBFloat16: Bool
  ) throws -> [ConvolutionCandidate] {
    try candidates(builder, layouts: [[source]]) { algorithm, layouts in
      var source = layouts[0]
      var weights = try MemoryDescriptor(anyOf: kernel, isBFloat16: isBFloat16)
      var result = try MemoryDescriptor(anyOf: output, isBFloat16: isBFloat16 && builder.nextTakesBFloat16)
      var bias = bias ?? MemoryDescriptor(raw: dnnl_memory_desc_t())
      var operation = dnnl_convolution_desc_t()
      let status = dnnl_dilated_convolution_forward_desc_init(
        &operation, builder.isTraining ? dnnl_forward_training : dnnl_forward_inference, algorithm,
        &source.raw, &weights.raw, &bias.raw, &result.raw, strides, dilates, before, after)
      return status == dnnl_success
        ? PrimitiveDescriptor.all(operation, postOps: postOps, forward: nil) : []
    } adaptations: { made in
      [(own, made.descriptor(of: DNNL_ARG_SRC))]
    }
  }

  /// The ways to the gradient of the weights, the rule's first.
  func weightsGradients(
    _ builder: PlanBuilder, source own: MemoryDescriptor, bias: MemoryDescriptor?, result: MemoryDescriptor,
    forward: PrimitiveDescriptor
  ) throws -> [ConvolutionCandidate] {
    let layouts = [
      [own, result], [try MemoryDescriptor(anyOf: input), try MemoryDescriptor(anyOf: output)],
    ]
    return try candidates(builder, layouts: layouts) { algorithm, layouts in
      var (source, result) = (layouts[0], layouts[1])
      var weights = try MemoryDescriptor(anyOf: kernel)
      var bias = bias ?? MemoryDescriptor(raw: dnnl_memory_desc_t())
      var operation = dnnl_convolution_desc_t()
      let status = dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, algorithm, &source.raw, &weights.raw, &bias.raw, &result.raw, strides, dilates, before,
        after)
      return status == dnnl_success ? PrimitiveDescriptor.all(operation, forward: forward) : []
    } adaptations: { made in
      [(own, made.descriptor(of: DNNL_ARG_SRC)), (result, made.descriptor(of: DNNL_ARG_DIFF_DST))]
    }
  }

  /// The ways to the gradient of the input, the rule's first.
  func dataGradients(
    _ builder: PlanBuilder, source own: MemoryDescriptor, result: MemoryDescriptor,
    forward: PrimitiveDescriptor
  ) throws -> [ConvolutionCandidate] {
    let layouts = [
      [own, result], [try MemoryDescriptor(anyOf: input), try MemoryDescriptor(anyOf: output)],
    ]
    var list = try candidates(builder, layouts: layouts) { algorithm, layouts in
      try dataGradients(algorithm, source: layouts[0], result: layouts[1], forward: forward)
    } adaptations: { made in
      [
        (made.descriptor(of: DNNL_ARG_DIFF_SRC) ?? own, own),
        (result, made.descriptor(of: DNNL_ARG_DIFF_DST)),
      ]
    }
    if let place = list.firstIndex(where: { $0.algorithm == .winograd && $0.adaptations.isEmpty }),
      let taller = try tallerDataGradient(than: list[place], source: own)
    {
      list.insert(taller, at: place)
    }
    return list
  }

  private func dataGradients(
    _ algorithm: dnnl_alg_kind_t, source: MemoryDescriptor, result: MemoryDescriptor,
    forward: PrimitiveDescriptor?
  ) throws -> [PrimitiveDescriptor] {
    var (source, result) = (source, result)
    var weights = try MemoryDescriptor(anyOf: kernel)
    var operation = dnnl_convolution_desc_t()
    let status = dnnl_dilated_convolution_backward_data_desc_init(
      &operation, algorithm, &source.raw, &weights.raw, &result.raw, strides, dilates, before, after)
    return status == dnnl_success ? PrimitiveDescriptor.all(operation, forward: forward) : []
  }

  /// The data gradient of one picture of 16 channels with rows of zeros below it: they add nothing, and
  /// the rows that they give are never read. In the blocked layout such a picture is one block of rows,
  /// so the taller one is the same memory and a little more.
  ///
  /// A prime number of tile rows leaves oneDNN's Winograd no way to cut them into equal blocks that stay
  /// in the cache, which costs half the speed; its schedule that does needs a fraction of the scratch.
  private func tallerDataGradient(
    than own: ConvolutionCandidate, source: MemoryDescriptor
  ) throws -> ConvolutionCandidate? {
    guard count == 1, window.channels == 16, filters.count == 16, filters.groups == 1 else { return nil }
    for extra in 1...16 {
      var tall = self
      tall.extraRows = extra
      let made = try tall.dataGradients(
        dnnl_convolution_winograd, source: MemoryDescriptor(anyOf: tall.input),
        result: MemoryDescriptor(anyOf: tall.output), forward: nil)
      guard let first = made.first, first.scratchByteCount * 2 < own.descriptor.scratchByteCount else {
        continue
      }
      return ConvolutionCandidate(descriptor: first, algorithm: .winograd, extraRows: extra)
    }
    return nil
  }

  private func candidates(
    _ builder: PlanBuilder, layouts: [[MemoryDescriptor]],
    _ make: (dnnl_alg_kind_t, [MemoryDescriptor]) throws -> [PrimitiveDescriptor],
    adaptations: (PrimitiveDescriptor) -> [(from: MemoryDescriptor, to: MemoryDescriptor?)]
  ) throws -> [ConvolutionCandidate] {
    var algorithms = [dnnl_convolution_direct, dnnl_convolution_auto]
    // Winograd adds and takes away what a NaN or an infinity would spread by.
    if !builder.isCareful { algorithms.insert(dnnl_convolution_winograd, at: suitsWinograd ? 0 : 2) }
    var list: [ConvolutionCandidate] = []
    var slow: [ConvolutionCandidate] = []
    for layout in layouts {
      // The first of a kind are for the processor's widest vectors.
      var kept: [ConvolutionAlgorithm: Int] = [:]
      for algorithm in algorithms {
        for made in try make(algorithm, layout) {
          var candidate = ConvolutionCandidate(descriptor: made, algorithm: made.algorithm)
          if candidate.algorithm == .winograd, builder.isCareful { continue }
          candidate.adaptations = adaptations(made).compactMap { own, wanted in
            guard let wanted, !wanted.isSamePlace(as: own), !own.isSamePlace(as: wanted) else { return nil }
            return (own, wanted)
          }
          if list.contains(where: { $0.name == candidate.name }) { continue }
          if made.isReference {
            slow.append(candidate)
          } else if kept[candidate.algorithm, default: 0] < Self.mostOfAKind {
            kept[candidate.algorithm, default: 0] += 1
            list.append(candidate)
          }
        }
      }
    }
    return list.isEmpty ? Array(slow.prefix(1)) : list
  }
}
