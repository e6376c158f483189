#!/usr/bin/env python3
"""Writes the reference values of AudioSignalsTests, from TensorFlow, librosa and soxr.

    pip install tensorflow-cpu librosa soxr numpy
    python3 make_references.py

Run it in this folder; the files it writes are committed.
"""
import librosa
import numpy as np
import soxr
import tensorflow as tf

RATE = 16000
random = np.random.default_rng(1)
t = np.arange(2000) / RATE
signal = (0.5 * np.sin(2 * np.pi * (300 * t + 20000 * t * t)) + 0.1 * random.standard_normal(2000)).astype("f4")
np.save("signal.npy", signal)

# tf.signal.stft: the tutorial's settings, an odd frame, an FFT length that is no power of two.
for name, length, step, points, window in [
    ("tutorial", 320, 32, None, tf.signal.hann_window),
    ("odd", 255, 100, 300, tf.signal.hann_window),
    ("hamming", 128, 64, 128, tf.signal.hamming_window),
    ("rectangular", 7, 300, 9, None),
]:
    x = tf.signal.stft(signal, length, step, fft_length=points, window_fn=window).numpy()
    np.save(f"stft_{name}.npy", np.stack([x.real, x.imag], -1).astype("f4"))

# librosa's mel bands, decibels and coefficients of the same frames.
magnitude = np.abs(tf.signal.stft(signal, 320, 100).numpy()).T
for name, htk in [("slaney", False), ("htk", True)]:
    bands = librosa.feature.melspectrogram(S=magnitude**2, sr=RATE, n_fft=512, n_mels=40, htk=htk)
    np.save(f"mel_{name}.npy", bands.T.copy().astype("f4"))
bands = librosa.feature.melspectrogram(S=magnitude**2, sr=RATE, n_fft=512, n_mels=40)
level = librosa.power_to_db(bands, ref=1.0, top_db=80)
np.save("mel_db.npy", level.T.copy().astype("f4"))
np.save("mfcc.npy", librosa.feature.mfcc(S=level, n_mfcc=13).T.copy().astype("f4"))
np.save("magnitude_db.npy", librosa.amplitude_to_db(magnitude, ref=1.0, top_db=30).T.copy().astype("f4"))

# soxr: every quality, and the length for odd counts and rates.
noise = (0.3 * random.standard_normal(1500)).astype("f4")
np.save("noise.npy", noise)
for name, quality in [("quick", "QQ"), ("low", "LQ"), ("medium", "MQ"), ("high", "HQ"), ("very_high", "VHQ")]:
    np.save(f"resample_{name}.npy", soxr.resample(noise, 44100, 16000, quality))
np.save("resample_up.npy", soxr.resample(noise, 11025, 16000, "HQ"))
rows = []
for count in [1, 2, 3, 7, 100, 101, 1499, 1500]:
    for rate_in, rate_out in [(44100, 16000), (48000, 16000), (11025, 16000), (8000, 44100), (22050, 22051)]:
        length = len(soxr.resample(np.zeros(count, "f4"), rate_in, rate_out, "HQ"))
        rows.append([count, rate_in, rate_out, length])
np.save("resample_lengths.npy", np.array(rows, "f4"))
