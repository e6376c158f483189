"""The same two pictures by matplotlib and tf.signal, with the same words: see docs/pictures.md.

    pip install matplotlib tensorflow-cpu soundfile
    python docs/pictures/matplotlib_side.py        (from the repository's folder, after ours.cap, which writes the sound)
"""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile
import tensorflow as tf

wave, rate = soundfile.read("plots/sounds/wave.wav", dtype="float32")
spectrogram = tf.abs(tf.signal.stft(wave, frame_length=320, frame_step=32)).numpy()
seconds = len(wave) / rate


def save(name):
    plt.tight_layout()
    plt.savefig(f"docs/pictures/{name}-matplotlib.png")
    plt.close()


plt.figure(figsize=(7.2, 2.9), dpi=80)
plt.plot(np.arange(len(wave)) / rate, wave)
plt.title("A call")
plt.xlabel("time (s)")
plt.ylabel("amplitude")
save("waveform")

plt.figure(figsize=(7.2, 2.9), dpi=80)
decibels = 20 * np.log10(spectrogram / spectrogram.max() + 1e-10)
plt.imshow(
    decibels.T, origin="lower", aspect="auto", vmin=-80, vmax=0, extent=(0, seconds, 0, rate / 2)
)
plt.colorbar(label="level (dB)")
plt.title("A call")
plt.xlabel("time (s)")
plt.ylabel("frequency (Hz)")
save("spectrogram")
