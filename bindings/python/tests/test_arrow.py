import gc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import ser
import ser.arrow
from conftest import voice

pa = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def paths(clips):
    return sorted(str(path) for path in clips.glob("*.wav"))


def values(table, set_name="eGeMAPSv02"):
    table = pa.table(table)
    return np.stack([table.column(name).to_numpy() for name in ser.feature_names(set_name)], axis=1)


def test_paths_bytes_and_samples_are_the_same_bits(paths):
    reference = ser.extract(paths, to="numpy")
    by_path = ser.arrow.extract(pa.table({"path": paths}))
    assert values(by_path).tobytes() == reference.tobytes()
    contents = [Path(path).read_bytes() for path in paths]
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        assert values(ser.arrow.extract(pa.table({"audio": pa.array(contents, kind)}))).tobytes() == reference.tobytes()
    struct = pa.array([{"bytes": content, "path": None} for content in contents[:2]] + [{"bytes": None, "path": path} for path in paths[2:]])
    assert values(ser.arrow.extract(pa.table({"audio": struct}))).tobytes() == reference.tobytes()
    sound = voice(0.7)
    expected = ser.extract(sound, 16000, to="numpy")
    for kind in (pa.list_(pa.float32()), pa.large_list(pa.float32()), pa.list_(pa.float64()), pa.list_(pa.float32(), len(sound))):
        for rate in (pa.int32(), pa.int64(), pa.uint32(), pa.float64()):
            table = pa.table({"samples": pa.array([sound], kind), "rate": pa.array([16000], rate)})
            assert values(ser.arrow.extract(table)).tobytes() == expected.tobytes()
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert values(ser.arrow.extract(pa.table({"path": pa.array(paths, kind)}))).tobytes() == reference.tobytes()


def test_columns_are_handed_on_and_metadata_says_what_they_are(paths):
    table = pa.table({"path": paths, "speaker": list("abcde"), "weight": [1, 2, None, 4, 5]})
    found = pa.table(ser.arrow.extract(table))
    assert found.column_names[:4] == ["path", "speaker", "weight", "seconds"] and found.column_names[-1] == "error"
    assert found["weight"].equals(table["weight"]) and found["path"].equals(table["path"])
    field = found.schema.field("loudness_sma3_amean")
    assert field.metadata[b"unit"] == b"loudness" and b"mean of" in field.metadata[b"meaning"]
    assert b"ser.identity" in found.schema.metadata
    assert found["seconds"].to_pylist() == pytest.approx([0.6, 0.8, 1.0, 1.2, 1.0])


def test_parts(paths):
    table = pa.table({"path": [paths[3]] * 3, "start": [0.1, None, 0.3], "end": [0.5, 0.4, None]})
    expected = ser.extract(paths[3], segments=[(0.1, 0.5), (0, 0.4), (0.3, None)], to="numpy")
    assert values(ser.arrow.extract(table)).tobytes() == expected.tobytes()
    durations = table.set_column(1, "start", pa.array([100, None, 300], pa.duration("ms"))).set_column(2, "end", pa.array([500, 400, None], pa.duration("ms")))
    assert values(ser.arrow.extract(durations)).tobytes() == expected.tobytes()


def test_a_row_that_fails_says_so_and_ends_nothing(paths, tmp_path):
    (tmp_path / "text.wav").write_text("no sound at all")
    table = pa.table({"path": [paths[0], str(tmp_path / "none.wav"), str(tmp_path / "text.wav"), None, paths[1], paths[1]], "start": [None, None, None, None, 90.0, -1.0], "end": [None] * 4 + [91.0, None]})
    found = pa.table(ser.arrow.extract(table))
    kinds = [error and error.split(":")[0] for error in found["error"].to_pylist()]
    assert kinds == [None, "unreadable", "not-audio", "usage", "behind-end", "usage"]
    assert found["loudness_sma3_amean"].null_count == 5


def test_descriptors_repeat_what_was_handed_on(paths):
    table = pa.table({"path": paths[:2], "speaker": ["a", "b"]})
    found = pa.table(ser.arrow.extract(table, level="lld")).to_pandas()
    reference = ser.extract(paths[:2], level="lld")
    assert len(found) == len(reference)
    assert list(found["speaker"].unique()) == ["a", "b"]
    assert found[list(reference.columns)].to_numpy().tobytes() == reference.to_numpy().tobytes()
    assert np.allclose(found["time"], reference.index.get_level_values("start").total_seconds())


def test_batches_streams_and_slices(paths):
    table = pa.table({"path": paths})
    reference = values(ser.arrow.extract(table))
    batch = table.to_batches()[0]
    assert values(ser.arrow.extract(batch)).tobytes() == reference.tobytes()
    reader = pa.RecordBatchReader.from_batches(table.schema, [batch.slice(0, 2), batch.slice(2)])
    found = ser.arrow.extract(reader)
    assert values(found).tobytes() == reference.tobytes()
    assert pa.record_batch(found).num_rows == len(found) == 5
    assert values(ser.arrow.extract(table.slice(2, 2))).tobytes() == reference[2:4].tobytes()
    audio = pa.table({"audio": [Path(path).read_bytes() for path in paths]}).slice(1, 3)
    assert values(ser.arrow.extract(audio)).tobytes() == reference[1:4].tobytes()
    samples = pa.table({"samples": [voice(0.3), voice(0.5), voice(0.4)], "rate": [16000] * 3}).slice(1, 1)
    assert values(ser.arrow.extract(samples)).tobytes() == ser.extract(voice(0.5), 16000, to="numpy").tobytes()
    assert len(ser.arrow.extract(table.slice(0, 0))) == 0


def addresses(column):
    return [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None]


def test_nothing_is_copied_on_the_way(paths):
    table = pa.table({"path": paths, "number": pa.array(range(5), pa.int64())})
    found = ser.arrow.extract(table)
    first, second = pa.table(found), pa.table(found)
    # What was handed on lies where it lay, and features lie where they were made, however often they are taken.
    assert addresses(first["number"]) == addresses(table["number"])
    assert addresses(first["path"]) == addresses(table["path"])
    assert addresses(first["loudness_sma3_amean"]) == addresses(second["loudness_sma3_amean"])


def test_memory_is_given_back(paths):
    gc.collect()
    before = pa.total_allocated_bytes()
    for _ in range(20):
        table = pa.table({"samples": [voice(0.5)] * 4, "rate": [16000] * 4})
        pa.table(ser.arrow.extract(table))
        ser.arrow.extract(table).__arrow_c_stream__()  # made, and never taken
    del table
    gc.collect()
    assert pa.total_allocated_bytes() <= before + 4096


def test_polars_pandas_and_duckdb_take_it_as_it_is(paths):
    found = ser.arrow.extract(pa.table({"path": paths}))
    if hasattr(pd.DataFrame, "from_arrow"):
        assert pd.DataFrame.from_arrow(found).shape == (5, 91)
    try:
        import polars
    except ImportError:
        polars = None
    if polars is not None:
        frame = polars.DataFrame({"path": paths})
        assert polars.DataFrame(ser.arrow.extract(frame)).shape == (5, 91)
    try:
        import duckdb
    except ImportError:
        duckdb = None
    if duckdb is not None:
        assert duckdb.sql("select count(*), count(error) from found").fetchall() == [(5, 0)]


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ({"name": ["a"]}, ValueError, "column path, audio, or samples"),
        ({"path": [1]}, ValueError, "has texts"),
        ({"audio": [1]}, ValueError, "bytes of files"),
        ({"samples": [[0.0]]}, ValueError, "column rate"),
        ({"samples": [["x"]], "rate": [1]}, ValueError, "float, double or int16"),
        ({"samples": [0.5], "rate": [1]}, ValueError, "lists of numbers"),
        ({"path": ["a"], "start": ["x"]}, ValueError, "seconds or durations"),
        ({"path": ["a"], "error": ["x"]}, ValueError, "rename it"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table, error, words):
    with pytest.raises(error, match=words):
        ser.arrow.extract(pa.table(table))


def test_what_is_no_table_is_a_type_error():
    with pytest.raises(TypeError, match="table or batch of Arrow"):
        ser.arrow.extract([1, 2])
    with pytest.raises((TypeError, ValueError)):
        ser.arrow.extract(pa.array(["a"]))
