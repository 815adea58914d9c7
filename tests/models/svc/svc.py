"""Expected planes of the support vector classifier: scikit-learn 1.9.1 (libsvm, liblinear) on Emo-DB and on three clouds of points.

    svc.py emodb.csv MANIFEST FEATURES    makes emodb.csv: the standardised eGeMAPS features of Emo-DB (CC0), four classes, three decimals,
                                          from `ser corpus prepare emodb --labels four --features`
    svc.py clouds.csv                     makes clouds.csv: three overlapping, unequal clouds in two dimensions
    svc.py golden.json                    makes golden.json from both, in this folder
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.svm import SVC, LinearSVC

HERE = Path(__file__).parent
CLASSES = ["neutral", "sad", "happy", "angry"]


def make_emodb(manifest, features):
    import pandas as pd

    manifest, features = pd.read_csv(manifest), pd.read_csv(features)
    mine = (manifest.corpus == "emodb").to_numpy()
    x = features[mine].iloc[:, 3:].to_numpy(float)
    x = (x - x.mean(0)) / x.std(0)
    with open(HERE / "emodb.csv", "w") as out:
        for label, speaker, row in zip(manifest.label[mine], manifest.speaker[mine], x):
            print(CLASSES.index(label), int(speaker), *(f"{v:.3f}" for v in row), sep=",", file=out)


def make_clouds():
    random = np.random.default_rng(6)
    with open(HERE / "clouds.csv", "w") as out:
        for label, (count, centre) in enumerate([(160, (0, 0)), (90, (1.5, 0.3)), (50, (0.4, 1.6))]):
            for k, point in enumerate(random.normal(centre, 1.0, (count, 2))):
                print(label, k % 10, *(f"{v:.3f}" for v in point), sep=",", file=out)


def read(name, columns):
    table = np.loadtxt(HERE / name, delimiter=",")
    return table[:, 2 : 2 + columns], table[:, 0].astype(int)


def pairs(x, y, weight, tolerance):
    """One machine per pair, with the signs of ser: above the plane is the lower class."""
    weights = {c: len(y) / (len(set(y)) * (y == c).sum()) if weight == "balanced" else 1.0 for c in sorted(set(y))}
    machines = []
    for i in sorted(set(y)):
        for j in sorted(set(y)):
            if i < j:
                mine = (y == i) | (y == j)
                svc = SVC(kernel="linear", C=1.0, class_weight=weights, tol=tolerance).fit(x[mine], y[mine])
                w = -svc.coef_[0]
                objective = 0.5 * w @ w - np.abs(svc.dual_coef_).sum()
                machines.append({"weight": w.tolist(), "bias": -float(svc.intercept_[0]), "objective": float(objective)})
    return machines


def rests(x, y, weight):
    svc = LinearSVC(dual=False, C=1.0, class_weight=weight, tol=1e-8, max_iter=100_000).fit(x, y)
    return [{"weight": w.tolist(), "bias": float(b)} for w, b in zip(svc.coef_, svc.intercept_)]


def make_golden():
    golden = []
    for name, columns, weight in [
        ("emodb.csv", 88, "balanced"),
        ("emodb.csv", 8, "balanced"),
        ("emodb.csv", 8, "equal"),
        ("clouds.csv", 2, "balanced"),
        ("clouds.csv", 2, "equal"),
    ]:
        x, y = read(name, columns)
        sklearn_weight = "balanced" if weight == "balanced" else None
        usual = SVC(kernel="linear", C=1.0, class_weight=sklearn_weight).fit(x, y)
        golden.append(
            {
                "table": name,
                "columns": columns,
                "weights": weight,
                "pairs": pairs(x, y, weight, 1e-8),
                "predicted": usual.predict(x).tolist(),
                "rests": rests(x, y, sklearn_weight),
                "predicted_rests": LinearSVC(dual=False, C=1.0, class_weight=sklearn_weight).fit(x, y).predict(x).tolist(),
            }
        )
    with open(HERE / "golden.json", "w") as out:
        json.dump(golden, out, separators=(",", ":"))


if __name__ == "__main__":
    {"emodb.csv": make_emodb, "clouds.csv": make_clouds, "golden.json": make_golden}[sys.argv[1]](*sys.argv[2:])
