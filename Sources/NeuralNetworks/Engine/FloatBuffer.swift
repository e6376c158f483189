import Essentials
import Glibc

/// Floats at a page boundary, zero at first; large ones ask for large pages.
///
/// Untouched pages take no memory. Who writes where, and when, is the business of the engine.
final class FloatBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapped: Int

  /// - Throws: a `memory` failure where the system has none to give.
  init(count: Int) throws(Failure) {
    self.count = count
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, bytes <= Int.max - 4096 else {
      throw Failure(.memory, "\(count) numbers are more than memory can hold")
    }
    mapped = (bytes + 4095) / 4096 * 4096
    let address = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else {
      throw Failure(.memory, "the system has not the \(ByteCount.text(Double(bytes))) that the model takes")
    }
    if bytes >= 4 << 20 { madvise(address, mapped, Int32(MADV_HUGEPAGE)) }
    base = address.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Whether none is NaN or infinite.
  var isAllFinite: Bool { UnsafeBufferPointer(start: base, count: count).isAllFinite }

  deinit { munmap(UnsafeMutableRawPointer(base), mapped) }
}
