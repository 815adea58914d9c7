"""The engines: the same bytes as ``ser.extract``, a poisoned row, a row out of range.

Those that start processes of their own are heavy: ``pytest -m heavy``. Each is skipped where its package is not installed.
"""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import ser
from conftest import voice, write_wav

pa = pytest.importorskip("pyarrow")

from ser import engines  # noqa: E402


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Twelve recordings; one is a text, one does not exist, and of one a part behind its end is asked for."""
    folder = tmp_path_factory.mktemp("recordings")
    paths = [write_wav(folder / f"{number:02}.wav", voice(0.4, pitch=100 + 9 * number, seed=number)) for number in range(12)]
    (folder / "poison.wav").write_text("not a sound")
    poisoned = [*paths[:5], str(folder / "poison.wav"), *paths[5:], str(folder / "none.wav"), paths[0]]
    table = pa.table(
        {
            "path": poisoned,
            "speaker": [f"s{number % 3}" for number in range(len(poisoned))],
            "start": pa.array([None] * (len(poisoned) - 1) + [50.0], pa.float64()),
            "end": pa.array([None] * (len(poisoned) - 1) + [51.0], pa.float64()),
        }
    )
    return table, paths


def check(found, recordings):
    """Compares a table of any engine, as a table of pyarrow in the order of paths."""
    table, paths = recordings
    expected = engines.table(table)
    assert found.column_names == expected.column_names
    assert found["path"].to_pylist() == expected["path"].to_pylist()
    assert found["speaker"].to_pylist() == expected["speaker"].to_pylist()
    for name in ser.feature_names():
        ours, theirs = (one[name].to_numpy(zero_copy_only=False).astype("float32") for one in (found, expected))
        assert ours.tobytes() == theirs.tobytes(), name
    errors = [error for error in found["error"].to_pylist() if isinstance(error, str)]
    assert [error.split(":")[0] for error in errors] == ["not-audio", "unreadable", "behind-end"]
    good = np.array([not isinstance(error, str) for error in found["error"].to_pylist()])
    values = np.stack([found[name].to_numpy(zero_copy_only=False).astype("float32") for name in ser.feature_names()], axis=1)[good]
    assert values.tobytes() == ser.extract(paths, to="numpy").tobytes()


def test_the_function_itself(recordings):
    check(engines.table(recordings[0]), recordings)
    assert engines.schema(recordings[0].schema).equals(engines.table(recordings[0]).schema, check_metadata=True)


def test_polars(recordings):
    polars = pytest.importorskip("polars")
    from ser.engines.polars import extract

    frame = polars.DataFrame(recordings[0])
    check(extract(frame).to_arrow(), recordings)
    check(extract(frame.lazy()).collect().to_arrow(), recordings)


def test_duckdb(recordings):
    duckdb = pytest.importorskip("duckdb")
    from ser.engines.duckdb import extract

    connection = duckdb.connect()
    found = extract(connection.from_arrow(recordings[0]), batch_size=5, connection=connection)
    check(pa.table(found.to_arrow_table()), recordings)


def test_hugging_face_datasets(recordings, tmp_path):
    datasets = pytest.importorskip("datasets")
    from ser.engines.datasets import extract

    table, paths = recordings
    found = extract(datasets.Dataset(table), batch_size=4)
    check(found.data.table.combine_chunks(), recordings)
    audio = datasets.Dataset.from_dict({"audio": paths}).cast_column("audio", datasets.Audio())
    assert extract(audio)["loudness_sma3_amean"][0] == ser.extract(paths[0])["loudness_sma3_amean"].iloc[0]


def test_lhotse(recordings, tmp_path):
    pytest.importorskip("lhotse")
    from lhotse import CutSet, MonoCut, Recording
    from ser.engines.lhotse import Descriptors

    recording = Recording.from_file(recordings[1][0])
    cut = MonoCut("a", 0, recording.duration, 0, recording=recording)
    rows = cut.compute_features(Descriptors())
    assert rows.shape == (40, 25)
    samples = recording.load_audio()
    assert rows[:36].tobytes() == ser.extract(samples, 16000, level="lld", to="numpy")[:36].tobytes()
    assert len(CutSet.from_cuts([cut])) == 1


@pytest.mark.heavy
def test_dask(recordings):
    dd = pytest.importorskip("dask.dataframe")
    distributed = pytest.importorskip("distributed")
    from ser.engines.dask import extract

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, distributed.Client(cluster):
        frame = dd.from_pandas(recordings[0].to_pandas(), npartitions=4)
        found = extract(frame).compute()
    check(pa.Table.from_pandas(found, preserve_index=False), recordings)


@pytest.mark.heavy
def test_daft(recordings):
    daft = pytest.importorskip("daft")
    from ser.engines.daft import extract

    check(extract(daft.from_arrow(recordings[0]), batch_size=4).to_arrow(), recordings)


@pytest.mark.heavy
def test_ray_with_a_worker_killed(recordings):
    ray = pytest.importorskip("ray")
    from ser.engines.ray import extract

    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR")
    try:
        table, _ = recordings
        # A block each, so that there is no step before extraction whose workers take as long to start.
        rounds = [table.append_column("round", pa.array([number] * len(table))) for number in range(16)]
        many = pa.concat_tables(rounds)
        dataset = ray.data.from_arrow(rounds)
        killer = Killer("ray::MapBatches")
        found = pa.concat_tables(ray.get(extract(dataset, batch_size=5).to_arrow_refs())).sort_by([("round", "ascending")])
        assert killer.ended() is not None
        assert len(found) == len(many)
        check(found.slice(0, len(table)).drop_columns(["round"]), recordings)
    finally:
        ray.shutdown()


@pytest.mark.heavy
def test_spark_with_a_worker_killed(recordings):
    sql = pytest.importorskip("pyspark.sql")
    from ser.engines.spark import extract

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = sql.SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        table, _ = recordings
        many = pa.concat_tables([table.append_column("round", pa.array([number] * len(table))) for number in range(40)])
        frame = spark.createDataFrame(many.to_pandas()).repartition(16)
        killer = Killer("pyspark.daemon")
        found = extract(frame).toPandas()
        assert killer.ended() is not None
        assert len(found) == len(many)
        first = found[found["round"] == 0].drop(columns="round")
        order = {path: place for place, path in reversed(list(enumerate(table["path"].to_pylist())))}
        first["order"] = [order[path] + (1000 if start == start else 0) for path, start in zip(first["path"], first["start"])]
        first = first.sort_values("order").drop(columns="order")
        check(pa.Table.from_pandas(first, preserve_index=False), recordings)
    finally:
        spark.stop()


class Killer(threading.Thread):
    """Waits for a process below this one whose command has these words, and ends it while it works, as the kernel does when memory is short."""

    def __init__(self, words):
        super().__init__(daemon=True)
        self.words, self.pid, self.stopped = words, None, threading.Event()
        self.start()

    def run(self):
        while self.pid is None and not self.stopped.wait(0.05):
            listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout.splitlines()[1:]
            processes = {int(pid): (int(parent), args) for pid, parent, args in (line.split(None, 2) for line in listing)}
            for pid, (_, args) in processes.items():
                if self.words in args and is_below(pid, processes):
                    os.kill(pid, signal.SIGKILL)
                    self.pid = pid
                    break

    def ended(self):
        """The process that was ended, if there was any."""
        self.stopped.set()
        self.join()
        return self.pid


def is_below(pid, processes):
    """Whether a process descends from this one."""
    while pid in processes:
        if pid == os.getpid():
            return True
        pid = processes[pid][0]
    return False
