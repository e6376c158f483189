import CallDetection
import Essentials
import TestSupport
import Testing

@Suite struct CallTests {
  private func scores(_ values: [Float], step: Double = 3) throws -> WindowScores {
    try WindowScores(values, Windowing(length: 3, step: step))
  }

  @Test func windowsThatFireInARowAreOneCall() throws {
    let flags = [false, true, true, false, true, false, false, true, true, true]
    #expect(Flags.runs(flags) == [1..<3, 4..<5, 7..<10])
    #expect(Flags.countRuns(flags) == 3)
    #expect(Flags.share(flags) == 0.6)
    #expect(Flags.runs([]).isEmpty && Flags.share([]) == 0)
    #expect(Flags.runs([true]) == [0..<1])
    #expect(Flags.countRuns([false, false]) == 0)
  }

  /// The rule as the tutorial's last line has it: groups of equal neighbours, those of ones counted.
  @Test(arguments: 0..<20) func runsAreItertoolsGroups(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let flags = (0..<50).map { _ in random.integer(below: 2) == 1 }
    let starts = flags.indices.count { flags[$0] && ($0 == 0 || !flags[$0 - 1]) }
    #expect(Flags.countRuns(flags) == starts)
    #expect(Flags.runs(flags).map(\.count).reduce(0, +) == flags.count { $0 })
  }

  @Test func aboveTheThresholdAsInNumPy() throws {
    // 0.99 in 32 bits is not above 0.99, though it is in 64.
    #expect(try scores([0.99, 0.9901, 0.5]).classes(threshold: 0.99) == [false, true, false])
    #expect(Flags.classes([.nan, 1], threshold: 0.5) == [false, true])
    #expect(try scores([1, 0, 1, 1]).firingShare(threshold: 0.5) == 0.75)
  }

  @Test func callsKnowTimeAndScores() throws {
    let calls = try scores([0, 0.75, 1, 0, 0.875]).calls(threshold: 0.5)
    #expect(
      calls == [
        Call(start: 3, end: 9, peakScore: 1, meanScore: 0.875),
        Call(start: 12, end: 15, peakScore: 0.875, meanScore: 0.875),
      ])
    #expect(try scores([0, 0.75, 1, 0, 0.875]).calls(threshold: 0.5, duration: 14)[1].end == 14)
    #expect(try scores([]).calls(threshold: 0.5).isEmpty)
    // Windows that overlap: one every second.
    let overlapping = try scores([0, 1, 1, 0], step: 1).calls(threshold: 0.5)
    #expect(overlapping.map(\.start) == [1] && overlapping.map(\.end) == [5])
    // Windows of a part of a recording.
    let late = try WindowScores([0, 1], Windowing(length: 3, step: 1, start: 10)).calls(threshold: 0.5)
    #expect(late.map(\.start) == [11] && late.map(\.end) == [14])
  }

  @Test func gapsAreBridgedAndShortCallsLeftOut() throws {
    let values: [Float] = [1, 0, 1, 1, 0, 0, 1]
    func spans(_ gap: Double, _ length: Double) throws -> [[Double]] {
      try scores(values).calls(threshold: 0.5, maximalGap: gap, minimalLength: length)
        .map { [$0.start, $0.end] }
    }
    #expect(try spans(0, 0) == [[0, 3], [6, 12], [18, 21]])
    #expect(try spans(2.9, 0) == [[0, 3], [6, 12], [18, 21]])
    #expect(try spans(3, 0) == [[0, 12], [18, 21]])
    #expect(try spans(6, 0) == [[0, 21]])
    #expect(try spans(0, 3.1) == [[6, 12]])
    #expect(try spans(3, 12) == [[0, 12]])
    // Steps that are no exact binary fraction: 3 × 0.1 is a gap of 0.3.
    let fine = try WindowScores([1, 0, 0, 0, 1], Windowing(length: 0.1))
    #expect(try fine.calls(threshold: 0.5, maximalGap: 0.3).count == 1)
  }

  @Test func oddValuesAreRefused() throws {
    #expect(throws: Failure.self) { try WindowScores([.nan], Windowing(length: 3)) }
    for length in [0, -1, .nan, .infinity] {
      #expect(throws: Failure.self) { try WindowScores([1], Windowing(length: length)) }
      #expect(throws: Failure.self) { try WindowScores([1], Windowing(length: 3, step: length)) }
    }
    let one = try scores([1])
    #expect(throws: Failure.self) { try one.calls(threshold: .nan) }
    #expect(throws: Failure.self) { try one.calls(threshold: 0, maximalGap: -1) }
    #expect(throws: Failure.self) { try one.calls(threshold: 0, minimalLength: -1) }
  }
}

@Suite struct CallTableTests {
  private let calls = [
    Call(start: 3, end: 9, peakScore: 1, meanScore: 0.875), Call(start: 12.5, end: 15.123456789),
  ]

  @Test func commaSeparatedValues() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("calls.csv")
    try CallTable(calls, recording: "a, \"b\".mp3").csv().write(to: path)
    let table = try CSVTable.read(path)
    #expect(table.header == ["recording", "start", "end", "duration", "peak_score", "mean_score"])
    #expect(table.rows[0] == ["a, \"b\".mp3", "3", "9", "6", "1", "0.875"])
    #expect(try table.column(named: "end") == .numbers([9, 15.123457]))
    #expect(try CallTable(calls).csv().header.first == "start")
    #expect(try CallTable([Call]()).csv().rows.isEmpty)
  }

  @Test func ravenSelectionTable() throws {
    let text = CallTable(calls, recording: "/data/x.mp3", label: "a\tb").ravenText(highFrequency: 4000)
    let lines = text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    #expect(
      lines[0] == [
        "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)",
        "Begin File", "Annotation", "Score",
      ])
    #expect(
      lines[1] == [
        "1", "Spectrogram 1", "1", "3.000000", "9.000000", "0.0", "4000.0", "x.mp3", "a b", "1.000000",
      ])
    #expect(lines.count == 3)
  }

  @Test func audacityLabels() throws {
    #expect(
      CallTable(calls).audacityText()
        == "3.000000\t9.000000\tcall\n12.500000\t15.123457\tcall\n")
    let two = CallTable(calls.map { CallTable.Row($0, recording: $0.start > 4 ? "b.mp3" : "a.mp3") })
    #expect(two.audacityText().hasPrefix("3.000000\t9.000000\tcall a.mp3\n"))
    #expect(throws: Failure.self) { try two.writeAudacity(to: "/dev/full") }
    #expect(throws: Failure.self) { try two.writeRaven(to: "/nowhere/x.txt") }
  }
}
