/// Arrows from names to names.
struct Arrows {
  let names: [String]
  let targets: [String: Set<String>]

  init(_ names: [String], _ targets: [String: Set<String>]) {
    self.names = names
    self.targets = targets
  }

  /// The names of a circle, its first also last; nil where there is none.
  var circle: [String]? {
    var done: Set<String> = []
    for name in names {
      var path: [String] = []
      if let circle = circle(from: name, &path, &done) { return circle }
    }
    return nil
  }

  private func circle(from name: String, _ path: inout [String], _ done: inout Set<String>) -> [String]? {
    if let start = path.firstIndex(of: name) { return path[start...] + [name] }
    if done.contains(name) { return nil }
    path.append(name)
    for target in targets[name, default: []].sorted() {
      if let circle = circle(from: target, &path, &done) { return circle }
    }
    path.removeLast()
    done.insert(name)
    return nil
  }

  /// How many arrows the longest way down has. There must be no circle.
  func height(of name: String) -> Int {
    (targets[name, default: []].map { height(of: $0) + 1 }).max() ?? 0
  }

  /// All that can be reached.
  func below(_ name: String) -> Set<String> {
    targets[name, default: []].reduce(into: []) { $0.formUnion(below($1).union([$1])) }
  }

  /// The arrows without those that others imply.
  func reduced(from name: String) -> [String] {
    let direct = targets[name, default: []]
    return direct.filter { target in !direct.contains { $0 != target && below($0).contains(target) } }
      .sorted()
  }
}
