import COneDNN
import Essentials

/// The engine of oneDNN, and what every call into it needs.
///
/// oneDNN was built with OpenMP. Our threads each run primitives on their own examples, so OpenMP is
/// told to use the calling thread alone: `useOneThread` on every thread, before anything is made or run.
enum OneDNN {
  static let engine = Handle()

  final class Handle: @unchecked Sendable {
    let raw: dnnl_engine_t?
    init() {
      var raw: dnnl_engine_t?
      dnnl_engine_create(&raw, dnnl_cpu, 0)
      self.raw = raw
    }
  }

  static func useOneThread() { omp_set_num_threads(1) }

  /// Whether the processor multiplies bfloat16 numbers.
  static let hasBFloat16: Bool = {
    let wanted = dnnl_cpu_isa_avx512_core_bf16.rawValue
    return dnnl_get_effective_cpu_isa().rawValue & wanted == wanted
  }()

  static func check(_ status: dnnl_status_t, _ action: String) throws(Failure) {
    if status == dnnl_success { return }
    if status == dnnl_out_of_memory { throw Failure(.memory, "no memory left to \(action)") }
    throw Failure(.state, "oneDNN cannot \(action) (status \(status.rawValue))")
  }
}

/// The layout of an array in memory, in oneDNN's order of axes (examples, channels, then space).
struct MemoryDescriptor {
  var raw = dnnl_memory_desc_t()

  init(raw: dnnl_memory_desc_t) { self.raw = raw }

  /// Elements at multiples of these strides.
  init(dims: [Int], strides: [Int]) throws(Failure) {
    var axes = Self.axes(dims)
    var steps = Self.axes(strides)
    try OneDNN.check(
      dnnl_memory_desc_init_by_strides(&raw, Int32(dims.count), &axes, dnnl_f32, &steps),
      "describe an array")
  }

  /// Whatever layout a primitive likes best.
  init(anyOf dims: [Int], isBFloat16: Bool = false) throws(Failure) {
    var axes = Self.axes(dims)
    try OneDNN.check(
      dnnl_memory_desc_init_by_tag(
        &raw, Int32(dims.count), &axes, isBFloat16 ? dnnl_bf16 : dnnl_f32, dnnl_format_tag_any),
      "describe an array")
  }

  /// Row-major in the order of `dims`.
  init(rowMajor dims: [Int]) throws(Failure) {
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in (0..<max(dims.count - 1, 0)).reversed() {
      strides[axis] = strides[axis + 1] * max(dims[axis + 1], 1)
    }
    try self.init(dims: dims, strides: strides)
  }

  /// Examples of a channels-last shape, one after the other.
  init(examples count: Int, of shape: [Int]) throws(Failure) {
    let channels = shape.last ?? 1
    let space = Self.space(of: shape)
    let positions = space.reduce(1, *)
    var strides = [positions * channels, channels == 1 ? positions : 1]
    for axis in space.indices { strides.append(space[(axis + 1)...].reduce(1, *) * channels) }
    try self.init(dims: [count, channels] + space, strides: strides)
  }

  /// The axes of an example besides its channels: height and width of pictures, else all as one.
  static func space(of shape: [Int]) -> [Int] {
    switch shape.count {
    case 0, 1: []
    case 3: [shape[0], shape[1]]
    default: [shape.dropLast().reduce(1, *)]
    }
  }

  static func dims(examples count: Int, of shape: [Int]) -> [Int] {
    [count, shape.last ?? 1] + space(of: shape)
  }

  var dims: [Int] {
    withUnsafePointer(to: raw) { raw in
      (0..<Int(raw.pointee.ndims)).map { Int(dnnl_shim_dim(raw, Int32($0))) }
    }
  }

  var byteCount: Int { withUnsafePointer(to: raw) { dnnl_memory_desc_get_size($0) } }
  /// Rounded up to whole cache lines.
  var floatCount: Int { (byteCount + 63) / 64 * 16 }

  static func == (left: Self, right: Self) -> Bool {
    withUnsafePointer(to: left.raw) { left in
      withUnsafePointer(to: right.raw) { dnnl_memory_desc_equal(left, $0) != 0 }
    }
  }

  /// Whether both put every element at the same place: equal, or blocked by channels where all
  /// channels are in one block that they fill, which is channels last by another name.
  func isSamePlace(as plain: MemoryDescriptor) -> Bool {
    if self == plain { return true }
    guard dims == plain.dims, byteCount == plain.byteCount else { return false }
    return withUnsafePointer(to: raw) { own in
      withUnsafePointer(to: plain.raw) { other in
        guard dnnl_shim_is_blocked(own) != 0, dnnl_shim_is_blocked(other) != 0,
          dnnl_shim_block_count(other) == 0
        else { return false }
        let blocks = dnnl_shim_block_count(own)
        if blocks > 0 {
          guard blocks == 1, dnnl_shim_block_axis(own, 0) == 1,
            dnnl_shim_padded_dim(own, 1) == dnnl_shim_dim(own, 1),
            dnnl_shim_stride(other, 1) == 1 || dnnl_shim_dim(own, 1) == 1
          else { return false }
          // One block only: its channels are neighbours, the channel stride of `own` is never used.
          guard isOneBlock(own) else { return false }
        }
        for axis in 0..<own.pointee.ndims where dnnl_shim_dim(own, axis) > 1 {
          if blocks > 0, axis == 1 { continue }
          if dnnl_shim_stride(own, axis) != dnnl_shim_stride(other, axis) { return false }
        }
        return true
      }
    }
  }

  /// How the channels lie, in words.
  var layoutName: String {
    withUnsafePointer(to: raw) { own in
      guard own.pointee.format_kind == dnnl_blocked else { return "any" }
      if own.pointee.ndims < 2 { return "plain" }
      let blocks = dnnl_shim_block_count(own)
      if blocks > 0 { return "\(own.pointee.format_desc.blocking.inner_blks.0)-channel blocks" }
      if dnnl_shim_dim(own, 1) == 1 { return "one channel" }
      return dnnl_shim_stride(own, 1) == 1 ? "channels last" : "channels first"
    }
  }

  private func isOneBlock(_ own: UnsafePointer<dnnl_memory_desc_t>) -> Bool {
    Int(own.pointee.format_desc.blocking.inner_blks.0) == Int(dnnl_shim_dim(own, 1))
  }

  private static func axes(_ list: [Int]) -> [Int64] {
    list.map(Int64.init) + [Int64](repeating: 0, count: max(0, 12 - list.count))
  }
}

/// What a primitive will do, and the layouts it wants.
final class PrimitiveDescriptor {
  let raw: dnnl_primitive_desc_t?

  /// Nil where oneDNN has nothing for this on this machine.
  init?<Operation>(
    _ operation: Operation, postOps: PostOps? = nil, forward: PrimitiveDescriptor? = nil
  ) {
    var operation = operation
    var made: dnnl_primitive_desc_t?
    let status = PrimitiveDescriptor.withAttributes(postOps) { attributes in
      withUnsafePointer(to: &operation) {
        dnnl_primitive_desc_create(&made, $0, attributes, OneDNN.engine.raw, forward?.raw)
      }
    }
    guard status == dnnl_success, made != nil else { return nil }
    raw = made
  }

  /// A copy from one layout into another, or added onto it.
  init(reorder source: MemoryDescriptor, to destination: MemoryDescriptor, adding: Bool = false)
    throws(Failure)
  {
    var made: dnnl_primitive_desc_t?
    let status = PrimitiveDescriptor.withAttributes(adding ? PostOps(sum: true) : nil) { attributes in
      withUnsafePointer(to: source.raw) { source in
        withUnsafePointer(to: destination.raw) { destination in
          dnnl_reorder_primitive_desc_create(
            &made, source, OneDNN.engine.raw, destination, OneDNN.engine.raw, attributes)
        }
      }
    }
    try OneDNN.check(status, "plan a change of layout")
    raw = made
  }

  private init(owning raw: dnnl_primitive_desc_t) { self.raw = raw }

  /// Everything that oneDNN has for this on this machine, in its own order.
  static func all<Operation>(
    _ operation: Operation, postOps: PostOps? = nil, forward: PrimitiveDescriptor?
  ) -> [PrimitiveDescriptor] {
    var operation = operation
    var iterator: dnnl_primitive_desc_iterator_t?
    let status = withAttributes(postOps) { attributes in
      withUnsafePointer(to: &operation) {
        dnnl_primitive_desc_iterator_create(&iterator, $0, attributes, OneDNN.engine.raw, forward?.raw)
      }
    }
    guard status == dnnl_success, iterator != nil else { return [] }
    defer { dnnl_primitive_desc_iterator_destroy(iterator) }
    var list: [PrimitiveDescriptor] = []
    repeat {
      if let made = dnnl_primitive_desc_iterator_fetch(iterator) {
        list.append(PrimitiveDescriptor(owning: made))
      }
    } while dnnl_primitive_desc_iterator_next(iterator) == dnnl_success
    return list
  }

  deinit { dnnl_primitive_desc_destroy(raw) }

  /// The layout that the argument with this index must have.
  func descriptor(of argument: Int32) -> MemoryDescriptor? {
    guard let found = dnnl_primitive_desc_query_md(raw, dnnl_query_exec_arg_md, argument),
      found.pointee.ndims > 0
    else { return nil }
    return MemoryDescriptor(raw: found.pointee)
  }

  /// oneDNN's name of what would run, such as `jit:avx512_core`.
  var implementationName: String {
    var name: UnsafePointer<CChar>?
    let status = withUnsafeMutablePointer(to: &name) {
      dnnl_primitive_desc_query(raw, dnnl_query_impl_info_str, 0, $0)
    }
    guard status == dnnl_success, let name else { return "unnamed" }
    return String(cString: name)
  }

  /// Whether this is oneDNN's slow plain loop.
  var isReference: Bool { implementationName.hasPrefix("ref") }

  /// Which way to compute a convolution this is.
  var algorithm: ConvolutionAlgorithm {
    let name = implementationName
    if name.contains("wino") { return .winograd }
    return name.contains("gemm") && !name.contains("brgemm") ? .gemm : .direct
  }

  /// Whether it multiplies bfloat16 numbers.
  var isBFloat16: Bool { descriptor(of: DNNL_ARG_WEIGHTS)?.raw.data_type == dnnl_bf16 }

  var scratchByteCount: Int { descriptor(of: DNNL_ARG_SCRATCHPAD)?.byteCount ?? 0 }

  private static func withAttributes(
    _ postOps: PostOps?, _ body: (dnnl_primitive_attr_t?) -> dnnl_status_t
  ) -> dnnl_status_t {
    var attributes: dnnl_primitive_attr_t?
    dnnl_primitive_attr_create(&attributes)
    defer { dnnl_primitive_attr_destroy(attributes) }
    // Our own scratch memory: oneDNN's belongs to the thread that made the primitive.
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    if let postOps { dnnl_primitive_attr_set_post_ops(attributes, postOps.raw) }
    return body(attributes)
  }
}

/// What a primitive does to its result before it writes it.
final class PostOps {
  let raw: dnnl_post_ops_t?

  init?(_ activation: Activation) {
    guard let function = activation.element?.primitive else { return nil }
    var made: dnnl_post_ops_t?
    dnnl_post_ops_create(&made)
    dnnl_post_ops_append_eltwise(made, 1, function.kind, function.alpha, 0)
    raw = made
  }

  init(sum: Bool) {
    var made: dnnl_post_ops_t?
    dnnl_post_ops_create(&made)
    if sum { dnnl_post_ops_append_sum(made, 1) }
    raw = made
  }

  deinit { dnnl_post_ops_destroy(raw) }
}

/// A compiled primitive.
final class Primitive {
  let raw: dnnl_primitive_t?
  let descriptor: PrimitiveDescriptor

  init(_ descriptor: PrimitiveDescriptor) throws(Failure) {
    self.descriptor = descriptor
    var made: dnnl_primitive_t?
    try OneDNN.check(dnnl_primitive_create(&made, descriptor.raw), "compile a primitive")
    raw = made
  }

  deinit { dnnl_primitive_destroy(raw) }
}
