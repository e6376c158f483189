import Essentials

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
    Path.joined(path, name)
  }

  /// Makes the folder and those above it.
  private func make() throws(Failure) {
    guard !path.isEmpty else { return }
    guard Path.kind(path) != .file else {
      throw Failure(
        .file, "cannot save pictures in '\(path)': it is not a folder", hint: "choose one with --plots DIR")
    }
    do throws(Failure) { try Folder.make(path) } catch {
      throw Failure(.file, "cannot make the folder for pictures '\(path)': \(error.message)")
    }
  }

  private func highestNumber() -> Int {
    var highest = 0
    for name in Folder.names(in: path) ?? [] where name.hasPrefix("plot-") {
      let digits = name.dropFirst(5).prefix(while: \.isNumber)
      if let number = Int(digits), name.dropFirst(5 + digits.count).hasPrefix(".") {
        highest = max(highest, min(number, 1 << 40))
      }
    }
    return highest
  }
}
