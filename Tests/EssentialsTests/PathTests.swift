import Essentials
import Glibc
import TestSupport
import Testing

struct PathTests {
  /// Beside what `basename` and `dirname` of POSIX say.
  @Test(arguments: [
    ("/usr/lib", "lib", "/usr"), ("/usr/", "usr", "/"), ("usr", "usr", "."), ("/", "/", "/"),
    ("a/b//", "b", "a"),
  ])
  func parts(path: String, last: String, folder: String) {
    #expect(Path.lastPart(path) == last)
    #expect(Path.folderPart(path) == folder)
  }

  @Test func splitting() {
    #expect(Path.split("a/b.wav") == ("a/", "b.wav"))
    #expect(Path.split("b.wav") == ("", "b.wav"))
    #expect(Path.split("/a/") == ("/a/", ""))
    #expect(Path.stemAndEnding("a.tar.gz") == ("a.tar", ".gz"))
    #expect(Path.stemAndEnding(".hidden") == (".hidden", ""))
  }

  @Test func joining() {
    #expect(Path.joined("a", "b") == "a/b" && Path.joined("a/", "b") == "a/b")
    #expect(Path.joined("", "b") == "b" && Path.joined("a", "/b") == "/b")
  }

  @Test func absolute() throws {
    #expect(try Path.absolute("/a/./b/../c//d/") == "/a/c/d")
    #expect(try Path.absolute("/../..") == "/")
    #expect(try Path.absolute("x").hasSuffix("/x"))
  }

  @Test func foldersAreMadeReadAndRemoved() throws {
    let folder = try TemporaryFolder()
    let deep = folder.path("a/b/c")
    #expect(throws: Failure.self) { try Folder.make(deep, makesParents: false) }
    try Folder.make(deep)
    try Folder.make(deep + "/")
    #expect(Path.kind(deep) == .folder && Path.kind(deep + "/d") == nil)
    try FileReplacement.write("x", to: deep + "/file")
    #expect(Folder.names(in: deep) == ["file"])
    #expect(Path.kind(deep + "/file") == .file)
    symlink(folder.path("a"), folder.path("link"))
    #expect(Path.isLink(folder.path("link")) && Path.kind(folder.path("link")) == .folder)
    let error = #expect(throws: Failure.self) { try Folder.make(deep + "/file/d") }
    #expect(
      error?.message.contains("cannot make the folder '\(deep)/file") == true, "\(error?.message ?? "")")
    Folder.remove(folder.path("a"))
    #expect(Path.kind(folder.path("a")) == nil)
    #expect(Folder.names(in: deep) == nil)
  }
}
