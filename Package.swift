// swift-tools-version: 6.1
import PackageDescription

// The house, floor by floor (docs/architecture.md): imports run downwards only.
let package = Package(
  name: "capuchin-repl",
  products: [
    .executable(name: "capuchin-repl", targets: ["capuchin-repl"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Ground: system libraries, each a module map and a shim header. Most are not linked but opened when one of
    // their functions is called first: linked, they and what they bring along would cost every start milliseconds.
    .target(name: "CLazyLibraries", linkerSettings: [.linkedLibrary("dl")]),
    .systemLibrary(name: "CSndFile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CMPG123", providers: [.apt(["libmpg123-dev"])]),
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
    .systemLibrary(name: "CSoxr", providers: [.apt(["libsoxr-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CCairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CCommonMark", pkgConfig: "libcmark-gfm",
      providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    // libpng reports errors by longjmp; this target keeps that on the C side.
    .target(name: "CPNG", dependencies: ["CLazyLibraries"]),
    // Pango and libchafa are opened when a text or a picture needs them: linked, they would cost every start
    // some milliseconds.
    .target(name: "CPango"),
    .target(name: "CChafa"),
    // readline keeps its state in C globals; this target is the only place that touches them.
    .target(name: "CReadline", linkerSettings: [.linkedLibrary("readline")]),
    // Fused convolutions for several instruction sets, chosen at run time.
    .target(name: "Kernels"),
    .target(name: "Essentials"),

    // Floor 1.
    .target(name: "Tensors", dependencies: ["Essentials", "CLazyLibraries", "COneDNN"]),
    .target(name: "CapLanguage", dependencies: ["Essentials"]),

    // Floor 2.
    .target(
      name: "AudioSignals",
      dependencies: ["Essentials", "Tensors", "CLazyLibraries", "CSndFile", "CMPG123", "CFFTW", "CSoxr"]),
    .target(name: "Datasets", dependencies: ["Essentials", "Tensors"]),
    .target(name: "Plotting", dependencies: ["Essentials", "CLazyLibraries", "CCairo", "CPango", "CPNG"]),
    .target(name: "Notebook", dependencies: ["Essentials", "CapLanguage"]),

    // Floor 3.
    .target(
      name: "NeuralNetworks", dependencies: ["Essentials", "Tensors", "CLazyLibraries", "COneDNN", "Kernels"]),
    .target(name: "CallDetection", dependencies: ["Essentials"]),
    .target(name: "DemoSounds", dependencies: ["Essentials", "AudioSignals"]),

    .target(name: "Reports", dependencies: ["Essentials", "CapLanguage", "Notebook", "CCommonMark"]),

    // Floor 4.
    .target(
      name: "CapLibrary",
      dependencies: [
        "Essentials", "Tensors", "CapLanguage", "AudioSignals", "Datasets", "Plotting", "Notebook",
        "NeuralNetworks", "CallDetection", "DemoSounds",
      ]),

    // Floor 5.
    .executableTarget(
      name: "capuchin-repl",
      dependencies: [
        "Essentials", "CapLanguage", "CapLibrary", "Notebook", "Plotting", "Reports", "CReadline", "CChafa",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
    .testTarget(
      name: "EssentialsTests", dependencies: ["Essentials", "TestSupport"], exclude: ["References"]),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "TestSupport"], exclude: ["References"]),
    .testTarget(
      name: "AudioSignalsTests", dependencies: ["AudioSignals", "Tensors", "Essentials", "TestSupport"],
      exclude: ["References"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "TestSupport"]),
    .testTarget(
      name: "PlottingTests", dependencies: ["Plotting", "CCairo", "Essentials", "TestSupport"],
      exclude: ["Reference"]),
    .testTarget(
      name: "NotebookTests", dependencies: ["Notebook", "CapLanguage", "Essentials", "TestSupport"]),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Notebook", "CapLanguage", "Essentials", "TestSupport"]),
    .testTarget(
      name: "NeuralNetworksTests",
      dependencies: ["NeuralNetworks", "Tensors", "Essentials", "TestSupport"], exclude: ["Reference"]),
    .testTarget(
      name: "CallDetectionTests", dependencies: ["CallDetection", "TestSupport"], exclude: ["References"]),
    .testTarget(
      name: "DemoSoundsTests", dependencies: ["DemoSounds", "AudioSignals", "Essentials", "TestSupport"]),
    .testTarget(
      name: "CapLanguageTests", dependencies: ["CapLanguage", "TestSupport"],
      exclude: ["Programs", "Reference", "Trees"]),
    .testTarget(
      name: "CapLibraryTests",
      dependencies: [
        "CapLibrary", "CapLanguage", "Notebook", "Plotting", "Tensors", "Essentials", "TestSupport",
      ],
      exclude: ["Reference"]),
    // Runs the built executable as a process, and its prompt on a pseudo-terminal.
    .testTarget(
      name: "ExecutableTests",
      dependencies: ["capuchin-repl", "CapLibrary", "CapLanguage", "Plotting", "TestSupport"]),
    // Not a test target, since what it looks for ends the process: scripts/fuzz.sh.
    .executableTarget(
      name: "Fuzzing",
      dependencies: ["CapLibrary", "CapLanguage", "Notebook", "Essentials", "TestSupport"],
      path: "Tests/Fuzzing", exclude: ["Corpus"]),
    // Likewise: scripts/networks-trial.sh.
    .executableTarget(
      name: "NetworkTrials", dependencies: ["NeuralNetworks", "Tensors", "Essentials", "TestSupport"],
      path: "Tests/NetworkTrials", exclude: ["Keras"],
      // Millions of sums in Swift: without optimization they would take minutes.
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .testTarget(name: "NetworkTrialsTests", dependencies: ["NetworkTrials", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
