import Foundation
import Glibc
import TestSupport
import Testing

/// The program as scripts and shells meet it.
struct CommandLineTests {
  private func file(_ text: String, in folder: TemporaryFolder, name: String = "script.cap") throws -> String
  {
    let path = folder.path(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func helpAndVersionSucceed() throws {
    let help = try Program.run(["--help"])
    #expect(help.status == 0)
    for option in [
      "-e", "--check", "--convert", "--report", "--notebook", "--plots", "--seed", "--threads", "--quiet",
      "--no-color", "--version",
    ] {
      #expect(help.output.contains(option))
    }
    let version = try Program.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.hasPrefix("capuchin-repl "))
  }

  @Test(arguments: [
    ["--bogus"], ["--seed"], ["--seed", "x"], ["--threads", "0"], ["--threads", "x"], ["-e"], ["--plots"],
    ["--quiet=yes"], ["-x", "script.cap"],
  ])
  func wrongCommandLinesAreRefused(arguments: [String]) throws {
    let result = try Program.run(arguments)
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.errors.contains("Usage: capuchin-repl"))
  }

  @Test func aMisspeltOptionIsSuggested() throws {
    #expect(try Program.run(["--chek", "x.cap"]).errors.contains("did you mean '--check'?"))
  }

  @Test func codeFromTheCommandLine() throws {
    let result = try Program.run(["-e", "print(\"a\"); 1 + 2"])
    #expect(result.status == 0)
    #expect(result.output == "a\n3\n")
    #expect(result.errors == "")
    #expect(try Program.run(["-e", "-4"]).output == "-4\n")
  }

  @Test func aProgramOnStandardInput() throws {
    for arguments in [[], ["-"]] {
      let result = try Program.run(arguments, input: "x = [1,\n2]\nlen(x)\n")
      #expect(result.status == 0)
      #expect(result.output == "2\n")
    }
    let broken = try Program.run([], input: "x = 1\nx +* 2\n")
    #expect(broken.status == 1)
    #expect(broken.errors.contains("<stdin>:2:"))
    #expect(try Program.run([], input: "").status == 0)
  }

  @Test func whatFollowsTheScriptIsItsOwn() throws {
    let folder = try TemporaryFolder()
    let script = try file("print(args)\n", in: folder)
    #expect(
      try Program.run([script, "--check", "-e", "--help", "a b", "-"]).output
        == "[\"--check\", \"-e\", \"--help\", \"a b\", \"-\"]\n")
    #expect(try Program.run(["-e", "args", "x", "--seed"]).output == "[\"x\", \"--seed\"]\n")
    #expect(try Program.run(["-", "x"], input: "args").output == "[\"x\"]\n")
  }

  @Test func errorsGoToStandardErrorWithTheirPlace() throws {
    let folder = try TemporaryFolder()
    let script = try file(
      "# %% One\nprint(\"before\")\n# %% Two\n\n  raise \"broken\"\n# %%\nprint(\"after\")\n", in: folder)
    let result = try Program.run([script])
    #expect(result.status == 1)
    #expect(result.output.contains("before"))
    #expect(!result.output.contains("after"))
    #expect(result.errors.contains("broken"))
    #expect(result.errors.contains("script.cap:5:3"))
    #expect(!result.errors.contains("\u{1B}"))
  }

  @Test func nothingRunsBeforeAllOfAScriptParses() throws {
    let folder = try TemporaryFolder()
    let script = try file("print(1)\n# %%\nx = = 1\n# %%\ny = [1, }\n", in: folder)
    for arguments in [[script], ["--check", script]] {
      let result = try Program.run(arguments)
      #expect(result.status == 1)
      #expect(result.output == "")
      #expect(result.errors.contains("script.cap:3:"))
      #expect(result.errors.contains("script.cap:5:"))
    }
  }

  @Test func checkRunsNothing() throws {
    let folder = try TemporaryFolder()
    let script = try file("print(1)\n", in: folder)
    let result = try Program.run(["--check", script])
    #expect(result.status == 0)
    #expect(result.output == "")
    #expect(result.errors == "")
  }

  @Test(arguments: ["missing.cap", ".", "/dev/null/x"])
  func scriptsThatCannotBeReadAreNamed(path: String) throws {
    let result = try Program.run([path])
    #expect(result.status == 1)
    #expect(result.errors.contains("'\(path)'"))
  }

  @Test func garbageIsNoScript() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("random.cap")
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let result = try Program.run([path])
    #expect(result.status == 1, "\(bytes)")
    #expect(result.errors.contains("random.cap:"))
  }

  @Test func proseTitlesAndValuesShowUnlessQuiet() throws {
    let folder = try TemporaryFolder()
    let script = try file("# %% [markdown]\n# # Heading\n# Text\n\n# %% A cell\nprint(1)\n2\n", in: folder)
    #expect(try Program.run([script]).output == "# Heading\nText\n\nA cell\n1\n2\n")
    #expect(try Program.run(["--quiet", script]).output == "1\n2\n")
  }

  @Test func coloursAreForTerminalsOnly() throws {
    let inPipe = try Program.run(["-e", "x"])
    #expect(!inPipe.errors.contains("\u{1B}"))
    let terminal = try PseudoTerminal(["-e", "missing_name"])
    #expect(try terminal.waitForExit() == 1)
    #expect(terminal.screen.stream.contains("\u{1B}["))
    for (arguments, environment) in [(["--no-color"], [:]), ([], ["NO_COLOR": "1"]), ([], ["TERM": "dumb"])] {
      let plain = try PseudoTerminal(arguments + ["-e", "missing_name"], environment: environment)
      #expect(try plain.waitForExit() == 1)
      #expect(plain.screen.text.contains("missing_name"))
      #expect(!plain.screen.stream.contains("\u{1B}"))
    }
  }

  @Test func aFullDiskIsAnError() throws {
    let folder = try TemporaryFolder()
    for code in ["print(1)", "for i in range(1000000) { print(i) }"] {
      let script = try file(code, in: folder)
      let result = try shell("'\(Program.path)' '\(script)' > /dev/full")
      #expect(result.status == 1)
      #expect(result.errors.contains("standard output"))
      #expect(result.errors.lowercased().contains("no space left"))
    }
  }

  @Test func aClosedPipeEndsItQuietly() throws {
    let result = try shell(
      "'\(Program.path)' -e 'for i in range(10000000) { print(i) }' | head -n 2; echo ${PIPESTATUS[0]}")
    #expect(result.output == "0\n1\n141\n")
    #expect(result.errors == "")
  }

  @Test func outputAndErrorsKeepTheirOrder() throws {
    let result = try shell("'\(Program.path)' -e 'print(\"first\"); missing_thing()' 2>&1")
    let output = result.output
    // A name that nothing defines is found before anything runs; raising is found while it runs.
    #expect(result.status == 1)
    #expect(output.contains("missing_thing"))
    let raised = try shell("'\(Program.path)' -e 'print(\"first\"); raise \"second\"' 2>&1").output
    #expect(raised.hasPrefix("first\n"))
    #expect(raised.contains("second"))
  }

  @Test func anInterruptEndsAScriptWith130() throws {
    let folder = try TemporaryFolder()
    let script = try file("write_text(\"started\", \"x\")\nwhile true {}\n", in: folder)
    let result = try Program.run([script], folder: folder.url) { process in
      try Program.waitForFile(folder.path("started"))
      process.interrupt()
    }
    #expect(result.status == 130)
    #expect(result.errors.contains("interrupted"))
  }

  @Test func oneSeedDecides() throws {
    let code = ["-e", "random_normal([3])"]
    let first = try Program.run(["--seed", "7"] + code)
    #expect(first.status == 0)
    #expect(try Program.run(["--seed", "7"] + code).output == first.output)
    #expect(try Program.run(["--seed", "8"] + code).output != first.output)
  }

  private func shell(_ command: String) throws -> Program.Result {
    try Program.run(["-c", command], executable: "/bin/bash")
  }
}
