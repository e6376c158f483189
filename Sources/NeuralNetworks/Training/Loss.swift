/// What training makes small. Each is a mean over the batch, as in Keras.
public enum Loss: String, Sendable, CaseIterable {
  /// −mean(y·log p + (1 − y)·log(1 − p)) of probabilities p and labels y from 0 to 1.
  case binaryCrossentropy = "binary_crossentropy"
  /// −log p of the true class, whose number (0, 1, …) is the label.
  case sparseCategoricalCrossentropy = "sparse_categorical_crossentropy"
  /// −Σ y·log p over classes, with one-hot labels.
  case categoricalCrossentropy = "categorical_crossentropy"
  /// The mean squared difference.
  case meanSquaredError = "mse"
}
