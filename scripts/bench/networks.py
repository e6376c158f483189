"""The networks of networks.cap in Keras: lines of name, seconds and a note, medians of five after a warm-up."""
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

SHAPE = (373, 129, 1)


def conv(filters, size, **options):
    return layers.Conv2D(filters, (size, size), **options)


def relu(filters, size, **options):
    return conv(filters, size, activation="relu", **options)


NETWORKS = {
    "cnn": [
        relu(32, 3), layers.MaxPooling2D(), relu(64, 3), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid"),
    ],
    "same_padding": [
        relu(16, 3, padding="same"), layers.MaxPooling2D(), relu(32, 3, padding="same"), layers.MaxPooling2D(),
        relu(64, 3, padding="same"), layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(32, activation="relu"), layers.Dense(1, activation="sigmoid"),
    ],
    "batch_norm": [
        conv(16, 3), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(),
        conv(32, 3), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ],
    "five_by_five": [
        relu(16, 5), layers.MaxPooling2D(), relu(32, 5), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ],
}


def measure(name, work, runs=5):
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(f"{name}\t{statistics.median(seconds):.5f}\tKeras", flush=True)


x = np.random.default_rng(1).random((16, *SHAPE), dtype=np.float32)
y = np.round(np.random.default_rng(2).random(16)).astype(np.float32)
for name, stack in NETWORKS.items():
    model = keras.Sequential([keras.Input(SHAPE), *stack])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    measure(f"{name}_step", lambda: model.train_on_batch(x, y))
    measure(f"{name}_predict", lambda: model.predict_on_batch(x))
