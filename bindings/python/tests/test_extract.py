import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest
import ser
from conftest import voice, write_wav


def test_a_file_is_a_row_of_88_columns(clips):
    table = ser.extract(clips / "clip0.wav")
    assert table.shape == (1, 88)
    assert (table.dtypes == "float32").all()
    assert list(table.columns) == ser.feature_names()
    assert table.index.names == ["file", "start", "end"]
    assert table.index[0] == (str(clips / "clip0.wav"), pd.Timedelta(0), pd.Timedelta("600ms"))
    pitch = table["F0semitoneFrom27.5Hz_sma3nz_amean"].iloc[0]
    assert 22 < pitch < 24  # 27.5 Hz · 2^(22.4/12) is 100 Hz


@pytest.mark.parametrize("set_name", ser.SETS)
@pytest.mark.parametrize("level", ser.LEVELS)
def test_every_set_and_level(clips, set_name, level):
    table = ser.extract(str(clips / "clip1.wav"), set=set_name, level=level)
    assert list(table.columns) == list(ser.features(set_name, level).index)
    if level == "lld":
        assert len(table) > 70
        starts = table.index.get_level_values("start")
        assert (np.diff(starts.asi8) > 9_000_000).all()
        assert table.index[-1][2] == pd.Timedelta("800ms")


def test_a_folder_is_searched_and_sorted(clips):
    table = ser.extract(clips)
    files = table.index.get_level_values("file")
    assert list(files) == ["clip0.wav", "clip1.wav", "clip2.wav", "clip3.wav", "stereo.wav"]


def test_path_bytes_and_array_give_the_same_bits(clips):
    path = clips / "clip2.wav"
    by_path = ser.extract(path, to="numpy")
    by_bytes = ser.extract(path.read_bytes(), to="numpy")
    import wave

    with wave.open(str(path)) as file:
        numbers = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    by_array = ser.extract(numbers, 16000, to="numpy")
    assert by_path.tobytes() == by_bytes.tobytes() == by_array.tobytes()


def test_threads_change_nothing(clips, speech):
    one = ser.extract([*speech, clips], threads=1)
    two = ser.extract([*speech, clips], threads=2)
    assert one.to_numpy().tobytes() == two.to_numpy().tobytes()
    assert one.index.equals(two.index)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", ">f4", ">f8", "int16", ">i2", "int32", "int8", "uint8"])
def test_types_of_samples(dtype):
    sound = voice()
    kind = np.dtype(dtype)
    scale = {"i": float(2 ** (8 * kind.itemsize - 1) - 1), "u": 127.0}.get(kind.kind)
    samples = sound if scale is None else np.round(sound * scale) + (128 if kind.kind == "u" else 0)
    table = ser.extract(samples.astype(dtype), 16000)
    reference = ser.extract(sound, 16000)
    pitch = "F0semitoneFrom27.5Hz_sma3nz_percentile50.0"
    assert abs(table[pitch].iloc[0] - reference[pitch].iloc[0]) < 0.2


@pytest.mark.parametrize(
    "arrange",
    [
        lambda x: np.repeat(x, 2)[::2],
        lambda x: x[::-1][::-1],
        lambda x: np.asfortranarray(np.stack([x, x])).astype("float32")[0],
        lambda x: x.astype(x.dtype.newbyteorder()),
        lambda x: x.reshape(1, -1),
        lambda x: pd.Series(x),
        lambda x: list(map(float, x)),
        lambda x: np.ma.masked_array(x),
    ],
)
def test_arrangement_in_memory_changes_nothing(arrange):
    sound = voice()
    sound.flags.writeable = False
    assert ser.extract(arrange(sound), 16000, to="numpy").tobytes() == ser.extract(sound, 16000, to="numpy").tobytes()


def test_channels_as_in_files(clips):
    import wave

    with wave.open(str(clips / "stereo.wav")) as file:
        numbers = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T
    for channel in (None, 0, 1):
        from_file = ser.extract(clips / "stereo.wav", channel=channel, to="numpy")
        from_array = ser.extract(numbers, 16000, channel=channel, to="numpy")
        assert from_file.tobytes() == from_array.tobytes()
    with pytest.raises(ser.ExtractionError, match="no channel 3"):
        ser.extract(clips / "stereo.wav", channel=2)
    with pytest.raises(ValueError, match="no channel 2"):
        ser.extract(numbers, 16000, channel=2)


@pytest.mark.parametrize(
    ("samples", "rate", "error", "words"),
    [
        (np.zeros(16000, complex), 16000, TypeError, "complex128"),
        (np.zeros(16000, bool), 16000, TypeError, "bool"),
        (np.zeros(16000, "int64"), 16000, TypeError, "int64"),
        (np.zeros(16000, "uint16"), 16000, TypeError, "uint16"),
        (np.zeros((2, 3, 4), "float32"), 16000, ValueError, "shape"),
        (np.zeros((16000, 2), "float32"), 16000, ValueError, "transpose"),
        (np.zeros((0, 100), "float32"), 16000, ValueError, "no channel"),
        (np.float32(1), 16000, ValueError, "shape"),
        (np.full(16000, np.nan, "float32"), 16000, ser.ExtractionError, "not a finite number"),
        (np.full(16000, np.inf), 16000, ser.ExtractionError, "not a finite number"),
        (np.full(16000, 1e30), 16000, ser.ExtractionError, "far beyond full scale"),
        (np.zeros(100, "float32"), 16000, ser.ExtractionError, "too short"),
        (np.zeros(0, "float32"), 16000, ser.ExtractionError, "too short"),
        (np.zeros(16000, "float32"), 3999, ser.ExtractionError, "4000 … 192000"),
        (np.zeros(16000, "float32"), 0, ValueError, "impossible"),
        (np.zeros(16000, "float32"), -16000, ValueError, "impossible"),
        (np.zeros(16000, "float32"), 16000.5, ValueError, "whole number"),
        (np.zeros(16000, "float32"), "16000", TypeError, "number of Hz"),
        (np.zeros(16000, "float32"), True, TypeError, "number of Hz"),
        (np.zeros(16000, "float32"), None, TypeError, "rate"),
        (np.ma.masked_array(np.zeros(9), [1] + [0] * 8), 16000, ValueError, "masked"),
    ],
)
def test_what_is_wrong_with_an_array_is_said(samples, rate, error, words):
    with pytest.raises(error, match=words):
        ser.extract(samples, rate)


def test_a_single_file_raises_with_its_kind(tmp_path):
    with pytest.raises(ser.MissingFileError) as missing:
        ser.extract(tmp_path / "nothing.wav")
    assert missing.value.kind == "unreadable"
    assert isinstance(missing.value, FileNotFoundError) and isinstance(missing.value, ValueError)
    (tmp_path / "text.wav").write_text("not a sound at all")
    with pytest.raises(ser.ExtractionError, match="text.wav") as text:
        ser.extract(tmp_path / "text.wav")
    assert text.value.kind == "not-audio"


def test_one_of_many_warns_and_the_rest_continue(clips, tmp_path):
    (tmp_path / "empty.wav").write_bytes(b"")
    files = [clips / "clip0.wav", tmp_path / "empty.wav", clips / "clip1.wav"]
    with pytest.warns(ser.ExtractionWarning, match="empty.wav: is empty"):
        table = ser.extract(files)
    assert len(table) == 2
    (failure,) = table.attrs["failures"]
    assert failure["kind"] == "empty" and failure["file"].endswith("empty.wav")
    with pytest.raises(ser.ExtractionError, match="empty"):
        ser.extract(files, errors="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(ser.extract(files, errors="ignore")) == 2
    with pytest.raises(ser.ExtractionError, match="and 1 more failed"):
        ser.extract([tmp_path / "empty.wav", tmp_path / "also.wav"])


def test_short_parts_fail_or_are_nan(clips):
    with pytest.raises(ser.ExtractionError, match="too short"):
        ser.extract(np.zeros(959, "float32"), 16000)
    table = ser.extract(np.zeros(959, "float32"), 16000, short="nan")
    assert table.shape == (1, 88) and table.isna().all().all()


def test_segments_of_one_and_of_many(clips):
    path = str(clips / "clip3.wav")
    parts = ser.extract(path, segments=[(0.1, 0.5), (0.3, None)])
    assert [(start.total_seconds(), end.total_seconds()) for _, start, end in parts.index] == [(0.1, 0.5), (0.3, 1.2)]
    index = pd.MultiIndex.from_arrays(
        [["clip3.wav", "clip0.wav", "clip3.wav"], pd.to_timedelta([0.3, 0, 0.1], unit="s"), pd.to_timedelta([np.nan, 0.4, 0.5], unit="s")],
        names=["file", "start", "end"],
    )
    table = ser.extract(clips, segments=index)
    assert list(table.index.get_level_values("file")) == ["clip3.wav", "clip0.wav", "clip3.wav"]
    assert table.to_numpy()[0].tobytes() == parts.to_numpy()[1].tobytes()
    assert table.to_numpy()[2].tobytes() == parts.to_numpy()[0].tobytes()
    again = ser.extract(clips, segments=index.to_frame(index=False))
    assert again.to_numpy().tobytes() == table.to_numpy().tobytes()
    with pytest.raises(ValueError, match="before its start"):
        ser.extract(path, segments=[(0.5, 0.1)])


def test_windows(clips):
    table = ser.extract(clips / "clip3.wav", windows=(0.4, 0.2))
    assert [round(start.total_seconds(), 3) for _, start, _ in table.index] == [0, 0.2, 0.4, 0.6, 0.8]
    with pytest.raises(ValueError, match="60ms"):
        ser.extract(clips / "clip3.wav", windows=(0.01, 0.01))


def test_resampling_is_the_programs(clips):
    table = ser.extract(clips / "clip1.wav", resample=8000)
    assert not np.array_equal(table.to_numpy(), ser.extract(clips / "clip1.wav").to_numpy())
    array = ser.extract(voice(), 48000, resample=16000)
    assert array.shape == (1, 88)


def test_forms_of_the_result(clips):
    pa = pytest.importorskip("pyarrow")
    table = ser.extract(clips, to="pyarrow")
    assert isinstance(table, pa.Table)
    assert table.column_names[:4] == ["file", "start", "end", "F0semitoneFrom27.5Hz_sma3nz_amean"]
    values = ser.extract(clips, to="numpy")
    assert values.shape == (5, 88) and values.dtype == np.float32
    assert np.array_equal(np.stack([table.column(name).to_numpy() for name in table.column_names[3:]], axis=1), values)


@pytest.mark.parametrize("arguments", [{"set": "ComParE"}, {"level": "deltas"}, {"to": "xlsx"}, {"errors": "no"}, {"short": "no"}, {"channel": -1}])
def test_what_does_not_exist_is_a_value_error(clips, arguments):
    with pytest.raises(ValueError):
        ser.extract(clips / "clip0.wav", **arguments)


@pytest.mark.parametrize("inputs", [None, 3, {"a": 1}.values, [3.5, "x"], [None], object()])
def test_what_is_no_recording_is_a_type_error(inputs):
    with pytest.raises(TypeError):
        ser.extract(inputs)


def test_progress_is_told(clips):
    told = []
    ser.extract([clips / "clip0.wav"] * 30, progress=told.append)
    assert told and told[-1] == 30 and told == sorted(told)

    def stop(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        ser.extract([clips / "clip3.wav"] * 200, progress=stop)


def test_a_stream_gives_the_same_bits_however_it_is_cut():
    sound = voice(1.3)
    for level in ser.LEVELS:
        whole = ser.extract(sound, 16000, level=level, to="numpy")
        for size in (1, 160, 997, 30000):
            extractor = ser.Extractor(16000, level=level)
            rows = []
            for start in range(0, len(sound) if size > 1 else 3000, size):
                extractor.push(sound[start : start + size])
                rows.append(extractor.take_rows().to_numpy())
            if size == 1:
                extractor.push(sound[3000:])
            rows.append(extractor.finish().to_numpy())
            assert np.concatenate(rows).tobytes() == whole.tobytes(), size


def test_a_stream_names_what_is_wrong():
    extractor = ser.Extractor(16000)
    with pytest.raises(ValueError, match="not a number"):
        extractor.push(np.array([np.nan], "float32"))
    with pytest.raises(ser.ExtractionError, match="too short"):
        extractor.finish()
    with pytest.raises(ValueError, match="4000"):
        ser.Extractor(100)
    extractor.push(np.zeros(100, "float32"))
    extractor.reset()
    extractor.push(voice())
    assert extractor.finish().to_numpy().tobytes() == ser.extract(voice(), 16000, to="numpy").tobytes()


def test_columns_have_unit_and_meaning():
    for name in ser.SETS:
        for level in ser.LEVELS:
            table = ser.features(name, level)
            assert {"unit", "group", "meaning", "formula", "reference"} <= set(table.columns)
            assert (table["meaning"].str.len() > 5).all()


def test_python_threads_work_at_the_same_time():
    sound = voice(2.0)
    reference = ser.extract(sound, 16000, to="numpy").tobytes()
    found = []

    def work():
        for _ in range(5):
            found.append(ser.extract(sound, 16000, to="numpy", threads=2).tobytes())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 20 and set(found) == {reference}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_extracts(clips):
    code = f"""
import os, ser
paths = [{str(clips / 'clip0.wav')!r}] * 4
first = ser.extract(paths, threads=2, to="numpy").tobytes()
child = os.fork()
if child == 0:
    os._exit(0 if ser.extract(paths, threads=2, to="numpy").tobytes() == first else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["many", "one"])
def test_ctrl_c_stops_a_long_call(tmp_path, how):
    path = write_wav(tmp_path / "long.wav", np.tile(voice(10.0), 60 if how == "one" else 3))
    # Shells make jobs in the background ignore the signal, and Python then leaves it so.
    code = f"""
import signal, ser
signal.signal(signal.SIGINT, signal.default_int_handler)
print("begun", flush=True)
try:
    ser.extract([{path!r}] * {1 if how == "one" else 1000}, threads=1, level="lld")
except KeyboardInterrupt:
    print("stopped", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.3)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert rest == "stopped\n"
    assert time.monotonic() - begun < 5
