#!/usr/bin/env python3
"""Speed of the Python package beside opensmile-python and afx-audio, on the same files, in one run.

    pip install opensmile afx-audio soundfile pandas && python bindings/python/bench/against.py FOLDER [--files 50] [--rounds 3] [--write]

Each way is timed by processor time of this process (all its threads) and by wall time, alternating, and the median is taken. Everything is imported and
has run once before. Quote the ratios: absolute times are not stable on a shared machine. Of the 88 columns of afx-audio, which correlate with openSMILE's over
the files. With --write, both tables go into docs/performance.md and docs/parity.md.
"""

import argparse
import pathlib
import statistics
import time
import warnings

import numpy as np
import pandas as pd
import soundfile
from measured import row, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into the documents")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")

    import afx_audio
    import opensmile
    import ser
    import ser.opensmile

    files = sorted(str(path) for path in arguments.folder.rglob("*.wav"))[: arguments.files]
    files = files or sorted(str(path) for path in arguments.folder.rglob("*.flac"))[: arguments.files]
    seconds = sum(soundfile.info(file).duration for file in files)
    theirs = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    ours = ser.opensmile.Smile(ser.opensmile.FeatureSet.eGeMAPSv02, ser.opensmile.FeatureLevel.Functionals)
    arrays = [(soundfile.read(file, dtype="float32", always_2d=True)[0].T, soundfile.info(file).samplerate) for file in files]

    def afx() -> list:
        return [afx_audio.egemaps(array[0], rate) for array, rate in arrays]

    ways = {
        "opensmile-python, list of files": lambda: theirs.process_files(files),
        "ser.opensmile, list of files, one thread": lambda: ours.process_files(files),
        "ser.opensmile, array by array": lambda: [ours.process_signal(array, rate) for array, rate in arrays],
        "ser.extract, two threads": lambda: ser.extract(files, threads=2, progress=False),
        "afx-audio, arrays in memory": afx,
    }
    for way in ways.values():
        way()
    wall, processor = ({name: [] for name in ways} for _ in range(2))
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            begun, used = time.perf_counter(), time.process_time()
            way()
            wall[name].append(time.perf_counter() - begun)
            processor[name].append(time.process_time() - used)
    lines = [row("way", "times real time", "against opensmile-python, wall time", "against opensmile-python, processor time"), row("---", *["---:"] * 3)]
    base, used_base = (statistics.median(times["opensmile-python, list of files"]) for times in (wall, processor))
    for name in ways:
        took, used = statistics.median(wall[name]), statistics.median(processor[name])
        lines.append(row(name, f"{seconds / took:.0f}", f"{base / took:.1f}", f"{used_base / used:.1f}"))
    reference = theirs.process_files(files)
    same = ours.process_files(files).to_numpy().tobytes() == reference.to_numpy().tobytes()
    if not same:
        raise SystemExit("ser.opensmile: not the bytes of opensmile-python")
    told = f"{len(files)} recordings, {seconds:.0f} s of audio, {arguments.rounds} alternating rounds, medians; all values of `ser.opensmile` have opensmile-python's bytes."
    print("\n".join([*lines, told]))
    agreement = columns(reference, pd.DataFrame(afx()))
    print("\n".join(agreement))
    if arguments.write:
        docs = pathlib.Path(__file__).resolve().parents[3] / "docs"
        write(docs / "performance.md", "python", [*lines, "", told])
        write(docs / "parity.md", "afx-audio", agreement)


def columns(reference: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """How the columns of the same names go together over the recordings, by Pearson's r."""
    shared = [name for name in reference.columns if name in other.columns]
    with np.errstate(all="ignore"):
        r = {name: np.corrcoef(reference[name].to_numpy(), other[name].to_numpy(dtype=float))[0, 1] for name in shared}
    lines = [row("correlation with openSMILE's column", "columns"), row("---", "---:")]
    bounds = [(0.99, 2.0, "r > .99"), (0.9, 0.99, ".9 < r ≤ .99"), (0.5, 0.9, ".5 < r ≤ .9"), (-2.0, 0.5, "r ≤ .5")]
    lines += [row(text, sum(low < value <= high for value in r.values())) for low, high, text in bounds]
    lines.append(row("none: constant, or not a number", sum(not np.isfinite(value) for value in r.values())))
    lines.append(row("no column of that name", len(reference.columns) - len(shared)))
    close = ", ".join(f"`{name}`" for name, value in r.items() if value > 0.99)
    return [*lines, "", f"r > .99: {close or 'none'}. Over {len(reference)} recordings."]


if __name__ == "__main__":
    main()
