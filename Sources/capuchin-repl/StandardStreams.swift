import Essentials
import Glibc
import Notebook

/// Standard output and standard error in one order: whatever goes to standard error first flushes
/// what was written to standard output before it.
///
/// Into a terminal every line shows at once; into a pipe or a file text is gathered first.
final class StandardStreams: Sendable {
  /// What became of standard output.
  enum Condition: Sendable, Equatable {
    case open
    /// The reader of the pipe has gone.
    case closed
    /// The system refused to write, with this `errno`.
    case failed(Int32)
  }

  private struct State {
    var buffer: [UInt8] = []
    var condition = Condition.open
    var lastFlush = 0.0
  }

  /// Whether standard output is a terminal.
  let isTerminal = isatty(STDOUT_FILENO) == 1
  /// Whether standard error is a terminal.
  let errorIsTerminal = isatty(STDERR_FILENO) == 1
  private static let capacity = 1 << 16
  private let state = Monitor(State())
  private let onLoss: @Sendable () -> Void

  /// `onLoss` is called once when standard output can no longer be written.
  init(onLoss: @escaping @Sendable () -> Void = { Interruption.request() }) {
    self.onLoss = onLoss
  }

  /// What became of standard output so far.
  var condition: Condition { state.withLock { $0.condition } }

  /// Writes to standard output.
  func write(_ text: String) {
    state.withLock { state in
      guard state.condition == .open else { return }
      var text = text
      text.withUTF8 { state.buffer.append(contentsOf: $0) }
      // A reader of the pipe should not wait for a line that was printed a while ago.
      if state.buffer.count >= Self.capacity || isTerminal && text.utf8.contains(UInt8(ascii: "\n"))
        || Clock.now - state.lastFlush > 0.1
      {
        flush(&state)
      }
    }
  }

  /// Writes to standard error, behind everything written before.
  func writeError(_ text: String) {
    state.withLock { state in
      flush(&state)
      _ = Self.writeAll(Array(text.utf8)[...], to: STDERR_FILENO)
    }
  }

  /// Hands everything to the system.
  func flush() { state.withLock { flush(&$0) } }

  private func flush(_ state: inout State) {
    guard !state.buffer.isEmpty else { return }
    defer {
      state.buffer.removeAll(keepingCapacity: true)
      state.lastFlush = Clock.now
    }
    guard state.condition == .open, let code = Self.writeAll(state.buffer[...], to: STDOUT_FILENO) else {
      return
    }
    state.condition = code == EPIPE ? .closed : .failed(code)
    onLoss()
  }

  /// Writes all bytes; the `errno` of a failure, or nil.
  private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if count >= 0 {
          done += count
        } else if errno == EAGAIN {
          // Someone else made the terminal non-blocking: wait until it takes more.
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, 1000)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}
