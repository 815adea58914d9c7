"""The recipe whose scores openSMILE's features are known by: StandardScaler and LinearSVC(C=0.05, balanced), four classes.

    python tests/models/recipe.py DATA > tests/models/recipe.json       # scikit-learn 1.9.1

DATA is a folder of `ser corpus prepare emodb crema-d --labels four --features`. On openSMILE's features: Emo-DB leave-one-speaker-out UAR .743, ten
stratified folds .825, CREMA-D ten folds of whole speakers .686. Each protocol has the UAR of all predictions pooled and the mean of the folds' (a
speaker's fold without recordings of a class averages over the others); where a shuffle decides, ten seeds.
"""

import json
import os
import sys
import warnings

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
import sklearn
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
SEEDS = range(10)


def table(folder, corpus):
    manifest = pd.read_csv(f"{folder}/manifest.csv", dtype=str)
    of = (manifest.corpus == corpus).to_numpy()
    x = pd.read_csv(f"{folder}/features.csv").iloc[:, 3:].to_numpy(np.float64)[of]
    return x, manifest.label[of].to_numpy(), manifest.speaker[of].to_numpy()


def score(x, y, speakers, split):
    pooled, folds = np.empty_like(y), []
    groups = None if isinstance(split, StratifiedKFold) else speakers
    for train, test in split.split(x, y, groups):
        model = make_pipeline(StandardScaler(), LinearSVC(C=0.05, class_weight="balanced", dual=False))
        pooled[test] = model.fit(x[train], y[train]).predict(x[test])
        folds.append(balanced_accuracy_score(y[test], pooled[test]))
    return balanced_accuracy_score(y, pooled), float(np.mean(folds))


def protocols(x, y, speakers, kinds):
    found = {}
    for name, splits in kinds.items():
        scores = np.array([score(x, y, speakers, split) for split in splits])
        found[name] = {
            "pooled": scores[:, 0].mean(), "mean_of_folds": scores[:, 1].mean(), "seeds": len(splits),
            "pooled_range": [scores[:, 0].min(), scores[:, 0].max()], "mean_of_folds_range": [scores[:, 1].min(), scores[:, 1].max()],
        }
        print(corpus, name, json.dumps(found[name]), file=sys.stderr)
    return {"recordings": len(y), "speakers": len(set(speakers)), **found}


stratified = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in SEEDS]
result = {"scikit-learn": sklearn.__version__}
for corpus, kinds in (
    ("emodb", {
        "leave-one-speaker-out": [LeaveOneGroupOut()],
        "stratified 10-fold": stratified,
        "stratified 10-fold, not shuffled": [StratifiedKFold(10)],
    }),
    ("crema-d", {
        "grouped 10-fold": [GroupKFold(10)],
        "grouped 10-fold, shuffled": [GroupKFold(10, shuffle=True, random_state=seed) for seed in range(3)],
        "stratified 10-fold": stratified[:3],
    }),
):
    result[corpus] = protocols(*table(sys.argv[1], corpus), kinds)
print(json.dumps(result, indent=1))
