"""Tables of Arrow: recordings in, features out, without a copy of either.

Whatever speaks the Arrow PyCapsule interface goes in (pyarrow, polars, duckdb, pandas from 3.0, ``datasets`` …) and comes out: ``pyarrow.table(result)``,
``polars.DataFrame(result)``, ``duckdb.sql("from result")``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _native
from ._signal import rate_of

__all__ = ["Batches", "extract"]

#: What ``extract`` returns: record batches of one schema.
Batches = _native.Batches


def extract(
    data: Any,
    *,
    set: str = "eGeMAPSv02",
    level: str = "functionals",
    channel: int | None = None,
    resample: int | None = None,
    threads: int | None = None,
    progress: Callable[[int], Any] | None = None,
) -> Batches:
    """Features of a table of recordings.

    Args:
        data: a table or batch with a column ``path``; or ``audio``, the bytes of files (or a struct with ``bytes`` and ``path``, as Hugging Face has it);
            or ``samples``, lists of ``float``, ``double`` or ``int16``, with ``rate`` in Hz. Optional ``start`` and ``end``, in seconds or as durations;
            any other column is handed on.
        set: the feature set, one of ``ser.SETS``.
        level: ``"functionals"``, a row per row that came, or ``"lld"``, a row every 10 ms.
        channel: the channel to take, counted from 0; by default the mean of all.
        resample: a rate in Hz to resample to; by default each recording's own.
        threads: recordings analysed at the same time; by default one per processor.
        progress: a function that is called with the number of rows that are done.

    Returns:
        The columns that came, without the sound; with ``"lld"`` ``time``, where a row begins, in seconds; ``seconds``, how much was analysed; the
        features as ``float``; and ``error``, null where there is none, else ``kind: message``. A row that fails has null features and ends nothing.
        The schema carries set, level and settings; each feature its unit, group and meaning.

    >>> import numpy as np, pyarrow as pa, ser.arrow
    >>> table = pa.table({"samples": [np.zeros(16000, "float32"), np.zeros(10, "float32")], "rate": [16000, 16000], "speaker": ["a", "b"]})
    >>> found = pa.table(ser.arrow.extract(table))
    >>> found.column_names[:4], found.num_rows
    (['rate', 'speaker', 'seconds', 'F0semitoneFrom27.5Hz_sma3nz_amean'], 2)
    >>> found["error"].to_pylist()
    [None, 'too-short: too short: 0.0006 s, and one analysis frame takes 0.06 s']
    """
    return _native.arrow_extract(
        data,
        set,
        level,
        channel=channel,
        rate=None if resample is None else rate_of(resample),
        thread_count=threads,
        progress=progress,
    )
