"""The drop-in beside the real package, further: how it is called, what it takes for files and times, processes, logs, copies, and what a session does with it.

    pip install opensmile soundfile && pytest -m reference
"""

import copy
import pathlib
import warnings

import numpy as np
import pandas as pd
import pytest
from conftest import voice, write_wav
from test_reference import LEVELS, SETS, both, compare, files, smile  # noqa: F401

pytestmark = pytest.mark.reference


# Options that change how, not what.


@pytest.mark.parametrize("options", [{"verbose": True}, {"multiprocessing": True, "num_workers": 2}, {"num_workers": 3, "verbose": True}, {"loglevel": 0}, {"loglevel": 5}, {"options": {}}, {"options": None}, {"segment": None}], ids=repr)
@pytest.mark.parametrize("level", LEVELS)
def test_options_that_change_no_value(both, files, options, level):
    names = [str(files / name) for name in ("mono.wav", "stereo.wav", "lossy.ogg", "short.wav")]
    compare(both, lambda package: smile(package, level=level, **options).process_files(names[:3]))
    compare(both, lambda package: smile(package, level=level, **options).process_signal(voice(0.4), 16000))


@pytest.mark.parametrize("loglevel", [0, 2, 4])
def test_a_log_file_is_made(both, tmp_path, loglevel):
    def case(package):
        log = tmp_path / f"{package.__name__}{loglevel}.log"
        extractor = smile(package, loglevel=loglevel, logfile=str(log))
        extractor.process_signal(voice(0.4), 16000)
        return pathlib.Path(extractor.logfile).name.replace(package.__name__, ""), extractor.loglevel, log.exists() and log.stat().st_size > 0

    if loglevel == 0:
        compare(both, lambda package: case(package)[:2])
    else:
        compare(both, case)


# Files by other names.


@pytest.mark.parametrize(
    "form",
    {
        "paths": lambda names: [pathlib.Path(name) for name in names],
        "array": lambda names: np.array(names),
        "objects": lambda names: np.array(names, dtype=object),
        "series": lambda names: pd.Series(names, index=[7, 8, 9]),
        "index": lambda names: pd.Index(names, name="file"),
        "tuple": tuple,
        "keys": lambda names: dict.fromkeys(names).keys(),
        "twice": lambda names: [*names, *names],
    }.items(),
    ids=lambda item: item[0],
)
@pytest.mark.parametrize("level", LEVELS)
def test_forms_of_lists(both, files, form, level):
    names = form[1]([str(files / name) for name in ("mono.wav", "stereo.wav", "lossless.flac")])
    compare(both, lambda package: smile(package, level=level).process_files(names))


def test_a_single_path(both, files):
    compare(both, lambda package: smile(package).process_file(files / "mono.wav"))
    compare(both, lambda package: smile(package).process_file("mono.wav", root=str(files)))
    compare(both, lambda package: smile(package).process_file("mono.wav", root=files))
    compare(both, lambda package: smile(package).process_file(str(files / "mono.wav"), root=str(files / "elsewhere")))
    compare(both, lambda package: smile(package).process_file("missing.wav", root=str(files)))
    compare(both, lambda package: smile(package).process_file(str(files)))
    compare(both, lambda package: smile(package).process_file(""))
    compare(both, lambda package: smile(package).process_file(None))
    compare(both, lambda package: smile(package).process_files("abc"))


def test_relative_to_the_current_folder(both, files, monkeypatch):
    monkeypatch.chdir(files)
    compare(both, lambda package: smile(package).process_file("mono.wav"))
    compare(both, lambda package: smile(package).process_files(["./mono.wav", "stereo.wav"]))
    compare(both, lambda package: smile(package).process_folder("."))


@pytest.mark.parametrize("kind", ["wav", ".wav", "flac", ""])
@pytest.mark.parametrize("include_root", [True, False])
def test_kinds_in_a_folder(both, tmp_path, kind, include_root):
    soundfile = pytest.importorskip("soundfile")
    for name in ("b.wav", "a.wav"):
        write_wav(tmp_path / name, voice(0.3))
    soundfile.write(tmp_path / "c.flac", voice(0.3), 16000)
    compare(both, lambda package: smile(package).process_folder(str(tmp_path), filetype=kind, include_root=include_root))


# Times by other names.


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ([0.1, 0.2], [0.5, 0.6]),
        (np.array([0.1, 0.2]), np.array([0.5, 0.6])),
        (pd.to_timedelta([0.1, 0.2], unit="s"), pd.to_timedelta([0.5, 0.6], unit="s")),
        (["0.1s", "200ms"], ["500ms", "0.6s"]),
        (pd.Series([0.1, 0.2]), None),
        (None, [0.5, None]),
        ([pd.NaT, 0.2], [pd.NaT, 0.6]),
        ([None, None], [None, None]),
        (0.1, 0.5),
        ("100ms", "500ms"),
        (pd.Timedelta("0.1s"), None),
        (0, 0.5),
        ([0, 1], [1, 2]),
        ([0.1], [0.2]),
        ([0.1, 0.2, 0.3], None),
        (np.float32(0.1), np.float64(0.5)),
        ([np.nan, 0.1], None),
    ],
    ids=repr,
)
@pytest.mark.parametrize("level", LEVELS)
def test_forms_of_times(both, files, starts, ends, level):
    names = [str(files / "mono.wav"), str(files / "stereo.wav")]
    compare(both, lambda package: smile(package, level=level).process_files(names, starts=starts, ends=ends))


@pytest.mark.parametrize(("start", "end"), [(pd.NaT, pd.NaT), (None, pd.NaT), (pd.NaT, 0.3), (0, 0), (0.3, "NaT"), (np.float32(0.1), np.int64(1)), ("8000", None), (pd.Timedelta(0), pd.Timedelta("0.1ms")), (np.nan, None), (0.1, np.nan), (True, None)], ids=repr)
@pytest.mark.parametrize("keep_nat", [False, True])
def test_forms_of_a_time(both, files, start, end, keep_nat):
    compare(both, lambda package: smile(package, keep_nat=keep_nat).process_signal(voice(0.5), 16000, start=start, end=end))
    compare(both, lambda package: smile(package, keep_nat=keep_nat).process_file(str(files / "mono.wav"), start=start, end=end))


# Indices.


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "index",
    {
        "duplicates": lambda a, b: pd.MultiIndex.from_arrays([[a, a], pd.to_timedelta([0.1, 0.1], unit="s"), pd.to_timedelta([0.5, 0.5], unit="s")], names=["file", "start", "end"]),
        "behind the end": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([0.1, 50], unit="s"), pd.to_timedelta([0.5, 51], unit="s")], names=["file", "start", "end"]),
        "short": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([0, 0.1], unit="s"), pd.to_timedelta([0.02, 0.5], unit="s")], names=["file", "start", "end"]),
        "milliseconds": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([100, 200], unit="ms").astype("timedelta64[ms]"), pd.to_timedelta([500, 600], unit="ms").astype("timedelta64[ms]")], names=["file", "start", "end"]),
        "no names": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([0, 0]), pd.to_timedelta([1, 1], unit="s")]),
        "other names": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([0, 0]), pd.to_timedelta([1, 1], unit="s")], names=["file", "begin", "end"]),
        "strings": lambda a, b: pd.Index([a, b], dtype="string", name="file"),
        "categories": lambda a, b: pd.CategoricalIndex([a, b], name="file"),
        "missing file": lambda a, b: pd.Index([a, b + "x"], name="file"),
        "all open": lambda a, b: pd.MultiIndex.from_arrays([[a, b], pd.to_timedelta([0, 0]), pd.to_timedelta([pd.NaT, pd.NaT])], names=["file", "start", "end"]),
        "a list": lambda a, b: [a, b],
        "a frame": lambda a, b: pd.DataFrame(index=pd.Index([a, b], name="file")),
    }.items(),
    ids=lambda item: item[0],
)
def test_forms_of_indices(both, files, index, level):
    made = index[1](str(files / "mono.wav"), str(files / "stereo.wav"))
    compare(both, lambda package: smile(package, level=level).process_index(made))
    if level == "Functionals":
        compare(both, lambda package: smile(package, num_workers=2).process_index(made, preserve_index=True))


def test_a_cache_is_read_again_and_is_of_its_index(both, files, tmp_path):
    index = pd.Index([str(files / "mono.wav")], name="file")
    other = pd.Index([str(files / "stereo.wav")], name="file")

    def case(package):
        cache = tmp_path / package.__name__
        extractor = smile(package)
        first = extractor.process_index(index, cache_root=str(cache))
        (stored,) = cache.iterdir()
        (first * 2).to_pickle(stored)
        again = extractor.process_index(index, cache_root=str(cache))
        return first, again, extractor.process_index(other, cache_root=cache), sorted(path.suffix for path in cache.iterdir())

    compare(both, case)


# Arrays.


@pytest.mark.parametrize(
    "signal",
    {
        "list of lists": lambda x: [x.tolist(), x.tolist()],
        "series": lambda x: pd.Series(x),
        "frame": lambda x: pd.DataFrame([x, -x]),
        "read-only": lambda x: np.frombuffer(x.tobytes(), "float32"),
        "column": lambda x: x[:, None][:100],
        "matrix of 3": lambda x: np.stack([x, -x, x / 2]),
        "scalar": lambda x: 0.5,
        "empty channels": lambda x: np.zeros((0, 100), "float32"),
        "masked": lambda x: np.ma.masked_array(x, np.arange(len(x)) == 5),
        "long": lambda x: np.tile(x, 40),
    }.items(),
    ids=lambda item: item[0],
)
@pytest.mark.parametrize("channels", [0, [0, 1], 2])
def test_forms_of_signals(both, signal, channels):
    compare(both, lambda package: smile(package, channels=channels).process_signal(signal[1](voice(0.5)), 16000))
    compare(both, lambda package: smile(package, channels=channels)(signal[1](voice(0.5)), 16000))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("channels", [[0, 1], [1]])
def test_columns_of_channels(both, name, channels):
    stereo = np.stack([voice(0.5), voice(0.5, pitch=220, seed=2)])
    for level in LEVELS:
        compare(both, lambda package: smile(package, name, level, channels=channels).process_signal(stereo, 16000))


def test_the_given_array_is_not_changed(both):
    sound = voice(0.5)
    before = sound.copy()
    for package in both:
        smile(package)(sound, 16000)
        smile(package).process_signal(sound, 16000)
        assert sound.tobytes() == before.tobytes()


# Copies, identities, relations.


def test_copies_and_identities(both):
    audobject = pytest.importorskip("audobject")
    audinterface = pytest.importorskip("audinterface")

    def case(package):
        one, same, other = smile(package), smile(package), smile(package, "GeMAPSv01b")
        deep = copy.deepcopy(one)
        shown = (one == same, one == other, one.id == same.id, one.id == other.id, deep.id == one.id, hash(one) == hash(same))
        kinds = isinstance(one, audinterface.Feature), isinstance(one, audobject.Object), isinstance(one.process, audinterface.Process)
        return shown, kinds, deep.process_signal(voice(0.4), 16000), [base.__name__ for base in type(one).__mro__]

    compare(both, case)


def test_yaml_in_a_file(both, tmp_path):
    audobject = pytest.importorskip("audobject")

    def case(package):
        path = tmp_path / f"{package.__name__}.yaml"
        one = smile(package, "eGeMAPSv02", "LowLevelDescriptors", channels=[0, 1], sampling_rate=16000, num_workers=3, verbose=True)
        one.to_yaml(path)
        again = audobject.from_yaml(path)
        changed = audobject.from_yaml(path, override_args={"num_workers": 2})
        return again.process_signal(np.stack([voice(0.4)] * 2), 16000), again.verbose, again.process.num_workers, changed.process.num_workers

    compare(both, case)


def test_the_process_behind_it(both):
    names = ["channels", "hop_dur", "keep_nat", "max_signal_dur", "min_signal_dur", "mixdown", "multiprocessing", "num_workers", "process_func_args", "process_func_is_mono", "resample", "sampling_rate", "segment", "verbose", "win_dur"]
    compare(both, lambda package: [(name, getattr(smile(package, channels=[1, 0], sampling_rate=8000, resample=True).process, name, "none")) for name in names])


def test_names_of_the_module(both):
    def case(package):
        return sorted(name for name in ("Smile", "FeatureSet", "FeatureLevel", "__version__") if hasattr(package, name)), package.Smile.__module__.split(".")[0] != ""

    compare(both, case)
    compare(both, lambda package: [str(member) for member in package.FeatureLevel] + [repr(member) for member in package.FeatureSet])


@pytest.mark.parametrize("name", [*SETS, "GeMAPS", "eGeMAPS"])
def test_what_is_warned_when_it_is_made(both, name):
    compare(both, lambda package: package.Smile(package.FeatureSet[name]).num_features)
    compare(both, lambda package: package.Smile(name, "lld").num_features)


def test_a_warning_made_an_error(both, files):
    def case(package):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return package.Smile("eGeMAPSv02").process_file(str(files / "short.wav"))

    compare(both, case)


@pytest.mark.parametrize("call", ["process_file", "process_files", "process_folder", "process_index", "process_signal", "process_signal_from_index", "__call__"])
def test_a_call_without_arguments(both, call):
    def case(package):
        with pytest.raises(TypeError) as error:
            getattr(smile(package), call)()
        return str(error.value).split(".")[-1]

    compare(both, case)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("win", [{"win_dur": 0.5, "hop_dur": 0.25}, {"name": "x"}, {"params": {}}])
def test_arguments_that_only_the_base_class_has(both, level, win):
    compare(both, lambda package: package.Smile("eGeMAPSv02", package.FeatureLevel[level], **win))
