"""Daft: a user-defined function over batches, whose result is unnested.

    import daft
    from ser.engines.daft import extract

    extract(daft.read_parquet("recordings.parquet")).write_parquet("features")
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from . import schema, table

#: The columns that ``ser.arrow.extract`` reads.
_READ = ("path", "audio", "samples", "rate", "start", "end")


def extract(frame: Any, *, batch_size: int = 256, **options: Any) -> Any:
    """Features of a data frame of recordings, lazily; the options are those of ``ser.arrow.extract``, with functionals only."""
    import daft

    if options.get("level", "functionals") != "functionals":
        raise ValueError("a function of Daft gives a row per row: use level='functionals'")
    read = [name for name in _READ if name in frame.column_names]
    handed_on = [name for name in frame.column_names if name not in ("audio", "samples")]
    given = frame.select(*read).schema().to_pyarrow_schema()
    made = schema(given, **options)
    new = [field.name for field in made if field.name not in read]
    kind = daft.DataType.from_arrow_type(pa.struct([made.field(name).remove_metadata() for name in new]))

    @daft.func.batch(return_dtype=kind, batch_size=batch_size)
    def work(*columns: Any) -> Any:
        part = pa.table([column.to_arrow() for column in columns], names=read)
        found = table(part, **options).select(new).combine_chunks()
        rows = pa.StructArray.from_arrays([found.column(name).combine_chunks() for name in new], names=new)
        return daft.Series.from_arrow(rows)

    result = frame.with_column("_ser", work(*(daft.col(name) for name in read)))
    return result.select(*handed_on, *(daft.col("_ser").get(name).alias(name) for name in new))
