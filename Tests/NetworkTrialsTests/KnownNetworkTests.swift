import Foundation
import TestSupport
import Testing

/// Networks that were once wrong, each held against the plain implementation in a process of its own, which may
/// end; and what the generator must not leave out.
struct KnownNetworkTests {
  struct Known: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let network: String

    init(_ name: String, _ network: String) {
      testDescription = name
      self.network = network
    }
  }

  /// Two blocks behind which the shares of odd batches were mixed up.
  private static func blocks(batch: Int) -> Known {
    Known(
      "batch norm behind oneDNN, \(batch) examples on two threads",
      """
      network batch=\(batch) threads=2 choice=varied seed=1 input=[300,64,1] loss={mse} optimizer={sgd} \
      | conv2d filters=8 kernel=[3,3] padding=same | batch_norm momentum=0.9 | activation activation=relu \
      | max_pool2d pool=[4,2] strides=[4,2] | conv2d filters=16 kernel=[3,3] padding=same \
      | batch_norm momentum=0.9 | activation activation=relu | max_pool2d pool=[4,2] strides=[4,2] \
      | global_average_pool2d | dense units=1
      """)
  }

  /// The algorithms of convolutions are varied, so that the plans of uneven shares differ on every machine; with
  /// these seeds each of the networks was wrong before.
  static let known =
    [7, 9, 13, 15, 17].map(blocks) + [
      Known(
        "17 channels behind batch norm, which ended the process",
        """
        network batch=3 threads=2 choice=varied seed=11 input=[97,48,17] loss={mse} optimizer={sgd} \
        | conv2d filters=17 kernel=[3,3] | batch_norm | activation activation=relu \
        | conv2d filters=8 kernel=[3,3] padding=same activation=tanh \
        | average_pool2d pool=[4,2] strides=[4,2] | flatten | dense units=1
        """),
      Known(
        "17 filters of 5 × 5, with gradients off by half",
        """
        network batch=5 threads=2 choice=varied seed=3 input=[97,48,2] loss={mse} optimizer={sgd} \
        | conv2d filters=17 kernel=[5,5] padding=same | batch_norm | activation activation=relu | flatten \
        | dense units=1
        """),
      Known(
        "batch norm first, with a loss that was no number",
        """
        network batch=15 threads=2 choice=varied seed=10 input=[64,48,8] loss={mse} optimizer={sgd} \
        | batch_norm | conv2d filters=16 kernel=[3,3] padding=same activation=relu \
        | conv2d filters=32 kernel=[5,5] strides=[2,2] padding=same | batch_norm | activation activation=tanh \
        | flatten | dense units=1
        """),
      Known(
        "softplus far below zero, whose logarithm the loss takes",
        """
        network batch=2 threads=4 choice=measured seed=12000275 input=[20,79,3] loss={poisson} \
        optimizer={adam learning_rate=0.1} | zero_padding2d columns=[1,2] rows=[1,2] \
        | zero_padding2d columns=[2,1] rows=[2,1] | flatten | dense activation=softplus units=16
        """),
    ]

  @Test(arguments: known)
  func isRightNow(_ known: Known) throws {
    let (status, output) = try Self.run(["--run", known.network])
    #expect(status == 0, "\(output)")
  }

  @Test func whatIsNoNetworkIsToldApart() throws {
    #expect(
      try Self.run(["--run", "network input=[4] | dense units=2 | conv2d filters=1 kernel=[1,1]"]).status == 2
    )
    #expect(try Self.run(["--run", "nonsense"]).status == 2)
  }

  /// Whoever adds a layer, function, loss or optimizer adds its plain form and lets the generator draw it.
  @Test func everythingIsTried() throws {
    let (status, output) = try Self.run(["--coverage"])
    #expect(status == 0, "\(output)")
  }

  private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: BuiltProgram.path("NetworkTrials"))
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let status = process.terminationStatus
    return (
      process.terminationReason == .exit ? status : 128 + status, String(decoding: output, as: UTF8.self)
    )
  }
}
