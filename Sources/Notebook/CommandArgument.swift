import Essentials

/// What stands behind the name of a prompt's command.
public enum CommandArgument {
  /// The words; quotes keep blanks in a word, `~` is the home folder.
  public static func words(_ argument: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in argument {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words.map(Path.expandingHome)
  }

  /// An argument that is one path: blanks in it need no quotes, but may have them.
  static func path(_ argument: String) -> String {
    let words = words(argument)
    return words.count == 1 ? words[0] : Path.expandingHome(argument)
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  func trimmingBlanks() -> String {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
