import CFFTW
import Essentials
import Synchronization

/// FFTW's plan for complex transforms of one length, in single precision, real and imaginary parts apart.
///
/// Made once for each length and shared by all threads: FFTW's planner must not run twice at the
/// same time, but a plan may be executed on many buffers at once. Plans are estimated, not measured,
/// so that the same input gives the same bits on every run.
final class FourierPlan: @unchecked Sendable {
  /// Points of the transform.
  let length: Int
  private let plan: fftwf_plan

  /// Buffers must start at a multiple of this, as those that the plan was made for did.
  static let alignment = 64

  private static let cache = Mutex<[Int: FourierPlan]>([:])

  /// The plan for `length` points.
  /// - Throws: a `memory` failure where FFTW has none to give.
  static func of(length: Int) throws(Failure) -> FourierPlan {
    let found: FourierPlan? = cache.withLock { cache in
      if let plan = cache[length] { return plan }
      let plan = FourierPlan(length: length)
      cache[length] = plan
      return plan
    }
    guard let found else {
      throw Failure(.memory, "there is no room for a Fourier transform of \(length) points")
    }
    return found
  }

  private init?(length: Int) {
    let buffer = UnsafeMutableRawPointer.allocate(
      byteCount: 4 * Self.stride(length) * MemoryLayout<Float>.stride, alignment: Self.alignment)
    defer { buffer.deallocate() }
    let floats = buffer.bindMemory(to: Float.self, capacity: 4 * Self.stride(length))
    let stride = Self.stride(length)
    var dimension = fftwf_iodim(n: Int32(length), is: 1, os: 1)
    guard
      let plan = fftwf_plan_guru_split_dft(
        1, &dimension, 0, nil, floats, floats + stride, floats + 2 * stride, floats + 3 * stride,
        FFTW_ESTIMATE)
    else { return nil }
    self.length = length
    self.plan = plan
  }

  deinit { fftwf_destroy_plan(plan) }

  /// Floats from one buffer of `length` to the next in one allocation, so that all are aligned.
  static func stride(_ length: Int) -> Int { (length + 15) & ~15 }

  /// Transforms forwards: X[k] = Σ x[n] exp(-2πi nk / N). The input buffers may be overwritten.
  @inline(__always)
  func forward(_ buffers: FourierBuffers) {
    fftwf_execute_split_dft(
      plan, buffers.inputReal, buffers.inputImaginary, buffers.outputReal, buffers.outputImaginary)
  }

  /// Transforms backwards without the factor 1/N: forwards with real and imaginary parts exchanged.
  func backward(_ buffers: FourierBuffers) {
    fftwf_execute_split_dft(
      plan, buffers.inputImaginary, buffers.inputReal, buffers.outputImaginary, buffers.outputReal)
  }
}

/// One thread's memory for a transform: aligned, and freed by its owner.
final class FourierBuffers {
  let inputReal: UnsafeMutablePointer<Float>
  let inputImaginary: UnsafeMutablePointer<Float>
  let outputReal: UnsafeMutablePointer<Float>
  let outputImaginary: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutableRawPointer

  /// Zeroed buffers for `length` points.
  init(length: Int) {
    let stride = FourierPlan.stride(length)
    memory = .allocate(
      byteCount: 4 * stride * MemoryLayout<Float>.stride, alignment: FourierPlan.alignment)
    let floats = memory.bindMemory(to: Float.self, capacity: 4 * stride)
    floats.initialize(repeating: 0, count: 4 * stride)
    inputReal = floats
    inputImaginary = floats + stride
    outputReal = floats + 2 * stride
    outputImaginary = floats + 3 * stride
  }

  deinit { memory.deallocate() }
}
