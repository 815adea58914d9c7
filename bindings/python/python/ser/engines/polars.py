"""Polars: a data frame at once, or a lazy frame batch by batch.

>>> import polars
>>> from ser.engines.polars import extract
>>> extract(polars.DataFrame({"path": ["nothing.wav"]}))["error"].to_list()
['unreadable: cannot be read: No such file or directory (os error 2)']
"""

from __future__ import annotations

from typing import Any

import polars

from . import schema, table


def extract(frame: polars.DataFrame | polars.LazyFrame, *, threads: int | None = None, **options: Any) -> Any:
    """Features of a frame of recordings; the options are those of ``ser.arrow.extract``. Polars has one process, so all processors are used."""

    def work(part: polars.DataFrame) -> polars.DataFrame:
        return polars.DataFrame(table(part, threads=threads, **options))

    if isinstance(frame, polars.LazyFrame):
        empty = polars.DataFrame(schema=frame.collect_schema())
        made = polars.DataFrame(schema(empty.to_arrow().schema, **options).empty_table()).schema
        return frame.map_batches(work, schema=made, streamable=True)
    return work(frame)
