import Essentials
import Glibc

/// The chunks of a WAV or AIFF file, looked at before libsndfile sees it: libsndfile silently shortens
/// a file that is cut short, and accepts header values that no sound has.
struct ChunkedFile {
  /// Sample rate as the header says it, in hertz.
  private(set) var rate: Double?
  /// Channels as the header says.
  private(set) var channelCount: Int?
  /// Bytes of a frame of uncompressed samples; nil for compressed ones.
  private(set) var frameBytes: Int?
  /// Bits of a sample in WAV.
  private(set) var bits: Int?
  /// The WAV format tag, taken from the extension where there is one.
  private(set) var formatTag: Int?
  /// Bytes of samples that the header promises; nil where a stream's writer did not know.
  private(set) var promisedBytes: Int?
  /// Bytes of samples that are in the file.
  private(set) var presentBytes: Int?

  private let descriptor: Int32
  private let bigEndian: Bool
  private let byteCount: Int

  /// Sizes from here on are written by programs that could not know how much would come.
  private static let unknownSize = 0x7fff_f000
  private static let chunkLimit = 10_000

  /// - Throws: a `format` failure for headers that no sound has, and for a file without samples.
  init(_ file: FileHead) throws(Failure) {
    descriptor = Glibc.open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure.system("read", path: file.path, errno: errno).blaming("path")
    }
    defer { close(descriptor) }
    byteCount = file.byteCount
    let magic = Self.bytes(descriptor, at: 0, count: 4)
    bigEndian = magic == Array("RIFX".utf8) || magic == Array("FORM".utf8)
    let isRF64 = magic == Array("RF64".utf8)
    let isAIFF = file.kind == .aiff
    var dataBytes64: Int?
    var offset = 12
    var foundData = false
    var chunks = 0
    while offset + 8 <= byteCount, chunks < Self.chunkLimit {
      let header = Self.bytes(descriptor, at: offset, count: 8)
      guard header.count == 8 else { break }
      let name = String(decoding: header[0..<4], as: UTF8.self)
      let size = integer(Array(header[4..<8]))
      let body = offset + 8
      switch name {
      case "ds64" where isRF64:
        let content = Self.bytes(descriptor, at: body, count: 24)
        if content.count == 24 {
          let value = integer(Array(content[8..<16]))
          dataBytes64 = value >= 0 ? value : nil
        }
      case "fmt " where !isAIFF:
        readFormat(Self.bytes(descriptor, at: body, count: min(size, 40)))
      case "COMM" where isAIFF:
        readCommon(Self.bytes(descriptor, at: body, count: min(size, 26)))
      case "data" where !isAIFF, "SSND" where isAIFF:
        foundData = true
        let extra = isAIFF ? 8 : 0
        presentBytes = max(0, min(size, byteCount - body) - extra)
        promisedBytes = max(0, size - extra)
        if isRF64, size == 0xffff_ffff, let dataBytes64 {
          promisedBytes = dataBytes64
          presentBytes = min(dataBytes64, byteCount - body)
        } else if size >= Self.unknownSize {
          // A writer that was never closed: what follows is the sound.
          promisedBytes = nil
          presentBytes = byteCount - body
        }
        if size >= Self.unknownSize { offset = byteCount }
      default: break
      }
      chunks += 1
      let (next, overflow) = body.addingReportingOverflow(size + size & 1)
      if overflow || offset == byteCount || foundData && rate != nil { break }
      offset = next
    }
    try check(file, isAIFF: isAIFF, foundData: foundData)
  }

  private func check(_ file: FileHead, isAIFF: Bool, foundData: Bool) throws(Failure) {
    let kind = isAIFF ? "AIFF" : "WAV"
    guard let rate, let channelCount else {
      throw file.broken("is broken: a \(kind) file without a format chunk")
    }
    guard rate >= 1, rate <= AudioClip.rateLimit else {
      throw file.broken("is broken: its header gives a sample rate of \(NumberText.trimmed(rate, 3)) Hz")
    }
    guard (1...AudioClip.channelLimit).contains(channelCount) else {
      throw file.broken("is broken: its header gives \(channelCount) channels")
    }
    guard foundData else {
      throw file.broken("is broken: a \(kind) file without a chunk of samples")
    }
    guard let presentBytes, presentBytes > 0 else {
      if let promisedBytes, promisedBytes > 0, let frameBytes {
        throw file.cutShort(promised: promisedBytes / frameBytes, found: 0)
      }
      throw file.broken("holds no samples")
    }
  }

  private mutating func readFormat(_ content: [UInt8]) {
    guard content.count >= 16 else { return }
    var tag = integer(Array(content[0..<2]))
    channelCount = integer(Array(content[2..<4]))
    rate = Double(integer(Array(content[4..<8])))
    let align = integer(Array(content[12..<14]))
    bits = integer(Array(content[14..<16]))
    if tag == 0xfffe, content.count >= 26 { tag = integer(Array(content[24..<26])) }
    formatTag = tag
    if tag == 1 || tag == 3 || tag == 6 || tag == 7, align > 0 { frameBytes = align }
  }

  private mutating func readCommon(_ content: [UInt8]) {
    guard content.count >= 18 else { return }
    channelCount = integer(Array(content[0..<2]))
    let bits = integer(Array(content[6..<8]))
    rate = Self.extended(Array(content[8..<18]))
    let compression = content.count >= 22 ? String(decoding: content[18..<22], as: UTF8.self) : "NONE"
    if ["NONE", "twos", "sowt", "fl32", "FL32", "fl64", "FL64"].contains(compression), let channelCount {
      frameBytes = max(1, (bits + 7) / 8 * channelCount)
    }
  }

  /// An 80-bit extended float: sign and exponent in two bytes, then a mantissa with its leading bit.
  private static func extended(_ bytes: [UInt8]) -> Double {
    let exponent = Int(bytes[0] & 0x7f) << 8 | Int(bytes[1])
    let mantissa = bytes[2..<10].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if mantissa == 0 { return 0 }
    let value = scalbn(Double(mantissa), Int32(exponent) - 16383 - 63)
    return bytes[0] & 0x80 == 0 ? value : -value
  }

  private func integer(_ bytes: [UInt8]) -> Int {
    let ordered = bigEndian ? bytes : bytes.reversed()
    return Int(truncatingIfNeeded: ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, offset) }
    return Array(bytes.prefix(max(0, got)))
  }
}
