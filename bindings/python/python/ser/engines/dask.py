"""Dask: ``map_partitions`` over the partitions of a data frame.

    import dask.dataframe as dd
    from ser.engines.dask import extract

    extract(dd.read_parquet("recordings.parquet")).to_parquet("features")

Workers of ``distributed`` look where they are a hundred times a second, for its profile of the program; for tasks that are nearly all Rust that shows nothing
and takes a twentieth of the processor. ``dask.config.set({"distributed.worker.profile.enabled": False})`` before the cluster starts, or
``DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False`` where workers are started by hand, leaves it out.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from . import table


def extract(frame: Any, **options: Any) -> Any:
    """Features of a data frame of recordings, lazily; the options are those of ``ser.arrow.extract``. The index of a row stays with functionals."""

    def work(part: pd.DataFrame) -> pd.DataFrame:
        found = table(pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None), **options).to_pandas()
        if len(found) == len(part):
            found.index = part.index
        return found.astype({"error": object})

    meta = work(frame._meta.iloc[:0])
    return frame.map_partitions(work, meta=meta)
