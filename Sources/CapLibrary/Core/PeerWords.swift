import CapLanguage

/// What librosa, tf.signal, Keras, NumPy, scikit-learn and others call the things of this library: the one place
/// that knows. Names that a call may use stand in the declarations (`also:`); these give hints.
public struct PeerWords: ForeignWords {
  /// The table.
  public init() {}

  /// What to write for a name of a peer: "here it is called max_pool2d".
  public func hint(name: String) -> String? {
    if let ours = Self.functions(name) { return "here it is called \(ours)" }
    switch name {
    case "set", "Set": return "unique(xs) gives each item once"
    case "array", "matrix": return "write tensor([[1, 2], [3, 4]])"
    case "float", "double", "Number", "parseInt", "parseFloat", "numeric", "str2num", "str2double":
      return "write number(x)"
    case "typeof", "isinstance", "class": return "kind(x) tells the kind of a value"
    case "open", "fopen", "with": return "files are read whole: read_text(path), for sound load(path)"
    case "nrow", "ncol", "dim", "numel": return "write x.shape"
    case "fft", "rfft": return "stft(a, frame_length, frame_step) transforms frame by frame"
    case "melspectrogram", "mel_spectrogram":
      return "write mel(spectrogram(a, frame_length, frame_step), bands)"
    case "wavread", "audioread", "read_wav", "decode_wav", "read_audio": return "write load(path)"
    case "imshow", "figure", "show", "subplot", "specshow": return "write plot(x)"
    case "println", "echo", "printf", "puts", "console", "disp", "fprintf", "display", "cat", "message":
      return "write print(…)"
    case "len_", "length", "size", "strlen", "nchar": return "write len(x)"
    case "np", "numpy", "tf", "Math", "scipy", "os", "sys", "random", "json", "JSON", "keras", "librosa",
      "math", "torch", "pd", "plt":
      return "functions have no module names before them: write mean(x), sqrt(x), stft(a, …)"
    case "train_test_split":
      return "train, test = split(shuffle(xs), 0.8) gives both parts"
    default: return nil
    }
  }

  /// A function or class of a peer, and ours that does the same.
  static func functions(_ name: String) -> String? {
    switch name {
    // Keras: layers.
    case "MaxPooling1D", "MaxPool1D": "max_pool1d"
    case "MaxPooling2D", "MaxPool2D": "max_pool2d"
    case "AveragePooling1D", "AvgPool1D": "average_pool1d"
    case "AveragePooling2D", "AvgPool2D": "average_pool2d"
    case "GlobalMaxPooling1D", "GlobalMaxPool1D": "global_max_pool1d"
    case "GlobalMaxPooling2D", "GlobalMaxPool2D": "global_max_pool2d"
    case "GlobalAveragePooling1D", "GlobalAvgPool1D": "global_average_pool1d"
    case "GlobalAveragePooling2D", "GlobalAvgPool2D": "global_average_pool2d"
    case "DepthwiseConv2D": "depthwise_conv2d"
    case "SeparableConv2D": "separable_conv2d"
    case "BatchNormalization", "batch_normalization", "BatchNorm2d": "batch_norm"
    case "LayerNormalization", "layer_normalization": "layer_norm"
    case "GroupNormalization", "group_normalization": "group_norm"
    case "SpatialDropout1D": "spatial_dropout1d"
    case "SpatialDropout2D": "spatial_dropout2d"
    case "GaussianDropout": "gaussian_dropout"
    case "GaussianNoise": "gaussian_noise"
    case "RepeatVector": "repeat_vector"
    case "ZeroPadding1D": "zero_padding1d"
    case "ZeroPadding2D": "zero_padding2d"
    case "UpSampling1D": "up_sampling1d"
    case "UpSampling2D": "up_sampling2d"
    case "LeakyReLU": "leaky_relu"
    case "ReLU": "re_lu"
    case "Linear": "dense"
    // Keras: training.
    case "EarlyStopping": "early_stopping"
    case "ReduceLROnPlateau": "reduce_lr_on_plateau"
    case "LearningRateScheduler": "learning_rate_scheduler"
    case "ModelCheckpoint": "model_checkpoint"
    case "BackupAndRestore": "backup_and_restore"
    case "CSVLogger": "csv_logger"
    case "TerminateOnNaN": "terminate_on_nan"
    case "BinaryCrossentropy": "binary_crossentropy"
    case "CategoricalCrossentropy": "categorical_crossentropy"
    case "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy"
    case "BinaryFocalCrossentropy": "binary_focal_crossentropy"
    case "CategoricalFocalCrossentropy": "categorical_focal_crossentropy"
    case "ExponentialDecay": "exponential_decay"
    case "InverseTimeDecay": "inverse_time_decay"
    case "PolynomialDecay": "polynomial_decay"
    case "CosineDecay": "cosine_decay"
    case "CosineDecayRestarts": "cosine_decay_restarts"
    case "PiecewiseConstantDecay": "piecewise_constant"
    case "GradientTape", "gradient": "gradients"
    case "BinaryAccuracy": "binary_accuracy"
    case "F1Score", "f1_score": "f1"
    case "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy": "top_k_accuracy"
    // tf.data, tf.signal, librosa, scipy.
    case "from_tensor_slices", "list_files": "dataset"
    case "overlap_and_add", "inverse_stft": "istft"
    case "to_mono": "mono"
    case "fix_length": "pad"
    // scikit-learn, NumPy.
    case "roc_curve": "roc"
    case "precision_recall_curve": "precision_recall"
    case "concatenate": "concat"
    case "tile": "repeat"
    case "flatnonzero": "positions"
    case "allclose", "isclose": "is_close"
    case "isnan": "is_nan"
    case "isfinite": "is_finite"
    default: nil
    }
  }

  /// What peers' parameters are called here, best first.
  public func parameters(name: String) -> [String] {
    switch name {
    case "sr", "fs", "sample_rate", "target_sr", "samplerate", "orig_sr": ["rate"]
    case "n_fft", "nfft": ["fft_length"]
    case "win_length", "window_length", "nperseg", "win": ["frame_length"]
    case "hop_length", "hop", "noverlap", "stride": ["frame_step", "step", "strides"]
    case "n_mels", "num_mel_bins": ["bands", "count"]
    case "n_mfcc": ["count"]
    case "kernel": ["kernel_size"]
    case "pool_size": ["pool", "size"]
    case "validation_data": ["validation"]
    case "fname", "filename", "file", "filepath": ["path"]
    case "dim": ["axis"]
    case "keepdim": ["keepdims"]
    case "learning_rate", "lr": ["learning_rate", "rate"]
    case "buffer_size": ["buffer", "count"]
    case "fn", "func", "function": ["f"]
    case "separator", "delimiter", "sep": ["separator", "sep", "by"]
    default: []
    }
  }

  /// Our word for a peer's: "mse" for "mean_squared_error".
  public func choice(word: String) -> String? {
    switch word {
    case "mean_squared_error", "mean_squared": "mse"
    case "mean_absolute_error", "mean_absolute": "mae"
    case "bce": "binary_crossentropy"
    default: nil
    }
  }
}
