#!/usr/bin/env python3
"""The numbers that PlottingTests compares with: prints them for pasting into ReferenceNumbers.swift.

    python3 -m venv venv && venv/bin/pip install numpy matplotlib librosa
    venv/bin/python make_reference.py
"""
import librosa
import matplotlib
import numpy as np

# Histogram: the same deterministic values as in the test.
k = np.arange(500)
values = np.sin(k * 0.37) * 2 + (k % 17) * 0.25
for bins in ["auto", 7]:
    counts, edges = np.histogram(values, bins=bins)
    print(bins, len(counts), list(counts), repr(float(edges[0])), repr(float(edges[-1])))

# Colour maps: every 51st of the 256 colours, as matplotlib 8-bit.
for name in ["viridis", "magma", "inferno", "cividis", "gray"]:
    table = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    print(name, [f"0x{r:02X}{g:02X}{b:02X}" for r, g, b in table[::51]])

# Mel scale (Slaney): where frequencies stand on an axis from 0 to 8000 Hz, as a share of its length.
hertz = np.array([250.0, 500, 1000, 2000, 4000])
print("mel", list(np.round(librosa.hz_to_mel(hertz) / librosa.hz_to_mel(8000.0), 6)))

# Areas: ROC by trapezoids, average precision as a sum over recall.
x, y = np.array([0, 0, 0.1, 0.3, 1]), np.array([0, 0.6, 0.85, 0.95, 1])
print("area", np.trapezoid(y, x))
recall, precision = np.array([0, 0.5, 0.8, 0.9, 1]), np.array([1, 1, 0.95, 0.8, 0.5])
print("average precision", np.sum(np.diff(recall) * precision[1:]))
