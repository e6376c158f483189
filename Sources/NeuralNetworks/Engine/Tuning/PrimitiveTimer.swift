import COneDNN
import Essentials
import Glibc

/// Times primitives on memory of its own, on the calling thread.
///
/// In processor time of that thread, so that what else the machine does counts as little as possible.
struct PrimitiveTimer {
  /// How long measuring one primitive may go on; a first run to warm up and a second one are always made.
  private static let patience = 0.06
  private static let mostRuns = 8
  /// What takes so many times the best one's time in its first run is not run again.
  private static let hopeless = 3.0

  /// The arguments that a convolution or a change of layout can have.
  private static let arguments = [
    DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST,
    DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_SCRATCHPAD,
  ]

  /// The shortest run, in seconds.
  /// - Parameter best: what is to be beaten.
  static func time(_ descriptor: PrimitiveDescriptor, best known: Double = .infinity) throws -> Double {
    let primitive = try Primitive(descriptor)
    var list: [dnnl_exec_arg_t] = []
    var buffers: [FloatBuffer] = []
    defer { for argument in list { dnnl_memory_destroy(argument.memory) } }
    for argument in arguments {
      guard let layout = descriptor.descriptor(of: argument), layout.byteCount > 0 else { continue }
      let buffer = try FloatBuffer(count: layout.floatCount)
      // Untouched pages are all one page of zeros, which would be read too fast.
      buffer.base.update(repeating: 1e-3, count: buffer.count)
      buffers.append(buffer)
      var memory: dnnl_memory_t?
      let status = withUnsafePointer(to: layout.raw) {
        dnnl_memory_create(&memory, $0, OneDNN.engine.raw, UnsafeMutableRawPointer(buffer.base))
      }
      try OneDNN.check(status, "describe memory")
      list.append(dnnl_exec_arg_t(arg: argument, memory: memory))
    }
    var stream: dnnl_stream_t?
    try OneDNN.check(
      dnnl_stream_create(&stream, OneDNN.engine.raw, dnnl_stream_default_flags.rawValue), "start")
    defer { dnnl_stream_destroy(stream) }
    var best = Double.infinity
    let start = threadSeconds
    for run in 0...mostRuns {
      try Interruption.check()
      let before = threadSeconds
      try OneDNN.check(
        dnnl_primitive_execute(primitive.raw, stream, Int32(list.count), list), "run a primitive")
      let seconds = threadSeconds - before
      let isHopeless = seconds > known * hopeless
      if run > 0 || isHopeless { best = min(best, seconds) }
      if isHopeless || run > 1 && threadSeconds - start > patience { break }
    }
    return withExtendedLifetime(buffers) { best }
  }

  /// Seconds that the calling thread has run.
  static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
