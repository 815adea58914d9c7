"""Spark: ``mapInArrow`` over the partitions of a data frame.

    from pyspark.sql import SparkSession
    from ser.engines.spark import extract

    spark = SparkSession.builder.getOrCreate()
    extract(spark.read.parquet("recordings.parquet")).write.parquet("features")
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from . import schema, table


def extract(frame: Any, **options: Any) -> Any:
    """Features of a data frame of recordings, lazily; the options are those of ``ser.arrow.extract``.

    Batches have ``spark.sql.execution.arrow.maxRecordsPerBatch`` rows; with a column ``audio`` set it to some hundred.
    """
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    made = schema(to_arrow_schema(frame.schema), **options)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from table(batch, **options).to_batches()

    return frame.mapInArrow(work, from_arrow_schema(made))
