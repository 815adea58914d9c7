#!/usr/bin/env python3
"""The per-column table of docs/parity.md: worst and median relative error against openSMILE.

    ser extract CORPUS -o ours.csv
    .oracle/bin/python tests/oracle/oracle.py CORPUS -o oracle.csv
    .oracle/bin/python tests/oracle/parity_table.py NAME=ours.csv,oracle.csv [NAME=...] > table.md

The error of a cell is |ours - oracle| / max(|oracle|, 0.001 * median|column|), as in shared/tools/parity.py. Rows are joined on
the file's base name without its extension. Both tables are read back to the f32 that they print, so equal bits are error 0.
"""
import sys

import numpy as np
import pandas as pd


def load(path: str) -> pd.DataFrame:
    table = pd.read_csv(path)
    table["file"] = table["file"].str.split("/").str[-1].str.replace(r"\.\w+$", "", regex=True)
    return table.set_index("file").drop(columns=["start", "end"])


def main() -> None:
    names, columns, cells, identical = [], None, {}, {}
    for argument in sys.argv[1:]:
        name, paths = argument.split("=")
        ours, oracle = (load(p) for p in paths.split(","))
        rows = oracle.index.intersection(ours.index)
        columns = list(oracle.columns)
        assert list(ours.columns) == columns, "columns differ"
        a, b = (t.loc[rows, columns].to_numpy("f4").astype(float) for t in (ours, oracle))
        scale = np.maximum(np.abs(b), 1e-3 * np.nanmedian(np.abs(b), axis=0) + 1e-12)
        error = np.where(np.isnan(a) & np.isnan(b), 0.0, np.abs(a - b) / scale)
        names.append(f"{name} ({len(rows)})")
        cells[name] = [(error[:, i].max(), np.median(error[:, i])) for i in range(len(columns))]
        identical[name] = np.mean((a == b) | (np.isnan(a) & np.isnan(b)))
    print("| column | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for i, column in enumerate(columns):
        row = " | ".join(f"{cells[n][i][0]:.1g} / {cells[n][i][1]:.1g}" for n in cells)
        print(f"| `{column}` | {row} |")
    shares = " | ".join(f"{100 * identical[n]:.4f} %" for n in cells)
    print(f"| **cells with the same f32** | {shares} |")


if __name__ == "__main__":
    main()
