import Foundation

/// What a process of its own does: trials, told line by line.
enum Worker {
  /// Status of one that found something.
  static let wrong: Int32 = 1
  /// Status of one that was asked for a network that there is not.
  static let malformed: Int32 = 2

  /// Tries network after network until the time is over.
  static func run(from first: Int, until end: Date) {
    var number = first
    while Date() < end {
      tell("begin \(number)")
      let (outcome, problem) = attempt(NetworkGenerator.network(number))
      if let outcome {
        tell("strain \(outcome.strain.value) \(outcome.redraws) \(number) \(outcome.strain.name)")
      }
      tell(problem.map { "wrong \($0)" } ?? "well")
      number += 1
    }
  }

  /// Tries one network.
  static func run(_ text: String) -> Int32 {
    guard let description = try? NetworkDescription(parsing: text), (try? PlainNetwork(description)) != nil
    else { return malformed }
    let (outcome, problem) = attempt(description)
    if let outcome {
      tell("strain \(outcome.strain.value) of \(outcome.strain.name), \(outcome.redraws) redraws")
      for complaint in outcome.complaints.dropFirst() { print(complaint) }
    }
    guard let problem else { return 0 }
    tell("wrong \(problem)")
    return wrong
  }

  private static func attempt(_ description: NetworkDescription) -> (Trial.Outcome?, problem: String?) {
    do {
      let outcome = try Trial(description: description).run()
      return (outcome, outcome.complaints.first)
    } catch {
      return (nil, "refused: \(error)")
    }
  }
}

/// Prints a line at once, also into a pipe or a file.
func tell(_ text: String) {
  print(text)
  fflush(nil)
}
