"""Makes curves.json with scikit-learn: what the tests compare with.

Run in this folder with scikit-learn (made with 1.9): python make_references.py
"""
import json
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.default_rng(1)
curves = []
for count, decimals in [(2, 2), (5, 1), (30, 1), (60, 4), (200, 2)]:
    labels = random.integers(0, 2, count)
    labels[:2] = [0, 1]
    scores = np.clip(np.round(labels * 0.3 + random.normal(0.35, 0.25, count), decimals), 0, 1)
    curve = {"labels": labels.tolist(), "scores": scores.tolist()}
    for name, drop in [("roc", True), ("whole_roc", False)]:
        fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=drop)
        # The first threshold is infinite.
        curve[name] = [fpr.tolist(), tpr.tolist(), thresholds[1:].tolist()]
    curve["auc"] = metrics.roc_auc_score(labels, scores)
    curve["precision_recall"] = [x.tolist() for x in metrics.precision_recall_curve(labels, scores)]
    curve["average_precision"] = metrics.average_precision_score(labels, scores)
    classes = (scores > 0.5).astype(int)
    curve["confusion"] = metrics.confusion_matrix(labels, classes).tolist()
    curve["accuracy"] = metrics.accuracy_score(labels, classes)
    curves.append(curve)

several = random.integers(0, 4, 50)
guessed = np.where(random.random(50) < 0.6, several, random.integers(0, 5, 50))
matrix = {"true": several.tolist(), "predicted": guessed.tolist(),
          "confusion": metrics.confusion_matrix(several, guessed).tolist(),
          "some": metrics.confusion_matrix(several, guessed, labels=[3, 1]).tolist()}

with open("curves.json", "w") as file:
    json.dump({"curves": curves, "several": matrix}, file)
    file.write("\n")
