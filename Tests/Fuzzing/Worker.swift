import Essentials
import Foundation

/// The process that runs inputs: one after the other, each written down before it runs.
enum Worker {
  /// How long an input may run before it is interrupted, as by Ctrl-C.
  static let patience = 300
  /// After so many inputs a worker makes room for a new one: whatever they left behind goes with it.
  static let inputsPerWorker = 3000

  /// Sets limits: one value may take what is little on any machine, the process ten times more.
  static func prepare() {
    // What a value may take is decided by the memory that the process may use, asked for once.
    setLimit(384 << 20)
    _ = ByteCount.physicalMemory
    setLimit(8 << 30)
    var fileSize = rlimit(rlim_cur: 64 << 20, rlim_max: 64 << 20)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &fileSize)
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    Interruption.prepare()
  }

  private static func setLimit(_ bytes: UInt) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    limit.rlim_cur = min(bytes, limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  /// Runs inputs of a source.
  static func run(seed: UInt64, lap: UInt64, slot: Slot) {
    prepare()
    let watch = Watch(slot)
    let source = InputSource(seed: seed, lap: lap)
    for number in 0..<inputsPerWorker {
      cleanFolder(number)
      watch.run(source.input(number))
    }
  }

  /// Runs one input, for reproduction and for the minimiser.
  static func run(one input: [UInt8], slot: Slot) {
    prepare()
    cleanFolder(0)
    Watch(slot).run(input)
  }

  /// Pictures and files of the programs do not pile up, and what programs like to read is there.
  private static func cleanFolder(_ number: Int) {
    guard number % 250 == 0 else { return }
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: ".")) ?? [] where !name.hasPrefix(".slot") {
      try? manager.removeItem(atPath: name)
    }
    let session = Subject.makeSession()
    _ = session.run(
      .init(
        source: """
          save_audio("sound.wav", tone(440Hz, 0.1s)); save_npy("numbers.npy", [[1, 2], [3, 4]])
          write_text("rows.csv", "a,b\\n1,x\\n2,y\\n"); write_text("broken.wav", "RIFF1234WAVEfmt ")
          save(sequential([dense(1)], input_shape=[2]), "model.safetensors");
          """))
  }
}

/// The stream of inputs that a seed decides; `lap` tells the workers of one run apart.
struct InputSource {
  private let seed: UInt64
  private let lap: UInt64
  private let index = LibraryIndex()
  private let corpus = Corpus.programs()

  init(seed: UInt64, lap: UInt64) {
    self.seed = seed
    self.lap = lap
  }

  /// A generated program, a changed one, or a generated one that was changed.
  func input(_ number: Int) -> [UInt8] {
    var random = RandomSource(seed: seed, path: lap, UInt64(number))
    let kind = random.integer(below: 10)
    if kind < 4 {
      var mutator = Mutator(corpus, random)
      return mutator.program()
    }
    var generator = ProgramGenerator(index, random)
    let program = Array(generator.program().utf8)
    if kind < 9 { return program }
    var mutator = Mutator(corpus, random)
    return mutator.changed(program)
  }
}

/// Interrupts inputs that run for too long.
private final class Watch: Sendable {
  private let slot: Slot
  private let state = Monitor<(input: Int, interrupted: Bool)>((0, false))

  init(_ slot: Slot) {
    self.slot = slot
    _ = Essentials.Thread.detach(stackSize: 1 << 20) { [state] in
      while true {
        usleep(20_000)
        state.withLock { state in
          let start = slot.startedAt
          guard start > 0, !state.interrupted, Clock.milliseconds() - start > Worker.patience else { return }
          state.interrupted = true
          Interruption.request()
        }
      }
    }
  }

  func run(_ input: [UInt8]) {
    state.withLock {
      $0.interrupted = false
      Interruption.clear()
      slot.begin(input)
    }
    let outcome = Subject.run(input)
    if outcome.hasSucceeded { slot.succeeded += 1 }
    if case .failed(let problems) = outcome.status, problems.first?.kind == .syntax { slot.unparsed += 1 }
    state.withLock { state in
      if state.interrupted {
        slot.interrupts += 1
        slot.slowestInterrupt = max(
          slot.slowestInterrupt, Clock.milliseconds() - slot.startedAt - Worker.patience)
      }
      slot.end()
    }
  }
}
