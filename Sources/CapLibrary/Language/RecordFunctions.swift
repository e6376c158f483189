import CapLanguage
import Essentials

/// Records: names with values.
enum RecordFunctions {
  static let all = [record, keys, values, items, has, get, remove, merge]

  private static let topic = "records"
  private static let r = Argument("r", .record, "The record")

  private static let record = FunctionDeclaration(
    "record", topic: topic, "A record made of pairs of a key and a value",
    takes: ArgumentList(
      Argument("pairs", .items, "A list of lists [key, value], such as zip(keys, values)")),
    returns: "a record in the order of the pairs; a later key replaces an earlier one",
    errors: ["type: an item that is no pair with a string first"],
    examples: [Example("record(zip([\"a\", \"b\"], [1, 2]))", output: "{a: 1, b: 2}")],
    source: "Python's dict", seeAlso: ["items", "keys"]
  ) { _, pairs in
    let pairs = try pairs.items().enumerated().map {
      position, item in
      guard let pair = item.asList, pair.count == 2, let key = pair[0].asString else {
        throw Failure(
          .type,
          "item \(position) of 'pairs' is \(item.kindPhrase), not a list [key, value] with a string as key",
          parameter: "pairs")
      }
      return (key, pair[1])
    }
    return .record(pairs)
  }

  private static let keys = FunctionDeclaration(
    "keys", topic: topic, "The keys of a record, in order",
    takes: ArgumentList(
      r), returns: "a list of strings",
    examples: [Example("keys({a: 1, b: 2})", output: "[\"a\", \"b\"]")], seeAlso: ["values", "items"]
  ) { _, r in .strings(r.keys) }

  private static let values = FunctionDeclaration(
    "values", topic: topic, "The values of a record, in order",
    takes: ArgumentList(
      r), returns: "a list",
    examples: [Example("values({a: 1, b: 2})", output: "[1, 2]")], seeAlso: ["keys", "items"]
  ) { _, r in .list(r.values) }

  private static let items = FunctionDeclaration(
    "items", topic: topic, "The keys of a record with their values",
    takes: ArgumentList(
      r),
    returns: "a list of pairs [key, value]",
    examples: [Example("for key, value in items({a: 1}) { print(key, value) }", output: "a 1")],
    seeAlso: ["keys", "record"]
  ) { _, r in
    .list(r.fields.map { .list([.string($0.key), $0.value]) })
  }

  private static let has = FunctionDeclaration(
    "has", topic: topic, "Whether a record has a key",
    takes: ArgumentList(
      r,
      Argument("key", .string, "The key")), returns: "true or false, as `key in r`",
    examples: [Example("has({a: 1}, \"a\")", output: "true")], seeAlso: ["get", "contains"]
  ) { _, r, key in .bool(r[key] != nil) }

  private static let get = FunctionDeclaration(
    "get", topic: topic, "The value of a key, or a default where there is none",
    takes: ArgumentList(
      r,
      Argument("key", .string, "The key"),
      Argument("default", .any, default: .nothing, "What is given where the record has no such key")),
    returns: "the value, or the default", examples: [Example("get({a: 1}, \"b\", 0)", output: "0")],
    source: "Python's dict.get", seeAlso: ["has"]
  ) { _, r, key, `default` in
    r[key] ?? `default`.value
  }

  private static let remove = FunctionDeclaration(
    "remove", topic: topic, "A record without some of its keys",
    takes: ArgumentList(
      r,
      Argument(
        "key", .oneOf(ArgumentKind<String>.string.map { [$0] }, .list(.string)), "The key, or a list of keys")
    ),
    returns: "a record; the one given is as it was", errors: ["key: a key that is not there"],
    examples: [Example("remove({a: 1, b: 2}, \"a\")", output: "{b: 2}")], seeAlso: ["merge", "has"]
  ) { _, r, key in
    var record = r
    for key in key {
      guard record[key] != nil else {
        throw Failure(
          .key, "the record has no key '\(key)'",
          hint: NearNames.of(key, in: record.keys).first.map { "did you mean '\($0)'?" }, parameter: "key")
      }
      record = record.removing(key)
    }
    return .record(record)
  }

  private static let merge = FunctionDeclaration(
    "merge", topic: topic, "One record of several; later values replace earlier ones",
    takes: ArgumentList(
      Argument.variadic("records", .record, "The records")), returns: "a record",
    examples: [Example("merge({a: 1, b: 2}, {b: 3})", output: "{a: 1, b: 3}")], source: "Python's {**a, **b}",
    seeAlso: ["remove", "concat"]
  ) { _, records in
    .record(records.flatMap { $0.fields.map { ($0.key, $0.value) } })
  }
}
