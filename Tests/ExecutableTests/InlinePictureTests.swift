import Foundation
import Plotting
import TestSupport
import Testing

/// Pictures in the terminal: what the program writes is decoded as a terminal would, and looked at.
struct InlinePictureTests {
  private static let code = "bars([\"a\"], [3], title=\"One bar\", ylabel=\"calls\");"
  /// The light theme's first colour and its paper.
  private static let blue: [UInt8] = [0x00, 0x72, 0xB2]
  private static let white: [UInt8] = [0xFF, 0xFF, 0xFF]

  /// What the program writes to a terminal.
  private func stream(
    _ environment: [String: String], code: String = code, columns: Int = 80, rows: Int = 24,
    cell: (width: Int, height: Int) = (0, 0)
  ) throws -> String {
    let terminal = try PseudoTerminal(
      ["-e", code], environment: environment, folder: TemporaryFolder(), columns: columns, rows: rows,
      cell: cell)
    #expect(try terminal.waitForExit() == 0)
    return terminal.screen.stream
  }

  /// Whether a picture shows the bar: blue in the middle, white in the corners.
  private func expectBar(_ picture: DecodedPixels, tolerance: Int) {
    #expect(picture.isNear(picture.width / 2, picture.height / 2, Self.blue, tolerance))
    for (x, y) in [(0, 0), (picture.width - 1, 0), (0, picture.height - 1)] {
      #expect(picture.isNear(x, y, Self.white, tolerance))
    }
  }

  // MARK: Protocols

  @Test func kittyGetsThePictureInPieces() throws {
    let text = try stream(["TERM": "xterm-kitty"], columns: 120, rows: 40, cell: (10, 20))
    let pieces = text.components(separatedBy: "\u{1B}_G").dropFirst()
    #expect(pieces.count > 1)
    var payload = ""
    for (index, piece) in pieces.enumerated() {
      let parts = piece.components(separatedBy: "\u{1B}\\")[0].split(
        separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      #expect(parts[1].utf8.count <= 4096)
      #expect(parts[0].contains(index == pieces.count - 1 ? "m=0" : "m=1"))
      if index == 0 { #expect(parts[0].hasPrefix("a=T,f=100,q=2,m=")) }
      payload += parts[1]
    }
    let picture = try DecodedPixels(png: try #require(Data(base64Encoded: payload)))
    // As large as the file: the window has room for it.
    #expect(picture.width == 800 && picture.height == 400)
    expectBar(picture, tolerance: 0)
    #expect(text.contains("plots/plot-001.png"))
  }

  @Test func iTermGetsAFile() throws {
    let text = try stream(["TERM_PROGRAM": "iTerm.app"], columns: 50, rows: 24, cell: (8, 16))
    let start = try #require(text.range(of: "\u{1B}]1337;File="))
    let rest = text[start.upperBound...]
    let colon = try #require(rest.firstIndex(of: ":"))
    let end = try #require(rest.firstIndex(of: "\u{7}"))
    let data = try #require(Data(base64Encoded: String(rest[rest.index(after: colon)..<end])))
    #expect(rest[..<colon] == "inline=1;size=\(data.count);width=400px;preserveAspectRatio=1")
    let picture = try DecodedPixels(png: data)
    // Drawn anew for the window's 400 pixels.
    #expect(picture.width == 400 && picture.height == 200)
    expectBar(picture, tolerance: 0)
  }

  @Test func sixelsShowTheColours() throws {
    let text = try stream(["TERM": "foot"], columns: 60, rows: 20, cell: (10, 20))
    let picture = try DecodedPixels(sixels: text)
    #expect(picture.width == 600 && picture.height == 300)
    // Sixels count colours in percent.
    expectBar(picture, tolerance: 2)
    // A colour map keeps its shades, which a dozen colours would not.
    let map = try stream(
      ["TERM": "foot"],
      code: "row = linspace(0, 1, 200) |> reshape([1, 200]); plot(concat([row, row], axis=0));",
      columns: 100, rows: 40, cell: (10, 20))
    let image = try DecodedPixels(sixels: map)
    #expect(Set((0..<image.width).map { image.rgb($0, image.height / 2) }).count > 100)
  }

  @Test func otherTerminalsGetBlocksWithReadableWords() throws {
    let terminal = try PseudoTerminal(
      ["-e", Self.code], environment: ["COLORTERM": "truecolor"], folder: TemporaryFolder())
    #expect(try terminal.waitForExit() == 0)
    let lines = terminal.screen.text.components(separatedBy: "\n")
    #expect(lines[0].contains("One bar"))
    #expect(lines.contains { $0.hasPrefix("→ plots/plot-001.png (800 × 400)") })
    // 800 × 400 pixels fit by their width: 640 × 320, in cells of 8 × 16.
    #expect(lines.firstIndex { $0.hasPrefix("→") } == 20)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.contains("3") } && lines.contains { $0.contains("a") })
    #expect(terminal.screen.stream.contains(";2;0;114;178"))
    #expect(try stream([:]).contains("8;5;"))
    #expect(!(try stream([:]).contains(";2;0;114;178")))
    #expect(!(try stream(["NO_COLOR": "1"]).contains("\u{1B}[3")))
  }

  @Test func slantedNamesStandBelowOneAnother() throws {
    let names = (0..<10).map { "recording_0\($0)" }
    let terminal = try PseudoTerminal(
      ["-e", "bars(\(names), range(10));"], environment: ["COLORTERM": "truecolor"],
      folder: TemporaryFolder(),
      columns: 100, rows: 40)
    #expect(try terminal.waitForExit() == 0)
    let lines = terminal.screen.text.components(separatedBy: "\n")
    for name in names { #expect(lines.filter { $0.contains(name) }.count == 1, "\(name)") }
  }

  @Test(arguments: [
    ["TERM": "dumb"], ["TERM": "xterm-kitty", "CAPUCHIN_REPL_PICTURES": "off"], ["TERM": ""],
  ])
  func terminalsWithoutPicturesGetTheFileName(environment: [String: String]) throws {
    let text = try stream(environment)
    #expect(text.contains("plots/plot-001.png"))
    #expect(!text.contains("\u{1B}_") && !text.contains("█"))
    #expect(text.split(whereSeparator: \.isNewline).count == 1)
  }

  @Test func aMultiplexerGetsBlocks() throws {
    for name in ["TMUX", "STY"] {
      let text = try stream(["TERM": "xterm-kitty", name: "/tmp/x,1,0"])
      #expect(!text.contains("\u{1B}_G") && text.contains("One bar"))
    }
    #expect(try stream(["TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"]).contains("One bar"))
  }

  @Test func aPipeGetsNone() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(["-e", Self.code], folder: folder.url)
    #expect(result.output == "→ plots/plot-001.png (800 × 400)\n")
    #expect(try Program.run(["--quiet", "-e", Self.code], folder: folder.url).output == "")
  }

  // MARK: Windows and bad luck

  @Test func aNarrowWindowIsNotOverrun() throws {
    for (columns, rows) in [(20, 8), (4, 3), (1, 1), (500, 2)] {
      let text = try stream(["TERM": "xterm-kitty"], columns: columns, rows: rows)
      if let start = text.range(of: "\u{1B}_Ga=T,f=100,q=2") {
        let payload = text[start.upperBound...].components(separatedBy: ";")[1]
        let bytes = try #require(Data(base64Encoded: String(payload.prefix(32))))
        let width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        #expect(width <= columns * 8)
      }
      _ = try stream([:], columns: columns, rows: rows)
    }
  }

  @Test func vectorFilesAreShownToo() throws {
    let text = try stream(
      ["COLORTERM": "truecolor"], code: "bars([\"a\"], [3], title=\"One bar\", save=\"bar.pdf\");")
    #expect(text.contains("One bar") && text.contains(";2;0;114;178") && text.contains("bar.pdf"))
  }

  @Test func plotsDecidesWhatIsShown() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(
      environment: ["COLORTERM": "truecolor", "XDG_STATE_HOME": folder.path("state")], folder: folder)
    try terminal.expect("[1]")
    terminal.enter("%plots")
    try terminal.expect("show here")
    terminal.enter("%plots file")
    try terminal.expect("[3]")
    terminal.enter("lines([1, 2], title=\"first\");")
    try terminal.expect("plots/plot-001.png")
    terminal.enter("%plots off")
    try terminal.expect("no pictures")
    terminal.enter("lines([1, 2], title=\"second\");")
    terminal.enter("lines([1, 2], title=\"third\", save=\"third\");")
    try terminal.expect("plots/third.png")
    try terminal.expect("[7]")
    #expect(!terminal.screen.text.contains("plot-002"))
    terminal.enter("%plots inline")
    terminal.enter("%plots elsewhere")
    try terminal.expect("elsewhere/, and show")
    terminal.enter("lines([1, 2], title=\"fourth\");")
    try terminal.expect("elsewhere/plot-001.png")
    // The words stand in the picture, not in the entry alone.
    let lines = terminal.screen.text.components(separatedBy: "\n")
    #expect(lines.contains { $0.trimmingCharacters(in: .whitespaces) == "fourth" })
    #expect(!lines.contains { $0.trimmingCharacters(in: .whitespaces) == "first" })
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("plots"))
    #expect(Set(names) == ["plot-001.png", "third.png"])
  }

  @Test func aPictureWhoseFileIsGoneShowsAgain() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(
      environment: ["COLORTERM": "truecolor", "XDG_STATE_HOME": folder.path("state")], folder: folder)
    try terminal.expect("[1]")
    terminal.enter("f = lines([1, 2], title=\"again\");")
    try terminal.expect("[2]")
    try FileManager.default.removeItem(atPath: folder.path("plots"))
    terminal.enter("f")
    try terminal.expect("[3]")
    let lines = terminal.screen.text.components(separatedBy: "\n")
    #expect(lines.filter { $0.trimmingCharacters(in: .whitespaces) == "again" }.count == 2)
    terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == 0)
  }
}

/// What a terminal makes of a picture.
private struct DecodedPixels {
  let width: Int
  let height: Int
  private var pixels: [[UInt8]]

  init(png: Data) throws {
    let image = try PNGFile.decode([UInt8](png))
    width = image.width
    height = image.height
    pixels = image.values.map { pixel in [16, 8, 0].map { UInt8(truncatingIfNeeded: pixel >> $0) } }
  }

  /// DEC's sixels: `"` gives the size, `#n;2;r;g;b` a colour, `#n` takes one, `!n` repeats, `$` goes back to
  /// the left, `-` to the next six rows; other signs are six pixels each, the uppermost in the lowest bit.
  init(sixels text: String) throws {
    let start = try #require(text.range(of: "\u{1B}P0;1;0q\""))
    let end = try #require(text[start.upperBound...].range(of: "\u{1B}\\"))
    var signs = Array(text[start.upperBound..<end.lowerBound].utf8)[...]
    func numbers() -> [Int] {
      let run = signs.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ";") }
      signs = signs.dropFirst(run.count)
      return run.split(separator: UInt8(ascii: ";")).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
    let size = numbers()
    try #require(size.count == 4)
    (width, height) = (size[2], size[3])
    // Magenta: what no sixel covers would be seen.
    pixels = Array(repeating: [255, 0, 255], count: width * height)
    var colors: [Int: [UInt8]] = [:]
    var color: [UInt8] = []
    var (x, y) = (0, 0)
    while let sign = signs.popFirst() {
      switch sign {
      case UInt8(ascii: "#"):
        let parts = numbers()
        if parts.count == 5 { colors[parts[0]] = parts[2...].map { UInt8(($0 * 255 + 50) / 100) } }
        if parts.count == 1 { color = try #require(colors[parts[0]]) }
      case UInt8(ascii: "$"): x = 0
      case UInt8(ascii: "-"): (x, y) = (0, y + 6)
      default:
        var count = 1
        var bits = sign
        if sign == UInt8(ascii: "!") {
          count = numbers().first ?? 0
          bits = signs.popFirst() ?? 0
        }
        try #require((63...126).contains(bits))
        for column in x..<x + count {
          for bit in 0..<6 where (bits - 63) >> UInt8(bit) & 1 == 1 {
            try #require(column < width && y + bit < height)
            pixels[(y + bit) * width + column] = color
          }
        }
        x += count
      }
    }
  }

  func rgb(_ x: Int, _ y: Int) -> [UInt8] { pixels[y * width + x] }

  func isNear(_ x: Int, _ y: Int, _ color: [UInt8], _ tolerance: Int) -> Bool {
    zip(rgb(x, y), color).allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
  }
}
