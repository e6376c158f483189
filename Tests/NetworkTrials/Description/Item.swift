import Foundation

/// A layer, a loss, an optimizer: a name with settings. As text: `conv2d filters=8 kernel=[3,3] padding=same`.
struct Item: Equatable, Sendable {
  var name: String
  var settings: [String: Setting]

  init(_ name: String, _ settings: [String: Setting] = [:]) {
    self.name = name
    self.settings = settings
  }

  /// The settings, those that are not there from `defaults`.
  func merged(_ defaults: [String: Setting]) -> Item {
    Item(name, defaults.merging(settings) { $1 })
  }

  /// Without what is as in `defaults`.
  func shortened(_ defaults: [String: Setting]) -> Item {
    Item(name, settings.filter { defaults[$0.key] != $0.value })
  }

  func number(_ name: String) throws -> Double {
    guard case .number(let value) = settings[name] else { throw missing(name) }
    return value
  }

  func integer(_ name: String) throws -> Int { Int(try number(name)) }

  func flag(_ name: String) throws -> Bool {
    guard case .flag(let value) = settings[name] else { throw missing(name) }
    return value
  }

  func word(_ name: String) throws -> String {
    guard case .word(let value) = settings[name] else { throw missing(name) }
    return value
  }

  func integers(_ name: String) throws -> [Int] {
    guard case .integers(let value) = settings[name] else { throw missing(name) }
    return value
  }

  func item(_ name: String) throws -> Item {
    guard case .item(let value) = settings[name] else { throw missing(name) }
    return value
  }

  private func missing(_ setting: String) -> Malformed {
    Malformed("\(name) has no proper '\(setting)': \(settings[setting].map(\.text) ?? "nothing")")
  }
}

/// One setting.
enum Setting: Equatable, Sendable {
  case number(Double)
  case flag(Bool)
  case word(String)
  case integers([Int])
  case item(Item)
}

/// A description that nothing can be made of.
struct Malformed: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Setting {
  var text: String {
    switch self {
    case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    case .flag(let value): "\(value)"
    case .word(let value): value
    case .integers(let list): "[" + list.map(String.init).joined(separator: ",") + "]"
    case .item(let item): "{\(item.text)}"
    }
  }

  init(_ text: Substring) throws {
    if text.hasPrefix("{"), text.hasSuffix("}") {
      self = .item(try Item(parsing: text.dropFirst().dropLast()))
    } else if text.hasPrefix("["), text.hasSuffix("]") {
      let parts = text.dropFirst().dropLast().split(separator: ",")
      let numbers = parts.compactMap { Int($0) }
      guard numbers.count == parts.count else { throw Malformed("no whole numbers: \(text)") }
      self = .integers(numbers)
    } else if text == "true" || text == "false" {
      self = .flag(text == "true")
    } else if let number = Double(text) {
      self = .number(number)
    } else {
      self = .word(String(text))
    }
  }
}

extension Item {
  var text: String {
    ([name] + settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" })
      .joined(separator: " ")
  }

  init(parsing text: Substring) throws {
    let words = Self.split(text, at: " ")
    guard let first = words.first else { throw Malformed("an item has no name") }
    name = String(first)
    settings = [:]
    for word in words.dropFirst() {
      guard let equals = word.firstIndex(of: "=") else { throw Malformed("'\(word)' sets nothing") }
      settings[String(word[..<equals])] = try Setting(word[word.index(after: equals)...])
    }
  }

  /// The parts between separators that are not in braces.
  static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "{": depth += 1
      case "}": depth -= 1
      case separator where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    parts.append(text[start...])
    return parts.map { $0.trimmingPrefix { $0.isWhitespace } }.filter { !$0.isEmpty }
  }
}
