import Essentials
import Glibc

/// What a file is by its first bytes, whatever its name says.
enum FileKind: Equatable {
  /// RIFF, RIFX or RF64 with a WAVE form.
  case wav
  /// FORM with an AIFF or AIFC form.
  case aiff
  /// Others that libsndfile tells for sure: FLAC, OGG, AU, CAF, W64.
  case sound
  /// MPEG audio, perhaps after an ID3 tag.
  case mpeg
  /// No sound: what it is, in words.
  case other(String)
  /// Nothing that is known here.
  case unknown

  /// How many bytes `init` wants to see.
  static let headLength = 8192

  init(head: [UInt8]) {
    func has(_ text: String, at offset: Int = 0) -> Bool {
      let bytes = Array(text.utf8)
      return head.count >= offset + bytes.count && Array(head[offset..<offset + bytes.count]) == bytes
    }
    func starts(_ bytes: UInt8...) -> Bool { head.starts(with: bytes) }

    if has("RIFF") || has("RIFX") || has("RF64") {
      if has("WAVE", at: 8) || head.count < 12 {
        self = .wav
      } else if has("WEBP", at: 8) {
        self = .other("a WebP picture")
      } else if has("AVI ", at: 8) {
        self = .other("an AVI video")
      } else {
        self = .other("a RIFF file without sound")
      }
    } else if has("FORM"), has("AIFF", at: 8) || has("AIFC", at: 8) {
      self = .aiff
    } else if has("fLaC") || has("OggS") || has(".snd") || has("caff")
      || starts(0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11)
    {
      self = .sound
    } else if has("ID3") || Self.mpegFrames(in: head) {
      self = .mpeg
    } else if starts(0x89, 0x50, 0x4e, 0x47) {
      self = .other("a PNG picture")
    } else if starts(0xff, 0xd8, 0xff) {
      self = .other("a JPEG picture")
    } else if has("GIF8") {
      self = .other("a GIF picture")
    } else if has("%PDF") {
      self = .other("a PDF document")
    } else if starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6) {
      self = .other("a ZIP archive")
    } else if starts(0x1f, 0x8b) {
      self = .other("a gzip archive")
    } else if has("ftyp", at: 4) {
      self = .other("an MP4 or M4A file, which is not read here")
    } else if starts(0x1a, 0x45, 0xdf, 0xa3) {
      self = .other("a WebM or Matroska file, which is not read here")
    } else if starts(0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11) {
      self = .other("a WMA file, which is not read here")
    } else if starts(0x7f, 0x45, 0x4c, 0x46) {
      self = .other("a program")
    } else if let text = Self.text(head) {
      let start = text.drop { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }.prefix(200).lowercased()
      if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.contains("<html") {
        self = .other("an HTML page")
      } else if start.hasPrefix("<?xml") || start.hasPrefix("<svg") {
        self = .other("an XML document")
      } else if start.hasPrefix("version https://git-lfs") {
        self = .other("a Git LFS pointer: the sound itself was not downloaded")
      } else {
        self = .other("a text file")
      }
    } else {
      self = .unknown
    }
  }

  /// The head as text, if it is text throughout.
  private static func text(_ head: [UInt8]) -> String? {
    let printable = head.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 9 || $0 == 10 || $0 == 13 }
    guard printable, !head.isEmpty else { return nil }
    // The head may end in the middle of a character.
    for dropped in 0..<4 {
      if let text = String(validating: head.dropLast(dropped), as: UTF8.self) { return text }
    }
    return nil
  }

  /// Whether MPEG audio starts near the beginning: three frames in a row with headers that agree.
  private static func mpegFrames(in head: [UInt8]) -> Bool {
    guard head.count >= 4 else { return false }
    for start in 0..<min(head.count - 3, 4096) where head[start] == 0xff {
      var offset = start
      var found = 0
      var first: MPEGFrameHeader?
      while let header = MPEGFrameHeader(head, at: offset) {
        if let first, !header.agrees(with: first) { break }
        first = first ?? header
        found += 1
        offset += header.length
        if found == 3 || found >= 1 && start == 0 && offset == head.count { return true }
        if offset + 4 > head.count { break }
      }
      // Long frames at a high bit rate: two in a row from the very start will do.
      if found >= 2, start == 0 { return true }
    }
    return false
  }
}

/// The four bytes at the start of an MPEG audio frame.
struct MPEGFrameHeader {
  let version: Int
  let layer: Int
  let rate: Int
  let length: Int

  private static let rates = [44100, 48000, 32000]
  private static let kilobits: [[Int]] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]

  /// The header at `offset`, if there is a valid one (free-format streams are not recognised).
  init?(_ bytes: [UInt8], at offset: Int) {
    guard offset + 4 <= bytes.count, bytes[offset] == 0xff, bytes[offset + 1] & 0xe0 == 0xe0 else {
      return nil
    }
    let versionBits = Int(bytes[offset + 1] >> 3) & 3
    let layerBits = Int(bytes[offset + 1] >> 1) & 3
    let bitRateIndex = Int(bytes[offset + 2] >> 4)
    let rateIndex = Int(bytes[offset + 2] >> 2) & 3
    guard versionBits != 1, layerBits != 0, rateIndex != 3, bitRateIndex != 0, bitRateIndex != 15 else {
      return nil
    }
    version = versionBits == 3 ? 1 : versionBits == 2 ? 2 : 25
    layer = 4 - layerBits
    rate = Self.rates[rateIndex] / (version == 1 ? 1 : version == 2 ? 2 : 4)
    let table = version == 1 ? layer - 1 : layer == 1 ? 3 : 4
    let bitRate = Self.kilobits[table][bitRateIndex] * 1000
    let padding = Int(bytes[offset + 2] >> 1) & 1
    if layer == 1 {
      length = (12 * bitRate / rate + padding) * 4
    } else {
      let samples = layer == 3 && version != 1 ? 576 : 1152
      length = samples / 8 * bitRate / rate + padding
    }
  }

  func agrees(with other: MPEGFrameHeader) -> Bool {
    version == other.version && layer == other.layer && rate == other.rate
  }
}
