#!/usr/bin/env python3
"""Writes what Keras computes for small models, for ParityTests.swift.

    python3 -m venv .build-peers && .build-peers/bin/pip install tensorflow-cpu safetensors
    .build-peers/bin/python Tests/NeuralNetworksTests/Reference/make_reference.py

One .safetensors file a case: weights before training (`layers.N.kernel`, N counts every layer), `x`, `y`,
`predictions` before training, `losses` of 12 steps on batches in order, `after` (predictions after
them), `history` (epoch loss, then metrics over the epoch), `evaluation` (loss and metrics after).
Written with the Python package of safetensors, so that reading them checks our reader as well.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = {"Conv2D": ["kernel", "bias"], "Dense": ["kernel", "bias"],
         "BatchNormalization": ["gamma", "beta", "moving_mean", "moving_variance"]}


def case(name, shape, layers, loss, optimizer, metrics, y, count=24, batch=8, scale=1.0):
    keras.utils.set_random_seed(len(name))
    random = np.random.default_rng(len(name))
    model = keras.Sequential([keras.Input(shape)] + layers())
    x = (random.standard_normal((count,) + shape) * scale).astype("float32")
    y = y(random, count).astype("float32")
    tensors = {"x": x, "y": y}
    for number, layer in enumerate(model.layers):
        weights = layer.get_weights()
        # Biases and statistics away from their zeros and ones, so that mixing them up shows.
        weights = [w + random.uniform(0.05, 0.2, w.shape).astype("float32") if w.ndim == 1 else w for w in weights]
        layer.set_weights(weights)
        for part, value in zip(KINDS.get(type(layer).__name__, []), weights):
            tensors[f"layers.{number}.{part}"] = value
    if name == "vectors":  # a file of weights alone, as a user of Python would write one
        save_file({k: v for k, v in tensors.items() if k.startswith("layers")}, os.path.join(HERE, "weights.safetensors"))
    model.compile(optimizer, loss=loss, metrics=metrics)
    tensors["predictions"] = model.predict(x, verbose=0)
    steps = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: steps.append(logs["loss"]))
    epochs = 12 * batch // count
    fitted = model.fit(x, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=0, callbacks=[record])
    names = sorted(fitted.history)
    rows = [fitted.history[key][-1] for key in names]
    # Keras logs the mean over the epoch so far: back to each step's own.
    per_epoch = count // batch
    losses = []
    for index, mean in enumerate(steps):
        place = index % per_epoch
        losses.append(mean * (place + 1) - (steps[index - 1] * place if place else 0))
    tensors["losses"] = np.array(losses, "float32")
    tensors["history"] = np.array([float(r) for r in rows], "float32")
    tensors["after"] = model.predict(x, verbose=0)
    result = model.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True)
    tensors["evaluation"] = np.array([float(result[key]) for key in names], "float32")
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, os.path.join(HERE, name + ".safetensors"))
    print(name, names, [round(float(v), 5) for v in losses[:2]], tensors["history"])


def labels(classes):
    return lambda random, count: random.integers(0, classes, (count, 1))


def one_hot(classes):
    return lambda random, count: np.eye(classes)[random.integers(0, classes, count)]


def normal(*shape):
    return lambda random, count: random.standard_normal((count,) + shape)


BINARY = ["accuracy", keras.metrics.Recall(name="recall"), keras.metrics.Precision(name="precision"),
          keras.metrics.AUC(name="auc")]

case("tutorial", (13, 11, 1),
     lambda: [L.Conv2D(16, 3, activation="relu"), L.Conv2D(16, 3, activation="relu"), L.Flatten(), L.Dense(1, activation="sigmoid")],
     "binary_crossentropy", keras.optimizers.Adam(), BINARY, labels(2))
case("winograd", (20, 19, 3),
     lambda: [L.Conv2D(16, 3, padding="same", activation="relu"), L.Conv2D(32, 3, padding="same", activation="tanh"),
      L.MaxPooling2D(3, strides=2, padding="same"), L.GlobalAveragePooling2D(), L.Dense(4, activation="softmax")],
     "sparse_categorical_crossentropy", keras.optimizers.Adam(0.01), ["accuracy"], labels(4), count=8, batch=4)
case("strided", (12, 9, 2),
     lambda: [L.Conv2D(5, (3, 2), strides=(2, 3), padding="same"), L.Activation("relu"), L.AveragePooling2D(2, strides=1, padding="same"),
      L.Conv2D(17, 2, activation="sigmoid"), L.MaxPooling2D((2, 1)), L.Flatten(), L.Dense(6, activation="tanh"), L.Dense(3, activation="softmax")],
     "categorical_crossentropy", keras.optimizers.SGD(0.05, momentum=0.9), ["accuracy"], one_hot(3))
# Not Adam: a bias before batch_norm has no gradient but rounding noise, which Adam blows up to whole steps.
case("normalised", (9, 8, 3),
     lambda: [L.Conv2D(7, 3), L.BatchNormalization(), L.Activation("relu"), L.AveragePooling2D(2), L.Flatten(),
      L.BatchNormalization(momentum=0.9, epsilon=0.01), L.Dense(1, activation="sigmoid")],
     "binary_crossentropy", keras.optimizers.SGD(0.05, momentum=0.5), BINARY, labels(2))
case("vectors", (10,),
     lambda: [L.Dense(20, activation="relu"), L.Dense(3)], "mse", keras.optimizers.SGD(0.02, momentum=0.8, nesterov=True), [], normal(3))
case("sequences", (7, 5),
     lambda: [L.Dense(6, activation="sigmoid"), L.BatchNormalization(), L.Dense(4), L.Flatten(), L.Dense(2, activation="sigmoid")],
     "binary_crossentropy", keras.optimizers.SGD(0.1), ["accuracy"], lambda r, n: r.integers(0, 2, (n, 2)))
# Keras's own sigmoid smuggles its input to the loss, which then takes a softmax of it, whatever the activation
# was; TensorFlow's gives the loss the probabilities that the documentation speaks of.
case("plain_probabilities", (6,),
     lambda: [L.Dense(8, activation="tanh"), L.Dense(3), L.Lambda(tf.nn.sigmoid)],
     "categorical_crossentropy", keras.optimizers.Adam(0.01), ["accuracy"], one_hot(3))
case("plain_sparse", (6,),
     lambda: [L.Dense(8, activation="tanh"), L.Dense(3), L.Lambda(tf.nn.sigmoid)],
     "sparse_categorical_crossentropy", keras.optimizers.Adam(0.01), ["accuracy"], labels(3))
case("saturated", (4,),
     lambda: [L.Dense(1, activation="sigmoid")], "binary_crossentropy", keras.optimizers.Adam(0.1), BINARY, labels(2), scale=60.0)
case("linear_probabilities", (4,),
     lambda: [L.Dense(1)], "binary_crossentropy", keras.optimizers.SGD(0.01), [], labels(2))
