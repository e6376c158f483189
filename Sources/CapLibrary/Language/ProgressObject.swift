import CapLanguage
import Essentials
import Glibc
import Notebook

/// Items that tell the session, as they are visited, how many have been.
final class ProgressObject: DomainObject, @unchecked Sendable {
  private let source: Value
  private let label: String
  private let session: Session?

  init(_ source: Value, label: String, session: Session?) {
    self.source = source
    self.label = label
    self.session = session
    super.init()
  }

  override var kindName: String { "progress" }
  override var summary: String { "progress over \(source.kindPhrase)" }
  override var count: Int? { Conversions.count(of: source) }

  override func element(at index: Int) throws -> Value {
    switch source {
    case .list(let items): items[index]
    case .object(let object): try object.element(at: index)
    default: try Conversions.items(of: source, name: "xs")[index]
    }
  }

  override func subscripted(_ subscripts: [Subscript]) throws -> Value? {
    throw Failure(.type, "progress is for loops", hint: "for x in progress(xs) { … }")
  }

  override func makeIterator() throws -> (() throws -> Value?)? {
    let next = try Conversions.iterator(over: source, name: "xs")
    guard let session else { return next }
    let reporter = ProgressReporter(session, label: label, total: count)
    return {
      let item = try next()
      if item == nil { reporter.finish() } else { reporter.visit() }
      return item
    }
  }
}

/// The reports of one loop. A loop that is left early reports its end when the iterator goes.
private final class ProgressReporter {
  private let session: Session
  private let id: Int
  private let label: String
  private let total: Int?
  private let start = ProgressReporter.now()
  private var lastReport = -Double.infinity
  private var visited = 0
  private var isFinished = false

  /// Reports that follow each other faster than this are not seen by anybody.
  private static let interval = 0.05

  init(_ session: Session, label: String, total: Int?) {
    self.session = session
    self.label = label
    self.total = total
    id = session.newProgressID()
  }

  deinit { finish() }

  /// An item is handed out: those before it are done.
  func visit() {
    let now = Self.now()
    if now - lastReport >= Self.interval {
      lastReport = now
      report(done: visited, now: now, isDone: false)
    }
    visited += 1
  }

  func finish() {
    guard !isFinished else { return }
    isFinished = true
    report(done: visited, now: Self.now(), isDone: true)
  }

  private func report(done: Int, now: Double, isDone: Bool) {
    session.emit(
      .progress(
        Progress(id: id, name: label, done: done, total: total, seconds: now - start, isDone: isDone)))
  }

  private static func now() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
