import Glibc

/// Floats at a 64-byte boundary, zero at first; large ones ask for large pages.
final class FloatBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapped: Int

  init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let page = 2 << 20
    // Fresh pages of a map are zero and take memory only once they are touched.
    mapped = (bytes + 4095) / 4096 * 4096
    let address = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else {
      // Sizes were checked against the machine's memory; as with any allocation, none left is the end.
      fatalError("out of memory: \(bytes) bytes")
    }
    if bytes >= 2 * page { madvise(address, mapped, Int32(MADV_HUGEPAGE)) }
    base = address.bindMemory(to: Float.self, capacity: count)
  }

  deinit { munmap(UnsafeMutableRawPointer(base), mapped) }
}
