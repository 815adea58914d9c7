"""``ser extract --table``: tables as pyarrow and others write them, held against the package. Skipped where the program is not built."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import ser
import ser.arrow
from conftest import ROOT, voice, write_wav

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

PROGRAM = shutil.which("ser", path=str(ROOT / "target" / "release"))
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="target/release/ser is not built")


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    return [write_wav(folder / f"{number}.wav", voice(0.4, pitch=100 + 9 * number, seed=number)) for number in range(6)]


def extract(table, folder, *options, code=0, **writing):
    """What the program makes of a table, and what it says of failures."""
    source, target, failures = folder / "in.parquet", folder / "out.parquet", folder / "failures.csv"
    parquet.write_table(table, source, **writing)
    command = [PROGRAM, "extract", "--table", source, "-o", target, "--failures", failures, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return parquet.read_table(target), failures.read_text()


def values(table, level="functionals"):
    table = pa.table(table)
    return np.stack([table[name].to_numpy(zero_copy_only=False) for name in ser.feature_names("eGeMAPSv02", level)], axis=1)


TABLES = {
    "texts": lambda paths: {"path": pa.array(paths, pa.string())},
    "large texts": lambda paths: {"file": pa.array(paths, pa.large_string())},
    "bytes": lambda paths: {"audio": pa.array([Path(path).read_bytes() for path in paths], pa.binary())},
    "bytes with names": lambda paths: {"path": paths, "audio": pa.array([Path(path).read_bytes() for path in paths], pa.large_binary())},
    "struct": lambda paths: {"audio": [{"bytes": Path(path).read_bytes() if at % 2 else None, "path": path} for at, path in enumerate(paths)]},
    "parts": lambda paths: {"path": paths, "start": [0.1, None, 0.0, 0.2, 0.1, 0.1], "end": [0.3, 0.3, None, 0.4, None, 0.3]},
    "parts of one": lambda paths: {"path": paths[:1] * 3, "start": pa.array([100, 0, None], pa.duration("ms")), "end": pa.array([300, 200, 250], pa.duration("ms"))},
    "samples": lambda paths: {"samples": [voice(0.3), voice(0.5)], "rate": [16000, 16000]},
    "samples of 64 bits": lambda paths: {"samples": pa.array([voice(0.3)], pa.large_list(pa.float64())), "rate": [16000.0]},
    "samples of 16 bits": lambda paths: {"samples": pa.array([(voice(0.3) * 32767).astype("int16")], pa.list_(pa.int16())), "sampling_rate": pa.array([16000], pa.uint32())},
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("writing", [{}, {"row_group_size": 2, "compression": "none", "use_dictionary": False}])
def test_tables_are_what_they_are_to_the_arrow_function(name, writing, paths, tmp_path):
    table = pa.table(TABLES[name](paths))
    found, failures = extract(table, tmp_path, **writing)
    assert values(found).tobytes() == values(ser.arrow.extract(table)).tobytes()
    assert failures.count("\n") == 1
    if "path" in table.column_names:
        assert found["file"].to_pylist() == table["path"].to_pylist()


def test_descriptors(paths, tmp_path):
    table = pa.table({"path": paths})
    found, _ = extract(table, tmp_path, "--level", "lld", "--threads", "2")
    assert values(found, "lld").tobytes() == values(ser.arrow.extract(table, level="lld"), "lld").tobytes()


def test_rows_that_fail_are_listed_and_cost_no_other(paths, tmp_path):
    (tmp_path / "text.wav").write_text("no sound at all")
    table = pa.table({"path": [paths[0], str(tmp_path / "none.wav"), str(tmp_path / "text.wav"), None, paths[1], paths[1]], "start": [None] * 4 + [90.0, -1.0]})
    found, failures = extract(table, tmp_path, code=1)
    assert found["file"].to_pylist() == [paths[0]]
    kinds = [error.split(":")[0] for error in pa.table(ser.arrow.extract(table))["error"].to_pylist() if error]
    assert sorted(line.split(",")[3] for line in failures.splitlines()[1:]) == sorted(kinds)


def test_texts_in_a_dictionary_are_texts(paths, tmp_path):
    table = pa.table({"path": pa.array(paths).dictionary_encode()})
    assert values(extract(table, tmp_path)[0]).tobytes() == ser.extract(paths, to="numpy").tobytes()


def test_a_damaged_table_leaves_nothing(paths, tmp_path):
    parquet.write_table(pa.table({"path": [f"{number}{path}" for number, path in enumerate(paths * 2000)]}), tmp_path / "in.parquet", use_dictionary=False, compression="snappy")
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4000] = bytes(4000)
    (tmp_path / "in.parquet").write_bytes(content)
    done = subprocess.run([PROGRAM, "extract", "--table", tmp_path / "in.parquet", "-o", tmp_path / "out.csv", "--quiet"], capture_output=True, text=True)
    assert done.returncode == 1 and "in.parquet: is damaged" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out.csv").exists()
