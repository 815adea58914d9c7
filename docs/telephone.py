#!/usr/bin/env python3
"""What real telephone coders cost: `ser classify` on recordings as they are, and coded by G.711 (A-law), GSM 06.10 and Opus at 12 kbit/s.

    python3 docs/telephone.py CORPORA [WORK]

CORPORA holds emodb, crema-d and ravdess (docs/corpora.md says where to get them). Each corpus is left out in turn: a model is trained on the two others
and classifies the third, one recording at a time and by the speaker's recordings without labels. WORK keeps models, coded recordings and answers
[default: target/telephone]; what is there already is not computed again, so delete it to start anew. The binary is target/release/ser, or $SER.
Needs ffmpeg with libgsm and libopus, and twenty minutes on two cores. Prints UAR of four classes with 95 % intervals by a bootstrap over speakers.
"""
import concurrent.futures
import csv
import os
import pathlib
import random
import shutil
import subprocess
import sys

CORPORA = ["emodb", "crema-d", "ravdess"]
CODERS = {
    "as it is": None,
    "G.711 A-law": (["-c:a", "pcm_alaw", "-f", "wav"], ["-f", "wav"]),
    "GSM 06.10": (["-c:a", "libgsm", "-f", "gsm"], ["-f", "gsm"]),
    "Opus, 12 kbit/s": (["-c:a", "libopus", "-b:a", "12k", "-application", "voip", "-f", "ogg"], ["-f", "ogg"]),
}
DRAWS = 1000


def run(*command, makes):
    """Exit code 1 means that something was left out, such as a second recording of one name: what counts is that there is a result."""
    if not makes.exists():
        subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL)
        if not makes.exists():
            sys.exit(f"{makes} was not made: {' '.join(map(str, command))}")


def code(coder, original, coded):
    """The recording at 8 kHz through the coder, as 16-bit WAV; without a coder a copy."""
    if coded.exists():
        return
    if not CODERS[coder]:
        shutil.copyfile(original, coded)
        return
    encode, decode = CODERS[coder]
    quiet = ["ffmpeg", "-v", "error", "-y"]
    bits = subprocess.run([*quiet, "-i", str(original), "-ar", "8000", "-ac", "1", *encode, "-"], check=True, capture_output=True).stdout
    part = coded.with_suffix(".part")
    subprocess.run([*quiet, *decode, "-i", "-", "-ar", "8000", "-c:a", "pcm_s16le", "-f", "wav", str(part)], check=True, input=bits)
    part.rename(coded)


def answers(ser, model, recordings, speakers, output, own):
    """The label of each recording of a folder, in the order of their names."""
    if not output.exists():
        who = recordings / "speakers.csv"
        with open(who, "w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["file", "speaker"])
            table.writerows(zip((path.name for path in sorted(recordings.glob("[0-9]*"))), speakers))
        arguments = ["--speakers", who] if own else []
        command = [ser, "classify", recordings, "--model", model, "--csv", *arguments]
        found = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
        output.write_text(found)
    # A recording longer than those of the training corpora is answered turn by turn: it counts as what most of its time is.
    seconds = {}
    with open(output, newline="") as file:
        for row in csv.DictReader(file):
            of = seconds.setdefault(row["file"], {})
            of[row["guess"]] = of.get(row["guess"], 0.0) + float(row["end"]) - float(row["start"])
    return [max(sorted(of), key=of.get) for _, of in sorted(seconds.items())]


def uar(pairs):
    classes = sorted({truth for truth, _ in pairs})
    recalls = []
    for label in classes:
        of = [found == truth for truth, found in pairs if truth == label]
        recalls.append(sum(of) / len(of))
    return sum(recalls) / len(recalls)


def interval(rows, found):
    speakers = {}
    for (_, row), label in zip(rows, found):
        speakers.setdefault(row["speaker"], []).append((row["label"], label))
    names, dice = sorted(speakers), random.Random(1)
    drawn = sorted(uar([pair for name in dice.choices(names, k=len(names)) for pair in speakers[name]]) for _ in range(DRAWS))
    return drawn[DRAWS // 40], drawn[-DRAWS // 40 - 1]


def main(corpora, work):
    ser = os.environ.get("SER", "target/release/ser")
    scores = {}
    for corpus in CORPORA:
        others = [name for name in CORPORA if name != corpus]
        rest, alone, model = work / f"without-{corpus}", work / corpus, work / f"without-{corpus}.safetensors"
        prepare = [ser, "corpus", "prepare", "--root", corpora, "--labels", "four"]
        run(*prepare, *others, "-o", rest, makes=rest / "manifest.csv")
        run(*prepare, corpus, "-o", alone, makes=alone / "manifest.csv")
        run(ser, "train", rest, "--recipe", "robust", "-o", model, makes=model)
        with open(alone / "manifest.csv", newline="") as file:
            manifest = [row for row in csv.DictReader(file) if row["label"]]
        originals = [(alone / row["file"]).resolve() for row in manifest]
        for coder in CODERS:
            folder = work / coder.split(",")[0].replace(" ", "-") / corpus
            folder.mkdir(parents=True, exist_ok=True)
            ending = ".wav" if CODERS[coder] else originals[0].suffix
            heard = [folder / f"{number:05}{ending}" for number in range(len(originals))]
            with concurrent.futures.ThreadPoolExecutor() as workers:
                list(workers.map(lambda pair: code(coder, *pair), zip(originals, heard)))
            rows = list(zip(heard, manifest))
            for own in (False, True):
                output = work / f"{corpus}-{folder.parent.name}-{'own' if own else 'one'}.csv"
                found = answers(ser, model, folder, [row["speaker"] for row in manifest], output, own)
                assert len(found) == len(rows), f"{len(found)} answers for {len(rows)} recordings"
                pairs = [(row["label"], label) for (_, row), label in zip(rows, found)]
                scores[own, coder, corpus] = (uar(pairs), *interval(rows, found))
    print("| an answer rests on | coder |", " | ".join(CORPORA), "| mean |")
    print("|---|---|" + "---|" * (len(CORPORA) + 1))
    for own, what in ((False, "one recording, nothing else known"), (True, "the speaker's recordings, unlabelled")):
        for coder in CODERS:
            of = [scores[own, coder, corpus] for corpus in CORPORA]
            cells = [f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in of]
            print(f"| {what} | {coder} |", " | ".join(cells), f"| {sum(value for value, _, _ in of) / len(of):.3f} |")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "target/telephone"))
