import AudioSignals
import Essentials
import Glibc
import Synchronization

/// A synthetic stand-in for the data of the Capuchinbird challenge, in the layout that the tutorial
/// reads, with the truth beside it:
///
///     FOLDER/Parsed_Capuchinbird_Clips/XC100007-0.wav …       clips with a call
///     FOLDER/Parsed_Not_Capuchinbird_Clips/cow-lowing-2-0.wav …  clips without one
///     FOLDER/Forest Recordings/recording_00.mp3 …               three minutes each
///     FOLDER/true_calls.csv                                     recording,start,end (seconds)
///     FOLDER/true_counts.csv                                    recording,calls
///
/// Clips are 16-bit WAV files of 11.025, 44.1 and 48 kHz, mono and stereo, 2 to 5 s; recordings
/// stereo MP3 files of 48 kHz and 128 kbit/s. The seed decides every sample of them.
public enum DemoDataset {
  /// What a folder holds.
  public struct Summary: Sendable, Equatable {
    /// Where the data is, as it was asked for.
    public let folder: String
    /// Whether it was made now; false where the data was there already.
    public let wasMade: Bool
    /// Clips with a call.
    public let calls: Int
    /// Clips without one.
    public let others: Int
    /// How many three-minute recordings there are.
    public let recordings: Int
  }

  /// The most files of a kind.
  public static let countLimit = 100_000
  /// The folder of clips with a call.
  public static let callFolder = "Parsed_Capuchinbird_Clips"
  /// The folder of clips without one.
  public static let otherFolder = "Parsed_Not_Capuchinbird_Clips"
  /// The folder of three-minute recordings.
  public static let recordingFolder = "Forest Recordings"

  /// Makes the data, on all cores, unless the folder holds it already; then nothing is touched.
  ///
  /// Everything is made in a folder beside the target and renamed when it is complete, so that an
  /// interrupted run leaves nothing that looks like data. `progress` is told how many of how many
  /// files are done, from any thread.
  /// - Throws: a `value` failure for counts below 1 (0 recordings will do) or above `countLimit`; a
  ///   `file` failure for a folder that holds something else or cannot be written; `interrupt`.
  @discardableResult
  public static func make(
    folder: String, calls: Int = 217, others: Int = 593, recordings: Int = 8, seed: UInt64 = 1,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Summary {
    for (name, count, least) in [("calls", calls, 1), ("others", others, 1), ("recordings", recordings, 0)] {
      guard (least...countLimit).contains(count) else {
        throw Failure(
          .value, "\(name) is a number from \(least) to \(countLimit), not \(count)", parameter: name)
      }
    }
    var target = folder
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    guard !target.isEmpty, !target.utf8.contains(0) else {
      throw Failure(.value, "the folder needs a name", parameter: "folder")
    }
    switch Path.kind(target) {
    case .file: throw Failure(.file, "'\(folder)' is a file, not a folder", parameter: "folder")
    case .folder:
      guard let names = Folder.names(in: target) else {
        throw Failure.system("read the folder", path: target, errno: errno).blaming("folder")
      }
      if names.contains(callFolder) { return summary(of: target) }
      guard names.isEmpty else {
        throw Failure(
          .file, "the folder '\(folder)' holds other things already",
          hint: "name one that is new or empty", parameter: "folder")
      }
    case nil: break
    }
    let plan = Plan(calls: calls, others: others, recordings: recordings, seed: seed)
    let building = temporaryPath(beside: target)
    do throws(Failure) { try Folder.make(building, makesParents: false) } catch {
      throw error.blaming("folder")
    }
    do {
      try plan.build(in: building, progress: progress)
      guard rename(building, target) == 0 else {
        throw Failure.system("write", path: folder, errno: errno).blaming("folder")
      }
    } catch {
      Folder.remove(building)
      throw error
    }
    return Summary(folder: target, wasMade: true, calls: calls, others: others, recordings: recordings)
  }

  private static func summary(of folder: String) -> Summary {
    func count(_ name: String, _ ending: String) -> Int {
      (Folder.names(in: folder + "/" + name) ?? []).count { $0.lowercased().hasSuffix(ending) }
    }
    return Summary(
      folder: folder, wasMade: false, calls: count(callFolder, ".wav"), others: count(otherFolder, ".wav"),
      recordings: count(recordingFolder, ".mp3"))
  }

  private static func temporaryPath(beside target: String) -> String {
    let (parent, name) = Path.split(target)
    return
      "\(parent).\(name.suffix(100))-unfinished-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 36))"
  }
}

/// What is to be made.
private struct Plan: Sendable {
  private struct ClipPlan: Sendable {
    let folder: String
    let name: String
    let source: Int
    let number: Int
    let kind: ForestSound?
  }

  private let clips: [ClipPlan]
  private let birds: Int
  private let recordings: Int
  private let seed: UInt64

  /// Streams of random numbers, told apart by their first step.
  private enum Stream {
    static let layout: UInt64 = 0
    static let callSource: UInt64 = 1
    static let otherSource: UInt64 = 2
    static let callClip: UInt64 = 3
    static let otherClip: UInt64 = 4
    static let recording: UInt64 = 5
  }

  init(calls: Int, others: Int, recordings: Int, seed: UInt64) {
    self.recordings = recordings
    self.seed = seed
    var random = RandomSource(seed: seed, path: Stream.layout)
    var clips: [ClipPlan] = []
    // About five clips of each bird, fifteen of each other source, as in the challenge's data.
    var source = 0
    var left = calls
    while left > 0 {
      let size = min(left, 1 + random.integer(below: 9))
      let name = "XC\(100_000 + source * 7919 % 900_000)"
      for number in 0..<size {
        clips.append(
          ClipPlan(
            folder: DemoDataset.callFolder, name: "\(name)-\(number).wav", source: source, number: number,
            kind: nil))
      }
      left -= size
      source += 1
    }
    birds = source
    source = 0
    left = others
    // Those that are nearest to a call come twice as often.
    let kinds = ForestSound.allCases + [.cows, .saws, .howls, .frogs, .roar]
    var sourcesOfKind: [ForestSound: Int] = [:]
    while left > 0 {
      let size = min(left, 6 + random.integer(below: 14))
      let kind = kinds[source % kinds.count]
      sourcesOfKind[kind, default: 0] += 1
      let name = "\(kind.rawValue)-\(sourcesOfKind[kind] ?? 0)"
      for number in 0..<size {
        clips.append(
          ClipPlan(
            folder: DemoDataset.otherFolder,
            name: "\(name)-\(number).wav",
            source: source, number: number, kind: kind))
      }
      left -= size
      source += 1
    }
    self.clips = clips
  }

  func build(in folder: String, progress: @escaping @Sendable (Int, Int) -> Void) throws {
    for name in [DemoDataset.callFolder, DemoDataset.otherFolder, DemoDataset.recordingFolder] {
      try Folder.make(folder + "/" + name)
    }
    let total = clips.count + recordings
    let done = Atomic<Int>(0)
    let truth = Mutex<[Int: [ForestRecording.Call]]>([:])
    // The long ones first, so that no thread is left with one at the end.
    try WorkerPool.forEach(count: total) { index, _ in
      if index < recordings {
        let calls = try makeRecording(index, in: folder)
        truth.withLock { $0[index] = calls }
      } else {
        try makeClip(clips[index - recordings], in: folder)
      }
      progress(done.wrappingAdd(1, ordering: .relaxed).newValue, total)
    }
    try writeTruth(truth.withLock { $0 }, in: folder)
  }

  private func makeClip(_ plan: ClipPlan, in folder: String) throws {
    let isCall = plan.kind == nil
    let source = source(plan.source, kind: plan.kind)
    var random = RandomSource(
      seed: seed, path: isCall ? Stream.callClip : Stream.otherClip, UInt64(plan.source), UInt64(plan.number))
    try AudioFile.save(source.clip(&random), to: "\(folder)/\(plan.folder)/\(plan.name)")
  }

  private func source(_ index: Int, kind: ForestSound?) -> ClipSource {
    var random = RandomSource(
      seed: seed, path: kind == nil ? Stream.callSource : Stream.otherSource, UInt64(index))
    return ClipSource(kind: kind, &random)
  }

  private func makeRecording(_ index: Int, in folder: String) throws -> [ForestRecording.Call] {
    var random = RandomSource(seed: seed, path: Stream.recording, UInt64(index))
    // As in the challenge's data, the birds in the recordings are some of those in the clips.
    let voices = (0..<3).compactMap { _ in source(random.integer(below: birds), kind: nil).voice }
    let (clip, calls) = try ForestRecording.make(index: index, voices: voices, &random)
    let path = "\(folder)/\(DemoDataset.recordingFolder)/\(name(index))"
    try AudioFile.save(clip, to: path, encoding: .bitRate(ForestRecording.bitRate))
    return calls
  }

  /// `recording_00.mp3`, with as many digits as the last one needs.
  private func name(_ index: Int) -> String {
    let digits = max(2, String(max(0, recordings - 1)).count)
    let text = String(index)
    return "recording_" + String(repeating: "0", count: digits - text.count) + text + ".mp3"
  }

  private func writeTruth(_ truth: [Int: [ForestRecording.Call]], in folder: String) throws {
    var calls = "recording,start,end\n"
    var counts = "recording,calls\n"
    for index in 0..<recordings {
      let found = (truth[index] ?? []).sorted { $0.start < $1.start }
      counts += "\(name(index)),\(found.count)\n"
      for call in found {
        calls += "\(name(index)),\(NumberText.fixed(call.start, 2)),\(NumberText.fixed(call.end, 2))\n"
      }
    }
    try FileReplacement.write(calls, to: folder + "/true_calls.csv")
    try FileReplacement.write(counts, to: folder + "/true_counts.csv")
  }
}
