import Glibc

/// A seeded stream of random numbers: xoshiro256++ (Blackman and Vigna, 2019), seeded by SplitMix64.
///
/// The same seed gives the same numbers on every machine. A value type: a copy repeats its original.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Double?

  /// A stream decided by `seed`.
  public init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// A stream decided by a seed and a path of numbers, such as (seed, epoch, item): streams of
  /// different paths are independent, so work split over threads draws the same numbers.
  public init(seed: UInt64, path: UInt64...) {
    var mixer = SplitMix64(state: seed)
    var mixed = mixer.next()
    for step in path {
      mixer = SplitMix64(state: mixed ^ (step &* 0x9E37_79B9_7F4A_7C15))
      mixed = mixer.next()
    }
    self.init(seed: mixed)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = ((sum << 23) | (sum >> 41)) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A number from [0, 1), with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number from [low, high).
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// A whole number from 0 ..< bound; `bound` must be positive.
  public mutating func integer(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// A number from the normal distribution with mean 0 and deviation 1 (Box and Muller's method).
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * sin(angle)
    return radius * cos(angle)
  }
}

/// Steele, Lea and Flood's SplitMix64 (2014): spreads a small seed over 64 bits.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
