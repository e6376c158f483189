import Essentials
import Glibc
import Synchronization

typealias FramePointer = UnsafeMutablePointer<Value>
typealias Cx = UnsafeMutablePointer<EvaluationState>

/// What one thread of evaluation needs at hand. Nodes get a pointer to it along with their frame, so that one
/// tree can be evaluated by many threads.
struct EvaluationState {
  /// The value of a `num` that found no number. The first field: `Node.spill` takes that for granted.
  var spill = Value.nothing
  /// The variables of all namespaces; the main evaluation's own, or a snapshot.
  var globals: FramePointer
  var globalCount: Int
  /// The end of the value stack, less a margin for arguments under evaluation.
  let limit: FramePointer
  /// Calls must not be entered with the native stack pointer below this.
  var stackLow: UInt
  var depth = 0
  let maxDepth: Int
  /// Counts down to the next look at the interrupt flag.
  var ticks = 64
  /// Counts down to the next look at how deep values nest.
  var nestingTicks = 512
  var scratch = TextScratch()
  var seed: UInt64 = 0
  var random = RandomSource(seed: 0)
  let shared: SharedState
  /// The part of the value stack above the native function that runs now: a cell run from inside starts here.
  var free: FramePointer
  /// More items than this make a list too large.
  let listLimit = Limits.byteLimit / 16
}

/// Owns the memory behind a `Cx`.
final class EvaluationContext: @unchecked Sendable {
  let pointer: Cx
  let base: FramePointer

  /// Slots past the limit that arguments under evaluation may use: a call has at most 255, each nested
  /// at most 1000 deep; functions check their whole frame, so this is for the outermost only.
  static let margin = 1024

  init(shared: SharedState, slots: Int? = nil) {
    let count = max(4096, slots ?? shared.limits.valueStackSlots)
    // Not initialised: slots are written before they are read, and what is not touched takes no memory.
    base = .allocate(capacity: count)
    pointer = .allocate(capacity: 1)
    pointer.initialize(
      to: EvaluationState(
        globals: shared.globals, globalCount: 0, limit: base + (count - Self.margin), stackLow: 0,
        maxDepth: shared.limits.callDepth, shared: shared, free: base))
  }

  deinit {
    pointer.pointee.scratch.free()
    pointer.deinitialize(count: 1)
    pointer.deallocate()
    base.deallocate()
  }
}

/// Contexts for worker threads, kept for reuse.
final class ContextPool: Sendable {
  private let free = Mutex<[EvaluationContext]>([])

  func borrow(shared: SharedState) -> EvaluationContext {
    free.withLock { $0.popLast() } ?? EvaluationContext(shared: shared)
  }

  func giveBack(_ context: EvaluationContext) {
    context.pointer.pointee.spill = .nothing
    free.withLock { $0.append(context) }
  }
}

/// What all evaluations of an interpreter share.
final class SharedState: @unchecked Sendable {
  let limits: Limits
  let foreign: any ForeignWords
  let pool = ContextPool()
  private let settings = Mutex(Settings())
  /// Of the main evaluation, which alone changes them.
  private(set) var globals: FramePointer
  private(set) var globalCount = 0
  private var capacity: Int
  /// The library's functions and constants by name.
  private(set) var library: [String: Value]
  let libraryNames: [String]
  /// The names of the main namespace.
  weak var mainNamespace: Namespace?
  weak var interpreter: Interpreter?
  /// All code ever compiled: calls do not retain what they run.
  private var kept: [FunctionCode] = []
  private var constants: [TextKey: StringObject] = [:]

  private struct Settings {
    // A session holds its interpreter, not the other way round.
    weak var host: (any InterpreterHost)?
    var scriptArguments: [String] = []
  }

  init(
    functions: [FunctionDeclaration], constants: [(name: String, value: Value)],
    foreign: any ForeignWords, limits: Limits
  ) {
    self.limits = limits
    self.foreign = foreign
    var library: [String: Value] = [:]
    library.reserveCapacity(functions.count * 2)
    for function in functions {
      let value = Value.function(NativeFunction(function))
      library[function.name] = value
      for name in function.otherNames { library[name] = value }
    }
    for constant in constants { library[constant.name] = constant.value }
    library["args"] = .list([])
    self.library = library
    libraryNames = functions.map(\.name) + constants.map(\.name) + ["args"]
    capacity = 1024
    globals = .allocate(capacity: capacity)
  }

  deinit {
    // Values may nest deep, and letting go of them recurses: not on whatever small stack this happens on.
    nonisolated(unsafe) let variables = globals
    let count = globalCount
    do {
      try Thread.run {
        variables.deinitialize(count: count)
        variables.deallocate()
      }
    } catch {
      // No thread to be had: better to leak than to overflow.
    }
  }

  var host: (any InterpreterHost)? {
    get { settings.withLock { $0.host } }
    set { settings.withLock { $0.host = newValue } }
  }
  var scriptArguments: [String] {
    get { settings.withLock { $0.scriptArguments } }
    set { settings.withLock { $0.scriptArguments = newValue } }
  }

  /// Gives a name of the library another value. Only between evaluations.
  func setLibrary(_ name: String, _ value: Value) {
    let before = library.updateValue(value, forKey: name)
    guard let slot = mainNamespace?.slots[name] else { return }
    if case .unset = globals[slot] { return globals[slot] = value }
    if globals[slot] == before { globals[slot] = value }
  }

  /// A new variable's slot. Only between evaluations, or by a statement at the top level.
  func addGlobal(_ value: Value) -> Int {
    if globalCount == capacity {
      let grown = FramePointer.allocate(capacity: capacity * 2)
      grown.moveInitialize(from: globals, count: globalCount)
      globals.deallocate()
      globals = grown
      capacity *= 2
    }
    (globals + globalCount).initialize(to: value)
    globalCount += 1
    return globalCount - 1
  }

  func keep(_ code: FunctionCode) { kept.append(code) }

  /// One object for each name and constant text of the scripts, so that a key is mostly found by identity and its
  /// hash computed once. Only while compiling.
  func constant(_ text: String) -> StringObject {
    let key = TextKey(text: text)
    if let known = constants[key] { return known }
    let made = StringObject(text)
    constants[key] = made
    return made
  }

  /// The slot of a name in a namespace; a new one holds the library's function of that name, or nothing yet.
  func globalSlot(_ name: String, in namespace: Namespace) -> Int {
    if let known = namespace.slots[name] { return known }
    let slot = addGlobal(library[name] ?? .unset)
    namespace.slots[name] = slot
    namespace.names.append(name)
    return slot
  }

  func setGlobal(_ slot: Int, _ value: Value) { globals[slot] = value }

  func value(of name: String, in globals: FramePointer) -> Value? {
    if let slot = mainNamespace?.slots[name] {
      if case .unset = globals[slot] { return library[name] }
      return globals[slot]
    }
    return library[name]
  }
}

/// A text that is equal to another if its bytes are.
private struct TextKey: Hashable {
  let text: String
  static func == (left: TextKey, right: TextKey) -> Bool { TextBits.areSame(left.text, right.text) }
  func hash(into hasher: inout Hasher) { hasher.combine(TextHash.hash(text)) }
}

/// The names of one file (or of the session), and where their values lie.
final class Namespace {
  var slots: [String: Int] = [:]
  /// In order of their first mention.
  var names: [String] = []
}

/// An imported file.
struct Module {
  let bytes: [UInt8]
  let namespace: Namespace
  let record: RecordObject
}

/// The native stack of the running thread.
enum NativeStack {
  /// Kept free below the limit: the deepest expression (see `Limits.nestingDepth`) and a native function.
  static let reserve = 48 << 20

  /// A GNU extension that the module map of the C library leaves out.
  private typealias GetAttributes =
    @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>?) -> Int32
  private static let getAttributes: GetAttributes? = dlsym(nil, "pthread_getattr_np").map {
    unsafeBitCast($0, to: GetAttributes.self)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The address below which no further call may be entered on this thread.
  static func low() -> UInt {
    if let known = pthread_getspecific(key) { return UInt(bitPattern: known) }
    var attributes = pthread_attr_t()
    var address: UnsafeMutableRawPointer?
    var size = 0
    guard let getAttributes, getAttributes(pthread_self(), &attributes) == 0 else { return 0 }
    pthread_attr_getstack(&attributes, &address, &size)
    pthread_attr_destroy(&attributes)
    // A small stack (the main thread's 8 MB) keeps a quarter free.
    let low = UInt(bitPattern: address) + UInt(min(reserve, size / 4))
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: low))
    return low
  }
}
