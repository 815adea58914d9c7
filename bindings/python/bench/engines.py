#!/usr/bin/env python3
"""Throughput under the engines, beside `ser extract` on the same files.

    python bindings/python/bench/engines.py SER FOLDER [--engines polars duckdb datasets dask ray spark] [--rows 0 1000] [--workers 1 2] [--write docs/scale.md]

Each engine runs in a process of its own. Counted is processor time, user and system, of that process and all below it (workers, the JVM). The start stands
apart: imports, workers, and a first small table that makes every worker import the package. A row is a recording; the files of FOLDER are repeated to the
number of rows, 0 for each once. The last column is the processor time of `ser extract` divided by the engine's without its start, and the bytes of every row
are compared with the table that `ser extract` wrote. A row of the table is printed when it is measured.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from measured import row, write


ENGINES = ["ser.arrow", "polars", "duckdb", "datasets", "datasets, processes", "dask", "daft", "ray", "spark"]


def used() -> float:
    """Seconds of processor time of this process and of all below it, those that have ended included."""
    tick = os.sysconf("SC_CLK_TCK")
    stats = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            stats[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / tick)

    def is_below(pid: int) -> bool:
        while pid in stats:
            if pid == os.getpid():
                return True
            pid = stats[pid][0]
        return False

    return sum(seconds for pid, (_, seconds) in stats.items() if is_below(pid))


def run(engine: str, workers: int):
    """Starts an engine; gives a function that makes a table of features, of pyarrow, of a table of recordings, and one that stops the engine."""
    import pyarrow as pa

    nothing = lambda: None  # noqa: E731
    if engine == "ser.arrow":
        from ser import engines

        return lambda table: engines.table(table, threads=workers), nothing
    if engine == "polars":
        import polars
        from ser.engines.polars import extract

        return lambda table: extract(polars.DataFrame(table), threads=workers).to_arrow(), nothing
    if engine == "duckdb":
        import duckdb
        from ser.engines.duckdb import extract

        connection = duckdb.connect()
        return lambda table: extract(connection.from_arrow(table), connection=connection, threads=workers).to_arrow_table(), nothing
    if engine in ("datasets", "datasets, processes"):
        import datasets
        from ser.engines.datasets import extract

        datasets.disable_caching()
        datasets.disable_progress_bars()
        how = {"threads": workers} if engine == "datasets" else {"num_proc": workers}
        return lambda table: extract(datasets.Dataset(table), **how).data.table, nothing
    if engine == "dask":
        import dask
        import dask.dataframe as dd
        import distributed
        from ser.engines.dask import extract

        dask.config.set({"distributed.worker.profile.enabled": False})

        cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        client = distributed.Client(cluster)

        def by_dask(table):
            frame = dd.from_pandas(table.to_pandas(), npartitions=4 * workers)
            return pa.Table.from_pandas(extract(frame).compute(), preserve_index=False)

        return by_dask, lambda: (client.close(), cluster.close())
    if engine == "daft":
        import daft
        from ser.engines.daft import extract

        return lambda table: extract(daft.from_arrow(table)).to_arrow(), nothing
    if engine == "ray":
        import ray
        from ser.engines.ray import extract

        ray.init(num_cpus=workers, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
        ray.data.DataContext.get_current().enable_progress_bars = False

        def by_ray(table):
            step = -(-len(table) // (4 * workers))
            dataset = ray.data.from_arrow([table.slice(begin, step) for begin in range(0, len(table), step)])
            return pa.concat_tables(ray.get(extract(dataset).to_arrow_refs()))

        return by_ray, ray.shutdown
    if engine == "spark":
        from pyspark.sql import SparkSession
        from ser.engines.spark import extract

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        spark = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false").getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")

        def by_spark(table):
            frame = spark.createDataFrame(table.to_pandas()).repartition(4 * workers)
            return pa.Table.from_pandas(extract(frame).toPandas(), preserve_index=False)

        return by_spark, spark.stop
    raise SystemExit(f"{engine}: no engine of that name")


def one(engine: str, listing: str, workers: int, reference: str) -> None:
    """Runs an engine in this process and prints what it took as JSON."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet
    import ser

    def values(found):
        return np.stack([found[name].to_numpy().astype("float32") for name in ser.feature_names()], axis=1)

    paths = pathlib.Path(listing).read_text().splitlines()
    table = pa.table({"path": paths, "number": pa.array(range(len(paths)), pa.int64())})
    work, stop = run(engine, workers)
    work(table.slice(0, 16 * workers))
    begun, before = time.perf_counter(), used()
    found = work(table)
    took, after = time.perf_counter() - begun, used()
    found = found.sort_by("number") if engine != "ser.arrow" else found
    errors = sum(isinstance(error, str) for error in found["error"].to_pylist())
    same = values(found).tobytes() == values(pa.parquet.read_table(reference)).tobytes()
    seconds = float(np.sum(found["seconds"].to_numpy()))
    print(json.dumps({"start": before, "work": after - before, "wall": took, "same": same, "errors": errors, "seconds": seconds}))
    stop()


def native(ser: str, listing: str, workers: int, output: str) -> float:
    """Processor time of `ser extract` for the same list of recordings."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        # A list of files may not name one twice: each copy is a link of its own.
        links = pathlib.Path(folder) / "in"
        links.mkdir()
        for number, path in enumerate(pathlib.Path(listing).read_text().splitlines()):
            (links / f"{number:07}{pathlib.Path(path).suffix}").symlink_to(os.path.abspath(path))
        subprocess.run([ser, "extract", str(links), "-o", output, "--threads", str(workers), "--quiet"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ser")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--engines", nargs="+", default=ENGINES)
    parser.add_argument("--rows", nargs="+", type=int, default=[0])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--write")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return one(arguments.one[0], arguments.one[1], int(arguments.one[2]), arguments.one[3])
    files = sorted(str(path) for path in arguments.folder.rglob("*") if path.suffix in (".wav", ".flac"))
    lines = [row("engine", "rows", "workers", "start / s", "processor seconds per hour of audio", "of `ser extract`'s speed"), row("---", *["---:"] * 5)]
    for rows in arguments.rows:
        rows = rows or len(files)
        with tempfile.TemporaryDirectory() as folder, open(f"{folder}/list.txt", "w") as listing:
            reference = f"{folder}/reference.parquet"
            listing.write("".join(f"{files[number % len(files)]}\n" for number in range(rows)))
            listing.flush()
            for workers in arguments.workers:
                for engine in arguments.engines:
                    base = native(arguments.ser, listing.name, workers, reference)
                    command = [sys.executable, __file__, arguments.ser, str(arguments.folder), "--one", engine, listing.name, str(workers), reference]
                    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    if done.returncode != 0:
                        print(f"{engine}: did not run: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
                        continue
                    found = json.loads(done.stdout.strip().splitlines()[-1])
                    if not found["same"] or found["errors"]:
                        raise SystemExit(f"{engine}: {found['errors']} errors, same bytes: {found['same']}")
                    hours = found["seconds"] / 3600
                    lines.append(row(engine, rows, workers, f"{found['start']:.1f}", f"{found['work'] / hours:.1f}", f"{base / found['work']:.2f}"))
                    print(lines[-1], flush=True)
    if arguments.write:
        write(arguments.write, "engines", lines)


if __name__ == "__main__":
    main()
