#!/usr/bin/env python3
"""Memory and processor time of `ser extract --table` by the number of rows, each a recording of 0.1 s.

    python bindings/python/bench/table.py SER [--rows 10000 100000 1000000]
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import wave

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from measured import row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ser")
    parser.add_argument("--rows", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    print("\n".join([row("rows", "most memory / MB", "processor seconds"), row("---:", "---:", "---:")]))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with wave.open(str(folder / "tone.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes((9000 * np.sin(0.1 * np.arange(1600))).astype("<i2").tobytes())
        for rows in arguments.rows:
            pa.parquet.write_table(pa.table({"path": [str(folder / "tone.wav")] * rows}), folder / "rows.parquet")
            command = [arguments.ser, "extract", "--table", folder / "rows.parquet", "-o", folder / "out.parquet", "--threads", "2", "--quiet"]
            _, status, used = os.wait4(subprocess.Popen(command).pid, 0)
            if status != 0 or pa.parquet.ParquetFile(folder / "out.parquet").metadata.num_rows != rows:
                raise SystemExit(f"{rows} rows: not all were extracted")
            print(row(rows, f"{used.ru_maxrss / 1024:.0f}", f"{used.ru_utime + used.ru_stime:.1f}"), flush=True)


if __name__ == "__main__":
    main()
