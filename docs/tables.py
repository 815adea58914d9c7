"""Writes the tables of documents between their markers, from results of `ser evaluate`:

    python3 docs/tables.py RESULTS DOCUMENT.md…

A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`. Only the standard library is needed. Called by docs/reproduce.sh.
"""

import json
import pathlib
import re
import sys


def result(folder, name):
    path = folder / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def share(score, digits=3):
    text = f"{score['value']:.{digits}f}"
    ends = score.get("interval")
    return text + (f" [{ends['low']:.{digits}f}, {ends['high']:.{digits}f}]" if ends else "")


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def matrix(folder):
    """Corpus against corpus, an alignment a column."""
    found = result(folder, "paper")
    if not found:
        return None
    alignments = ["none", "standardise", "coral", "rotation"]
    lines = [row("trained on", "tested on", "model", *alignments), row(*["---"] * 7)]
    pairs = []
    for entry in found["matrix"]:
        key = (entry["train"], entry["test"], entry["model"])
        if key not in pairs:
            pairs.append(key)
    for train, test, model in pairs:
        of = {e["alignment"]: share(e["uar"]) for e in found["matrix"] if (e["train"], e["test"], e["model"]) == (train, test, model)}
        if train == test:
            cells = [of["speakers held out"], "", "", ""]
        else:
            cells = [of.get(a, "–") for a in alignments]
        lines.append(row(train, test + (", speakers held out" if train == test else ""), model, *cells))
    return lines


def over_seeds(folder):
    """Scores of all classes: mean over seeds, standard deviation over seeds, interval over speakers and seeds."""
    found = result(folder, "paper")
    if not found:
        return None
    whole = [g for g in found["over_seeds"] if g["classes"] == found["classes"]]
    sets = [s["set"] for s in whole[0]["scores"]]
    lines = [row("protocol", "model", *sets), row(*["---"] * (2 + len(sets)))]
    for group in whole:
        cells = [f"{s['uar']['value']:.3f} ± {s['over_seeds']['uar']:.3f} [{s['uar']['interval']['low']:.3f}, {s['uar']['interval']['high']:.3f}]" for s in group["scores"]]
        lines.append(row(group["name"], group["model"], *cells))
    return lines


def effect_of(claim):
    effect = claim.get("effect")
    if not effect:
        return ""
    factor, digits = {"points": (100, 1), "degrees": (1, 0)}.get(effect["unit"], (1, 2))
    number = lambda x: f"{factor * x:.{digits}f}".replace("-", "−")
    ends = effect.get("interval")
    text = f"{effect['of']}: {number(effect['value'])}" + (f" [{number(ends['low'])}, {number(ends['high'])}]" if ends else "")
    sign = {"above": ">", "below": "<"}[effect["side"]]
    d = effect.get("standardised")
    return text + f", should be {sign} {number(effect['bound'])}" + (f"; d = {d:.2f}".replace("-", "−") if d is not None else "")


def sentences(folder):
    """The paper's sentences with test, verdict and effect."""
    found = result(folder, "paper")
    if not found:
        return None
    lines = [row("", "the paper says", "tested: it holds if", "figure", "verdict", "weakest comparison", "p (Holm)", "seeds"), row(*["---"] * 8)]
    for claim in found["claims"]:
        p = claim.get("p_holm")
        seeds = claim.get("seeds")
        lines.append(
            row(
                str(claim["number"]),
                f"“{claim['sentence']}” ({claim['place']})",
                claim["test"] or "– " + claim["evidence"],
                claim["figure"] and f"`{claim['figure']}`",
                f"**{claim['verdict']}**",
                effect_of(claim) if claim.get("effect") else (claim["evidence"] if claim["test"] else ""),
                "" if p is None else ("< .001" if p < 0.001 else f"{p:.3f}"),
                "" if seeds is None else f"{seeds[0]} of {seeds[1]}",
            )
        )
    return lines


def turns(folder):
    """Rotations over seeds."""
    found = result(folder, "paper")
    if not found:
        return None
    lines = [row("model", "corpus", "angle, mean magnitude ± sd over seeds, 95 % over seeds and speakers", "mirrored", "spread left"), row(*["---"] * 5)]
    for group in found["over_seeds"]:
        for turn in group.get("rotation", []):
            low, high = turn["interval_deg"]
            lines.append(row(group["model"], turn["corpus"], f"{turn['angle_deg']:.0f}° ± {turn['sd_deg']:.0f} [{low:.0f}, {high:.0f}]", f"{turn['mirrored']} of {turn['seeds']} seeds", f"{100 * turn['residual']:.0f} %"))
    return lines


def speakers(folder):
    """What folds that mix speakers promise, beside speakers held out."""
    lines = [row("corpus", "recordings, speakers", "folds that mix speakers", "speakers held out"), row(*["---"] * 4)]
    for name, title, held_out in [("emodb", "Emo-DB", "leave one speaker out"), ("crema-d", "CREMA-D (60 of 91 actors, 11 kHz)", "10 folds of speakers")]:
        found = result(folder, name)
        if not found:
            return None
        cells = {}
        for group in found["over_seeds"]:
            valid = next(s for s in group["scores"] if s["set"] == "valid")
            ends, spread = valid["uar"]["interval"], valid["over_seeds"]["uar"]
            cells[group["kind"] == "paper"] = f"{valid['uar']['value']:.3f} ± {spread:.3f} [{ends['low']:.3f}, {ends['high']:.3f}]".replace("0.", ".")
            count = f"{valid['recordings']}, {valid['speakers']}"
        lines.append(row(title, count, cells[True], f"**{cells[False]}**, {held_out}"))
    return lines


def listeners(folder):
    """What the corpora's own listeners score."""
    found = {}
    for name in ["emodb", "crema-d", "paper"]:
        for ceiling in (result(folder, name) or {}).get("ceilings", []):
            found.setdefault(ceiling["corpus"], ceiling)
    if not found:
        return None
    lines = [row("corpus", "recordings with ratings", "UAR of a listener"), row(*["---"] * 3)]
    return lines + [row(c["corpus"], str(c["recordings"]), share(c["uar"])) for c in found.values()]


def printed(folder, number):
    """A table of what `ser evaluate --leave-corpus-out` prints, which is Markdown."""
    path = folder / "left-out.txt"
    if not path.exists():
        return None
    tables = re.findall(r"(?:^\|.*\n)+", path.read_text(), re.M)
    return tables[number].splitlines()


def left_out(folder):
    """Each corpus left out in turn: recall."""
    return printed(folder, 0)


def trust(folder):
    """Each corpus left out in turn: how far answers can be trusted."""
    return printed(folder, 1)


# The rows of the table of recall that the README has, with its own words where it explains more.
SHORT = {
    "plain, SVC C = 0.05 (liblinear)": "plain: 88 features, training statistics, linear SVC C = 0.05",
    "plain, SVC C = 0.05 (liblinear), statistics of a batch": "the same with the statistics of the batch",
    "one recording, nothing else known": None,
    "a batch of mixed recordings": None,
    "one calm recording of the speaker": None,
    "three calm recordings of the speaker": None,
    "the speaker's recordings, unlabelled": None,
}


def left_out_in_short(folder):
    """The main rows of that table."""
    lines = left_out(folder)
    if not lines:
        return None
    found = lines[:2]
    for name, words in SHORT.items():
        (line,) = [line for line in lines if line.startswith(f"| {name} |")]
        found.append(line.replace(name, words or name, 1))
    return found


TABLES = {"matrix": matrix, "over seeds": over_seeds, "sentences": sentences, "turns": turns, "speakers": speakers, "listeners": listeners, "left out": left_out, "left out in short": left_out_in_short, "trust": trust}
MARKED = re.compile(r"(<!-- table: ([a-z ]+) -->\n).*?(<!-- end of table -->)", re.S)


def main(folder, documents):
    folder = pathlib.Path(folder)
    for document in map(pathlib.Path, documents):
        text = document.read_text()

        def table(match):
            name = match.group(2)
            if name not in TABLES:
                sys.exit(f"{document}: no table is called {name!r}; there are {', '.join(TABLES)}")
            lines = TABLES[name](folder)
            if lines is None:
                print(f"{document}: {name}: left as it is, its result is not in {folder}")
                return match.group(0)
            return match.group(1) + "\n" + "\n".join(lines) + "\n\n" + match.group(3)

        rewritten = MARKED.sub(table, text)
        if rewritten != text:
            document.write_text(rewritten)
            print(f"{document}: rewritten")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
