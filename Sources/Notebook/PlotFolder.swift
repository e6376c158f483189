import Essentials
import Glibc

/// The folder for pictures, made when the first one is drawn.
struct PlotFolder: Sendable {
  /// The folder as the user gave it.
  var path: String
  /// Whether numbering goes on after the pictures that the folder holds already: yes at the prompt,
  /// where they may be yesterday's work; no in a script, where the same run gives the same names.
  var continuesNumbering: Bool
  private var lastNumber: Int?

  init(path: String, continuesNumbering: Bool) {
    self.path = path
    self.continuesNumbering = continuesNumbering
  }

  /// Another folder; numbering starts anew.
  mutating func move(to path: String) {
    self.path = path
    lastNumber = nil
  }

  /// The path for the next picture without a name: `plots/plot-001.png`.
  /// - Throws: a `file` failure if the folder cannot be made.
  mutating func nextPath(ending: String) throws(Failure) -> String {
    try make()
    let last = lastNumber ?? (continuesNumbering ? highestNumber() : 0)
    let number = last + 1
    lastNumber = number
    let digits = String(number)
    let padding = String(repeating: "0", count: max(0, 3 - digits.count))
    return join("plot-\(padding)\(digits).\(ending)")
  }

  /// Where a picture saved as `name` goes: a bare name into the folder, a path where it says.
  /// - Throws: a `file` failure if the folder cannot be made.
  func path(named name: String) throws(Failure) -> String {
    if name.utf8.contains(UInt8(ascii: "/")) { return name }
    try make()
    return join(name)
  }

  private func join(_ name: String) -> String {
    path.hasSuffix("/") || path.isEmpty ? path + name : "\(path)/\(name)"
  }

  /// Makes the folder and those above it.
  private func make() throws(Failure) {
    guard !path.isEmpty else { return }
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
      if mkdir(made, 0o777) == 0 || errno == EEXIST || errno == EISDIR { continue }
      throw Failure.system("make the folder for pictures", path: path, errno: errno)
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(
        .file, "cannot save pictures in '\(path)': it is not a folder", hint: "choose one with --plots DIR")
    }
  }

  private func highestNumber() -> Int {
    guard let folder = opendir(path.isEmpty ? "." : path) else { return 0 }
    defer { closedir(folder) }
    var highest = 0
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix("plot-") else { continue }
      let digits = name.dropFirst(5).prefix(while: \.isNumber)
      if let number = Int(digits), name.dropFirst(5 + digits.count).hasPrefix(".") {
        highest = max(highest, min(number, 1 << 40))
      }
    }
    return highest
  }
}
