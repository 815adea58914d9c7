#!/usr/bin/env python3
"""Extract acoustic features with openSMILE itself, as the reference to compare `ser` with.

    python3 -m venv .oracle && .oracle/bin/pip install opensmile==2.6.0
    .oracle/bin/python tests/oracle/oracle.py FOLDER_OR_FILE... -o oracle.csv
        [--set eGeMAPSv02|eGeMAPSv01b|eGeMAPSv01a|GeMAPSv01b|GeMAPSv01a] [--level functionals|lld]

openSMILE is a measuring instrument here and nothing more: its licence forbids
commercial use, so it never becomes a dependency, a test dependency or a source of code.
The CSV has the columns file,start,end (seconds) and then openSMILE's own column names.
"""
import argparse
import pathlib

import opensmile

SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("inputs", nargs="+", type=pathlib.Path)
    ap.add_argument("-o", "--output", required=True, type=pathlib.Path)
    ap.add_argument("--set", default="eGeMAPSv02")
    ap.add_argument("--level", default="functionals", choices=["functionals", "lld"])
    args = ap.parse_args()

    files = []
    for p in args.inputs:
        files += sorted(q for q in p.rglob("*") if q.suffix.lower() in SUFFIXES) if p.is_dir() else [p]

    level = {"functionals": opensmile.FeatureLevel.Functionals,
             "lld": opensmile.FeatureLevel.LowLevelDescriptors}[args.level]
    smile = opensmile.Smile(opensmile.FeatureSet[args.set], level)
    table = smile.process_files([str(f) for f in files]).reset_index()
    for t in ("start", "end"):
        table[t] = table[t].dt.total_seconds()
    table.to_csv(args.output, index=False, float_format="%.9g")
    print(f"{len(table)} rows x {table.shape[1] - 3} features from {len(files)} files -> {args.output}")


if __name__ == "__main__":
    main()
