"""DuckDB: a relation goes in, a relation comes out, batch by batch.

>>> import duckdb
>>> from ser.engines.duckdb import extract
>>> recordings = duckdb.sql("select 'nothing.wav' as path")
>>> extract(recordings).aggregate("count(error)").fetchall()
[(1,)]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from . import schema, table


def extract(relation: duckdb.DuckDBPyRelation, *, batch_size: int = 1024, connection: Any = None, threads: int | None = None, **options: Any) -> Any:
    """Features of a relation of recordings, which is read once; the options are those of ``ser.arrow.extract``.

    Nothing is kept but a batch of ``batch_size`` rows. ``connection`` is that of the relation, where it is not the default one.
    """
    reader = relation.to_arrow_reader(batch_size) if "to_arrow_reader" in dir(relation) else relation.fetch_arrow_reader(batch_size)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield from table(batch, threads=threads, **options).to_batches()

    made = pa.RecordBatchReader.from_batches(schema(reader.schema, **options), batches())
    # The relation's own connection is busy while its batches are read, so the result has a cursor of its own.
    return (connection or duckdb).cursor().from_arrow(made)
