import Essentials
import Testing

@Suite struct RandomSourceTests {
  @Test func sameSeedSameNumbersOtherSeedOthers() {
    var a = RandomSource(seed: 5)
    var b = RandomSource(seed: 5)
    var c = RandomSource(seed: 6)
    let first = (0..<10).map { _ in a.next() }
    #expect(first == (0..<10).map { _ in b.next() })
    #expect(first != (0..<10).map { _ in c.next() })
  }

  @Test func pathsGiveDifferentStreams() {
    var a = RandomSource(seed: 5, path: 1, 2)
    var b = RandomSource(seed: 5, path: 2, 1)
    #expect(a.next() != b.next())
  }

  @Test func momentsOfTheNormalDistribution() {
    var source = RandomSource(seed: 1)
    let draws = (0..<100_000).map { _ in source.normal() }
    let mean = draws.reduce(0, +) / 100_000
    let variance = draws.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 100_000
    // Four standard errors of mean and variance at this sample size.
    #expect(abs(mean) < 0.0127)
    #expect(abs(variance - 1) < 0.018)
  }
}
