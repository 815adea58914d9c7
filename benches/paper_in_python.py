"""The evaluation of Das et al. (2021), section 3, in PyTorch and scikit-learn: what `ser evaluate paper.toml` is compared with.

    python paper_in_python.py DATA --train crema-d --transfer emodb,ravdess [--jobs 2] [--sets all|four] > python.json

DATA is a folder of `ser corpus prepare … --labels four --features`. Ten stratified folds of the training corpus, four classes and the four triads,
raw features, two principal components, an undercomplete and a denoising autoencoder (88-64-32-2, ReLU, batch 64, 50 epochs, Adam 1e-3), a linear
SVC (C = 1, balanced) on each; every fold's model is tested on its training rows, its validation rows and each transfer corpus. Recordings with
any |z| > 10 in their corpus are left out; the training corpus is standardised by the training fold, transfer corpora by their own statistics
(--normalisation corpus, what the paper does) or by the training fold's too (train).

Written to be quick in Python: batches are slices of one permuted tensor and not a DataLoader's, the optimiser is the fused one, folds run in
processes of one thread each, as small matrices do not profit from more.
"""

import argparse
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

STARTED = time.perf_counter()

import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn

FOUR = ["neutral", "sad", "happy", "angry"]
TRIADS = [["neutral", "sad", "happy"], ["neutral", "sad", "angry"], ["neutral", "happy", "angry"], ["sad", "happy", "angry"]]
MODELS = ["raw", "pca", "uae", "dae"]
LIMIT = 10.0
SEED = 1


def load(folder, corpora):
    """Rows by corpus: features and labels, outliers left out."""
    manifest = pd.read_csv(f"{folder}/manifest.csv", dtype=str)
    x = pd.read_csv(f"{folder}/features.csv").iloc[:, 3:].to_numpy(np.float64)
    found = {}
    for corpus in corpora:
        of = (manifest.corpus == corpus).to_numpy()
        rows, labels = x[of], manifest.label[of].to_numpy()
        sd = rows.std(0)
        z = np.divide(rows - rows.mean(0), sd, out=np.zeros_like(rows), where=sd > 0)
        stay = (np.abs(z) <= LIMIT).all(1)
        found[corpus] = (rows[stay], labels[stay], int((~stay).sum()))
    return found


def coder(sizes):
    layers = []
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(n_in, n_out)
        nn.init.kaiming_uniform_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()] if i + 2 < len(sizes) else [linear]
    return nn.Sequential(*layers)


def autoencoder(x, noise, seed, epochs=50, batch=64):
    """The encoder of a fitted autoencoder, as a function of rows."""
    torch.manual_seed(seed)
    encoder, decoder = coder([x.shape[1], 64, 32, 2]), coder([2, 32, 64, x.shape[1]])
    model = nn.Sequential(encoder, decoder)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    rows = torch.from_numpy(x.astype(np.float32))
    for _ in range(epochs):
        for target in rows[torch.randperm(len(rows))].split(batch):
            given = target + noise * torch.randn_like(target) if noise else target
            loss = nn.functional.mse_loss(model(given), target)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()

    def encode(rows):
        with torch.inference_mode():
            return encoder(torch.from_numpy(rows.astype(np.float32))).numpy().astype(np.float64)

    return encode


def reducer(model, x, seed):
    if model == "raw":
        return lambda rows: rows
    if model == "pca":
        return PCA(2, svd_solver="full").fit(x).transform
    return autoencoder(x, float(model == "dae"), seed)


def trial(classes, fold, train, valid, x, y, transfer, normalisation):
    """All models of one fold."""
    torch.set_num_threads(1)
    scale = StandardScaler().fit(x[train]).transform
    x = scale(x)
    if normalisation == "train":
        transfer = {name: (scale(rows), labels) for name, (rows, labels) in transfer.items()}
    sets = {"train": (x[train], y[train]), "valid": (x[valid], y[valid]), **transfer}
    results, seconds = [], {}
    for model in MODELS:
        began = time.perf_counter()
        reduce = reducer(model, x[train], 1000 * SEED + fold)
        reduced = {name: reduce(rows) for name, (rows, _) in sets.items()}
        fitted = time.perf_counter()
        svc = SVC(kernel="linear", C=1.0, class_weight="balanced").fit(reduced["train"], y[train])
        classified = time.perf_counter()
        for name, (_, labels) in sets.items():
            predicted = svc.predict(reduced[name])
            results.append({
                "classes": classes, "fold": fold, "model": model, "set": name,
                "uar": balanced_accuracy_score(labels, predicted),
                "accuracy": accuracy_score(labels, predicted),
                "macro_f1": f1_score(labels, predicted, average="macro", zero_division=0),
                "confusion": confusion_matrix(labels, predicted, labels=range(len(classes))).tolist(),
            })
        scored = time.perf_counter()
        seconds[f"{model}: representation"] = fitted - began
        seconds[f"{model}: svc fit"] = classified - fitted
        seconds[f"{model}: predict and score"] = scored - classified
    return results, seconds, (os.getpid(), time.process_time())


def tasks(corpora, train, class_sets, folds, normalisation):
    for classes in class_sets:
        of = {}
        for name, (rows, labels, _) in corpora.items():
            has = np.isin(labels, classes)
            y = np.array([classes.index(label) for label in labels[has]])
            x = rows[has]
            own = normalisation == "corpus" and name != train
            of[name] = (StandardScaler().fit_transform(x) if own else x, y)
        x, y = of.pop(train)
        split = StratifiedKFold(folds, shuffle=True, random_state=SEED).split(x, y)
        for fold, (learnt, tested) in enumerate(split):
            yield classes, fold, learnt, tested, x, y, of, normalisation


def over_folds(values):
    mean, n = float(np.mean(values)), len(values)
    half = stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return {"mean": mean, "low": mean - half, "high": mean + half, "folds": values}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data")
    arguments.add_argument("--train", default="crema-d")
    arguments.add_argument("--transfer", default="emodb,ravdess")
    arguments.add_argument("--normalisation", choices=["corpus", "train"], default="corpus")
    arguments.add_argument("--sets", choices=["all", "four", "triads"], default="all")
    arguments.add_argument("--folds", type=int, default=10)
    arguments.add_argument("--jobs", type=int, default=2)
    given = arguments.parse_args()
    corpora = load(given.data, [given.train, *given.transfer.split(",")])
    class_sets = {"all": [FOUR, *TRIADS], "four": [FOUR], "triads": TRIADS}[given.sets]
    loaded = time.perf_counter()
    work = list(tasks(corpora, given.train, class_sets, given.folds, given.normalisation))
    done = Parallel(n_jobs=given.jobs)(delayed(trial)(*task) for task in work)
    scores, parts, processes = {}, {}, {}
    for results, seconds, (process, processor) in done:
        processes[process] = max(processes.get(process, 0.0), processor)
        for result in results:
            key = ("".join(name[0].upper() for name in result["classes"]), result["model"], result["set"])
            entry = scores.setdefault(key, {"uar": [], "accuracy": [], "macro_f1": [], "confusion": 0})
            for name in ("uar", "accuracy", "macro_f1"):
                entry[name].append(float(result[name]))
            entry["confusion"] = entry["confusion"] + np.array(result["confusion"])
        for part, taken in seconds.items():
            parts[part] = parts.get(part, 0.0) + taken
    processes[os.getpid()] = time.process_time()
    json.dump({
        "train": given.train, "normalisation": given.normalisation, "folds": given.folds, "jobs": given.jobs,
        "versions": {"torch": torch.__version__, "scikit-learn": __import__("sklearn").__version__, "numpy": np.__version__},
        "corpora": {name: {"rows": len(rows), "removed": removed} for name, (rows, _, removed) in corpora.items()},
        "scores": [
            {"classes": classes, "model": model, "set": name, **{m: over_folds(entry[m]) for m in ("uar", "accuracy", "macro_f1")},
             "confusion": entry["confusion"].tolist()}
            for (classes, model, name), entry in scores.items()
        ],
        "seconds": {
            "wall": time.perf_counter() - STARTED, "import and load": loaded - STARTED,
            "processor, all processes": sum(processes.values()),
            "parts, summed over folds (wall of each process)": {part: round(taken, 3) for part, taken in parts.items()},
        },
    }, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
