import CapLanguage
import Essentials
import Glibc
import Tensors

/// Files, folders and paths.
enum FileFunctions {
  static let all = [
    files, exists, isFile, isFolder, listDir, makeDir, removeFile, fileSize, basename, dirname, stem, ending,
    pathJoin, absolutePath, readText, writeText, readLines, loadNPY, saveNPY,
  ]

  private static let topic = "files"
  private static let path = Argument(
    "path", .path, "The path; relative ones start from the current folder, ~ is home")

  // MARK: Finding

  private static let files = FunctionDeclaration(
    "files", topic: topic, "The files whose paths fit a pattern, sorted",
    takes: ArgumentList(
      Argument(
        "pattern", .path,
        "A path with wildcards: * and ? for characters of a name, [a-z] for one of several, ** for any folders"
      )),
    returns:
      "a list of paths in alphabetical order (of their bytes); empty where nothing fits. Folders, and names "
      + "that start with a point, are left out",
    errors: ["file: the folder in front of the first wildcard is not there; the message names near ones"],
    examples: [
      Example(
        inFolder: "files(\"data/Forest Recordings/*.mp3\")",
        output: "[\"data/Forest Recordings/recording_00.mp3\"]"),
      Example(inFolder: "len(files(\"~/recordings/**/*.mp3\"))", output: "1"),
    ], source: "Python's sorted(glob.glob(pattern, recursive=True))",
    seeAlso: ["list_dir", "basename", "dataset"]
  ) { _, pattern in
    return .strings(try blaming("pattern") { try GlobPattern(pattern).matches() })
  }

  private static func question(
    _ name: String, _ summary: String, _ example: Example, _ answer: @escaping @Sendable (Path.Kind?) -> Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        path), returns: "true or false", examples: [example],
      seeAlso: ["exists", "is_file", "is_folder"].filter { $0 != name }
    ) { _, path in .bool(answer(Path.kind(path))) }
  }

  private static let exists = question(
    "exists", "Whether there is a file or folder", Example("exists(\"no such file\")", output: "false")
  ) { $0 != nil }
  private static let isFile = question(
    "is_file", "Whether there is a file, not a folder", Example("is_file(\".\")", output: "false")
  ) { $0 == .file }
  private static let isFolder = question(
    "is_folder", "Whether there is a folder", Example("is_folder(\".\")", output: "true")
  ) { $0 == .folder }

  private static let listDir = FunctionDeclaration(
    "list_dir", topic: topic, "The names in a folder, sorted",
    takes: ArgumentList(
      Argument("path", .path, default: ".", "The folder")),
    returns: "a list of names of files and folders, without those that start with a point",
    errors: ["file: no such folder, or one that cannot be read"],
    examples: [
      Example(
        inFolder: "list_dir(\"data\")",
        output:
          "[\"Forest Recordings\", \"Parsed_Capuchinbird_Clips\", \"Parsed_Not_Capuchinbird_Clips\", \"true_calls.csv\", \"true_counts.csv\"]"
      )
    ], source: "Python's os.listdir",
    seeAlso: ["files"]
  ) { _, path in
    guard Path.kind(path) == .folder else { throw Path.missingFolder(path).blaming("path") }
    guard let names = Folder.names(in: path) else {
      throw Failure.system("read", path: path, errno: errno).blaming("path")
    }
    return .strings(
      names.filter { $0.utf8.first != UInt8(ascii: ".") }.sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      })
  }

  // MARK: Changing

  private static let makeDir = FunctionDeclaration(
    "make_dir", topic: topic, "Makes a folder, and those above it that are missing",
    takes: ArgumentList(
      path), returns: "none; a folder that is there already is fine",
    errors: ["file: a file in the way, or no permission"],
    examples: [Example(inFolder: "make_dir(\"results/today\")\nis_folder(\"results\")", output: "true")],
    source: "Python's os.makedirs(exist_ok=True)", seeAlso: ["exists"]
  ) { _, path in
    do throws(Failure) { try Folder.make(path) } catch { throw error.blaming("path") }
    return .nothing
  }

  private static let removeFile = FunctionDeclaration(
    "remove_file", topic: topic, "Removes a file; folders stay",
    takes: ArgumentList(
      path), returns: "none",
    errors: ["file: no such file, a folder, or no permission"],
    examples: [Example(inFolder: "remove_file(\"results.csv\")\nexists(\"results.csv\")", output: "false")],
    seeAlso: ["exists"]
  ) { _, path in
    guard Path.kind(path) != .folder || Path.isLink(path) else {
      throw Failure(
        .file, "'\(path)' is a folder", hint: "remove_file removes single files", parameter: "path")
    }
    try Path.reading(path, name: "path") {
      guard unlink(path) == 0 else { throw Failure.system("remove", path: path, errno: errno) }
    }
    return .nothing
  }

  private static let fileSize = FunctionDeclaration(
    "file_size", topic: topic, "The size of a file",
    takes: ArgumentList(
      path), returns: "a number of bytes",
    errors: ["file: no such file"], examples: [Example(inFolder: "file_size(\"a.wav\")", output: "32044")],
    seeAlso: ["exists", "info"]
  ) { _, path in
    return try Path.reading(path, name: "path") {
      var status = stat()
      guard stat(path, &status) == 0 else { throw Failure.system("find", path: path, errno: errno) }
      return .number(Int(status.st_size))
    }
  }

  // MARK: Paths

  private static func part(
    _ name: String, _ summary: String, _ examples: [Example], source: String, seeAlso: [String],
    _ part: @escaping @Sendable (String) -> String
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        Argument("path", .string, "The path; nothing needs to be there")),
      returns: "a string", examples: examples, source: source, seeAlso: seeAlso
    ) { _, path in .string(part(path)) }
  }

  private static let basename = part(
    "basename", "The last part of a path: the name of the file",
    [Example("basename(\"data/XC3776-3.wav\")", output: "\"XC3776-3.wav\"")], source: "os.path.basename",
    seeAlso: ["dirname", "stem"]
  ) { Path.lastPart($0) }

  private static let dirname = part(
    "dirname", "The folder of a path: all but its last part",
    [Example("dirname(\"data/XC3776-3.wav\")", output: "\"data\"")],
    source: "os.path.dirname, but \".\" where there is no folder", seeAlso: ["basename"]
  ) { Path.folderPart($0) }

  private static let stem = part(
    "stem", "The name of the file without its ending",
    [Example("stem(\"data/XC3776-3.wav\")", output: "\"XC3776-3\"")], source: "Python's pathlib",
    seeAlso: ["extension", "basename"]
  ) { Path.stemAndEnding(Path.lastPart($0)).stem }

  private static let ending = part(
    "extension", "The ending of the file's name, with its point; empty if it has none",
    [Example("extension(\"data/XC3776-3.wav\")", output: "\".wav\"")], source: "os.path.splitext",
    seeAlso: ["stem"]
  ) { Path.stemAndEnding(Path.lastPart($0)).ending }

  private static let pathJoin = FunctionDeclaration(
    "path_join", topic: topic, "One path of several parts",
    takes: ArgumentList(
      Argument.variadic(
        "parts", .string, "Folders, and a name at the end; an absolute part starts anew")),
    returns: "a string",
    examples: [Example("path_join(\"data\", \"clips\", \"a.wav\")", output: "\"data/clips/a.wav\"")],
    source: "os.path.join", seeAlso: ["basename", "dirname"]
  ) { _, parts in .string(parts.reduce("") { Path.joined($0, $1) }) }

  private static let absolutePath = FunctionDeclaration(
    "absolute_path", topic: topic, "The path from the root, without dots",
    takes: ArgumentList(
      path), returns: "a string; nothing needs to be there",
    errors: ["file: the current folder is gone"],
    examples: [Example("absolute_path(\"/data/./clips/../a.wav\")", output: "\"/data/a.wav\"")],
    source: "os.path.abspath", seeAlso: ["path_join"]
  ) { _, path in .string(try Path.absolute(path)) }

  // MARK: Texts

  private static let readErrors = [
    "file: no such file (near names are told), a folder, or no permission",
    "format: bytes that are no text in UTF-8", "memory: more than 1 GB",
  ]
  private static let writeErrors = [
    "file: no such folder, no permission, or a full disk; a file there stays as it was"
  ]

  /// The text of a file, without a byte order mark.
  static func text(of path: String, name: String = "path") throws -> String {
    let bytes = try Path.reading(path, name: name) { try InputFile(path).remainingBytes(limit: 1 << 30) }
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let text = String(validating: bytes[start...], as: UTF8.self) else {
      throw Failure(.format, "'\(path)' is not text in UTF-8", parameter: name)
    }
    return text
  }

  private static let readText = FunctionDeclaration(
    "read_text", topic: topic, "The text of a file",
    takes: ArgumentList(
      path), returns: "a string",
    errors: readErrors,
    examples: [Example(inFolder: "read_text(\"notes.txt\")", output: "\"first line\\nsecond line\\n\"")],
    seeAlso: ["read_lines", "write_text"]
  ) { _, path in .string(try text(of: path)) }

  private static let readLines = FunctionDeclaration(
    "read_lines", topic: topic, "The lines of a text file, without their ends",
    takes: ArgumentList(
      path),
    returns: "a list of strings", errors: readErrors,
    examples: [
      Example(
        inFolder: "for line in read_lines(\"notes.txt\") { print(line) }", output: "first line\nsecond line")
    ],
    seeAlso: ["read_text", "split_lines", "read_csv"]
  ) { _, path in .strings(try StringFunctions.splitLines(try text(of: path))) }

  private static let writeText = FunctionDeclaration(
    "write_text", topic: topic, "Writes a text to a file, in place of what was there",
    takes: ArgumentList(
      path,
      Argument("text", .string, "The text; a line end at its end is not added")),
    returns: "none", errors: writeErrors,
    examples: [Example(inFolder: "write_text(\"notes.txt\", \"first line\\n\")", output: "")],
    seeAlso: ["read_text", "write_csv"]
  ) { _, path, text in
    try blaming("path") { try FileReplacement.write(text, to: path) }
    return .nothing
  }

  // MARK: NumPy's files

  private static let loadNPY = FunctionDeclaration(
    "load_npy", topic: topic, "Reads an array from a NumPy file",
    takes: ArgumentList(
      path),
    gives: TensorObject.self, returns: "a tensor; numbers of other types are turned into 32-bit floats",
    errors: ["file: no such file", "format: no .npy file, or one of something else than numbers"],
    examples: [Example(inFolder: "load_npy(\"x.npy\").shape", output: "[2, 3]")], source: "numpy.load",
    seeAlso: ["save_npy"]
  ) { _, path in
    return Conversions.value(try Path.reading(path, name: "path") { try NPYFile.read(path) })
  }

  private static let saveNPY = FunctionDeclaration(
    "save_npy", topic: topic, "Writes an array to a NumPy file",
    takes: ArgumentList(
      path,
      Argument("x", .array, "A tensor, or lists of numbers")), returns: "none",
    errors: writeErrors,
    examples: [Example(inFolder: "save_npy(\"x.npy\", zeros([2, 3]))", output: "")], source: "numpy.save",
    seeAlso: ["load_npy"]
  ) { _, path, x in
    let tensor = try x.tensor()
    try blaming("path") { try NPYFile.write(tensor, to: path) }
    return .nothing
  }
}
