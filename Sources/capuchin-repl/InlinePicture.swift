import CChafa
import Essentials
import Notebook
import Plotting

/// Turns a picture into what a terminal draws, no larger than the window and never larger than it is.
struct InlinePicture {
  let terminal: PictureProtocol
  let window: Terminal.Window

  /// The escape sequences and characters, with a line end; nil where the picture cannot be had or shown. A
  /// picture is never worth more than the session: whatever is wrong with it stays here.
  func text(of picture: Picture) -> String? {
    let room = self.room
    guard room.width >= 16, room.height >= 16 else { return nil }
    switch terminal {
    case .blocks(let colors):
      return pixels(of: picture, textInPixels: false).flatMap { blocks($0, $1, colors) }
    case .sixel:
      guard let (image, _) = pixels(of: picture, textInPixels: true), scale(image.width, image.height) == 1
      else { return nil }
      return SixelText(image).text + "\n"
    case .kitty, .iterm2: break
    }
    guard let png = try? picture.pngBytes(fitting: room), let size = Self.size(ofPNG: png) else { return nil }
    // What could not be drawn to fit is shrunk by the terminal.
    let fit = scale(size.width, size.height)
    switch terminal {
    case .kitty: return kitty(png, columns: fit < 1 ? Int(Double(size.width) * fit) / cell.width : nil)
    case .iterm2: return iterm2(png, width: Int(Double(size.width) * fit))
    case .blocks, .sixel: return nil
    }
  }

  /// The picture drawn anew to fit, or what stands in its file; nil where neither is to be had.
  private func pixels(of picture: Picture, textInPixels: Bool) -> (Pixels, [Picture.PlacedText])? {
    do {
      if let drawing = try picture.drawing(fitting: room, textInPixels: textInPixels) {
        return (drawing.pixels, drawing.texts)
      }
      return (try PNGFile.decode(picture.pngBytes()), [])
    } catch {
      return nil
    }
  }

  /// By how much a picture of so many pixels must be shrunk for there to be room, 1 where it need not be.
  private func scale(_ width: Int, _ height: Int) -> Double {
    min(1, Double(room.width) / Double(width), Double(room.height) / Double(height))
  }

  /// The pixels that a picture may take: the window's, less a line for the prompt and one for the file's name.
  private var room: (width: Int, height: Int) {
    let cell = cell
    return (window.columns * cell.width, max(window.rows - 2, 1) * cell.height)
  }

  /// The pixels of a cell. Blocks are drawn from 8 × 16 of them; and so large a cell is where the terminal
  /// does not tell, which is small enough almost everywhere.
  private var cell: (width: Int, height: Int) {
    if case .blocks = terminal { return (8, 16) }
    return window.cell ?? (8, 16)
  }

  // MARK: Kitty

  private func kitty(_ png: [UInt8], columns: Int?) -> String {
    // a=T: transmit and show; f=100: PNG; q=2: no answer, which would look like typing.
    let keys = "a=T,f=100,q=2" + (columns.map { ",c=\(max(1, $0))" } ?? "")
    let payload = Array(Base64.text(png).utf8)
    let piece = 4096
    var text = ""
    for start in stride(from: 0, to: payload.count, by: piece) {
      let end = min(start + piece, payload.count)
      let more = end < payload.count ? "m=1" : "m=0"
      text += "\u{1B}_G" + (start == 0 ? keys + "," : "") + more + ";"
      text += String(decoding: payload[start..<end], as: UTF8.self) + "\u{1B}\\"
    }
    return text + "\n"
  }

  // MARK: iTerm2

  private func iterm2(_ png: [UInt8], width: Int) -> String {
    "\u{1B}]1337;File=inline=1;size=\(png.count);width=\(max(1, width))px;preserveAspectRatio=1:"
      + Base64.text(png) + "\u{07}\n"
  }

  /// Width and height from a PNG's header.
  private static func size(ofPNG bytes: [UInt8]) -> (width: Int, height: Int)? {
    guard bytes.count >= 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return nil }
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(16), number(20))
    return width > 0 && height > 0 ? (width, height) : nil
  }

  // MARK: Blocks

  private func blocks(
    _ image: Pixels, _ texts: [Picture.PlacedText], _ colors: PictureProtocol.BlockColors
  ) -> String? {
    let fit = scale(image.width, image.height)
    func cells(_ pixels: Int, _ cell: Int, _ most: Int) -> Int {
      max(1, min(most, Int((Double(pixels) * fit / Double(cell)).rounded())))
    }
    let columns = cells(image.width, cell.width, window.columns)
    let rows = cells(image.height, cell.height, max(window.rows - 2, 1))
    let look =
      switch colors {
      case .truecolor: cchafa_blocks_truecolor
      case .indexed256: cchafa_blocks_256
      case .indexed16: cchafa_blocks_16
      case .plain: cchafa_blocks_plain
      }
    let letters = CellLetters(texts, image: image, columns: columns, rows: rows).letters
    var count = 0
    guard
      let text = cchafa_print(
        image.rgba, Int32(image.width), Int32(image.height), Int32(columns), Int32(rows), look, letters,
        letters.count, &count)
    else { return nil }
    defer { cchafa_release(text) }
    let bytes = UnsafeBufferPointer(start: text, count: count).lazy.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self) + "\n"
  }
}

/// The words of a picture as letters in cells, where pixels are too coarse to draw them.
private struct CellLetters {
  private(set) var letters: [cchafa_letter] = []
  private var taken: Set<Int> = []
  private let image: Pixels
  private let columns: Int
  private let rows: Int

  init(_ texts: [Picture.PlacedText], image: Pixels, columns: Int, rows: Int) {
    self.image = image
    self.columns = columns
    self.rows = rows
    for text in texts { place(text) }
  }

  /// Puts a text around its middle; leaves it out where it would touch another or the edge.
  private mutating func place(_ text: Picture.PlacedText) {
    var cells: [(letter: UInt32, offset: Int, width: Int)] = []
    var length = 0
    for character in text.string {
      // A terminal draws a letter with its marks as one; here only its first scalar has a place.
      guard let scalar = character.unicodeScalars.first else { continue }
      let width = TextWidth.of(String(Character(scalar)))
      if width == 0 { continue }
      cells.append((scalar.value, length, width))
      length += text.isVertical ? 1 : width
    }
    let column = text.x / Double(image.width) * Double(columns)
    let row = text.y / Double(image.height) * Double(rows)
    // A column of letters is read from the top.
    let left = text.isVertical ? Int(column) : Int((column - Double(length) / 2).rounded())
    let top = text.isVertical ? Int((row - Double(length) / 2).rounded()) : Int(row)
    let rowsBelow = Int(text.roomBelow / Double(image.height) * Double(rows))
    for offset in 0...max(0, rowsBelow) {
      let places = cells.map { cell in
        Place(
          letter: cell.letter, width: cell.width, column: text.isVertical ? left : left + cell.offset,
          row: (text.isVertical ? top + cell.offset : top) + offset)
      }
      if !places.isEmpty, places.allSatisfy(isFree) { return put(places) }
    }
  }

  private struct Place {
    let letter: UInt32
    let width: Int
    let column: Int
    let row: Int
  }

  /// Whether a letter has room, and none of another text's beside it.
  private func isFree(_ place: Place) -> Bool {
    place.column >= 0 && place.column + place.width <= columns && place.row >= 0 && place.row < rows
      && (-1...place.width).allSatisfy { !taken.contains(place.row * columns + place.column + $0) }
  }

  private mutating func put(_ places: [Place]) {
    for place in places {
      for offset in 0..<place.width { taken.insert(place.row * columns + place.column + offset) }
      let ground = ground(place.column, place.row)
      let isDark = 2 * (ground >> 16 & 0xFF) + 5 * (ground >> 8 & 0xFF) + (ground & 0xFF) < 8 * 128
      letters.append(
        cchafa_letter(
          column: Int32(place.column), row: Int32(place.row), letter: place.letter,
          ink: isDark ? 0xFFFFFF : 0x101010, ground: ground))
    }
  }

  /// The colour in the middle of a cell.
  private func ground(_ column: Int, _ row: Int) -> UInt32 {
    let x = min(image.width - 1, (2 * column + 1) * image.width / (2 * columns))
    let y = min(image.height - 1, (2 * row + 1) * image.height / (2 * rows))
    return image[x, y] & 0xFF_FFFF
  }
}
