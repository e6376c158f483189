import Essentials
import Foundation
import TestSupport
import Testing

/// JSON, the widths of texts and numbers as texts, against Python: `References/make_references.py`.
struct TextTests {
  private static func rows(_ name: String) throws -> [[String]] {
    let url = RepositoryPaths.root.appendingPathComponent("Tests/EssentialsTests/References/\(name).tsv")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Python's `unicode_escape`, as far as the table has it.
  private static func unescaped(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "\\", let kind = rest.popFirst() else {
        result.append(character)
        continue
      }
      let digits = ["x": 2, "u": 4, "U": 8][kind] ?? 0
      if digits == 0 {
        result.append(["t": "\t", "n": "\n", "r": "\r"][kind] ?? kind)
      } else if let code = UInt32(rest.prefix(digits), radix: 16), let scalar = Unicode.Scalar(code) {
        result.unicodeScalars.append(scalar)
        rest = rest.dropFirst(digits)
      }
    }
    return result
  }

  @Test func jsonIsReadAndRefusedAsInPython() throws {
    let rows = try Self.rows("json")
    #expect(rows.count > 50)
    for row in rows {
      let text = Self.unescaped(row[0])
      let json = try? JSON(parsing: Array(text.utf8))
      guard !row[1].isEmpty else {
        #expect(json == nil, "\(row[0]) is no JSON, but was read as \(json?.text ?? "")")
        continue
      }
      let wanted = try JSON(parsing: Array(Self.unescaped(row[1]).utf8))
      #expect(json == wanted, "\(row[0])")
    }
  }

  @Test func wholeNumbersKeepTheirDigits() throws {
    let text = #"[9007199254740993,-9223372036854775808,9223372036854775807,0,-1,{"a":1152921504606846977}]"#
    let json = try JSON(parsing: Array(text.utf8))
    #expect(json.text == text)
    #expect(json.array?.first?.integer == 9_007_199_254_740_993)
    #expect(try JSON(parsing: Array("1e3".utf8)).integer == 1000)
    #expect(try JSON(parsing: Array("1.0".utf8)) == .integer(1))
    #expect(try JSON(parsing: Array("2.5".utf8)).integer == nil)
  }

  @Test func errorsOfJSONSayWhere() throws {
    for (text, words) in [
      ("[1, +2]", "byte 4, where a value should be"), ("[1.]", "byte 3, where a digit behind the point"),
      ("1e+", "byte 3, where a digit in the exponent"), ("\"a\tb\"", "byte 2, where an escape for a control"),
      ("1e999", "byte 0, where a number that a Double can hold"), ("01", "byte 1, where nothing more"),
    ] {
      let error = #expect(throws: Failure.self) { try JSON(parsing: Array(text.utf8)) }
      #expect(error?.message.contains(words) == true, "\(text): \(error?.message ?? "")")
    }
  }

  @Test func widthsAreUnicodes() throws {
    let rows = try Self.rows("widths")
    #expect(rows.count > 200)
    for row in rows {
      let scalar = try #require(UInt32(row[0], radix: 16).flatMap(Unicode.Scalar.init))
      #expect(TextWidth.of(scalar) == Int(row[1]), "U+\(row[0])")
      #expect(TextWidth.of(String(Character(scalar))) == Int(row[1]), "U+\(row[0])")
    }
  }

  @Test(arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🐒", 2), ("", 0)])
  func widths(text: String, cells: Int) { #expect(TextWidth.of(text) == cells) }

  @Test func cutTextsSaySo() {
    #expect(TextWidth.fitting("abcdef", 4) == "abc…")
    #expect(TextWidth.fitting("abcd", 4) == "abcd")
    #expect(TextWidth.fitting("日本語", 4) == "日…")
    #expect(TextWidth.fitting("abc", 0) == "")
  }

  @Test func numbersAreRoundedAsInPython() throws {
    let rows = try Self.rows("numbers")
    #expect(rows.count > 200)
    for row in rows {
      let number = try #require(Double(row[0]))
      #expect(NumberText.fixed(number, 3) == row[1], "\(row[0])")
      #expect(NumberText.trimmed(number, 3) == row[2], "\(row[0])")
      #expect(NumberText.significant(number, digits: 5) == row[3], "\(row[0])")
      #expect(NumberText.scientific(number, digits: 2) == row[4], "\(row[0])")
    }
    #expect(NumberText.trimmed(1e300, 3) == "1e+300")
    #expect(NumberText.plain(-0.0) == "0" && NumberText.plain(1e15) == "1000000000000000")
  }
}
