import Essentials
import Foundation
import TestSupport
import Testing

@Suite struct FileReplacementTests {
  @Test func replacesAndLeavesNothingBeside() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.txt")
    try FileReplacement.write("one", to: path)
    try FileReplacement.write("two", to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.txt"])
  }

  @Test func aFailureLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.txt")
    try FileReplacement.write("one", to: path)
    #expect(throws: Failure.self) {
      try FileReplacement.replace(path) { temporary in
        try FileReplacement.write("half", to: temporary)
        throw Failure(.value, "no")
      }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.txt"])
  }

  @Test func namesPathAndReason() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: Failure.self) {
      try FileReplacement.write("x", to: folder.path("missing/a.txt"))
    }
    #expect(error?.kind == .file)
    #expect(error?.message.contains("missing/a.txt") == true)
    #expect(error?.message.contains("no such file or directory") == true)
  }

  @Test func aFullDiskIsAnError() throws {
    let error = #expect(throws: Failure.self) { try FileReplacement.write("x", to: "/dev/full") }
    #expect(error?.message.contains("no space left") == true)
  }
}
