import AudioSignals
import NeuralNetworks
import Plotting

extension StandardLibrary {
  /// The libraries that the functions stand on, with their versions.
  public static var versions: [(name: String, version: String)] {
    AudioLibraries.versions + NetworkLibraries.versions + DrawingLibraries.versions
  }
}
