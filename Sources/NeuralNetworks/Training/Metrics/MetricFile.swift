import Essentials

// How metrics stand in a model's file: a plain one is its name, another a record of its settings.
extension Metric {
  /// Nil for a function of the caller's, which no file can hold.
  var json: JSON? {
    if case .custom = measure { return nil }
    if let plain = Metric(named: name), plain == self { return .string(name) }
    var members: [(String, JSON)] = [("name", .string(name)), ("kind", .string(measure.kerasName))]
    switch measure {
    case .binaryAccuracy(let threshold), .recall(let threshold), .precision(let threshold),
      .specificity(let threshold), .f1(.some(let threshold)):
      members.append(("threshold", .number(threshold)))
    case .topK(let k): members.append(("k", .number(Double(k))))
    case .area(_, let count): members.append(("num_thresholds", .number(Double(count))))
    default: break
    }
    switch classes {
    case .all: break
    case .number(let number): members.append(("class_id", .number(Double(number))))
    case .named(let name): members.append(("class_id", .string(name)))
    case .each: members.append(("per_class", .bool(true)))
    }
    return .object(members)
  }

  init(json: JSON) throws(Failure) {
    let unknown = Failure(.format, "its metrics are unknown")
    if let name = json.string {
      guard let plain = Metric(named: name) else { throw unknown }
      self = plain
      return
    }
    guard let kind = json["kind"]?.string, let plain = Metric(named: kind), let name = json["name"]?.string
    else { throw unknown }
    let threshold = json["threshold"]?.number
    func whole(_ key: String, _ other: Int) throws(Failure) -> Int {
      guard let number = json[key]?.number else { return other }
      guard let whole = Int(exactly: number) else { throw unknown }
      return whole
    }
    let measure: Measure
    switch plain.measure {
    case .binaryAccuracy: measure = .binaryAccuracy(threshold: threshold ?? 0.5)
    case .recall: measure = .recall(threshold: threshold ?? 0.5)
    case .precision: measure = .precision(threshold: threshold ?? 0.5)
    case .specificity: measure = .specificity(threshold: threshold ?? 0.5)
    case .f1: measure = .f1(threshold: threshold)
    case .topK: measure = .topK(try whole("k", 5))
    case .area(let curve, _): measure = .area(curve, thresholds: try whole("num_thresholds", 200))
    default: measure = plain.measure
    }
    var classes = Classes.all
    if json["per_class"] == .bool(true) {
      classes = .each
    } else if let name = json["class_id"]?.string {
      classes = .named(name)
    } else if json["class_id"] != nil {
      classes = .number(try whole("class_id", 0))
    }
    try self.init(measure, classes: classes, name: name)
  }
}
