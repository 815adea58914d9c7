"""Processor time of ser's classifier against scikit-learn's on the same rows, in turns, one thread, three times each.

    svc_against_libsvm.py BENCH MANIFEST FEATURES [ROUNDS]

BENCH is the executable of `cargo bench --bench svc --no-run`. From MANIFEST and FEATURES (`ser corpus prepare crema-d --labels four --features`) the rows of
CREMA-D are standardised and 5531 of them drawn with replacement (the number of IEMOCAP's recordings of four classes), with all 88 columns and with
two principal components.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.svm import SVC, LinearSVC

bench, manifest, features = sys.argv[1:4]
rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
manifest, features = pd.read_csv(manifest), pd.read_csv(features)
mine = (manifest.corpus == "crema-d").to_numpy()
x = features[mine].iloc[:, 3:].to_numpy(float)
y = pd.factorize(manifest.label[mine], sort=True)[0]
x = (x - x.mean(0)) / x.std(0)
drawn = np.random.default_rng(0).integers(0, len(x), 5531)
x, y = x[drawn], y[drawn]
tables = {"88 columns": x, "2 components": PCA(2).fit_transform(x)}
theirs = {
    "smo": lambda: SVC(kernel="linear", C=1.0, class_weight="balanced"),
    "liblinear": lambda: LinearSVC(dual=False, C=1.0, class_weight="balanced"),
}


def objective(model, x):
    """Sum over the pairs of the dual objective; dual_coef_ has α's magnitudes, once per pair, in rows by the other class."""
    return 0.5 * (model.coef_**2).sum() - np.abs(model.dual_coef_).sum()


with tempfile.TemporaryDirectory() as folder:
    for name, table in tables.items():
        path = Path(folder) / f"{name}.csv"
        np.savetxt(path, np.column_stack([y, table]), delimiter=",", fmt="%.17g")
        for solver, make in theirs.items():
            ours, others = [], []
            for _ in range(rounds):
                printed = subprocess.run([bench, path, solver], capture_output=True, text=True, check=True).stdout
                ours.append(float(re.match(r"[\d.]+", printed)[0]))
                began, fits = time.process_time(), 0
                while time.process_time() - began < 0.5:
                    model = make().fit(table, y)
                    fits += 1
                others.append((time.process_time() - began) / fits)
            ratios = [a / b for a, b in zip(ours, others)]
            print(f"{name}, {solver}: ser {printed.strip()}")
            extra = f"  steps {model.n_iter_.sum()}  objective {objective(model, table):.6f}" if solver == "smo" else ""
            print(f"    scikit-learn {statistics.median(others):.4f} s{extra}  right {model.score(table, y):.4f}")
            print(f"    ser / scikit-learn: {' '.join(f'{r:.3f}' for r in ratios)}, median {statistics.median(ratios):.3f}", flush=True)
