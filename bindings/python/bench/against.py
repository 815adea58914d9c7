#!/usr/bin/env python3
"""Speed of the Python package beside opensmile-python and afx-audio, on the same files, in one run.

    pip install opensmile afx-audio soundfile pandas && python bindings/python/bench/against.py FOLDER [--files 50] [--rounds 3]

Each way is timed by processor time of this process (all its threads) and by wall time, alternating, and the median is taken. Everything is imported and
has run once before. Quote the ratios: absolute times are not stable on a shared machine. With --columns, also how many of the 88 columns of afx-audio
correlate with openSMILE's by more than .99 over the files.
"""

import argparse
import pathlib
import statistics
import time
import warnings

import numpy as np
import pandas as pd
import soundfile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--columns", action="store_true")
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
    print(f"{len(files)} files, {seconds:.1f} s of audio, {arguments.rounds} rounds, medians")
    base = statistics.median(wall["opensmile-python, list of files"])
    used_base = statistics.median(processor["opensmile-python, list of files"])
    for name in ways:
        took, used = statistics.median(wall[name]), statistics.median(processor[name])
        print(f"{name:42} {seconds / took:7.0f} x real time, {base / took:5.1f} x opensmile-python by wall, {used_base / used:5.1f} x by processor time")
    if arguments.columns:
        reference = theirs.process_files(files)
        table = pd.DataFrame(afx())
        shared = [name for name in reference.columns if name in table.columns]
        with np.errstate(all="ignore"):
            correlation = [np.corrcoef(reference[name].to_numpy(), table[name].to_numpy(dtype=float))[0, 1] for name in shared]
        close = sum(r > 0.99 for r in correlation)
        print(f"afx-audio: {len(shared)} of {len(reference.columns)} columns by name, {close} of them correlate with openSMILE's by more than .99")
        same = ours.process_files(files).to_numpy().tobytes() == reference.to_numpy().tobytes()
        print(f"ser.opensmile: the same bytes as opensmile-python: {same}")


if __name__ == "__main__":
    main()
