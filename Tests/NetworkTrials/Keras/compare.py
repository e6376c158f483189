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
    "conv2d": L.Conv2D, "dense": L.Dense, "batch_norm": L.BatchNormalization, "max_pool2d": L.MaxPooling2D,
    "average_pool2d": L.AveragePooling2D, "global_average_pool2d": L.GlobalAveragePooling2D,
    "flatten": L.Flatten, "dropout": L.Dropout, "activation": L.Activation,
}
# They draw numbers in training, and Keras draws others.
RANDOM = {"dropout", "spatial_dropout2d", "gaussian_noise"}
LOSSES = {
    "mse": keras.losses.MeanSquaredError, "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
}
# Functions that are computed together with the loss behind them.
MATES = {
    "binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}


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
    function = settings.get("activation")
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
    if not any(name in RANDOM for name, _ in layers):
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
