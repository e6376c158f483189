#!/usr/bin/env python3
"""Writes what Keras computes with single layers, for LayerParityTests.swift: layers.safetensors.

    python3 -m venv .build-peers && .build-peers/bin/pip install tensorflow-cpu safetensors
    .build-peers/bin/python Tests/NeuralNetworksTests/Reference/make_layers.py

Each case stands between a dense layer over the channels and flatten, dense(2). Under its name: `x`, `y`,
`before.N` (the model's weights in order), `predictions`, `losses` of three steps of sgd(0.01) on the mean squared
error of the whole batch, `after.N`, and `trained`, the predictions then.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers as L
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
FILE = {}


def case(name, shape, layers, count=3):
    seed = sum(map(ord, name))
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    model = keras.Sequential([keras.Input(shape), L.Dense(shape[-1])] + layers + [L.Flatten(), L.Dense(2)])
    x = random.standard_normal((count,) + shape).astype("float32")
    y = random.standard_normal((count, 2)).astype("float32")
    # Away from zeros and ones, so that mixing them up shows.
    before = [w + random.uniform(0.02, 0.1, w.shape).astype("float32") for w in model.get_weights()]
    model.set_weights(before)
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    tensors = {"x": x, "y": y, "predictions": model.predict(x, verbose=0)}
    losses = [model.fit(x, y, batch_size=count, shuffle=False, verbose=0).history["loss"][0] for _ in range(3)]
    tensors["losses"] = np.array(losses, "float32")
    tensors["trained"] = model.predict(x, verbose=0)
    for index, (old, new) in enumerate(zip(before, model.get_weights())):
        tensors[f"before.{index}"] = old
        tensors[f"after.{index}"] = new
    for key, value in tensors.items():
        FILE[f"{name}/{key}"] = np.ascontiguousarray(value, "float32")
    print(name, model.layers[1].name, losses)


case("dilated", (7, 8, 3), [L.Conv2D(5, (3, 2), padding="same", dilation_rate=(2, 3), activation="relu")])
case("grouped", (7, 6, 6), [L.Conv2D(6, 3, strides=2, groups=3)])
case("no_bias", (6, 5, 2), [L.Conv2D(16, 3, padding="same", activation="tanh", use_bias=False), L.Dense(3, use_bias=False)])
case("depthwise", (7, 6, 3), [L.DepthwiseConv2D((3, 2), strides=2, padding="same", depth_multiplier=2, activation="elu")])
case("depthwise_dilated", (7, 6, 16), [L.DepthwiseConv2D(3, dilation_rate=2, use_bias=False)])
case("separable", (6, 5, 3), [L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, activation="relu")])
case("conv1d", (11, 3), [L.Conv1D(5, 4, strides=2, padding="same", activation="relu")])
case("conv1d_causal", (9, 4), [L.Conv1D(4, 3, padding="causal", dilation_rate=2, groups=2)])
case("conv1d_stack", (61, 2), [
    L.Conv1D(16, 5, strides=3, padding="causal"), L.BatchNormalization(), L.Activation("relu"), L.MaxPooling1D(),
    L.Conv1D(17, 3, padding="same", activation="swish"), L.AveragePooling1D(3, strides=2, padding="same"),
    L.GlobalMaxPooling1D()])
case("global_average_pool1d", (6, 3), [L.GlobalAveragePooling1D(keepdims=True)])
case("global_max_pool2d", (4, 5, 3), [L.GlobalMaxPooling2D()])
case("leaky_relu", (4, 3), [L.LeakyReLU()])
case("elu_layer", (4, 3), [L.ELU(0.7)])
case("re_lu", (4, 3), [L.ReLU(max_value=1, negative_slope=0.1, threshold=0.2)])
case("layer_norm", (4, 3, 5), [L.LayerNormalization()])
case("layer_norm_two_axes", (4, 3, 5), [L.LayerNormalization(axis=[-2, -1], epsilon=0.01, center=False)])
case("group_norm", (4, 3, 6), [L.GroupNormalization(3)])
case("instance_norm", (7, 5), [L.GroupNormalization(-1, scale=False)])
case("zero_padding2d", (3, 4, 2), [L.ZeroPadding2D(((1, 0), (2, 3)))])
case("zero_padding1d", (4, 3), [L.ZeroPadding1D((2, 1))])
case("cropping2d", (5, 6, 2), [L.Cropping2D(((1, 0), (2, 1)))])
case("cropping1d", (6, 3), [L.Cropping1D((2, 1))])
case("up_sampling2d", (3, 2, 2), [L.UpSampling2D((2, 3))])
case("up_sampling2d_bilinear", (3, 4, 2), [L.UpSampling2D((2, 3), interpolation="bilinear")])
case("up_sampling1d", (4, 3), [L.UpSampling1D(3)])
case("reshape", (4, 6), [L.Reshape((-1, 3, 2)), L.Conv2D(3, 2, padding="same")])
case("permute", (2, 3, 4), [L.Permute((3, 1, 2))])
case("repeat_vector", (3,), [L.RepeatVector(4), L.Dense(2)])
case("conv2d_transpose", (4, 5, 3), [L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")])
case("conv2d_transpose_valid", (3, 4, 2), [L.Conv2DTranspose(3, (2, 3), strides=(3, 2), use_bias=False)])
case("lstm", (6, 3), [L.LSTM(4)])
case("lstm_sequences", (5, 2), [L.LSTM(3, return_sequences=True, go_backwards=True), L.LSTM(2, activation="relu", use_bias=False)])
case("gru", (6, 3), [L.GRU(4)])
case("gru_before", (5, 3), [L.GRU(4, reset_after=False, return_sequences=True)])
case("bidirectional", (6, 3), [L.Bidirectional(L.GRU(3, return_sequences=True)), L.Bidirectional(L.LSTM(2), merge_mode="sum")])
case("bidirectional_mul", (4, 3), [L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="mul"), L.Bidirectional(L.GRU(2), merge_mode="ave")])
case("time_distributed", (3, 6, 5, 2), [L.TimeDistributed(L.Conv2D(4, 3, activation="relu")), L.TimeDistributed(L.Flatten()), L.GRU(3)])
for function in ["linear", "relu", "sigmoid", "tanh", "softmax", "log_softmax", "leaky_relu", "elu", "selu", "relu6", "gelu",
                 "swish", "silu", "hard_swish", "hard_silu", "hard_sigmoid", "mish", "softplus", "softsign", "exponential"]:
    case("activation_" + function, (4, 3), [L.Activation(function)])

save_file(FILE, os.path.join(HERE, "layers.safetensors"))
