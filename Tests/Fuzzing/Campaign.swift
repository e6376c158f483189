import Foundation

/// Minutes of fuzzing: workers run inputs, and what ends one is kept, made small and told.
struct Campaign {
  var seconds = 60
  var seed = UInt64(Date().timeIntervalSince1970)
  var workers = 1
  var findings = URL(fileURLWithPath: ".build/findings")
  /// The program that workers run: this one.
  var program = "/proc/self/exe"

  private final class Lane {
    let folder: URL
    let slot: Slot
    var child: Child?
    var lap: UInt64
    init(folder: URL, slot: Slot, lap: UInt64) {
      self.folder = folder
      self.slot = slot
      self.lap = lap
    }
  }

  /// Runs it.
  /// - Returns: how many different findings there are.
  func run() throws -> Int {
    let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("cap-fuzz-\(getpid())")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: temporary) }
    let trial = Trial(program: program, folder: try folder("trial", in: temporary))
    var found = Findings(folder: findings, trial: trial)
    say("seed \(seed), \(seconds) s, \(workers) worker\(workers == 1 ? "" : "s")")

    for (name, bytes) in Corpus.kept() {
      let ending = trial.run(bytes).ending
      if ending != .well { found.keep(bytes, ending, note: "Corpus/\(name)") }
    }

    var lanes: [Lane] = []
    for number in 0..<workers {
      let place = try folder("worker-\(number)", in: temporary)
      guard let slot = Slot(path: place.appendingPathComponent(".slot").path) else { continue }
      lanes.append(Lane(folder: place, slot: slot, lap: UInt64(number) << 32))
    }
    let start = Clock.milliseconds()
    var told = start
    while Clock.milliseconds() - start < seconds * 1000 {
      for lane in lanes {
        guard let child = lane.child else {
          lane.slot.clear()
          lane.child = Child(
            program,
            ["--worker", lane.folder.appendingPathComponent(".slot").path, String(seed), String(lane.lap)],
            folder: lane.folder)
          lane.lap += 1
          continue
        }
        if let ending = judge(child, lane.slot) {
          lane.child = nil
          if ending != .well {
            found.keep(lane.slot.input, ending, note: "seed \(seed), lap \(lane.lap - 1)")
          }
        }
      }
      if Clock.milliseconds() - told > 60_000 {
        told = Clock.milliseconds()
        report(lanes, found, since: start)
      }
      usleep(20_000)
    }
    for lane in lanes { lane.child?.end() }
    report(lanes, found, since: start)
    return found.count
  }

  private func judge(_ child: Child, _ slot: Slot) -> Ending? {
    if let ending = child.ending { return ending }
    let started = slot.startedAt
    if started > 0, Clock.milliseconds() - started > Child.longest {
      child.end()
      return .hang
    }
    if child.isTooLarge {
      child.end()
      return .memory
    }
    return nil
  }

  private func report(_ lanes: [Lane], _ found: Findings, since start: Int) {
    let inputs = lanes.map(\.slot.begun).reduce(0, +)
    let interrupts = lanes.map(\.slot.interrupts).reduce(0, +)
    let slowest = lanes.map(\.slot.slowestInterrupt).max() ?? 0
    say(
      "\(inputs) inputs in \((Clock.milliseconds() - start) / 1000) s, \(found.count) findings; "
        + "\(lanes.map(\.slot.succeeded).reduce(0, +)) ended well, "
        + "\(lanes.map(\.slot.unparsed).reduce(0, +)) did not parse; \(interrupts) interrupted, the slowest ended \(slowest) ms after"
    )
  }

  private func folder(_ name: String, in parent: URL) throws -> URL {
    let folder = parent.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

/// Tells the user.
func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// What was found, each kind once.
struct Findings {
  let folder: URL
  let trial: Trial
  private var known: Set<String> = []

  init(folder: URL, trial: Trial) {
    self.folder = folder
    self.trial = trial
  }

  var count: Int { known.count }

  /// Confirms an input, makes it small, writes it down and says how to see it again.
  mutating func keep(_ input: [UInt8], _ ending: Ending, note: String) {
    let confirmed = trial.run(input, details: true)
    var ending = ending
    var smallest = input
    if confirmed.ending == .well {
      say("found: \(ending.name) that does not come again alone (\(note))")
    } else {
      ending = confirmed.ending
    }
    let key: String
    if case .crash(let signal, let place) = ending {
      key = "signal \(signal) \(place)"
    } else {
      key = ending.name
    }
    if known.contains(key), ending != .hang { return }
    known.insert(ending == .hang ? "hang \(known.count)" : key)
    if confirmed.ending != .well {
      let (wanted, trial) = (ending.name, trial)
      let minimiser = Minimiser(
        isStillBad: { trial.run($0).ending.name == wanted }, deadline: Clock.milliseconds() + 60_000)
      smallest = minimiser.smallest(input)
    }
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var hash: UInt32 = 2_166_136_261
    for byte in smallest { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let file = folder.appendingPathComponent("\(ending.name)-\(String(hash, radix: 16)).cap")
    try? Data(smallest).write(to: file)
    say("found: \(key) (\(note))")
    say(String(decoding: smallest.prefix(2000), as: UTF8.self))
    say("again: scripts/fuzz.sh --run \(file.path)")
    say(confirmed.errors.split(separator: "\n").prefix(40).joined(separator: "\n"))
  }
}
