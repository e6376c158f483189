import COneDNN
import Essentials
import Glibc
import Synchronization

/// One way to run one convolution.
struct ConvolutionCandidate {
  let descriptor: PrimitiveDescriptor
  let algorithm: ConvolutionAlgorithm
  /// Rows added below the picture.
  var extraRows = 0
  /// Changes of layout that it needs before and after.
  var adaptations: [(from: MemoryDescriptor, to: MemoryDescriptor)] = []

  /// oneDNN's name of it, with what we add.
  var name: String {
    descriptor.implementationName + (extraRows > 0 ? "+\(extraRows)" : "")
      + (adaptations.isEmpty ? "" : " (relaid)")
  }
}

/// Chooses among the ways to run a convolution, and remembers.
///
/// The rule's choice comes first among the candidates, and stays unless another one is measured to be
/// faster by more than `margin`: so chance decides only where it costs little, and what it decided is
/// kept on disk. Measuring ends after `patience` in a process; from then on the rule alone decides.
final class AlgorithmChooser {
  /// What another one's time may be at most, as a share of the rule's.
  private static let margin = 0.85
  /// Seconds of measuring in a process.
  private static let patience = 3.0
  /// Multiplications from which on measuring is worth it: about 0.2 ms.
  private static let leastWork = 8e6

  private static let secondsSpent = Mutex(0.0)

  struct Outcome {
    let candidate: ConvolutionCandidate
    /// Seconds of one run on one thread, where that was measured.
    let seconds: Double?
    let reason: String
  }

  private let options: EngineOptions
  private let cache: TuningCache

  init(_ options: EngineOptions) {
    self.options = options
    cache = TuningCache.at(options.choice == .measured ? options.cachePath : nil)
  }

  /// Whether times decide.
  var isMeasuring: Bool { options.choice == .measured }

  /// - Parameters:
  ///   - candidates: the rule's choice first.
  ///   - key: what is computed, without tabs.
  ///   - work: its multiplications.
  func choose(_ candidates: [ConvolutionCandidate], key: String, work: Double) throws -> Outcome? {
    guard let first = candidates.first else { return nil }
    if case .only(let algorithm) = options.choice {
      let forced = candidates.first { $0.algorithm == algorithm }
      return Outcome(
        candidate: forced ?? first, seconds: nil, reason: forced == nil ? "not to be had, rule" : "asked for")
    }
    if case .varied(let number) = options.choice {
      let mixed = key.utf8.reduce(number ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      let index = Int((mixed >> 32) % UInt64(candidates.count))
      return Outcome(candidate: candidates[index], seconds: nil, reason: "by number")
    }
    if candidates.count == 1 { return Outcome(candidate: first, seconds: nil, reason: "the only one") }
    guard options.choice == .measured else { return Outcome(candidate: first, seconds: nil, reason: "rule") }
    guard work >= Self.leastWork else {
      return Outcome(candidate: first, seconds: nil, reason: "rule, too small to measure")
    }
    let key = Self.machine + "|" + key
    if let known = cache.entry(key), let found = candidates.first(where: { $0.name == known.name }) {
      return Outcome(
        candidate: found, seconds: Double(known.microseconds) * 1e-6, reason: "measured before")
    }
    guard Self.secondsSpent.withLock({ $0 < Self.patience }) else {
      return Outcome(candidate: first, seconds: nil, reason: "rule, time to measure used up")
    }
    return try measure(candidates, key: key)
  }

  /// Keeps what was measured.
  func save() { cache.save() }

  private func measure(_ candidates: [ConvolutionCandidate], key: String) throws -> Outcome {
    let start = PrimitiveTimer.threadSeconds
    var times: [Double] = []
    for candidate in candidates {
      times.append(try Self.seconds(candidate, best: times.min() ?? .infinity))
    }
    Self.secondsSpent.withLock { $0 += PrimitiveTimer.threadSeconds - start }
    var best = 0
    for index in times.indices where times[index] < times[best] { best = index }
    let isClear = times[best] <= times[0] * Self.margin
    if !isClear { best = 0 }
    cache.add(
      TuningCache.Entry(name: candidates[best].name, microseconds: Int((times[best] * 1e6).rounded())),
      for: key)
    var reason = isClear ? "fastest of \(times.count)" : "rule, none of \(times.count) clearly faster"
    if let next = times.indices.filter({ $0 != best }).min(by: { times[$0] < times[$1] }) {
      reason += "; next \(candidates[next].algorithm.rawValue) \(NumberText.fixed(times[next] * 1e3, 2)) ms"
    }
    return Outcome(candidate: candidates[best], seconds: times[best], reason: reason)
  }

  private static func seconds(_ candidate: ConvolutionCandidate, best: Double) throws -> Double {
    var total = try PrimitiveTimer.time(candidate.descriptor, best: best)
    for change in candidate.adaptations {
      total += try PrimitiveTimer.time(PrimitiveDescriptor(reorder: change.from, to: change.to))
    }
    return total
  }

  /// What a time depends on besides the convolution: the processor, oneDNN, how many threads work.
  private static var machine: String {
    let version = dnnl_version().map { "oneDNN \($0.pointee.major).\($0.pointee.minor).\($0.pointee.patch)" }
    let isa = String(dnnl_get_effective_cpu_isa().rawValue, radix: 16)
    return [processor, "isa \(isa)", version ?? "oneDNN", "\(WorkerPool.threadCount) threads"]
      .joined(separator: "|")
  }

  /// The processor's name.
  private static let processor: String = {
    var bytes = [UInt8](repeating: 0, count: 1 << 12)
    guard let file = try? InputFile("/proc/cpuinfo"),
      let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) })
    else { return "unknown processor" }
    let fields = ["vendor_id", "cpu family", "model", "model name", "stepping"]
    var found: [String] = []
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].split(whereSeparator: { $0 == "\t" || $0 == " " }).joined(separator: " ")
      let value = line[line.index(after: colon)...].split(whereSeparator: { $0 == "\t" || $0 == " " })
      if fields.contains(name), found.count < fields.count { found.append(value.joined(separator: " ")) }
    }
    return found.isEmpty ? "unknown processor" : found.joined(separator: " ")
  }()
}
