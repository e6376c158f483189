"""Writes metrics.json: scores, labels, and what Keras's metrics make of them in batches of 32.

Average precision and specificity, which Keras has not, are written out from their definitions.
"""
import json
import os

import keras
import numpy as np

rng = np.random.default_rng(7)
km = keras.metrics


def run(metric, y, p):
    for start in range(0, len(y), 32):
        metric.update_state(y[start : start + 32], p[start : start + 32])
    return np.asarray(metric.result(), dtype=np.float64).tolist()


def average_precision(y, p):
    total, found = 0.0, 0
    positives = int((y == 1).sum())
    before = 0.0
    for threshold in sorted(set(p.tolist()), reverse=True):
        above = p >= threshold
        tp = int((above & (y == 1)).sum())
        recall, precision = tp / positives, tp / int(above.sum())
        total += (recall - before) * precision
        before = recall
    return total


def specificity(y, p, threshold):
    negative = y == 0
    return float((negative & ~(p > np.float32(threshold))).sum() / negative.sum())


def rounded(p):
    # Ties among the scores.
    return np.round(p, 2).astype(np.float32)


cases = {}

y = (rng.random((200, 1)) < 0.3).astype(np.float32)
p = rounded(np.clip(0.35 * y + rng.random((200, 1)) * 0.65, 0, 1))
cases["binary"] = dict(
    y=y.tolist(), p=p.tolist(),
    values={
        "accuracy": run(km.BinaryAccuracy(), y, p),
        "binary_accuracy_70": run(km.BinaryAccuracy(threshold=0.7), y, p),
        "recall": run(km.Recall(), y, p),
        "recall_70": run(km.Recall(thresholds=0.7), y, p),
        "precision": run(km.Precision(), y, p),
        "specificity": specificity(y, p, 0.5),
        "f1": run(km.F1Score(threshold=0.5), y, p)[0],
        "auc": run(km.AUC(), y, p),
        "auc_50": run(km.AUC(num_thresholds=50), y, p),
        "pr_auc": run(km.AUC(curve="PR"), y, p),
        "average_precision": average_precision(y[:, 0], p[:, 0]),
        "mae": run(km.MeanAbsoluteError(), y, p),
        "mse": run(km.MeanSquaredError(), y, p),
    })

y = (rng.random((150, 4)) < [0.5, 0.3, 0.2, 0.1]).astype(np.float32)
p = rounded(np.clip(0.3 * y + rng.random((150, 4)) * 0.7, 0, 1))
f1 = run(km.F1Score(threshold=0.5), y, p)
cases["several"] = dict(
    y=y.tolist(), p=p.tolist(),
    values={
        "accuracy": run(km.CategoricalAccuracy(), y, p),
        "binary_accuracy": run(km.BinaryAccuracy(), y, p),
        "recall": run(km.Recall(), y, p),
        "recall_c": run(km.Recall(class_id=2), y, p),
        "precision_a": run(km.Precision(class_id=0), y, p),
        "f1": run(km.F1Score(average="macro", threshold=0.5), y, p),
        **{"each_" + name: value for name, value in zip("abcd", f1)},
        "auc": run(km.AUC(), y, p),
        "auc_b": run(km.AUC(), y[:, 1], p[:, 1]),
        "pr_auc": run(km.AUC(curve="PR"), y, p),
        "average_precision": float(np.mean([average_precision(y[:, k], p[:, k]) for k in range(4)])),
        "average_precision_d": average_precision(y[:, 3], p[:, 3]),
        "specificity": specificity(y, p, 0.5),
    })

number = rng.integers(0, 5, 150)
z = rng.standard_normal((150, 5)) + 1.2 * np.eye(5)[number]
p = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).astype(np.float32)
one_hot = np.eye(5, dtype=np.float32)[number]
values = {
    "accuracy": run(km.SparseCategoricalAccuracy(), number, p),
    "top_k_accuracy": run(km.SparseTopKCategoricalAccuracy(k=2), number, p),
    "recall": run(km.Recall(), one_hot, p),
    "precision": run(km.Precision(), one_hot, p),
    "recall_3": run(km.Recall(class_id=3), one_hot, p),
    "f1": run(km.F1Score(average="macro"), one_hot, p),
    "auc": run(km.AUC(), one_hot, p),
    "pr_auc": run(km.AUC(curve="PR"), one_hot, p),
}
cases["classes"] = dict(y=number.tolist(), p=p.tolist(), values=values)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json")
with open(path, "w") as file:
    json.dump(cases, file)
