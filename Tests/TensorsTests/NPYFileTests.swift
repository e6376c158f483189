import Essentials
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct NPYFileTests {
  private func reference(_ name: String) -> String {
    References.folder.appendingPathComponent(name).path
  }

  @Test func everyElementTypeAndByteOrder() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: References.folder.path).filter {
      $0.hasPrefix("little_") || $0.hasPrefix("big_") || $0 == "u1.npy" || $0 == "i1.npy"
    }
    #expect(names.count == 18)
    for name in names {
      let tensor = try NPYFile.read(reference(name))
      #expect(tensor.shape == [2, 3] && tensor.elements == [0, 1, 2, 100, 3, 7], "\(name)")
    }
    #expect(try NPYFile.read(reference("b1.npy")).elements == [0, 1, 1, 1, 1, 1])
    let halves: [Float] = [0, -0.0, 1, -2.5, 65504, 0x1p-24, 0x3FFp-24, .infinity, -.infinity, .nan]
    let read = try NPYFile.read(reference("halves.npy")).elements
    #expect(read.dropLast() == halves.dropLast() && read[9].isNaN && read[1].sign == .minus)
  }

  @Test func layoutsAndVersions() throws {
    let ramp = try Tensor.arange(24).reshaped([2, 3, 4])
    #expect(try NPYFile.read(reference("column_major.npy")) == ramp)
    #expect(try NPYFile.read(reference("version2.npy")) == Tensor.arange(6).reshaped([2, 3]))
    #expect(try NPYFile.read(reference("version3.npy")) == Tensor.arange(6).reshaped([2, 3]))
    #expect(try NPYFile.read(reference("scalar.npy")) == Tensor(scalar: 2.5))
    #expect(try NPYFile.read(reference("empty.npy")).shape == [0, 3])
  }

  @Test func whatIsWrittenIsReadBackAndIsWhatNumPyWrites() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.npy")
    var random = RandomSource(seed: 1)
    for shape in [[], [0], [1], [7, 0, 2], [300, 1000], [2, 3, 4, 5, 1]] {
      let tensor = try Tensor.randomNormal(shape, using: &random)
      try NPYFile.write(tensor, to: path)
      #expect(try NPYFile.read(path) == tensor)
    }
    try NPYFile.write(Tensor([0, 1, 2, 100, 3, 7]).reshaped([2, 3]), to: path)
    let own = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(try own == Data(contentsOf: URL(fileURLWithPath: reference("little_f4.npy"))))
  }

  @Test func otherContentsAreRefused() throws {
    for name in ["complex.npy", "text.npy", "record.npy"] {
      #expect { try NPYFile.read(reference(name)) } throws: { ($0 as? Failure)?.kind == .format }
    }
    for path in [reference("none.npy"), References.folder.path] {
      #expect { try NPYFile.read(path) } throws: { error in
        (error as? Failure)?.kind == .file && (error as? Failure)?.message.contains(path) == true
      }
    }
    #expect { try NPYFile.write(Tensor([1]), to: "/nowhere/a.npy") } throws: {
      ($0 as? Failure)?.kind == .file
    }
    #expect { try NPYFile.write(Tensor([1]), to: "/dev/full") } throws: { ($0 as? Failure)?.kind == .file }
  }

  /// Every file that is cut short, and headers that lie or make no sense.
  @Test func brokenFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("broken.npy")
    func refuses(_ data: Data) throws -> Bool {
      try data.write(to: URL(fileURLWithPath: path))
      do {
        _ = try NPYFile.read(path)
      } catch let failure as Failure {
        return [.format, .memory].contains(failure.kind)
      }
      return false
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: reference("little_f4.npy")))
    for length in 0..<whole.count { #expect(try refuses(whole.prefix(length)), "\(length) bytes") }
    #expect(try refuses(whole + [0]))
    func withHeader(_ text: String) -> Data {
      Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8))
        + Data(count: 24)
    }
    let headers = [
      "", "{", "{}", "nonsense", "{'descr': '<f4'}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
      "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3)}",
      "{'descr': '<f3', 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': '<O8', 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '', 'fortran_order': False, 'shape': (2, 3)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
    ]
    for header in headers { #expect(try refuses(withHeader(header)), "\(header)") }
    // The same with a right one is read.
    let right = withHeader("{'shape': (2, 3), \"descr\": '<f4', 'fortran_order': False, }")
    #expect(try !refuses(right))
    var version = whole
    version[6] = 4
    #expect(try refuses(version))
  }
}
