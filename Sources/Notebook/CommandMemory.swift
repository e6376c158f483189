import Essentials

/// What the prompt's commands remember from one to the next.
public final class CommandMemory: Sendable {
  private struct State {
    var nextInput: String?
    var savedPaths: Set<String> = []
    var previousFolder: String?
  }
  private let state = Monitor(State())

  init() {}

  /// Offers text for editing at the prompt (`%load`).
  public func offerNextInput(_ text: String) { state.withLock { $0.nextInput = text } }

  /// Text that the prompt should offer for editing next; reading it takes it.
  public func takeNextInput() -> String? {
    state.withLock { state in
      defer { state.nextInput = nil }
      return state.nextInput
    }
  }

  /// Whether `%save` has written this file before: then it may again.
  func hasSaved(_ path: String) -> Bool { state.withLock { $0.savedPaths.contains(path) } }

  /// Notes that `%save` has written a file.
  func noteSaved(_ path: String) { state.withLock { _ = $0.savedPaths.insert(path) } }

  /// The folder that `%cd -` goes back to.
  var previousFolder: String? {
    get { state.withLock { $0.previousFolder } }
    set { state.withLock { $0.previousFolder = newValue } }
  }
}
