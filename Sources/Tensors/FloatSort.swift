import Essentials

/// Sorts floats: rising, NaN last.
enum FloatSort {
  /// Sorts in place. Long runs are sorted by their bits, 11 at a time (radix sort), which takes a
  /// third pass but no comparisons.
  static func sort(_ run: UnsafeMutableBufferPointer<Float>) throws {
    if run.count < 500 {
      return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: run.count) { keys in
        for index in 0..<run.count { keys.initializeElement(at: index, to: key(run[index])) }
        var sorted = keys
        sorted.sort()
        for index in 0..<run.count { run[index] = value(keys[index]) }
      }
    }
    var keys = try [UInt32](unsafeUninitializedCapacity: run.count) { buffer, count in
      try Interruption.stretches(of: run.count, length: stretch) { stretch in
        for index in stretch { buffer[index] = key(run[index]) }
      }
      count = run.count
    }
    // Written whole by the first pass.
    var other = [UInt32](unsafeUninitializedCapacity: run.count) { $1 = run.count }
    for shift: UInt32 in [0, 11, 22] {
      try keys.withUnsafeBufferPointer { keys in
        try other.withUnsafeMutableBufferPointer { other in try spread(keys, into: other, shift: shift) }
      }
      swap(&keys, &other)
    }
    try Interruption.stretches(of: run.count, length: stretch) { stretch in
      for index in stretch { run[index] = value(keys[index]) }
    }
  }

  /// So many elements are moved between two looks at the interrupt flag.
  private static let stretch = 1 << 20

  /// One pass: in the order of 11 bits, and otherwise as it was.
  private static func spread(
    _ keys: UnsafeBufferPointer<UInt32>, into other: UnsafeMutableBufferPointer<UInt32>, shift: UInt32
  ) throws {
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { places in
      places.initialize(repeating: 0)
      try Interruption.stretches(of: keys.count, length: stretch) { stretch in
        for index in stretch { places[Int(keys[index] >> shift & 0x7FF)] += 1 }
      }
      var sum = 0
      for index in 0..<2048 {
        let count = places[index]
        places[index] = sum
        sum += count
      }
      try Interruption.stretches(of: keys.count, length: stretch) { stretch in
        for index in stretch {
          let digit = Int(keys[index] >> shift & 0x7FF)
          other[places[digit]] = keys[index]
          places[digit] += 1
        }
      }
    }
  }

  /// Whole numbers in the floats' order: negative ones are turned upside down.
  @inline(__always)
  private static func key(_ value: Float) -> UInt32 {
    if value.isNaN { return .max }
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  @inline(__always)
  private static func value(_ key: UInt32) -> Float {
    if key == .max { return .nan }
    return Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
  }
}
