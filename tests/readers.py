"""Reads t.csv, t.parquet, t.arff, t.jsonl, t.npy and t.smile of the current folder and compares them, bit by bit.

Called by `cargo test --test tables -- --ignored`; needs pandas, pyarrow and scipy.
"""
import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.io import arff

parquet = pd.read_parquet("t.parquet")
features = list(parquet.columns[3:-1])
bits = parquet[features].to_numpy(np.float32)
assert bits.shape == (38, 88), bits.shape


def same(table: pd.DataFrame, exact: bool = True) -> None:
    values = table[features].to_numpy(np.float64).astype(np.float32)
    if exact:
        assert np.array_equal(values.view(np.int32), bits.view(np.int32))
    else:
        assert np.allclose(values, bits, rtol=5e-7, atol=0)


csv = pd.read_csv("t.csv")
same(csv)
assert list(csv.columns) == list(parquet.columns)
assert list(csv["file"]) == list(parquet["file"])
assert csv["label"].dropna().tolist() == ["anger", "very sad"] == parquet["label"].dropna().tolist()

same(pd.read_json("t.jsonl", lines=True, precise_float=True))

smile = pd.read_csv("t.smile", sep=";", quotechar="'")
assert list(smile.columns) == ["name", "frameTime"] + features
same(smile, exact=False)

matrix = np.load("t.npy")
assert matrix.dtype == np.float32 and np.array_equal(matrix.view(np.int32), bits.view(np.int32))
assert open("t.columns.txt").read().split() == features
assert list(pd.read_csv("t.rows.csv")["file"]) == list(csv["file"])

# scipy knows neither attributes of type string nor quotes around a class, which Weka does: both are taken out first.
lines = [line.replace("'very sad'", "very_sad") for line in open("t.arff") if not line.startswith("@attribute name")]
start = lines.index("@data\n") + 1
lines[start:] = [line[line.index(",") + 1 :] for line in lines[start:]]
data, meta = arff.loadarff(io.StringIO("".join(lines)))
same(pd.DataFrame(data))
assert meta["class"] == ("nominal", ("anger", "very_sad")), meta["class"]
assert sorted(set(data["class"])) == [b"?", b"anger", b"very_sad"]

metadata = pq.read_schema("t.parquet")
assert metadata.metadata[b"ser.set"] == b"eGeMAPSv02"
assert metadata.field(3).metadata[b"unit"] == b"semitone"
assert pq.read_metadata("t.parquet").row_group(0).column(3).compression == "ZSTD"
