"""Hugging Face ``datasets``: ``map`` over batches, with ``Audio`` columns as they are stored.

    from datasets import load_dataset
    from ser.engines.datasets import extract

    features = extract(load_dataset("audiofolder", data_dir="recordings"))
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from . import table


def extract(dataset: Any, *, audio: str = "audio", batch_size: int = 256, num_proc: int | None = None, **options: Any) -> Any:
    """Features of a dataset of recordings; the options are those of ``ser.arrow.extract``.

    Args:
        dataset: a ``Dataset``, ``DatasetDict`` or their iterable forms, with a column of type ``Audio`` or the columns of ``ser.arrow.extract``.
        audio: the column of type ``Audio``; its bytes or path go to ``ser`` without being decoded.
        batch_size: rows at a time.
        num_proc: processes, of one thread each; without it, one process with a thread per processor, which is cheaper: nothing is copied between processes.
        options: those of ``ser.arrow.extract``.
    """
    from datasets import Audio

    columns = dataset.column_names
    columns = next(iter(columns.values())) if isinstance(columns, dict) else columns
    if columns is not None and audio in columns:
        features = dataset.features if not isinstance(dataset, dict) else next(iter(dataset.values())).features
        if isinstance(features[audio], Audio):
            dataset = dataset.cast_column(audio, Audio(decode=False))
        if audio != "audio":
            dataset = dataset.rename_column(audio, "audio")
            columns = ["audio" if name == audio else name for name in columns]

    if num_proc is None:
        options = {"threads": None, **options}

    def work(batch: pa.Table) -> pa.Table:
        return table(batch, **options)

    # Batches come and go as Arrow has them: types are kept where a batch holds nothing but nulls.
    more = {} if num_proc is None else {"num_proc": num_proc}
    found = dataset.with_format("arrow").map(work, batched=True, batch_size=batch_size, remove_columns=columns, **more)
    return found.with_format(None)
