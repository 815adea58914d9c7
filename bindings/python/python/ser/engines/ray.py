"""Ray Data: ``map_batches`` over batches of pyarrow.

    import ray
    from ser.engines.ray import extract

    recordings = ray.data.read_parquet("recordings.parquet")       # a column path
    extract(recordings).write_parquet("features")
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from . import table


def extract(dataset: Any, *, batch_size: int = 256, ray_options: dict[str, Any] | None = None, **options: Any) -> Any:
    """Features of a dataset of recordings, lazily; each batch is a task that Ray starts again where a worker dies.

    Args:
        dataset: a ``ray.data.Dataset`` with the columns of ``ser.arrow.extract``.
        batch_size: rows of a task at a time.
        ray_options: further arguments of ``map_batches``, such as ``num_cpus``.
        options: those of ``ser.arrow.extract``.
    """

    def work(batch: pa.Table) -> pa.Table:
        return table(batch, **options)

    return dataset.map_batches(work, batch_format="pyarrow", batch_size=batch_size, **(ray_options or {}))
