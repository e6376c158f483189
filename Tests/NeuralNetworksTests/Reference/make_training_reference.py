#!/usr/bin/env python3
"""Writes what Keras computes for optimizers, schedules, losses and weights of examples, for KerasTrainingTests.swift.

    .build-peers/bin/python Tests/NeuralNetworksTests/Reference/make_training_reference.py

(make_reference.py says how to make that environment.) One file, training.safetensors:
`x`, `y`, `start.layers.N.*` of a network of two dense layers; `optimizer.NAME.layers.N.*` its weights after ten
steps; `schedule.NAME` learning rates at `schedule.steps`; `loss.NAME.*` a dense layer's outputs' loss and the
gradients of its kernel and bias; `weighted.*` losses and weights of training with weights of examples.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from keras import losses, optimizers
from keras.optimizers import schedules
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(11)
out = {}


def f32(value):
    return np.ascontiguousarray(np.asarray(value, "float32"))


x = f32(random.standard_normal((16, 6)))
y = f32(random.standard_normal((16, 3)))
start = [f32(random.standard_normal(s) * 0.4) for s in [(6, 5), (5,), (5, 3), (3,)]]
out.update(x=x, y=y)


def put(prefix, weights):
    for name, w in zip(["layers.0.kernel", "layers.0.bias", "layers.1.kernel", "layers.1.bias"], weights):
        out[f"{prefix}.{name}"] = f32(w)


def network(last=None, units=3):
    model = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="tanh"), L.Dense(units, activation=last)])
    model.set_weights(start[:2] + [start[2][:, :units], start[3][:units]])
    return model


put("start", start)
O = optimizers
for name, optimizer in {
    "adam": O.Adam(0.02), "adam_clipnorm": O.Adam(0.02, clipnorm=0.1),
    "adam_global_clipnorm": O.Adam(0.02, global_clipnorm=0.1), "adam_clipvalue": O.Adam(0.02, clipvalue=0.02),
    "adam_weight_decay": O.Adam(0.02, weight_decay=0.3), "adamw": O.AdamW(0.02, weight_decay=0.2),
    "nadam": O.Nadam(0.02), "rmsprop": O.RMSprop(0.01), "rmsprop_momentum": O.RMSprop(0.01, momentum=0.7),
    "rmsprop_centered": O.RMSprop(0.01, centered=True),
    "rmsprop_both": O.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True), "adagrad": O.Adagrad(0.1),
    "sgd_clipnorm": O.SGD(0.1, momentum=0.9, clipnorm=0.2), "sgd_global_clipnorm": O.SGD(0.5, global_clipnorm=0.2),
    "sgd_clipvalue": O.SGD(0.5, momentum=0.5, nesterov=True, clipvalue=0.05),
    "sgd_weight_decay": O.SGD(0.1, weight_decay=0.1),
    "adam_cosine": O.Adam(schedules.CosineDecay(0.001, 6, alpha=0.1, warmup_target=0.05, warmup_steps=3)),
    "sgd_exponential": O.SGD(schedules.ExponentialDecay(0.2, 3, 0.5)),
}.items():
    model = network()
    model.compile(optimizer, loss="mse")
    model.fit(x, y, batch_size=8, epochs=5, shuffle=False, verbose=0)
    put(f"optimizer.{name}", model.get_weights())

steps = [0, 1, 3, 5, 9, 10, 11, 15, 20, 30, 31, 69, 70, 71, 200]
out["schedule.steps"] = f32(steps)
S = schedules
for name, schedule in {
    "exponential": S.ExponentialDecay(0.1, 10, 0.5), "exponential_staircase": S.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    "inverse": S.InverseTimeDecay(0.1, 10, 0.5), "inverse_staircase": S.InverseTimeDecay(0.1, 10, 0.5, staircase=True),
    "polynomial": S.PolynomialDecay(0.1, 20, 0.01, power=2.0),
    "polynomial_cycle": S.PolynomialDecay(0.1, 20, 0.01, power=0.5, cycle=True),
    "cosine": S.CosineDecay(0.1, 20, alpha=0.1),
    "cosine_warmup": S.CosineDecay(0.01, 20, alpha=0.1, warmup_target=0.3, warmup_steps=10),
    "restarts": S.CosineDecayRestarts(0.1, 10, alpha=0.05), "restarts_scaled": S.CosineDecayRestarts(0.1, 10, t_mul=1.5, m_mul=0.7),
    "restarts_even": S.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.9),
    "piecewise": S.PiecewiseConstantDecay([5, 20], [0.3, 0.2, 0.1]),
}.items():
    out[f"schedule.{name}"] = f32([float(schedule(step)) for step in steps])

# One dense layer: its gradients are those of the outputs, seen from 16 sides.
kernel, bias = f32(random.standard_normal((6, 3))), f32(random.standard_normal(3) * 0.3)
classes = random.integers(0, 3, 16)
one_hot = f32(np.eye(3)[classes])
binary = f32(random.integers(0, 2, (16, 3)))
signs = 2 * binary - 1
shares = f32(random.dirichlet([1, 1, 1], 16))
counts = f32(random.integers(0, 5, (16, 3)))
out.update({"loss.kernel": kernel, "loss.bias": bias, "loss.classes": f32(classes), "loss.one_hot": one_hot,
            "loss.binary": binary, "loss.signs": signs, "loss.shares": shares, "loss.counts": counts})
Z = losses
for name, (loss, activation, labels) in {
    "bce": (Z.BinaryCrossentropy(), "sigmoid", binary),
    "bce_smooth": (Z.BinaryCrossentropy(label_smoothing=0.1), "sigmoid", binary),
    "bce_logits": (Z.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), None, binary),
    "bce_plain": (Z.BinaryCrossentropy(label_smoothing=0.2), "plain", binary),
    "cce_smooth": (Z.CategoricalCrossentropy(label_smoothing=0.1), "softmax", one_hot),
    "cce_logits": (Z.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3), None, one_hot),
    "scce_logits": (Z.SparseCategoricalCrossentropy(from_logits=True), None, classes),
    "focal": (Z.BinaryFocalCrossentropy(), "sigmoid", binary),
    "focal_balanced": (Z.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5, label_smoothing=0.1), "sigmoid", binary),
    "focal_logits": (Z.BinaryFocalCrossentropy(gamma=3.0, from_logits=True), None, binary),
    "focal_plain": (Z.BinaryFocalCrossentropy(apply_class_balancing=True, gamma=0.5), "plain", binary),
    "cfocal": (Z.CategoricalFocalCrossentropy(), "softmax", one_hot),
    "cfocal_logits": (Z.CategoricalFocalCrossentropy(alpha=0.4, gamma=1.5, from_logits=True, label_smoothing=0.1), None, one_hot),
    "cfocal_plain": (Z.CategoricalFocalCrossentropy(gamma=1.0), "plain", one_hot),
    "mae": (Z.MeanAbsoluteError(), None, y), "huber": (Z.Huber(delta=0.7), None, y), "log_cosh": (Z.LogCosh(), None, y),
    "hinge": (Z.Hinge(), None, signs), "hinge_binary": (Z.Hinge(), None, binary), "squared_hinge": (Z.SquaredHinge(), "tanh", signs),
    "poisson": (Z.Poisson(), "exponential", counts), "kl": (Z.KLDivergence(), "softmax", shares),
}.items():
    k, b = tf.Variable(kernel), tf.Variable(bias)
    with tf.GradientTape() as tape:
        z = x @ k + b
        p = {None: lambda v: v, "plain": lambda v: tf.identity(tf.nn.sigmoid(v)) * 1.0, "sigmoid": tf.nn.sigmoid, "softmax": tf.nn.softmax,
             "tanh": tf.nn.tanh, "exponential": tf.exp}[activation](z)
        if activation in ("sigmoid", "softmax"):
            p = getattr(keras.activations, activation)(z)
        value = loss(labels, p)
    gradients = tape.gradient(value, [k, b])
    out[f"loss.{name}.value"] = f32(value)
    out[f"loss.{name}.kernel"], out[f"loss.{name}.bias"] = f32(gradients[0]), f32(gradients[1])

# Weights of examples.
weights = f32(random.uniform(0, 2, 16))
out["weighted.sample_weight"] = weights
half = f32(classes % 2)
out["weighted.half"] = half


def weighted(name, model, loss, labels, **settings):
    model.compile(O.SGD(0.1), loss=loss)
    history = model.fit(x, labels, batch_size=8, epochs=5, shuffle=False, verbose=0, **settings)
    put(f"weighted.{name}", model.get_weights())
    out[f"weighted.{name}.losses"] = f32(history.history["loss"])
    if "validation_data" in settings:
        out[f"weighted.{name}.val_losses"] = f32(history.history["val_loss"])


weighted("sample", network(), "mse", y, sample_weight=weights, validation_data=(x, y, weights))
weighted("class_sparse", network("softmax"), "sparse_categorical_crossentropy", classes, class_weight={0: 2.0, 1: 0.5, 2: 3.0},
         validation_data=(x, classes))
weighted("class_one_hot", network("softmax"), "categorical_crossentropy", one_hot, class_weight={0: 2.0, 2: 3.0})
weighted("class_binary", network("sigmoid", 1), "binary_crossentropy", half[:, None], class_weight={0: 0.3, 1: 4.0})
model = network("softmax")
model.compile("sgd", loss="categorical_crossentropy")
out["weighted.evaluation"] = f32(model.evaluate(x, one_hot, sample_weight=weights, batch_size=5, verbose=0))

save_file(out, os.path.join(HERE, "training.safetensors"))
print(len(out), "arrays")
