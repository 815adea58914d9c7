#!/usr/bin/env python3
"""Writes page/clouds.js: where the recordings of each class of the training corpora lie in the latent plane of the bundled model.

    ser corpus prepare emodb cremad --root CORPORA --labels four -o data/
    ser classify CORPORA/emodb CORPORA/crema-d --csv --quiet > latents.csv
    bindings/web/clouds.py data/manifest.csv latents.csv > bindings/web/page/clouds.js

Only a mean, a covariance and a count are kept of each class of each corpus. `model` is the SHA-256 of the model file that they belong to.
"""

import csv
import hashlib
import json
import pathlib
import sys

TITLES = {"emodb": "Emo-DB (German)", "crema-d": "CREMA-D (English)"}


def cloud(label, places):
    n = len(places)
    mean = [sum(place[axis] for place in places) / n for axis in (0, 1)]
    product = lambda i, j: sum((place[i] - mean[i]) * (place[j] - mean[j]) for place in places) / (n - 1)
    rounded = lambda values: [round(value, 3) for value in values]
    return {"label": label, "recordings": n, "mean": rounded(mean), "covariance": rounded([product(0, 0), product(0, 1), product(1, 1)])}


def main(manifest, latents):
    places = {}
    with open(latents, newline="") as lines:
        for row in csv.DictReader(lines):
            places[pathlib.Path(row["file"]).name] = (float(row["latent_1"]), float(row["latent_2"]))
    found = {corpus: {} for corpus in TITLES}
    with open(manifest, newline="") as lines:
        for row in csv.DictReader(lines):
            name = pathlib.Path(row["file"]).name
            if row["corpus"] in found and name in places:
                found[row["corpus"]].setdefault(row["label"], []).append(places[name])
    model = pathlib.Path(__file__).parents[2] / "assets" / "emotion.safetensors"
    corpora = [{"title": TITLES[name], "clouds": [cloud(label, at) for label, at in sorted(classes.items())]} for name, classes in found.items()]
    print("// Made by bindings/web/clouds.py.")
    print("export default", json.dumps({"model": hashlib.sha256(model.read_bytes()).hexdigest(), "corpora": corpora}, indent=1) + ";")


main(*sys.argv[1:])
