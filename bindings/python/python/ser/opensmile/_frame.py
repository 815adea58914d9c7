"""From measured pieces of recordings to the table that opensmile-python gives.

A piece is a segment that was analysed as if it were a file. Functionals are one row with its start and end. Descriptors are a row every 10 ms:

    start of row t = start of the piece + t · hop / rate,      its end = its start + frame / rate,

with hop and frame (10 and 20 ms) in whole samples; the last row ends with the piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from ser import _native


#: Hop and length of a frame in samples, by the rate.
_geometry = lru_cache(_native.geometry)


@dataclass
class Measured:
    """Values of shape (channels, features, rows) of samples at a rate in Hz."""

    values: np.ndarray
    rate: int


def nanoseconds(seconds: np.ndarray) -> np.ndarray:
    """Seconds in whole nanoseconds, rounded as pandas rounds them."""
    return pd.to_timedelta(np.asarray(seconds, dtype=float), unit="s").as_unit("ns").asi8


def timedeltas(values: np.ndarray) -> pd.TimedeltaIndex:
    """Nanoseconds as times; the smallest number is ``NaT``."""
    return pd.TimedeltaIndex(np.asarray(values, dtype="int64").view("timedelta64[ns]"))


def table(
    files: list[str] | None,
    starts: np.ndarray,
    ends: np.ndarray,
    pieces: list[Measured],
    columns: pd.Index,
    descriptors: bool,
) -> pd.DataFrame:
    """The table of pieces with their files, starts and ends (nanoseconds)."""
    if not pieces:
        raise ValueError("No objects to concatenate")
    values = np.concatenate([piece.values.reshape(-1, piece.values.shape[2]).T for piece in pieces])
    if descriptors:
        counts = np.array([piece.values.shape[2] for piece in pieces])
        if files is not None:
            files = [file for file, count in zip(files, counts) for _ in range(count)]
        spans = [_rows(start, end, piece) for start, end, piece in zip(starts, ends, pieces)]
        starts = np.concatenate([start for start, _ in spans])
        ends = np.concatenate([end for _, end in spans])
    start_times, end_times = timedeltas(starts), timedeltas(ends)
    if files is None:
        index = pd.MultiIndex.from_arrays([start_times, end_times], names=["start", "end"])
    else:
        index = pd.MultiIndex.from_arrays([files, start_times, end_times], names=["file", "start", "end"])
    return pd.DataFrame(values, index=index, columns=columns)


def _rows(start: int, end: int, piece: Measured) -> tuple[np.ndarray, np.ndarray]:
    count = piece.values.shape[2]
    if count == 1:
        return np.array([start]), np.array([end])
    hop, frame = _geometry(piece.rate)
    first = np.arange(count) * hop
    starts = start + nanoseconds(first / piece.rate)
    ends = start + nanoseconds((first + frame) / piece.rate)
    ends[-1] = end
    return starts, ends
