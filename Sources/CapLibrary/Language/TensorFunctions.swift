import CapLanguage
import Essentials
import Tensors

/// Making tensors, and products of them.
enum TensorFunctions {
  static let all = [tensor, zeros, ones, full, arange, linspace, eye, oneHot, matmul, dot, softmax]

  private static let topic = "tensors"
  private static let shape = Argument("shape", .shape, "The length of each axis; a bare number is one axis")
  private static let memory = "memory: more bytes than the machine can give"

  private static let tensor = FunctionDeclaration(
    "tensor", topic: topic, "An array of 32-bit floats, made of numbers",
    takes: ArgumentList(
      Argument("x", .array, "A number, lists nested to any regular shape, a range, audio, …")),
    gives: TensorObject.self, returns: "a tensor of the shape of the lists; of a single number, the number",
    errors: ["shape: ragged lists; the message says where", "type: an item that is no number", memory],
    examples: [
      Example("tensor([[1, 2], [3, 4]])", output: "[[1. 2.]\n [3. 4.]]"),
      Example("tensor(range(3)).shape", output: "[3]"),
    ], source: "numpy.array(x, dtype=float32)", seeAlso: ["zeros", "list", "reshape"]
  ) { _, x in
    if case .object(let object as any SequenceTransformable) = x.value,
      !(object is any TensorConvertible)
    {
      let items = try x.items()
      return Conversions.value(try Conversions.tensor(.list(items), name: "x"))
    }
    return Conversions.value(try x.tensor())
  }

  private static func constant(
    _ name: String, _ number: Float, _ example: Example
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, "A tensor of \(name)",
      takes: ArgumentList(
        shape), returns: "a tensor of this shape",
      errors: [memory], examples: [example], source: "numpy.\(name)", seeAlso: ["full", "tensor"]
    ) { _, shape in
      return Conversions.value(try blaming("shape") { try Tensor(repeating: number, shape: shape) })
    }
  }

  private static let zeros = constant(
    "zeros", 0, Example("zeros([2, 3])", output: "[[0. 0. 0.]\n [0. 0. 0.]]"))
  private static let ones = constant("ones", 1, Example("ones(3)", output: "[1. 1. 1.]"))

  private static let full = FunctionDeclaration(
    "full", topic: topic, "A tensor that holds one number everywhere",
    takes: ArgumentList(
      shape,
      Argument("value", .numberOrNaN, "The number")),
    gives: TensorObject.self, returns: "a tensor of this shape", errors: [memory],
    examples: [Example("full(2, 7)", output: "[7. 7.]")],
    source: "numpy.full", seeAlso: ["zeros", "ones"]
  ) { _, shape, value in
    let number = Float(value)
    return Conversions.value(try blaming("shape") { try Tensor(repeating: number, shape: shape) })
  }

  private static let arange = FunctionDeclaration(
    "arange", topic: topic, "Numbers at equal distances, as a tensor: start, start + step, … before stop",
    takes: ArgumentList(
      Argument(
        "start", .number, "The first number; the end, where no other is given (the first is then 0)"),
      Argument("stop", .optional(.number), default: .nothing, "The end, which is left out"),
      Argument("step", .number, default: 1, "From one number to the next")),
    gives: TensorObject.self, returns: "a tensor with one axis",
    errors: ["value: a step of 0, or an end that is not finite", memory],
    examples: [Example("arange(0, 1, 0.25)", output: "[0.   0.25 0.5  0.75]")], source: "numpy.arange",
    seeAlso: ["linspace", "range"]
  ) { _, start, stop, step in
    guard let stop else {
      return .object(TensorObject(try Tensor.arange(0, start, step: step)))
    }
    return .object(TensorObject(try Tensor.arange(start, stop, step: step)))
  }

  private static let linspace = FunctionDeclaration(
    "linspace", topic: topic, "So many numbers at equal distances, both ends included",
    takes: ArgumentList(
      Argument("start", .number, "The first number"),
      Argument("stop", .number, "The last number"),
      Argument("num", .integer(.nonNegative), default: 50, "How many")),
    gives: TensorObject.self, returns: "a tensor with one axis of `num` numbers", errors: [memory],
    examples: [Example("linspace(0, 1, 5)", output: "[0.   0.25 0.5  0.75 1.  ]")], source: "numpy.linspace",
    seeAlso: ["arange"]
  ) { _, start, stop, num in
    let count = num
    let (start, stop) = (start, stop)
    return .object(
      TensorObject(try blaming("num") { try Tensor.linspace(start, stop, count: count) }))
  }

  private static let eye = FunctionDeclaration(
    "eye", topic: topic, "Ones on the diagonal, zeros elsewhere",
    takes: ArgumentList(
      Argument("rows", .integer(.nonNegative), "How many rows"),
      Argument(
        "columns", .optional(.integer(.nonNegative)), default: .nothing,
        "How many columns; none for as many as rows")),
    gives: TensorObject.self, returns: "a tensor of shape (rows, columns)", errors: [memory],
    examples: [Example("eye(2)", output: "[[1. 0.]\n [0. 1.]]")], source: "numpy.eye", seeAlso: ["zeros"]
  ) { _, rows, columns in
    let (rows, columns) = (rows, columns)
    return .object(TensorObject(try blaming("rows") { try Tensor.eye(rows, columns: columns) }))
  }

  private static let oneHot = FunctionDeclaration(
    "one_hot", topic: topic, "For each class a row of zeros with a one at its place",
    takes: ArgumentList(
      Argument("x", .array, "Classes: whole numbers from 0 to depth - 1"),
      Argument("depth", .integer(.atLeast(1)), "How many classes there are")),
    gives: TensorObject.self, returns: "a tensor of shape (…, depth)",
    errors: ["value: a class outside 0 … depth - 1", memory],
    examples: [Example("one_hot([0, 2], 3)", output: "[[1. 0. 0.]\n [0. 0. 1.]]")], source: "tf.one_hot",
    seeAlso: ["argmax"]
  ) { _, x, depth in
    let tensor = try x.tensor()
    return Conversions.value(try blaming("x") { try tensor.oneHot(classes: depth) })
  }

  private static func product(
    _ name: String, _ summary: String, returns: String, example: Example, source: String, seeAlso: [String]
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, topic: topic, summary,
      takes: ArgumentList(
        Argument("a", .array, "The left array"),
        Argument("b", .array, "The right array")),
      returns: returns, errors: ["shape: a row of `a` and a column of `b` differ in length"],
      examples: [example],
      source: source, seeAlso: seeAlso
    ) { _, a, b in
      let (a, b) = (try a.tensor(), try b.tensor())
      if name == "dot", a.rank == 0 || b.rank == 0 {
        return Conversions.value(try Tensor.combining(.multiply, a, b))
      }
      return Conversions.value(try a.matrixProduct(with: b))
    }
  }

  private static let matmul = product(
    "matmul", "The matrix product, as `a @ b`",
    returns: "rows of `a` by columns of `b` over the last two axes; axes before them are broadcast",
    example: Example("matmul([[1, 2], [3, 4]], [[1], [1]])", output: "[[3.]\n [7.]]"), source: "numpy.matmul",
    seeAlso: ["dot"])

  private static let dot = product(
    "dot", "The sum of the products of two vectors; for matrices, the matrix product",
    returns: "a number for two vectors, else a tensor",
    example: Example("dot([1, 2, 3], [4, 5, 6])", output: "32"),
    source: "numpy.dot, for at most two axes", seeAlso: ["matmul"])

  private static let softmax = FunctionDeclaration(
    "softmax", topic: topic, "Turns numbers into shares of 1: exp(x) over the sum of all exp(x)",
    takes: ArgumentList(
      Argument("x", .array, "A list or a tensor"),
      Argument("axis", .integer, default: -1, "The axis that sums to 1")),
    gives: TensorObject.self, returns: "a tensor of the same shape",
    errors: ["index: an axis that is not there"],
    examples: [Example("softmax([0, 0])", output: "[0.5 0.5]")], source: "tf.nn.softmax", seeAlso: ["sigmoid"]
  ) { _, x, axis in
    let tensor = try x.tensor()
    if tensor.rank == 0 { return 1 }
    if tensor.count == 0 { return .object(TensorObject(tensor)) }
    let highest = try tensor.reduced(.maximum, axes: [axis], keepingDimensions: true)
    let powers = try (tensor - highest).applying(.exp)
    return .object(TensorObject(try powers / powers.reduced(.sum, axes: [axis], keepingDimensions: true)))
  }
}
