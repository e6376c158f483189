import Foundation

/// A run of trials: a worker makes them, and what is wrong is made small, kept and told.
struct Campaign {
  var seconds = 60.0
  var seed = 1
  var findings = URL(fileURLWithPath: ".build/findings")
  /// How long making a finding small may take.
  static let shrinking = 60.0
  /// How long no network may take.
  static let longest = 180.0

  private var tried = 0
  private var wrong: [String] = []
  private var redraws = 0
  private var strains: [Double] = []
  private var worst = (strain: 0.0, of: "")

  /// Runs it.
  /// - Returns: how many networks are wrong.
  mutating func run() throws -> Int {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("networks-trial-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    tell("networks from number \(seed * 1_000_000) on, for \(Int(seconds)) s")
    let end = Date(timeIntervalSinceNow: seconds)
    var next = seed * 1_000_000
    while Date() < end {
      let child = try Child(["--worker", "\(next)", "\(end.timeIntervalSince1970)"], folder: folder)
      next = watch(child, from: next, folder: folder)
    }
    strains.sort()
    let middle = strains.isEmpty ? 0 : strains[strains.count / 2]
    tell(
      "\(tried) networks, \(wrong.count) wrong; \(redraws) were drawn anew, for a decision by rounding. "
        + "Errors, in parts of what they may be: \(rounded(middle)) in the middle, \(rounded(worst.strain)) "
        + "at most (\(worst.of))")
    return wrong.count
  }

  /// What a finding has in common with its smaller form: it ends, hangs, is refused, or is off.
  private static func kind(_ complaint: String) -> String {
    complaint.split(separator: " ").dropFirst(complaint.hasPrefix("wrong") ? 1 : 0).first.map {
      ["signal", "hangs", "refused:", "status"].contains($0) ? String($0) : "off"
    } ?? ""
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

  /// Follows a worker to its end.
  /// - Returns: the number to go on from.
  private mutating func watch(_ child: Child, from first: Int, folder: URL) -> Int {
    var read = 0
    var number = first
    var isRunning = false
    var since = Date()
    while true {
      let ending = child.ending
      let lines = child.said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      for line in lines.dropFirst(read) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        since = Date()
        switch words.first {
        case "begin": (number, isRunning) = (Int(words[1]) ?? number, true)
        case "strain": note(words[1])
        case "well", "wrong":
          isRunning = false
          tried += 1
          if words.count > 1 { keep(number, words[1], folder: folder) }
        default: break
        }
      }
      read = lines.count
      if let ending {
        if isRunning {
          tried += 1
          keep(number, "ends by \(ending)", folder: folder)
        }
        return number + 1
      }
      if Date().timeIntervalSince(since) > Self.longest {
        child.end()
        keep(number, "hangs for \(Int(Self.longest)) s", folder: folder)
        return number + 1
      }
      usleep(50_000)
    }
  }

  private mutating func note(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 3).map(String.init)
    guard parts.count >= 3, let strain = Double(parts[0]), let redrawn = Int(parts[1]) else { return }
    strains.append(strain)
    if redrawn > 0 { redraws += 1 }
    if strain > worst.strain, strain <= 1 {
      worst = (strain, "number \(parts[2]), \(parts.count > 3 ? parts[3] : "")")
    }
  }

  /// Confirms a finding, makes it small, and tells it.
  private mutating func keep(_ number: Int, _ problem: String, folder: URL) {
    let description = NetworkGenerator.network(number)
    tell("wrong: number \(number): \(problem)\n  \(description.text)")
    let alone = Child.complaint(description, folder: folder)
    var smallest = description
    var last = alone ?? problem
    if alone == nil {
      tell("  alone it is right: it depends on what ran before")
    } else {
      let shrinker = Shrinker(
        isStillBad: {
          guard let complaint = Child.complaint($0, folder: folder), Self.kind(complaint) == Self.kind(last)
          else { return false }
          last = complaint
          return true
        }, deadline: Date(timeIntervalSinceNow: Self.shrinking))
      smallest = shrinker.smallest(description)
      tell("  smallest: \(smallest.text)\n  \(last)")
    }
    wrong.append(smallest.text)
    try? FileManager.default.createDirectory(at: findings, withIntermediateDirectories: true)
    let file = findings.appendingPathComponent("network-\(number).txt")
    try? "\(smallest.text)\n\(last)\n\nfound as number \(number): \(problem)\n\(description.text)\n".write(
      to: file, atomically: true, encoding: .utf8)
  }
}
