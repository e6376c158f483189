/// One parameter of a library function: checking, help and completion read it. A declaration makes it with an
/// `Argument`, which also says what the body gets.
public struct Parameter: Sendable {
  /// As written in a call: `frame_length`.
  public let name: String
  /// Names that a call may use in its place: what librosa, tf.signal or Keras call it.
  public let otherNames: [String]
  /// What the floors below the library call it: their failures blame these names, and the user never wrote them.
  let innerNames: [String]
  /// What it takes.
  public let kind: ParameterKind
  /// What stands when the argument is left out; nil if it must be given.
  public let defaultValue: Value?
  /// "Hz", "s", "samples": for help.
  public let unit: String?
  /// One sentence, no final period.
  public let documentation: String
  /// Whether it collects all further arguments by position.
  public let isVariadic: Bool

  /// A parameter that collects any number of arguments by position; those after it are given by name only.
  static func variadic(
    _ name: String, _ kind: ParameterKind, unit: String? = nil, _ documentation: String
  ) -> Parameter {
    Parameter(name, kind, defaultValue: nil, unit: unit, documentation, isVariadic: true)
  }

  @usableFromInline init(
    _ name: String, otherNames: [String] = [], innerNames: [String] = [], _ kind: ParameterKind,
    defaultValue: Value?, unit: String?, _ documentation: String, isVariadic: Bool = false
  ) {
    self.name = name
    self.otherNames = otherNames
    self.innerNames = innerNames
    self.kind = kind
    self.defaultValue = defaultValue
    self.unit = unit
    self.documentation = documentation
    self.isVariadic = isVariadic
  }

  /// Whether a failure that blames this name is about it: its own, or what a floor below calls it.
  public func isBlamed(as name: String) -> Bool { self.name == name || innerNames.contains(name) }

  /// Whether a call may name it so.
  func answers(to name: String) -> Bool {
    self.name == name || (!otherNames.isEmpty && otherNames.contains(name))
  }
}
