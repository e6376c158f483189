import Essentials
import Plotting
import Testing

/// Texts in scripts beyond Latin, with letters that DejaVu Sans has (setup.sh installs it) or no font has.
@Suite struct ScriptTests {
  private func title(_ text: String) throws -> (Rendering, DrawnText) {
    let picture = try Figure.lines(
      [Series(y: [1, 2])], options: PictureOptions(title: text, size: PictureSize(width: 6, height: 3))
    ).render()
    return (picture, try #require(picture.content.texts.first { $0.role == .title }))
  }

  /// Which columns of a title's pixels are inked.
  private func ink(_ picture: Rendering, _ text: DrawnText) -> [Bool] {
    (Int(text.box.x)..<Int(text.box.maxX)).map { x in
      (Int(text.box.y)..<Int(text.box.maxY)).contains { picture.color(Double(x), Double($0)) != 0xFFFFFF }
    }
  }

  /// The runs of inked columns.
  private func runs(_ columns: [Bool]) -> Int {
    zip([false] + columns, columns).reduce(0) { $0 + (!$1.0 && $1.1 ? 1 : 0) }
  }

  @Test func arabicLettersJoin() throws {
    // Seen, meem, seen join into one; alif between them would not. Apart, they are three.
    let (joined, first) = try title("سمس")
    #expect(runs(ink(joined, first)) == 1)
    let (apart, second) = try title("س م س")
    #expect(runs(ink(apart, second)) == 3)
    #expect(first.box.width < second.box.width)
  }

  @Test func hebrewRunsFromTheRight() throws {
    // Lamed is the only one that stands high: it comes first, so it is at the right.
    let (picture, text) = try title("לרררררררר")
    let top = (Int(text.box.x)..<Int(text.box.maxX)).filter { x in
      (Int(text.box.y)..<Int(text.box.y + text.box.height * 0.22)).contains {
        picture.color(Double(x), Double($0)) != 0xFFFFFF
      }
    }
    #expect(top.allSatisfy { Double($0) > text.box.midX } && !top.isEmpty)
  }

  @Test func lettersThatNoFontHasAreNamed() throws {
    let text = "known \u{10FFFD} and \u{F0001}\u{10FFFD} Ωж"
    let (picture, _) = try title(text)
    #expect(Set(picture.content.missingGlyphs) == ["\u{10FFFD}", "\u{F0001}"])
    #expect(try title("né Ωμέγα Птица עברית").0.content.missingGlyphs.isEmpty)
    let figure = try Figure.lines([Series(y: [1, 2])], options: PictureOptions(title: text))
    #expect(Set(try figure.drawn(.pdf).content.missingGlyphs).count == 2)
  }

  @Test func aTowerOfMarksStaysInItsLine() throws {
    let tower = "a" + String(repeating: "\u{301}", count: 5000) + "b"
    let (picture, text) = try title(tower)
    #expect(text.string.unicodeScalars.count < 20)
    #expect(picture.page.contains(text.box))
  }

  @Test func omittedTextsKeepTheirPlaces() throws {
    let figure = try Figure.lines([Series(y: [1, 2], label: "a")], options: PictureOptions(title: "Title"))
    let (shown, bare) = (try figure.render(), try figure.render(omitsText: true))
    #expect(shown.content.texts.map(\.box) == bare.content.texts.map(\.box))
    let box = try #require(bare.content.texts.first { $0.role == .title }).box
    #expect((Int(box.x)..<Int(box.maxX)).allSatisfy { bare.color(Double($0), box.midY) == 0xFFFFFF })
    #expect(!(Int(box.x)..<Int(box.maxX)).allSatisfy { shown.color(Double($0), box.midY) == 0xFFFFFF })
  }

  @Test func fittedFiguresKeepTheirShapeAndNeverGrow() throws {
    let figure = try Figure.lines([Series(y: [1, 2])])  // 800 × 400
    for (width, height) in [(400, 4000), (4000, 100), (30, 30), (640, 320), (5, 3)] {
      let picture = try figure.fitted(width: width, height: height).render()
      #expect(picture.width <= width && picture.height <= height)
      #expect(abs(picture.width - 2 * picture.height) <= 2)
    }
    #expect(try figure.fitted(width: 9000, height: 9000).render().width == 800)
    var fine = figure
    fine.size.dpi = 300
    let half = fine.fitted(width: 1600, height: 1600)
    // Dots go before inches.
    #expect(half.size.width == 8 && half.size.dpi == 200)
  }
}
