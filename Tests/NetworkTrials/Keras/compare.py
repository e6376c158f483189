"""Holds what the program wrote against Keras: compare.py FOLDER, with any Python that has Keras.

Each file has a network's description, its weights, a batch, and what the engine found: predictions, the gradients
and moving statistics of a step, the losses of ten. Exit status 1 where Keras finds something else.
"""

import json
import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import warnings  # noqa: E402

warnings.filterwarnings("ignore")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

L = keras.layers
RENAMED = {"kernel": "kernel_size", "pool": "pool_size", "shape": "target_shape"}
CLASSES = {
    "conv1d": L.Conv1D, "conv2d": L.Conv2D, "depthwise_conv2d": L.DepthwiseConv2D,
    "separable_conv2d": L.SeparableConv2D, "conv2d_transpose": L.Conv2DTranspose, "lstm": L.LSTM, "gru": L.GRU,
    "bidirectional": L.Bidirectional, "time_distributed": L.TimeDistributed, "max_pool1d": L.MaxPooling1D,
    "average_pool1d": L.AveragePooling1D, "global_max_pool1d": L.GlobalMaxPooling1D,
    "global_average_pool1d": L.GlobalAveragePooling1D, "max_pool2d": L.MaxPooling2D,
    "average_pool2d": L.AveragePooling2D, "global_max_pool2d": L.GlobalMaxPooling2D,
    "global_average_pool2d": L.GlobalAveragePooling2D, "batch_norm": L.BatchNormalization,
    "layer_norm": L.LayerNormalization, "group_norm": L.GroupNormalization, "dropout": L.Dropout,
    "spatial_dropout1d": L.SpatialDropout1D, "spatial_dropout2d": L.SpatialDropout2D,
    "gaussian_dropout": L.GaussianDropout, "gaussian_noise": L.GaussianNoise, "flatten": L.Flatten,
    "reshape": L.Reshape, "permute": L.Permute, "repeat_vector": L.RepeatVector, "zero_padding1d": L.ZeroPadding1D,
    "zero_padding2d": L.ZeroPadding2D, "cropping1d": L.Cropping1D, "cropping2d": L.Cropping2D,
    "up_sampling1d": L.UpSampling1D, "up_sampling2d": L.UpSampling2D, "dense": L.Dense, "activation": L.Activation,
    "leaky_relu": L.LeakyReLU, "elu": L.ELU, "re_lu": L.ReLU,
}
# They draw numbers in training, and Keras draws others.
RANDOM = {"dropout", "spatial_dropout1d", "spatial_dropout2d", "gaussian_dropout", "gaussian_noise"}
LOSSES = {
    "mse": keras.losses.MeanSquaredError, "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
    "mae": keras.losses.MeanAbsoluteError, "huber": keras.losses.Huber, "log_cosh": keras.losses.LogCosh,
    "hinge": keras.losses.Hinge, "squared_hinge": keras.losses.SquaredHinge, "poisson": keras.losses.Poisson,
    "kl_divergence": keras.losses.KLDivergence, "binary_focal_crossentropy": keras.losses.BinaryFocalCrossentropy,
    "categorical_focal_crossentropy": keras.losses.CategoricalFocalCrossentropy,
}
# Functions that are computed together with the loss behind them.
MATES = {
    "binary_crossentropy": "sigmoid", "binary_focal_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam, "rmsprop": keras.optimizers.RMSprop, "adagrad": keras.optimizers.Adagrad,
}


def read(path):
    """Metadata and arrays of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + place for place in entry["data_offsets"])
            arrays[name] = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    return header["__metadata__"], arrays


def split(text, separator):
    """The parts between separators that are not in braces."""
    parts, depth, last = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == separator and depth == 0:
            parts.append(text[last:place])
            last = place + 1
    return [part.strip() for part in parts + [text[last:]] if part.strip()]


def item(text):
    """A name and its settings: conv2d filters=8 kernel=[3,3]."""
    name, *words = split(text, " ")
    return name, dict((word.split("=", 1)[0], value(word.split("=", 1)[1])) for word in words)


def value(text):
    if text.startswith("{"):
        return item(text[1:-1])
    if text.startswith("["):
        return tuple(int(part) for part in text[1:-1].split(",") if part)
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", text):
        number = float(text)
        return int(number) if number == int(number) else number
    return text


def layer(name, settings, loss=None):
    """The Keras layer of a description; the last one is told the loss."""
    arguments = {RENAMED.get(key, key): value for key, value in settings.items()}
    arguments.pop("kind", None)
    for key, value in list(arguments.items()):
        if key.endswith("regularizer"):
            arguments[key] = keras.regularizers.L1L2(**value[1])
    if name.endswith("1d"):
        # Sequences are pictures of one row here.
        for key in ("kernel_size", "strides", "pool_size", "dilation_rate", "size"):
            if key in arguments:
                arguments[key] = arguments[key][-1]
    if name == "separable_conv2d":
        # It has one for each of its two kernels; the engine takes no third.
        arguments.pop("kernel_regularizer", None)
    if name == "depthwise_conv2d":
        if "kernel_regularizer" in arguments:
            arguments["depthwise_regularizer"] = arguments.pop("kernel_regularizer")
    if "columns" in arguments:
        margins = [arguments.pop("rows"), arguments.pop("columns")] if name.endswith("2d") else arguments.pop("columns")
        arguments["padding" if name.startswith("zero") else "cropping"] = margins
    if name == "layer_norm":
        arguments["axis"] = list(range(-arguments.pop("axes", 1), 0))
    if name == "re_lu" and not arguments.get("max_value"):
        arguments.pop("max_value", None)
    if name in ("bidirectional", "time_distributed"):
        inner = dict(arguments.pop("layer")[1])
        if name == "bidirectional":
            back = inner | {"go_backwards": not inner.get("go_backwards", False)}
            arguments["backward_layer"] = layer(inner["kind"], back)
        return CLASSES[name](layer(inner["kind"], inner, loss), **arguments)
    function = settings.get("activation")
    if function == "leaky_relu":
        arguments["activation"] = keras.activations.leaky_relu
    if loss is not None and function in ("sigmoid", "softmax") and MATES.get(loss) != function:
        # Keras would take what goes into the function for logits of the loss, whatever the function is.
        arguments["activation"] = L.Lambda(tf.nn.sigmoid if function == "sigmoid" else tf.nn.softmax)
    return CLASSES[name](**arguments)


def network(text):
    head, *layers = [item(part) for part in split(text, "|")]
    settings = head[1]
    loss, arguments = settings["loss"]
    made = [layer(*one) for one in layers[:-1]] + [layer(*layers[-1], loss=loss)]
    model = keras.Sequential([keras.Input(settings["input"])] + made)
    optimizer, rates = settings["optimizer"]
    model.compile(optimizer=OPTIMIZERS[optimizer](**rates), loss=LOSSES[loss](**arguments), jit_compile=False)
    return model, layers


def check(path):
    """What differs, and whether a decision may have fallen otherwise by rounding."""
    metadata, arrays = read(path)
    text = metadata["network"]
    tolerances = json.loads(metadata["tolerances"])
    near = float(metadata["margin"]) < 3e-5
    model, layers = network(text)
    names = [name for name in arrays if name.startswith("weights.")]
    model.set_weights([arrays[name] for name in names])
    x, y = arrays["x"], arrays["y"]
    wrong = []

    def compare(name, own, keras_value, tolerance):
        own, keras_value = np.asarray(own, np.float64), np.asarray(keras_value, np.float64)
        if own.shape != keras_value.shape:
            wrong.append(f"{name}: {own.shape} instead of {keras_value.shape}")
            return
        difference = np.abs(own - keras_value)
        # Both round.
        if own.size and not difference.max() <= 2 * tolerance:
            place = np.unravel_index(np.nanargmax(difference), own.shape)
            wrong.append(
                f"{name}{list(map(int, place))} is {own[place]:.7g} instead of {keras_value[place]:.7g} "
                f"(off by {difference.max():.3g}, may be {2 * tolerance:.3g})")

    compare("predictions", arrays["predictions"], model(x, training=False), tolerances["predictions"])
    drawn = {name for name, _ in layers} | {
        settings["layer"][1]["kind"] for _, settings in layers if "layer" in settings
    }
    if not drawn & RANDOM:
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x, y, model(x, training=True))
        slopes = tape.gradient(loss, model.trainable_variables)
        own = [name for name in arrays if name.startswith("gradients.")]
        for name, slope in zip(own, slopes, strict=True):
            compare(name, arrays[name], slope, tolerances[name])
        # The tape's pass has moved them once already.
        model.set_weights([arrays[name] for name in names])
        for step, loss in enumerate(arrays["losses"]):
            told = float(model.train_on_batch(x, y))
            # Rounding grows from step to step.
            allowed = (1e-4 if step < 3 else 2e-3) * max(1.0, abs(told))
            if np.isfinite(told) and abs(told) < 1e4:
                compare(f"the loss of step {step}", [loss], [told], allowed)
            if step == 0:
                for name, moved in zip(names, model.get_weights(), strict=True):
                    if "moving" in name:
                        after = "after." + name
                        compare(after, arrays[after], moved, tolerances[after])
    keras.backend.clear_session()
    return text, wrong, near


def main():
    folder = sys.argv[1]
    found = undecided = 0
    files = sorted(name for name in os.listdir(folder) if name.endswith(".safetensors"))
    for name in files:
        try:
            text, wrong, near = check(os.path.join(folder, name))
        except Exception as error:  # One network that cannot be built is a finding, not the end.
            text, wrong, near = name, [f"{type(error).__name__}: {str(error)[:300]}"], False
        if wrong and near:
            undecided += 1
        elif wrong:
            found += 1
            print(f"wrong: {name}\n  {text}")
            for line in wrong[:6]:
                print("  " + line)
    print(
        f"{len(files)} networks beside Keras {keras.__version__}, {found} wrong; {undecided} differ where a "
        "decision may fall otherwise by rounding")
    sys.exit(1 if found else 0)


main()
