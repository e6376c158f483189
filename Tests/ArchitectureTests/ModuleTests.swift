import Foundation
import TestSupport
import Testing

/// The house's first rule, held against the sources: imports run downwards, in the manifest and in the files, and
/// `docs/architecture.md` shows the arrows that there are.
struct ModuleTests {
  private let manifest: Manifest
  private let arrows: Arrows

  init() throws {
    manifest = try Manifest()
    let modules = manifest.modules
    arrows = Arrows(
      modules.map(\.name),
      Dictionary(uniqueKeysWithValues: modules.map { ($0.name, Set($0.dependencies)) }))
  }

  @Test func theManifestIsUnderstood() {
    #expect(manifest.modules.count > 20)
    #expect(arrows.targets["CapLibrary"]?.contains("NeuralNetworks") == true)
    #expect(arrows.targets["capuchin-repl"]?.contains("ArgumentParser") == false)
    #expect(Set(arrows.targets.values.joined()).isSubset(of: arrows.names))
  }

  @Test func noCircle() { #expect(arrows.circle == nil) }

  @Test func theLanguageKnowsNoAudioAndTheAudioNoLanguage() {
    #expect(arrows.below("CapLanguage") == ["Essentials"])
    for module in arrows.names where arrows.below(module).contains("CapLanguage") {
      #expect(["Notebook", "Reports", "CapLibrary", "capuchin-repl"].contains(module), "\(module)")
    }
  }

  /// A module may be reached without a line in the manifest, as long as somebody built it before: so both are compared.
  @Test func importsAreThoseOfTheManifest() throws {
    let ours = Set(arrows.names)
    for module in manifest.modules where module.kind != "systemLibrary" {
      var imported: Set<String> = []
      for file in try Manifest.files(in: module.folder, ["swift"]) {
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(
          of: /(?m)^(?:@\w+ |public |package )*import (?:(?:struct|class|enum|func|protocol) )?(\w+)/)
        {
          imported.insert(String(match.output.1))
        }
      }
      let used = imported.intersection(ours)
      #expect(used.subtracting(module.dependencies) == [], "\(module.name) imports what it does not declare")
      // Its functions are called by the linker's names.
      let unused = Set(module.dependencies).subtracting(used).subtracting(["CLazyLibraries"])
      let isSwift = try !Manifest.files(in: module.folder, ["swift"]).isEmpty
      if isSwift { #expect(unused == [], "\(module.name) declares what it does not import") }
    }
  }

  @Test func thePictureIsTrue() throws {
    let url = RepositoryPaths.root.appendingPathComponent("docs/architecture.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    let (begin, end) = ("<!-- modules: made by ModuleTests -->\n", "<!-- end of modules -->\n")
    let start = try #require(text.range(of: begin)).upperBound
    let stop = try #require(text.range(of: end)).lowerBound
    if RepositoryPaths.updatesReferences {
      try (text[..<start] + picture + text[stop...]).write(to: url, atomically: true, encoding: .utf8)
    } else {
      #expect(
        text[start..<stop] == picture, "write it with UPDATE_REFERENCE=1 swift test --filter ModuleTests")
    }
  }

  /// A line a module, floor by floor; arrows that follow from others are left out.
  private var picture: String {
    let heights = Dictionary(uniqueKeysWithValues: arrows.names.map { ($0, arrows.height(of: $0)) })
    // A line that stays, by which another test knows the block.
    var lines = ["         module          → stands on"]
    for floor in Set(heights.values).sorted(by: >) {
      let rooms = arrows.names.filter { heights[$0] == floor }.sorted()
      if floor == 0 {
        lines.append("ground   " + rooms.joined(separator: ", "))
        continue
      }
      for (index, name) in rooms.enumerated() {
        let label = index == 0 ? "floor \(floor)" : ""
        let padded = label.padding(toLength: 9, withPad: " ", startingAt: 0)
        lines.append(
          padded + name.padding(toLength: 16, withPad: " ", startingAt: 0) + "→ "
            + arrows.reduced(from: name).joined(separator: ", "))
      }
    }
    return "\n```\n" + lines.joined(separator: "\n") + "\n```\n\n"
  }
}
