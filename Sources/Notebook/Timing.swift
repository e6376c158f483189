import CapLanguage
import Essentials
import Glibc

/// Wall and processor time.
public enum Clock {
  /// Seconds on a clock that only goes forward.
  public static var now: Double { read(CLOCK_MONOTONIC) }

  /// Seconds that the process has kept processors busy, all threads together.
  public static var processorTime: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Times for people.
public enum DurationText {
  /// `12.3 µs`, `640 ms`, `1.25 s`, `2 min 5 s`: three digits that matter.
  public static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "0 s" }
    switch seconds {
    case ..<0.999_5e-6: return significant(seconds * 1e9) + " ns"
    case ..<0.999_5e-3: return significant(seconds * 1e6) + " µs"
    case ..<0.999_5: return significant(seconds * 1e3) + " ms"
    case ..<99.95: return significant(seconds) + " s"
    default:
      let whole = Int(min(seconds, 1e15).rounded())
      if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
      return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  private static func significant(_ number: Double) -> String {
    let decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0
    let scale = decimals == 2 ? 100.0 : decimals == 1 ? 10 : 1
    let scaled = Int((number * scale).rounded())
    if decimals == 0 { return "\(scaled)" }
    let divisor = Int(scale)
    let fraction = String(scaled % divisor)
    return "\(scaled / divisor)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }
}

/// `%timeit`.
enum Timing {
  private static let runs = 7

  /// Runs `code` in seven rounds of at least a tenth of a second, and tells the mean time of one run.
  static func measure(_ code: String, in session: Session) throws {
    let interpreter = session.interpreter
    let name = "timed_code"
    let before = interpreter.value(of: name)
    // The code is on the second line of a text whose first line is number 0, so that errors tell its own.
    _ = try interpreter.run(
      Source(name: "[\(session.cellNumber)]", text: "fn \(name)() {\n\(code)\n}", firstLine: 0))
    defer {
      interpreter.remove(name)
      if let before, interpreter.value(of: name) != before { interpreter.set(name, to: before) }
    }
    func seconds(_ count: Int) throws -> Double {
      let start = Clock.now
      let rounds = "for timed_round in range(\(count)) { \(name)() }"
      do { _ = try interpreter.run(Source(name: "[\(session.cellNumber)]", text: rounds)) } catch {
        throw LanguageError(error.diagnostics.map { $0.withoutCalls(of: name) })
      }
      return Clock.now - start
    }
    defer { interpreter.remove("timed_round") }
    var count = 1
    var first = try seconds(1)
    while first < 0.1, count < 1_000_000_000 {
      count *= first < 0.01 ? 10 : 2
      first = try seconds(count)
    }
    var times = [first / Double(count)]
    while times.count < runs { times.append(try seconds(count) / Double(count)) }
    let mean = times.reduce(0, +) / Double(runs)
    let deviation = (times.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(runs)).squareRoot()
    session.emit(
      .text(
        "\(DurationText.text(mean)) ± \(DurationText.text(deviation)) "
          + "(mean ± standard deviation of \(runs) rounds of \(count) run\(count == 1 ? "" : "s"))\n"))
  }
}

extension Diagnostic {
  /// Without the step through a function that the reader has not written.
  fileprivate func withoutCalls(of function: String) -> Diagnostic {
    Diagnostic(
      severity, kind, message, hint: hint, source: source, span: span, notes: notes,
      trace: trace.filter { $0.function != function })
  }
}
