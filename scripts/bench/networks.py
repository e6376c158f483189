"""The networks of networks.cap in Keras, or predicted by ONNX Runtime: lines of name, seconds and a note, medians of five
after a warm-up, and lines of the most memory that this process has had by then.

    python networks.py NAME step|predict         Keras
    python networks.py NAME export FOLDER        writes FOLDER/NAME.onnx, for
    python networks.py NAME onnx FOLDER          ONNX Runtime, on as many threads as there are cores
"""
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import numpy as np


def networks(layers):
    def conv(filters, size, **options):
        return layers.Conv2D(filters, size, **options)

    def relu3(filters):
        return conv(filters, 3, padding="same", activation="relu")

    def block(filters, pool):
        return [
            conv(filters, 3, padding="same"), layers.BatchNormalization(momentum=0.9), layers.Activation("relu"),
            layers.MaxPooling2D(pool),
        ]

    def unit():
        return layers.Dense(1, activation="sigmoid")

    def mel(a, b, c):
        return [*block(a, (4, 2)), *block(b, (4, 2)), *block(c, 2), layers.GlobalAveragePooling2D(), unit()]

    def separable(filters, strides):
        return [
            layers.DepthwiseConv2D(3, strides=strides, padding="same"), layers.BatchNormalization(),
            layers.Activation("relu"), conv(filters, 1), layers.BatchNormalization(), layers.Activation("relu"),
        ]

    def samples(filters):
        return [
            layers.Conv1D(filters, 3, padding="same"), layers.BatchNormalization(), layers.Activation("relu"),
            layers.MaxPooling1D(4),
        ]

    return {
        "tutorial": lambda: ((1491, 257, 1), [
            conv(16, 3, activation="relu"), conv(16, 3, activation="relu"), layers.Flatten(), unit()]),
        "small_mel": lambda: ((300, 64, 1), mel(8, 16, 32)),
        "wide_mel": lambda: ((300, 64, 1), mel(32, 64, 128)),
        "vgg": lambda: ((128, 64, 1), [
            relu3(32), relu3(32), layers.MaxPooling2D(), relu3(64), relu3(64), layers.MaxPooling2D(), relu3(128),
            relu3(128), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(128, activation="relu"),
            layers.Dropout(0.5), unit()]),
        "mobilenet": lambda: ((300, 64, 1), [
            conv(16, 3, strides=2, padding="same"), layers.BatchNormalization(), layers.Activation("relu"),
            *separable(32, 1), *separable(64, 2), *separable(64, 1), *separable(128, 2), *separable(128, 1),
            layers.GlobalAveragePooling2D(), unit()]),
        "five_by_five": lambda: ((300, 64, 1), [
            conv(16, 5, activation="relu"), layers.MaxPooling2D(), conv(32, 5, activation="relu"),
            layers.MaxPooling2D(), layers.Flatten(), unit()]),
        "one_by_one": lambda: ((300, 64, 1), [
            relu3(32), layers.MaxPooling2D(), conv(16, 1, activation="relu"), relu3(64), layers.MaxPooling2D(),
            conv(32, 1, activation="relu"), conv(64, 1, activation="relu"), layers.GlobalAveragePooling2D(), unit()]),
        "strided": lambda: ((300, 64, 1), [
            conv(16, 5, strides=2, padding="same", activation="relu"),
            conv(32, 3, strides=2, padding="same", activation="relu"),
            conv(64, 3, strides=2, padding="same", activation="relu"), layers.Flatten(), unit()]),
        "samples": lambda: ((16000, 1), [
            layers.Conv1D(32, 80, strides=4, padding="same"), layers.BatchNormalization(), layers.Activation("relu"),
            layers.MaxPooling1D(4), *samples(32), *samples(64), *samples(128), layers.GlobalAveragePooling1D(), unit()]),
        "crnn": lambda: ((300, 64, 1), [
            *block(16, (1, 4)), *block(32, (1, 4)), layers.Reshape((300, 128)),
            layers.Bidirectional(layers.GRU(32)), unit()]),
        "mfcc": lambda: ((300, 20), [
            layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5),
            layers.Dense(64, activation="relu"), unit()]),
        "ten_classes": lambda: ((128, 64, 1), [
            relu3(32), layers.MaxPooling2D(), relu3(64), layers.MaxPooling2D(), relu3(64), layers.MaxPooling2D(),
            layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]),
    }


def memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def measure(name, work, runs=5):
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(f"{name}\t{statistics.median(seconds):.5f}\t", flush=True)
    print(f"{name}/memory\t{memory():.0f}\tMB", flush=True)


def examples(size, shape, classes):
    x = np.random.default_rng(1).random((size, *shape), dtype=np.float32)
    return x, np.random.default_rng(2).integers(0, max(classes, 2), size).astype(np.float32)


def build(name):
    from tensorflow import keras

    shape, stack = networks(keras.layers)[name]()
    return shape, keras.Sequential([keras.Input(shape), *stack])


def main():
    name, mode = sys.argv[1:3]
    if mode == "export":
        shape, model = build(name)
        model(np.zeros((1, *shape), np.float32))
        model.export(f"{sys.argv[3]}/{name}.onnx", format="onnx", verbose=False)
        return
    if mode == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count()
        session = onnxruntime.InferenceSession(f"{sys.argv[3]}/{name}.onnx", options)
        entry = session.get_inputs()[0]
        for size in (1, 16, 64):
            x, _ = examples(size, entry.shape[1:], 1)
            measure(f"{name}/{size}/predict", lambda: session.run(None, {entry.name: x}))
        return
    for size in (1, 16, 64):
        shape, model = build(name)
        classes = model.output_shape[-1]
        model.compile("adam", loss="binary_crossentropy" if classes == 1 else "sparse_categorical_crossentropy")
        x, y = examples(size, shape, classes)
        work = (lambda: model.train_on_batch(x, y)) if mode == "step" else (lambda: model.predict_on_batch(x))
        measure(f"{name}/{size}/{mode}", work)


main()
