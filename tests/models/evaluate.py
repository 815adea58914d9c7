"""Makes evaluate.json: synthetic predictions and point clouds with what scikit-learn, scipy and numpy say of them.

    python tests/models/evaluate.py > tests/models/evaluate.json       # scikit-learn 1.9.1, scipy 1.17.1, numpy 2.4.6

Read by tests/evaluate.rs. The inputs are rounded to three decimals, so that the file is small and says exactly what was computed on.
"""

import json

import numpy as np
import scipy
import sklearn
from scipy.linalg import fractional_matrix_power
from scipy.spatial.transform import Rotation
from scipy.stats import gaussian_kde, pearsonr, spearmanr
from sklearn.calibration import calibration_curve
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, balanced_accuracy_score, brier_score_loss, f1_score, log_loss, recall_score, silhouette_samples

rng = np.random.default_rng(20261122)
CLASSES = 4
N = 160


def predictions():
    truth = rng.choice(CLASSES, N, p=[0.4, 0.3, 0.2, 0.1])
    speaker = rng.integers(0, 9, N)
    logits = rng.normal(size=(N, CLASSES)) + 1.3 * np.eye(CLASSES)[truth] + 0.5 * rng.normal(size=(9, CLASSES))[speaker]
    p = np.exp(1.5 * logits)
    p = (p / p.sum(1, keepdims=True)).round(3)
    p[:, 3] = (1 - p[:, :3].sum(1)).round(3)
    predicted = p.argmax(1)
    top, right = p.max(1), (predicted == truth).astype(int)
    expected = {
        "uar": balanced_accuracy_score(truth, predicted),
        "accuracy": accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro", zero_division=0),
        "recall": recall_score(truth, predicted, average=None).tolist(),
        "brier": brier_score_loss(truth, p, labels=range(CLASSES), scale_by_half=False),
        "log_loss": log_loss(truth, p, labels=range(CLASSES)),
    }
    for name, strategy in (("width", "uniform"), ("mass", "quantile")):
        accuracy, confidence = calibration_curve(right, top, n_bins=10, strategy=strategy)
        expected[name] = {"accuracy": accuracy.tolist(), "confidence": confidence.tolist()}
    edges = np.linspace(0, 1, 11)
    bins = np.digitize(top, edges[1:-1], right=True)
    expected["expected_error"] = sum(
        (bins == b).mean() * abs(right[bins == b].mean() - top[bins == b].mean()) for b in range(10) if (bins == b).any()
    )
    # The bootstrap over speakers, written out on recordings, with many more draws.
    rows = [np.flatnonzero(speaker == s) for s in np.unique(speaker)]
    draws = []
    for _ in range(20000):
        chosen = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        t, q = truth[chosen], predicted[chosen]
        draws.append(np.mean([(q[t == c] == c).mean() for c in range(CLASSES) if (t == c).any()]))
    expected["uar_interval"] = np.percentile(draws, [2.5, 97.5]).tolist()
    return {
        "truth": truth.tolist(), "predicted": predicted.tolist(), "speaker": speaker.tolist(), "probabilities": p.tolist(), "expected": expected,
    }


def cloud(dimensions, n):
    labels = rng.integers(0, CLASSES, n)
    mix = rng.normal(size=(dimensions, dimensions))
    points = rng.normal(size=(n, dimensions)) @ mix + 2 * rng.normal(size=(CLASSES, dimensions))[labels]
    return points.round(3), labels


def silhouettes(dimensions):
    points, labels = cloud(dimensions, 120)
    s = silhouette_samples(points, labels)
    expected = {"overall": s.mean(), "per_class": [s[labels == c].mean() for c in range(CLASSES)]}
    return {"points": points.tolist(), "labels": labels.tolist(), "expected": expected}


def correlations():
    x = rng.normal(size=60).round(1)  # with ties
    y = (0.4 * x + rng.normal(size=60)).round(1)
    r, s = pearsonr(x, y), spearmanr(x, y)
    return {
        "x": x.tolist(), "y": y.tolist(),
        "expected": {"pearson": [r.statistic, r.pvalue], "spearman": [s.statistic, s.pvalue]},
    }


def densities():
    values = np.concatenate([rng.normal(-1, 0.5, 40), rng.normal(2, 1, 50)]).round(3)
    places = np.linspace(-4, 6, 21)
    of = lambda rule: gaussian_kde(values, rule)(places).tolist()
    return {"values": values.tolist(), "expected": {"scott": of("scott"), "silverman": of("silverman")}}


def rotations():
    a, labels = cloud(3, 80)
    turn = Rotation.from_rotvec([0.3, -0.7, 0.4])
    b = (1.7 * turn.apply(a) + rng.normal(size=a.shape)).round(3)
    means = [np.array([x[labels == c].mean(0) for c in range(CLASSES)]) for x in (a, b)]
    centred = [m - m.mean(0) for m in means]
    found, _ = Rotation.align_vectors(centred[1], centred[0])
    turned = found.apply(centred[0])
    scale = (turned * centred[1]).sum() / (centred[0] ** 2).sum()
    left = ((scale * turned - centred[1]) ** 2).sum() / (centred[1] ** 2).sum()
    return {
        "training": a.tolist(), "transfer": b.tolist(), "labels": labels.tolist(),
        "expected": {"angle_deg": np.degrees(found.magnitude()), "scale": scale, "residual": left},
    }


def alignments():
    s, _ = cloud(5, 70)
    t, _ = cloud(5, 40)
    s, t = s / 3, t / 2 + 1
    s, t = s.round(3), t.round(3)
    cs, ct, eye = np.cov(s.T), np.cov(t.T), np.eye(5)
    v = np.trace(cs) / 5
    expected = {}
    for ridge in (0, 1):
        matrix = fractional_matrix_power(ct + ridge * v * eye, -0.5) @ fractional_matrix_power(cs + ridge * v * eye, 0.5)
        expected[f"coral_{ridge}"] = ((t - t.mean(0)) @ matrix.real + s.mean(0)).tolist()
    ps, pt = (PCA(3).fit(x).components_.T for x in (s, t))
    expected["subspace_3"] = ((t - t.mean(0)) @ pt @ pt.T @ ps @ ps.T + s.mean(0)).tolist()
    expected["standardise"] = ((t - t.mean(0)) / t.std(0, ddof=1) * s.std(0, ddof=1) + s.mean(0)).tolist()
    return {"training": s.tolist(), "transfer": t.tolist(), "expected": expected}


print(json.dumps({
    "made_with": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "predictions": predictions(),
    "silhouettes": [silhouettes(2), silhouettes(5)],
    "correlations": correlations(),
    "densities": densities(),
    "rotation": rotations(),
    "alignment": alignments(),
}))
