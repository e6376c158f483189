import CapLanguage
import Foundation
import TestSupport
import Testing

/// Numbers, formats and operators against Python; `Reference/make_reference.py` wrote the table.
@Suite struct ReferenceTests {
  @Test("numbers, formats and operators agree with Python") func agrees() throws {
    let path = RepositoryPaths.root.appendingPathComponent("Tests/CapLanguageTests/Reference/numbers.tsv")
    let rows = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.count > 1000)
    // All in one program: a list of each expression's text.
    let bench = Bench()
    for row in rows {
      let outcome = bench.run("_x = \(row[1])\n_x")
      let value = try #require(outcome.result?.value, "\(row[1]): \(outcome.error?.description ?? "")")
      let text = row[0] == "format" ? value.displayText : value.description
      #expect(text == row[2], "\(row[1])")
    }
  }
}
