"""Makes tests/report/small.json, a result of 36 recordings (two corpora, four classes): python small.py > small.json"""
import json, math
CL = ["neutral", "sad", "happy", "angry"]
def score(v, method="bootstrap-over-speakers"): return dict(value=v, interval=dict(low=v - .05, high=v + .05), method=method, units=2)
rows, recs = [], []
for i in range(36):
    c = CL[i % 4]; corpus = "first" if i < 24 else "second"
    rows.append(dict(file=f"/data/{corpus}/r{i:02}.wav", corpus=corpus, speaker=f"s{i // 6}", gender="f", label=c, activation=[2.5, 2, 3.5, 4][i % 4] + .1 * (i % 5), valence=[2.5, 2, 4, 1.5][i % 4] + .1 * (i % 3)))
rows[3]["file"] = "/data/first/\"<img src=x>'.wav"
def confusion(n, right=.5):
    m = [[0] * 4 for _ in range(4)]
    for i in range(n): m[i % 4][i % 4 if i % 8 < 5 else (i + 1) % 4] += 1
    return m
def latent(i): return [round(-2.0 + 1.3 * (i % 4) * (-1) ** (i % 2) + .3 * math.sin(i), 3), round(math.cos(1.7 * i) + .4 * (i % 4), 3)]
def experiment(model, protocol, mixes, classes=CL):
    k = len(classes); sets = ["train", "valid", "second"]
    def cut(m): return [r[:k] for r in m[:k]]
    folds = [dict(fold=f, train_rows=12, removed=0, shared_speakers=0, twins=0, sets=[dict(set=s, uar=.6, accuracy=.6, macro_f1=.6, confusion=cut(confusion(24 if s == "train" else 12))) for s in sets]) for f in range(2)]
    sc = [dict(set=s, uar=score(.6 - .05 * j), accuracy=score(.62 - .05 * j), macro_f1=score(.58 - .05 * j), recall=[score(.5 + .1 * q) for q in range(k)], confusion=cut(confusion(24)), recordings=[24, 24, 12][j], speakers=[4, 4, 2][j], chance=1 / k, **(dict(bars=dict(uar=score(.61 - .05 * j, "t-over-folds"), accuracy=score(.63 - .05 * j, "t-over-folds"))) if mixes else {})) for j, s in enumerate(sets)]
    rec = []
    for i in range(36):
        if rows[i]["label"] not in classes: continue
        s = "second" if i >= 24 else "train" if i % 2 else "valid"
        p = dict(set=s, row=i, fold=0, predicted=classes[i * 7 % k if i % 3 == 0 else classes.index(rows[i]["label"])], probabilities=[round(1 / k, 3)] * k)
        if model != "raw": p["latent"] = [-9.5, 0.0] if i == 3 else latent(i)
        rec.append(p)
        if s == "train": rec.append(dict(p, set="valid", fold=1, latent=None) if model == "raw" else {**p, "set": "valid", "fold": 1})
    for p in rec:
        if p.get("latent", 0) is None: del p["latent"]
    lat = None if model == "raw" else dict(silhouette=[dict(set=s, overall=.1, per_class=[.1] * k) for s in sets], correlation=[dict(set="train", dimension=0, **{"with": "activation"}, rho=.6, recordings=24)], rotation=[dict(corpus="second", angle_deg=-31.5, interval_deg=[-50.0, -12.0], scale=.9, reflection=False, residual=.2)])
    e = dict(name=protocol, kind="paper" if mixes else "leave-one-speaker-out", protocol=protocol, mixes_speakers=mixes, classes=classes, model=model, solver="smo", normalisation="train", outliers="train", seed=1, folds=folds, scores=sc, recordings=rec, latent=lat)
    if model == "dae" and k == 4 and mixes:
        groups = ["Pitch", "Loudness", "HNR"]; targets = ["dimension 1", "dimension 2"] + CL
        d = []
        for c in CL:
            for t in targets:
                if t in CL and t != c: continue
                for q, g in enumerate(groups):
                    m = (q - 1) * .5; d.append({"class": c, "group": g, "target": t, "n": 5, "quantiles": [m - .4, m - .2, m, m + .2, m + .4], "mean": m, "density": [[m - .5, 0], [m, 1], [m + .5, 0]]})
        e["explanation"] = dict(reference="mean of the neutral recordings", rule="rescale", targets=targets, latent_targets=2, completeness=1e-7, groups=groups, distributions=d, stability=[dict(kind="seeds", spearman=.8)],
                                recordings=[dict(row=i, target=t, contributions=[.1, -.7, .2]) for i in (0, 3) for t in targets])
    return e
E_ = [experiment(m, p, x) for p, x in [("10 folds", True), ("leave one speaker out", False)] for m in ["raw", "pca", "uae", "dae"]] + [experiment("dae", "10 folds", True, [c for c in CL if c != out]) for out in ["angry", "happy", "sad", "neutral"]]
corp = [dict(name=n, role=r, rows=k, removed=1, speakers=s, per_class=[{"class": c, "rows": k // 4, "removed": 0} for c in CL]) for n, r, k, s in [("first", "train", 24, 4), ("second", "transfer", 12, 2)]]
mat = [dict(train=a, test=b, model=m, alignment=al, uar=score(.4 + .05 * (al == "coral")), recordings=12, speakers=2, chance=.25) for a, b in [("first", "second"), ("second", "first")] for m in ["raw", "pca"] for al in ["none", "coral"]]
effect = dict(of="UAE − DAE", value=.05, interval=dict(low=.01, high=.09), side="above", bound=0, unit="points", standardised=.4, speakers=4)
claims = [dict(number=i + 1, place="Abstract", sentence=f"Sentence {i + 1}", test="UAE scores above DAE", figure="fig2-scores", verdict=v, evidence="a < b & c",
               **(dict(effect=effect, p=.01, p_holm=.03, seeds=[2, 3]) if v != "not tested" else {})) for i, v in enumerate(["supported", "not supported", "undecided", "not tested"])]
print(json.dumps(dict(schema="ser-evaluation/2", ser="0.1.0", plan={}, corpora=corp, classes=CL, warnings=["few recordings"], experiments=E_, matrix=mat, claims=claims, rows=rows)))
