#!/usr/bin/env python3
"""Processor time of `ser extract` against openSMILE on the same audio, in one run, on one core.

    .oracle/bin/python tests/oracle/speed.py target/release/ser FILE_OR_FOLDER [--runs 3]

Prints processor seconds (user + system of the whole process for `ser`; the same of the
openSMILE calls alone, its library already loaded, so that Python's start-up counts for
neither), the real-time factors and the ratio. Quote the ratio: absolute times are not
stable on a shared machine. The two alternate, and the median is taken.
"""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile

import audiofile
import opensmile


def cpu(who: int) -> float:
    r = resource.getrusage(who)
    return r.ru_utime + r.ru_stime


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("ser")
    ap.add_argument("input", type=pathlib.Path)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--threads-flag", default="--threads=1")
    args = ap.parse_args()

    files = sorted(p for p in args.input.rglob("*") if p.suffix.lower() in {".wav", ".flac"}) if args.input.is_dir() else [args.input]
    seconds = sum(audiofile.duration(str(f)) for f in files)
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    smile.process_file(str(files[0]))
    ours, theirs = [], []
    for _ in range(args.runs):
        with tempfile.TemporaryDirectory() as tmp:
            t = cpu(resource.RUSAGE_CHILDREN)
            subprocess.run([args.ser, "extract", str(args.input), args.threads_flag, "-o", os.path.join(tmp, "o.csv")],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ours.append(cpu(resource.RUSAGE_CHILDREN) - t)
        t = cpu(resource.RUSAGE_SELF)
        for f in files:
            smile.process_file(str(f))
        theirs.append(cpu(resource.RUSAGE_SELF) - t)
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{len(files)} files, {seconds:.1f} s of audio, {args.runs} runs each, one core")
    print(f"ser       {a:.3f} s processor time, {seconds / a:.0f} x real time")
    print(f"openSMILE {b:.3f} s processor time, {seconds / b:.0f} x real time")
    print(f"ratio openSMILE / ser: {b / a:.2f}")


if __name__ == "__main__":
    main()
