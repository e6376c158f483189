import Glibc

/// A small file that a worker and its parent both have in memory.
///
/// The worker puts each input there before it runs it, so the input is there to be read when the worker
/// is not any more.
final class Slot: @unchecked Sendable {
  /// The most bytes of an input.
  static let capacity = 1 << 16
  private static let headerBytes = 64
  private static let size = headerBytes + capacity

  private let memory: UnsafeMutableRawPointer

  /// Maps the file at `path`, made where it is missing; nil if the system refuses.
  init?(path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, Self.size) == 0 else { return nil }
    defer { close(descriptor) }
    let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else { return nil }
    memory = mapped
  }

  deinit { munmap(memory, Self.size) }

  // Words of the header: each is written by one side and only watched by the other.
  private subscript(word: Int) -> Int {
    get { memory.load(fromByteOffset: word * 8, as: Int.self) }
    set { memory.storeBytes(of: newValue, toByteOffset: word * 8, as: Int.self) }
  }

  /// How many inputs have begun.
  private(set) var begun: Int {
    get { self[0] }
    set { self[0] = newValue }
  }
  /// When the running input began, in milliseconds of the monotonic clock; 0 while none runs.
  private(set) var startedAt: Int {
    get { self[1] }
    set { self[1] = newValue }
  }
  /// The longest time in milliseconds from an interrupt to the end of its input.
  var slowestInterrupt: Int {
    get { self[3] }
    set { self[3] = newValue }
  }
  /// How many inputs were interrupted.
  var interrupts: Int {
    get { self[4] }
    set { self[4] = newValue }
  }

  /// How many inputs did not parse, and how many ran to their end without an error: a fuzzer whose programs
  /// all fail early finds little.
  var unparsed: Int {
    get { self[5] }
    set { self[5] = newValue }
  }
  var succeeded: Int {
    get { self[6] }
    set { self[6] = newValue }
  }

  /// An input is about to run.
  func begin(_ input: [UInt8]) {
    let kept = input.prefix(Self.capacity)
    kept.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      (memory + Self.headerBytes).copyMemory(from: base, byteCount: bytes.count)
    }
    self[2] = kept.count
    begun += 1
    startedAt = Clock.milliseconds()
  }

  /// It has run.
  func end() { startedAt = 0 }

  /// Forgets what a worker that has gone left.
  func clear() { startedAt = 0 }

  /// The input that began last.
  var input: [UInt8] {
    let count = max(0, min(self[2], Self.capacity))
    return [UInt8](UnsafeRawBufferPointer(start: memory + Self.headerBytes, count: count))
  }
}

/// The clock that does not jump.
enum Clock {
  /// Milliseconds since some moment.
  static func milliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }
}
