"""`ser evaluate` and PyTorch + scikit-learn on the same evaluation, alternating in one run: times, their ratio, and the scores side by side.

    python benches/paper_against_python.py target/release/ser DATA [--rounds 3] [--sets all|four] [--threads 2] [--output comparison.json]

DATA is a folder of `ser corpus prepare emodb crema-d ravdess --labels four --features`. Both do what paper_in_python.py says: ten stratified folds of
CREMA-D, four classes and the four triads, raw, pca, uae, dae, each fold tested on Emo-DB and RAVDESS as well. The plan of `ser` is paper.toml
with one seed, and without the second protocol, the transfer matrix and explanations, which Python is not made to do; `ser` makes its intervals, latent numbers and claims besides.
Both read the same two files and get the same number of threads. Processor time is user + system of all processes. Quote the ratio.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent


def plan(text, sets, folds, seeds):
    """paper.toml, shorn of what Python does not do."""
    of = {"seeds": str(list(range(1, seeds + 1))), "protocols": '["paper"]', "matrix": "false", "explain": "false", "triads": "true" if sets == "all" else "false", "folds": folds}
    for key, value in of.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        # A plan from before explanations has no such key.
        if count != 1 and key != "explain":
            sys.exit(f"{key} stands {count} times in the plan: this script wants it once")
    return text


def timed(command, output):
    """Wall and processor seconds of a command whose standard output goes to a file."""
    began = time.perf_counter()
    with open(output, "w") as target:
        process = subprocess.Popen(command, stdout=target)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def short(classes):
    return "".join(name[0].upper() for name in classes)


def scores_of_ser(path):
    found = {}
    for experiment in json.load(open(path))["experiments"]:
        for fold in experiment["folds"]:
            for score in fold["sets"]:
                key = (short(experiment["classes"]), experiment["model"], score["set"])
                found.setdefault(key, []).append(score["uar"])
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("ser")
    arguments.add_argument("data")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seeds", type=int, default=1, help="of `ser` alone: Python always does one, and needs as many times as long for more")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--folds", type=int, default=10)
    arguments.add_argument("--sets", choices=["all", "four"], default="all")
    arguments.add_argument("--plan", type=pathlib.Path, default=pathlib.Path("assets/plans/paper.toml"))
    arguments.add_argument("--output", type=pathlib.Path)
    given = arguments.parse_args()
    times = {"ser": [], "python": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "plan.toml").write_text(plan(given.plan.read_text(), given.sets, given.folds, given.seeds))
        corpora = ["--train", "crema-d", "--transfer", "emodb,ravdess"]
        ours = [given.ser, "evaluate", folder / "plan.toml", given.data, *corpora, "--threads", str(given.threads), "--quiet", "-o", folder / "ser.json"]
        theirs = [sys.executable, HERE / "paper_in_python.py", given.data, *corpora, "--jobs", str(given.threads), "--sets", given.sets, "--folds", str(given.folds)]
        for number in range(given.rounds):
            times["ser"].append(timed(ours, folder / "ser.txt"))
            wall, _ = timed(theirs, folder / "python.json")
            python = json.load(open(folder / "python.json"))
            # Its workers outlive the count of the operating system: they say themselves what they used.
            times["python"].append((wall, python["seconds"]["processor, all processes"]))
            print(f"round {number + 1}: ser {times['ser'][-1]}, python {times['python'][-1]} (wall, processor seconds)", file=sys.stderr)
        ser = scores_of_ser(folder / "ser.json")
    middle = {name: [statistics.median(of) for of in zip(*runs)] for name, runs in times.items()}
    print(f"median of {given.rounds}, {given.threads} threads     wall s   processor s")
    for name, (wall, processor) in middle.items():
        print(f"{name:24} {wall:9.1f} {processor:13.1f}")
    ratio = [theirs / ours for ours, theirs in zip(middle["ser"], middle["python"])]
    print(f"{'python / ser':24} {ratio[0]:9.2f} {ratio[1]:13.2f}\n")
    print("parts of python, seconds summed over folds:", json.dumps(list(python["seconds"].values())[-1]), "\n")
    print("UAR, mean of folds     ser   python  difference   half width of python's interval")
    rows = []
    for score in python["scores"]:
        key = (score["classes"], score["model"], score["set"])
        mine, his = statistics.mean(ser[key]), score["uar"]["mean"]
        half = (score["uar"]["high"] - score["uar"]["low"]) / 2
        rows.append({"classes": key[0], "model": key[1], "set": key[2], "ser": mine, "python": his, "half_width": half})
        print(f"{key[0]:5} {key[1]:4} {key[2]:9} {mine:6.3f} {his:8.3f} {mine - his:+11.3f} {half:10.3f}")
    if given.output:
        given.output.write_text(json.dumps({"times": times, "median": middle, "ratio": ratio, "uar": rows}, indent=1))


if __name__ == "__main__":
    main()
