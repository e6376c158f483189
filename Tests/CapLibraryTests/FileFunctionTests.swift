import CapLanguage
import CapLibrary
import Foundation
import TestSupport
import Testing

/// Functions that read and write files.
@Suite struct FileFunctionTests {
  private let folder: TemporaryFolder
  private let runner = CapRunner()

  init() throws {
    folder = try TemporaryFolder()
    runner.session.interpreter.set("folder", to: .string(folder.url.path))
  }

  private func write(_ name: String, _ text: String = "") throws {
    let url = folder.url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func files(_ pattern: String) throws -> [String] {
    let found = try runner.value("files(path_join(folder, \"\(pattern)\"))").asList ?? []
    let prefix = folder.url.path + "/"
    return found.compactMap(\.asString).map {
      $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : "? " + $0
    }
  }

  @Test func findsFilesByPattern() throws {
    for name in [
      "b.wav", "a.wav", "c.mp3", "B.wav", ".hidden.wav", "é.wav", "sub/d.wav", "sub/deep/e.wav", ".git/f.wav",
      "a[1].wav", "folder.wav/x.txt",
    ] { try write(name) }
    #expect(try files("*.wav") == ["B.wav", "a.wav", "a[1].wav", "b.wav", "é.wav"])
    #expect(try files("?.wav") == ["B.wav", "a.wav", "b.wav", "é.wav"])
    #expect(try files("[a-b].wav") == ["a.wav", "b.wav"])
    #expect(try files("[!a-b].wav") == ["B.wav", "é.wav"])
    #expect(try files("a[[]1].wav") == ["a[1].wav"])
    #expect(
      try files("**/*.wav") == [
        "B.wav", "a.wav", "a[1].wav", "b.wav", "sub/d.wav", "sub/deep/e.wav", "é.wav",
      ])
    #expect(try files("*/*.wav") == ["sub/d.wav"])
    #expect(try files("**").contains("sub/deep/e.wav"))
    #expect(try files("a.wav") == ["a.wav"])
    #expect(try files("*.flac") == [])
    #expect(try files(".*.wav") == [".hidden.wav"])
  }

  @Test func missingFolderNamesNearOne() throws {
    try write("Parsed_Clips/a.wav")
    let error = try #require(runner.error("files(folder + \"/Parsed_Clip/*.wav\")"))
    #expect(error.kind == .file)
    #expect(error.message.contains("Parsed_Clip'"))
    #expect(error.hint?.contains("Parsed_Clips") == true)
  }

  @Test func missingFileNamesNearOne() throws {
    try write("results.csv", "a\n1\n")
    let error = try #require(runner.error("read_csv(folder + \"/result.csv\")"))
    #expect(error.kind == .file)
    #expect(error.hint?.contains("results.csv") == true)
  }

  @Test func linksInCirclesEnd() throws {
    try write("sub/a.wav")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("sub/loop"), withDestinationURL: folder.url)
    #expect(try files("**/*.wav") == ["sub/a.wav"])
  }

  @Test func patternsOfManyStarsAreQuick() throws {
    try write(String(repeating: "a", count: 200))
    #expect(try files(String(repeating: "*a", count: 60) + "b") == [])
  }

  @Test func questionsAboutPaths() throws {
    try write("a.txt", "12345")
    #expect(try runner.value("exists(folder + \"/a.txt\")") == true)
    #expect(try runner.value("is_file(folder + \"/a.txt\")") == true)
    #expect(try runner.value("is_folder(folder + \"/a.txt\")") == false)
    #expect(try runner.value("is_folder(folder)") == true)
    #expect(try runner.value("file_size(folder + \"/a.txt\")") == 5)
    #expect(try runner.value("list_dir(folder)") == ["a.txt"])
  }

  @Test func homeExpands() throws {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    #expect(try runner.value("absolute_path(\"~/x\")").asString == home + "/x")
  }

  @Test func makesAndRemoves() throws {
    _ = try runner.run("make_dir(folder + \"/x/y/z\"); make_dir(folder + \"/x/y/z\")")
    #expect(try runner.value("is_folder(folder + \"/x/y/z\")") == true)
    _ = try runner.run("write_text(folder + \"/x/a\", \"1\"); remove_file(folder + \"/x/a\")")
    #expect(try runner.value("exists(folder + \"/x/a\")") == false)
    #expect(try #require(runner.error("remove_file(folder + \"/x/a\")")).kind == .file)
    #expect(try #require(runner.error("make_dir(\"/proc/nothing/here\")")).kind == .file)
    try write("file")
    #expect(try #require(runner.error("make_dir(folder + \"/file/sub\")")).kind == .file)
  }

  @Test func textsComeBack() throws {
    _ = try runner.run("write_text(folder + \"/t.txt\", \"héllo\\nwörld\\r\\n\")")
    #expect(try runner.value("read_text(folder + \"/t.txt\")") == "héllo\nwörld\r\n")
    #expect(try runner.value("read_lines(folder + \"/t.txt\")") == ["héllo", "wörld"])
  }

  @Test func textMustBeUTF8() throws {
    try Data([0x66, 0xFF, 0x00]).write(to: folder.url.appendingPathComponent("b"))
    #expect(try #require(runner.error("read_text(folder + \"/b\")")).kind == .format)
    #expect(try #require(runner.error("read_csv(folder + \"/b\")")).kind == .format)
    try Data([0xEF, 0xBB, 0xBF, 0x61]).write(to: folder.url.appendingPathComponent("bom"))
    #expect(try runner.value("read_text(folder + \"/bom\")") == "a")
  }

  @Test func fullDiskLeavesAnError() throws {
    let error = try #require(runner.error("write_text(\"/dev/full\", \"x\")"))
    #expect(error.kind == .file)
    #expect(error.message.contains("/dev/full"))
  }

  @Test func failedWriteLeavesTheOldFile() throws {
    try write("t.csv", "old")
    #expect(runner.error("write_csv(folder + \"/t.csv\", [{a: 1}], columns=[\"b\"])") != nil)
    #expect(try runner.value("read_text(folder + \"/t.csv\")") == "old")
  }

  @Test func tablesComeBack() throws {
    _ = try runner.run(
      """
      rows = [{name: "a, \\"b\\"", n: 3, p: 0.1 + 0.2}, {name: "line\\nbreak", n: -1, p: none}]
      write_csv(folder + "/t.csv", rows)
      t = read_csv(folder + "/t.csv");
      """)
    #expect(
      try runner.value("read_text(folder + \"/t.csv\")").asString?.hasPrefix("name,n,p\n\"a, \"\"b\"\"\",3,")
        == true)
    #expect(try runner.value("t.name") == ["a, \"b\"", "line\nbreak"])
    #expect(try runner.value("t.n") == [3, -1])
    #expect(try runner.value("t.p[0] == 0.1 + 0.2 and is_nan(t.p[1])") == true)
    #expect(try runner.value("t.columns") == ["name", "n", "p"])
  }

  @Test func choosesColumnsAndSeparators() throws {
    _ = try runner.run(
      "write_csv(folder + \"/t.tsv\", [{b: 1, a: 2}], columns=[\"a\", \"b\"], separator=\"\\t\")")
    #expect(try runner.value("read_text(folder + \"/t.tsv\")") == "a\tb\n2\t1\n")
    #expect(
      try runner.value("read_csv(folder + \"/t.tsv\", separator=\"\\t\", header=false).column2") == [
        "b", "1",
      ])
    _ = try runner.run("write_csv(folder + \"/l.csv\", [[1, 2], [3, 4]], columns=[\"x\", \"y\"])")
    #expect(try runner.value("read_csv(folder + \"/l.csv\").y") == [2, 4])
  }

  @Test func raggedFileNamesItsLine() throws {
    try write("r.csv", "a,b\n1,2\n3\n")
    let error = try #require(runner.error("read_csv(folder + \"/r.csv\")"))
    #expect(error.kind == .format)
    #expect(error.message.contains("line 3"))
  }

  @Test func arraysComeBack() throws {
    _ = try runner.run("x = random_normal([3, 2, 4]); save_npy(folder + \"/x.npy\", x)")
    #expect(try runner.value("all(load_npy(folder + \"/x.npy\") == x)") == true)
    try write("bad.npy", "\u{1}not numpy")
    #expect(try #require(runner.error("load_npy(folder + \"/bad.npy\")")).kind == .format)
  }
}
