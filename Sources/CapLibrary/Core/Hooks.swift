import CapLanguage
import Tensors

// What a domain object may offer to functions that know nothing about it. The functions of the library
// that have one name for several kinds of values (`map`, `abs`, `concat`, …) ask for these.

/// An object that is an array of numbers when one is wanted: audio, a spectrogram.
///
/// Every function that takes a tensor takes it.
public protocol TensorConvertible: DomainObject {
  /// The numbers.
  func tensorValue() throws -> Tensor
}

/// An object of complex numbers: a short-time Fourier transform.
public protocol ComplexConvertible: DomainObject {
  /// What `abs(x)` gives.
  func magnitude() throws -> Value
  /// What `angle(x)` gives, in radians.
  func phase() throws -> Value
}

/// An object that gains and loses axes of length 1 by itself: a lazy spectrogram stays lazy.
public protocol AxisExpandable: DomainObject {
  /// What `expand_dims(x, axis)` gives; nil to let the numbers be computed and reshaped.
  func expandingDims(at axis: Int) throws -> Value?
  /// What `squeeze(x, axis)` gives, with nil for all axes of length 1; nil to let the numbers be computed.
  func squeezing(axis: Int?) throws -> Value?
}

/// An object that `concat` joins to others of its kind: audio, datasets.
public protocol Concatenable: DomainObject {
  /// This one followed by the others; `axis` is as the caller gave it (default 0).
  /// - Throws: a `type` failure for others of another kind.
  func concatenated(with others: [Value], axis: Int) throws -> Value
}

/// A lazy sequence that stays lazy under the functions that work on sequences: a dataset.
///
/// A function whose method gives nil walks over the items instead, if the object can be iterated. The methods throw what
/// the function refuses: arguments that do not fit the sequence, or a script's function that fails.
public protocol SequenceTransformable: DomainObject {
  /// What `map(x, f)` gives.
  func mapped(_ function: FunctionObject, in context: CallContext) throws -> Value
  /// What `filter(x, f)` gives.
  func filtered(_ function: FunctionObject, in context: CallContext) throws -> Value
  /// What `zip(x, others…)` gives.
  func zipped(with others: [Value]) throws -> Value?
  /// What `enumerate(x, start)` gives.
  func enumerated(start: Int) throws -> Value?
  /// What `take(x, count)` gives: the first `count` items (0 or more).
  func taking(_ count: Int) throws -> Value?
  /// What `skip(x, count)` gives: all but the first `count` items (0 or more).
  func skipping(_ count: Int) throws -> Value?
  /// What `shuffle(x, buffer_size, seed)` gives; nil stands for an argument that was left out.
  func shuffled(bufferSize: Int?, seed: Int?, in context: CallContext) throws -> Value?
  /// What `split(x, fraction)` or `split(x, count=…)` gives; exactly one of the two is not nil.
  func split(fraction: Double?, count: Int?) throws -> Value?
  /// What `repeat(x, count)` gives; nil without an end.
  func repeated(_ count: Int?) throws -> Value?
}

extension SequenceTransformable {
  /// Nil: the function walks over the items. Throws nothing.
  public func zipped(with others: [Value]) throws -> Value? { nil }
  /// Nil: the function walks over the items. Throws nothing.
  public func enumerated(start: Int) throws -> Value? { nil }
  /// Nil: the function walks over the items. Throws nothing.
  public func taking(_ count: Int) throws -> Value? { nil }
  /// Nil: the function walks over the items. Throws nothing.
  public func skipping(_ count: Int) throws -> Value? { nil }
  /// Nil: not supported, and the function says so. Throws nothing.
  public func shuffled(bufferSize: Int?, seed: Int?, in context: CallContext) throws -> Value? { nil }
  /// Nil: not supported, and the function says so. Throws nothing.
  public func split(fraction: Double?, count: Int?) throws -> Value? { nil }
  /// Nil: not supported, and the function says so. Throws nothing.
  public func repeated(_ count: Int?) throws -> Value? { nil }
}

/// An object that `print` shows as more than its one-line summary: a tensor, a table.
public protocol PrintableText: DomainObject {
  /// The text, of one or more lines.
  func printedText() throws -> String
}

/// An object that stays what it is when a function is applied to each of its numbers.
protocol ElementwiseApplicable: DomainObject {
  /// The same kind of object, of the results.
  func applying(_ function: ElementwiseFunction) -> Value
}
