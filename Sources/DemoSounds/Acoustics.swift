import Essentials
import Glibc

/// One channel of sound being made, at the rate that all demo sounds are made at.
typealias Sound = [Float]

/// The parts that sounds are made of.
enum Acoustics {
  /// Samples a second while sounds are made; files get their own rates afterwards. High enough for
  /// everything that 16 kHz audio can hold.
  static let rate = 24_000.0

  static func frames(_ seconds: Double) -> Int { max(0, Int((seconds * rate).rounded())) }

  static func gain(decibels: Double) -> Float { Float(pow(10, decibels / 20)) }

  /// White noise between -1 and 1 with the deviation of a uniform distribution.
  static func noise(_ count: Int, _ random: inout RandomSource) -> Sound {
    Sound(unsafeUninitializedCapacity: count) { buffer, filled in
      var index = 0
      while index < count {
        let bits = random.next()
        buffer[index] = Float(Int32(truncatingIfNeeded: bits)) * 0x1p-31
        if index + 1 < count { buffer[index + 1] = Float(Int32(truncatingIfNeeded: bits >> 32)) * 0x1p-31 }
        index += 2
      }
      filled = count
    }
  }

  static func rootMeanSquare(_ sound: Sound) -> Float {
    if sound.isEmpty { return 0 }
    var sum = 0.0
    for sample in sound { sum += Double(sample) * Double(sample) }
    return Float((sum / Double(sound.count)).squareRoot())
  }

  /// Multiplies by the factor that gives the loud parts (the loudest tenth of 50 ms blocks) this level.
  static func level(_ sound: inout Sound, to target: Float) {
    let block = frames(0.05)
    var energies: [Float] = []
    var start = 0
    while start < sound.count {
      let end = min(start + block, sound.count)
      var sum: Float = 0
      for index in start..<end { sum += sound[index] * sound[index] }
      energies.append(sum / Float(end - start))
      start = end
    }
    energies.sort()
    guard let loud = energies.dropLast(energies.count / 10).last, loud > 0 else { return }
    let factor = target / loud.squareRoot()
    for index in sound.indices { sound[index] *= factor }
  }

  /// Adds `part` times `factor`, starting at frame `start` (which may lie before the sound).
  static func add(_ part: Sound, to sound: inout Sound, at start: Int = 0, factor: Float = 1) {
    let first = max(0, -start)
    let last = min(part.count, sound.count - start)
    guard first < last else { return }
    for index in first..<last { sound[start + index] += part[index] * factor }
  }

  /// 0 below 0, 1 above 1, a smooth step between.
  static func smooth(_ x: Double) -> Double {
    let t = min(max(x, 0), 1)
    return t * t * (3 - 2 * t)
  }

  /// Fades in and out: rises over `attack`, falls over `release`, all in seconds.
  static func envelope(_ time: Double, _ duration: Double, attack: Double, release: Double) -> Double {
    smooth(time / attack) * smooth((duration - time) / release)
  }

  /// A sound of harmonics: at each moment a pitch in hertz and, for each harmonic from the first on,
  /// an amplitude. Control values are computed every 64 samples and held in between.
  static func harmonics(
    _ duration: Double, count: Int, pitch: (Double) -> Double, amplitude: (Int, Double) -> Double
  ) -> Sound {
    let total = frames(duration)
    var sound = Sound(repeating: 0, count: total)
    var phase = 0.0
    var previous = (1...count).map { amplitude($0, 0) }
    var start = 0
    while start < total {
      let end = min(start + 64, total)
      let time = Double(end) / rate
      let step = 2 * Double.pi * pitch(time) / rate
      let next = (1...count).map { amplitude($0, time) }
      for harmonic in 1...count {
        let (from, to) = (previous[harmonic - 1], next[harmonic - 1])
        if from < 1e-4, to < 1e-4 { continue }
        // A rotating pair of numbers instead of a sine for each sample.
        let (turnCosine, turnSine) = (cos(step * Double(harmonic)), sin(step * Double(harmonic)))
        var (x, y) = (cos(phase * Double(harmonic)), sin(phase * Double(harmonic)))
        let slope = (to - from) / Double(end - start)
        var level = from
        for index in start..<end {
          (x, y) = (x * turnCosine - y * turnSine, x * turnSine + y * turnCosine)
          level += slope
          sound[index] += Float(level * y)
        }
      }
      phase = (phase + step * Double(end - start)).truncatingRemainder(dividingBy: 2 * Double.pi)
      previous = next
      start = end
    }
    return sound
  }

  /// A slow random curve around 0 with deviation about 1, and `speed` turns a second.
  static func drift(_ random: inout RandomSource, speed: Double) -> (Double) -> Double {
    let waves = (0..<4).map { _ in
      (random.uniform(0.3, 1.3) * speed, random.uniform(0, 2 * Double.pi), random.uniform(0.4, 1))
    }
    return { time in
      waves.reduce(0) { $0 + $1.2 * sin(2 * Double.pi * $1.0 * time + $1.1) } * 0.7
    }
  }
}

/// A second-order filter (Bristow-Johnson's cookbook).
struct Filter {
  private let b0: Float
  private let b1: Float
  private let b2: Float
  private let a1: Float
  private let a2: Float

  enum Kind { case lowPass, highPass, bandPass }

  init(_ kind: Kind, _ frequency: Double, sharpness: Double = 0.707) {
    let angle = 2 * Double.pi * min(frequency, Acoustics.rate * 0.45) / Acoustics.rate
    let alpha = sin(angle) / (2 * sharpness)
    let cosine = cos(angle)
    let a0 = 1 + alpha
    switch kind {
    case .lowPass:
      b0 = Float((1 - cosine) / 2 / a0)
      b1 = Float((1 - cosine) / a0)
      b2 = b0
    case .highPass:
      b0 = Float((1 + cosine) / 2 / a0)
      b1 = Float(-(1 + cosine) / a0)
      b2 = b0
    case .bandPass:
      b0 = Float(alpha / a0)
      b1 = 0
      b2 = -b0
    }
    a1 = Float(-2 * cosine / a0)
    a2 = Float((1 - alpha) / a0)
  }

  func apply(_ sound: inout Sound) {
    var (x1, x2, y1, y2): (Float, Float, Float, Float) = (0, 0, 0, 0)
    for index in sound.indices {
      let x = sound[index]
      let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
      (x2, x1) = (x1, x)
      (y2, y1) = (y1, y)
      sound[index] = y
    }
  }

  func applied(_ sound: Sound) -> Sound {
    var copy = sound
    apply(&copy)
    return copy
  }
}

/// How far a sound has come through the forest: high notes are lost, echoes are added.
struct Distance {
  let cutoff: Double
  let echo: Float

  /// Near (0) to far (1).
  init(_ share: Double, _ random: inout RandomSource) {
    cutoff = 7000 * pow(1900.0 / 7000, share) * random.uniform(0.85, 1.15)
    echo = Float(0.05 + 0.45 * share * random.uniform(0.6, 1))
  }

  func apply(_ sound: inout Sound) {
    Filter(.lowPass, cutoff).apply(&sound)
    // Schroeder's reverberator: four combs side by side, then two all-passes.
    var wet = Sound(repeating: 0, count: sound.count)
    for (delay, feedback) in [(731, 0.72), (877, 0.70), (1013, 0.68), (1193, 0.66)] as [(Int, Float)] {
      guard sound.count > delay else { continue }
      var line = Sound(repeating: 0, count: delay)
      var position = 0
      for index in sound.indices {
        let value = line[position]
        line[position] = sound[index] + value * feedback
        wet[index] += value * 0.25
        position = position + 1 == delay ? 0 : position + 1
      }
    }
    for delay in [113, 347] {
      var line = Sound(repeating: 0, count: delay)
      var position = 0
      for index in wet.indices {
        let stored = line[position]
        let value = wet[index] - 0.5 * stored
        line[position] = value
        wet[index] = stored + 0.5 * value
        position = position + 1 == delay ? 0 : position + 1
      }
    }
    Acoustics.add(wet, to: &sound, factor: echo)
  }
}
