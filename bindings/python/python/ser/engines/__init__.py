"""The engines people have: the same function, ``ser.arrow.extract``, under each of them.

One thin module each, imported when it is used: ``ray``, ``spark``, ``dask``, ``daft``, ``polars``, ``duckdb``, ``datasets`` and ``lhotse``. All take a
table with the columns of ``ser.arrow.extract`` (``path``, or ``audio``, or ``samples`` with ``rate``; optional ``start`` and ``end``) and give the same
columns with the same metadata: those that came, ``seconds``, the features, and ``error``. A recording that fails is a value in ``error``, never a dead
job. Engines run several tasks per machine, so each task uses one thread unless ``threads`` says otherwise.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from ser import arrow

__all__ = ["schema", "table"]


def table(data: Any, **options: Any) -> pa.Table:
    """Features of a table of recordings, as a table of pyarrow; the options are those of ``ser.arrow.extract``."""
    return pa.table(arrow.extract(data, **{"threads": 1, **options}))


def schema(given: pa.Schema, **options: Any) -> pa.Schema:
    """What ``table`` makes of a table with this schema.

    >>> import pyarrow as pa
    >>> from ser.engines import schema
    >>> schema(pa.schema({"path": pa.string()})).names[-1]
    'error'
    """
    return table(given.empty_table(), **options).schema
