import Essentials

/// What `for` visits.
enum Iteration {
  /// A source of the items of any value.
  /// - Throws: a `type` failure for what has none, or what an object throws.
  static func iterator(_ value: Value) throws -> () throws -> Value? {
    switch value {
    case .list(let list):
      var index = 0
      return {
        guard index < list.count else { return nil }
        index += 1
        return list[index - 1]
      }
    case .string(let text):
      var scalars = text.text.unicodeScalars.makeIterator()
      return { scalars.next().map { .string(SingleCharacters.object($0)) } }
    case .record(let record):
      var index = 0
      return {
        guard index < record.count else { return nil }
        index += 1
        return .string(record.entries[index - 1].key)
      }
    case .object(let object): if let next = try object.makeIterator() { return next }
    default: break
    }
    throw notIterable(value)
  }

  static func notIterable(_ value: Value) -> Failure {
    let hint: String? =
      switch value {
      case .number(let number): "to count, write range(\(NumberText.plain(number)))"
      case .nothing: "a function that ends without a value gives none"
      case .function: "call it: f()"
      default: nil
      }
    return Failure(.type, "\(value.kindPhrase) has no items to go through", hint: hint)
  }
}

/// Keeps values from nesting so deep that letting go of them would overflow the stack.
///
/// Following every value down at every step would cost too much; now and then is enough, since nesting grows by
/// one level at a time.
enum NestingGuard {
  static let limit = 20_000

  /// Looks at a value that is about to be put into another.
  @inline(__always) static func check(_ value: Value, _ cx: Cx, _ span: Span) throws(EvaluationError) {
    switch value {
    case .list, .record, .function:
      cx.pointee.nestingTicks -= 1
      if cx.pointee.nestingTicks < 0 { try look(value, cx, span) }
    default: return
    }
  }

  @inline(never) private static func look(_ value: Value, _ cx: Cx, _ span: Span) throws(EvaluationError) {
    cx.pointee.nestingTicks = 512
    if depth(value) > limit {
      throw EvaluationError(
        Failure(
          .recursion, "values are nested more than \(limit) levels deep",
          hint: "join lists with +, not by nesting"), span)
    }
  }

  /// How deep a value nests, following the first and last few parts of each level, at most a few hundred thousand steps.
  private static func depth(_ value: Value) -> Int {
    var stack: [(Value, Int)] = [(value, 1)]
    var deepest = 1
    var budget = limit * 3
    while let (current, level) = stack.popLast(), budget > 0 {
      budget -= 1
      deepest = max(deepest, level)
      if deepest > limit { return deepest }
      func push(_ part: Value) {
        switch part {
        case .list, .record, .function: stack.append((part, level + 1))
        default: break
        }
      }
      switch current {
      case .list(let list):
        for part in list.prefix(4) { push(part) }
        if list.count > 4 { for part in list[max(4, list.count - 4)...] { push(part) } }
      case .record(let record):
        for index in 0..<min(record.count, 8) { push(record.entries[index].value) }
        if record.count > 8 { push(record.entries[record.count - 1].value) }
      case .function(let function):
        if !function.isNative {
          for part in unsafeDowncast(function, to: Closure.self).captured.prefix(8)
          where stack.count < limit * 2 {
            if case .object(let object) = part, let cell = object as? Cell {
              push(cell.value)
            } else {
              push(part)
            }
          }
        }
      default: break
      }
    }
    return deepest
  }
}
