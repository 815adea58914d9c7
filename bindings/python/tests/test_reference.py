"""The drop-in beside the real package: same input, same bits, indices, warnings, errors.

    pip install opensmile soundfile && pytest -m reference

Each case is a function of the package, run on both. Compared are values by their bits, dtypes, indices, columns, warnings by category and text, and errors
by type and text. What is meant to differ is not here but in ``test_opensmile.py``.
"""

import inspect
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SPEECH, voice, write_wav

pytestmark = pytest.mark.reference

SETS = ["GeMAPSv01a", "GeMAPSv01b", "eGeMAPSv01a", "eGeMAPSv01b", "eGeMAPSv02"]
LEVELS = ["Functionals", "LowLevelDescriptors"]


@pytest.fixture(scope="module")
def both():
    real = pytest.importorskip("opensmile")
    import ser.opensmile as ours

    return real, ours


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    soundfile = pytest.importorskip("soundfile")
    folder = tmp_path_factory.mktemp("files")
    mono, other = voice(1.3, pitch=130), voice(1.3, pitch=210, seed=4)
    stereo = np.stack([mono, other])
    write_wav(folder / "mono.wav", mono)
    write_wav(folder / "stereo.wav", stereo)
    write_wav(folder / "short.wav", mono[:500])
    for rate in (8000, 11025, 44100):
        write_wav(folder / f"rate{rate}.wav", voice(0.7, rate), rate)
    for name, subtype in (("pcm24", "PCM_24"), ("pcm32", "PCM_32"), ("float", "FLOAT"), ("double", "DOUBLE"), ("u8", "PCM_U8"), ("alaw", "ALAW"), ("ulaw", "ULAW"), ("ima", "IMA_ADPCM")):
        soundfile.write(folder / f"{name}.wav", 0.97 * stereo.T, 16000, subtype=subtype)
    soundfile.write(folder / "loud.wav", 4.0 * mono, 16000, subtype="FLOAT")
    soundfile.write(folder / "full.wav", np.round(2.6 * mono), 16000, subtype="FLOAT")
    soundfile.write(folder / "lossless.flac", stereo.T, 16000, subtype="PCM_16")
    soundfile.write(folder / "lossless24.flac", stereo.T, 16000, subtype="PCM_24")
    soundfile.write(folder / "lossy.ogg", stereo.T, 16000)
    soundfile.write(folder / "lossy.mp3", stereo.T, 16000)
    soundfile.write(folder / "flac-named.wav", mono, 16000, format="FLAC")
    (folder / "text.wav").write_text("no sound")
    (folder / "empty.wav").write_bytes(b"")
    data = (folder / "mono.wav").read_bytes()
    (folder / "cut.wav").write_bytes(data[: len(data) // 2])
    return folder


def outcome(package, case):
    """What came of a case: a value or an error, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = case(package)
        except Exception as error:  # noqa: BLE001
            value = error
    return value, [(warning.category.__name__, str(warning.message)) for warning in caught]


def same(theirs, ours):
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        assert (type(ours).__name__, str(ours)) == (type(theirs).__name__, str(theirs))
    elif isinstance(theirs, pd.DataFrame):
        pd.testing.assert_index_equal(ours.index, theirs.index, exact=True)
        pd.testing.assert_index_equal(ours.columns, theirs.columns, exact=True)
        assert list(ours.dtypes) == list(theirs.dtypes)
        same(theirs.to_numpy(), ours.to_numpy())
    elif isinstance(theirs, np.ndarray):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        assert np.array_equal(ours, theirs, equal_nan=True)
        signs = ~np.isnan(theirs)
        assert np.array_equal(np.signbit(ours[signs]), np.signbit(theirs[signs]))
    elif isinstance(theirs, pd.Index):
        pd.testing.assert_index_equal(ours, theirs, exact=True)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for one, other in zip(theirs, ours):
            same(one, other)
    else:
        assert repr(ours).replace("ser.opensmile.", "") == repr(theirs).replace("opensmile.core.", "")


def compare(both, case):
    (theirs, their_warnings), (ours, our_warnings) = outcome(both[0], case), outcome(both[1], case)
    same(theirs, ours)
    assert our_warnings == their_warnings


def smile(package, name="eGeMAPSv02", level="Functionals", **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return package.Smile(package.FeatureSet[name], package.FeatureLevel[level], **options)


# Numbers: sets × levels × rates.


@pytest.mark.parametrize("rate", [4000, 5512, 8000, 11025, 16000, 16001, 22050, 32000, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("level", LEVELS)
def test_rates(both, level, rate):
    sound = voice(0.6, rate)
    compare(both, lambda package: smile(package, level=level).process_signal(sound, rate))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("clip", sorted(path.name for path in SPEECH.glob("*.flac")))
def test_sets_on_speech(both, name, level, clip):
    compare(both, lambda package: smile(package, name, level).process_file(str(SPEECH / clip)))


# Arrays: dtypes, shapes, values.


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", ">f4", ">f8", "int8", "uint8", "int16", "int32", "int64", "bool", "complex64"])
def test_dtypes(both, dtype):
    sound = voice(0.5)
    sound = sound if np.dtype(dtype).kind in "fcb" else sound * 20
    compare(both, lambda package: smile(package).process_signal(sound.astype(dtype), 16000))


@pytest.mark.parametrize(
    "change",
    {
        "wraps at +1": lambda x: x * np.float32(3),
        "exactly +1": lambda x: np.sign(x).astype("float32"),
        "far beyond": lambda x: x * np.float32(1e7),
        "nan": lambda x: np.where(np.arange(len(x)) == 100, np.nan, x).astype("float32"),
        "infinite": lambda x: np.where(np.arange(len(x)) == 100, np.inf, x).astype("float32"),
        "silence": lambda x: 0 * x,
        "tiny": lambda x: x * np.float32(1e-5),
        "constant": lambda x: 0 * x + np.float32(0.25),
        "strided": lambda x: np.repeat(x, 3)[::3],
        "reversed": lambda x: x[::-1],
        "fortran": lambda x: np.asfortranarray(np.stack([x, -x])),
        "list": lambda x: x.tolist(),
        "three dimensions": lambda x: x[None, None],
        "one sample": lambda x: x[:1],
        "no sample": lambda x: x[:0],
        "959 samples": lambda x: x[:959],
        "960 samples": lambda x: x[:960],
        "1200 samples": lambda x: x[:1200],
    }.items(),
    ids=lambda item: item[0],
)
@pytest.mark.parametrize("level", LEVELS)
def test_arrays(both, change, level):
    sound = change[1](voice(0.5))
    compare(both, lambda package: smile(package, level=level).process_signal(sound, 16000))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("samples", [100, 960, 8000])
@pytest.mark.parametrize("channels", [0, [0, 1]])
def test_call_gives_an_array(both, level, samples, channels):
    sound = np.stack([voice(0.5), voice(0.5, seed=3)])[:, :samples]

    def case(package):
        extractor = smile(package, level=level, channels=channels)
        array = extractor(sound, 16000)
        return array, extractor.to_numpy(extractor.process_signal(sound, 16000))

    compare(both, case)


# Channels, mixing, rates that do not fit.


@pytest.mark.parametrize("channels", [0, 1, -1, 2, [0], [1], [0, 1], [1, 0], [0, 0], range(2), [], None])
@pytest.mark.parametrize("mixdown", [False, True])
def test_channels(both, files, channels, mixdown):
    stereo = np.stack([voice(0.5), voice(0.5, pitch=220, seed=2)])

    def case(package):
        extractor = smile(package, channels=channels, mixdown=mixdown)
        return extractor.column_names, extractor.num_channels, extractor.process_signal(stereo, 16000), extractor.process_file(str(files / "stereo.wav"))

    compare(both, case)


@pytest.mark.parametrize("options", [{"sampling_rate": 8000}, {"sampling_rate": 16000}, {"sampling_rate": 8000, "resample": True}, {"sampling_rate": 44100, "resample": True}, {"resample": True}])
def test_resampling(both, files, options):
    sound = voice(0.8)

    def case(package):
        extractor = smile(package, **options)
        return extractor.process_signal(sound, 16000), extractor.process_files([str(files / "mono.wav"), str(files / "rate8000.wav")])

    def one(package):
        return smile(package, **options).process_signal(sound, 16000)

    compare(both, case)
    compare(both, one)


# Segments.


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("start", "end"),
    [(0.1, 0.4), (None, 0.5), (0.3, None), ("100ms", "0.4s"), ("1600", "6400"), (pd.Timedelta("0.1s"), pd.Timedelta("0.31234567s")), (0.12345678, 0.45678901), (0.4, 0.1), (0.2, 0.2), (5, 6), (0.1, 9), (-0.2, 0.5), (0, 0.03)],
)
def test_segments(both, files, level, start, end):
    sound = voice(0.6)

    def of_signal(package):
        return smile(package, level=level, sampling_rate=16000).process_signal(sound, 16000, start=start, end=end)

    def of_file(package):
        return smile(package, level=level, sampling_rate=16000).process_file(str(files / "mono.wav"), start=start, end=end)

    compare(both, of_signal)
    compare(both, of_file)


@pytest.mark.parametrize("seed", range(4))
def test_random_segments_of_files(both, files, seed):
    rng = np.random.default_rng(seed)
    names = [str(files / name) for name in ("mono.wav", "rate11025.wav", "rate44100.wav", "lossless.flac", "pcm24.wav")]
    chosen = [names[at] for at in rng.integers(0, len(names), 12)]
    starts = rng.uniform(0, 0.4, 12)
    ends = starts + rng.uniform(0.03, 0.5, 12)
    for level in LEVELS:
        compare(both, lambda package: smile(package, level=level).process_files(chosen, starts=list(starts), ends=list(ends)))


@pytest.mark.parametrize("keep_nat", [False, True])
@pytest.mark.parametrize("level", LEVELS)
def test_nat(both, files, level, keep_nat):
    path = str(files / "mono.wav")

    def case(package):
        extractor = smile(package, level=level, keep_nat=keep_nat)
        index = pd.MultiIndex.from_arrays([[path, path], pd.to_timedelta([0, 0.2], unit="s"), pd.to_timedelta([np.nan, 0.7], unit="s")], names=["file", "start", "end"])
        return extractor.process_file(path), extractor.process_file(path, start=0.1), extractor.process_index(index), extractor.process_signal(voice(0.5), 16000, start=0.1)

    compare(both, case)


def test_a_segmenting_object(both, files):
    audinterface = pytest.importorskip("audinterface")
    halves = audinterface.Segment(process_func=lambda signal, rate: audinterface.utils.signal_index([0, 0.5], [0.5, 1.0]))
    nothing = audinterface.Segment(process_func=lambda signal, rate: audinterface.utils.signal_index())

    def case(package):
        extractor = smile(package, segment=halves)
        path = str(files / "mono.wav")
        return extractor.process_file(path), extractor.process_files([path, path]), extractor.process_signal(voice(1.2), 16000)

    compare(both, case)
    compare(both, lambda package: smile(package, segment=nothing).process_file(str(files / "mono.wav")))


# Files.


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["mono.wav", "stereo.wav", "short.wav", "rate8000.wav", "rate11025.wav", "rate44100.wav", "pcm24.wav", "pcm32.wav", "float.wav", "double.wav", "u8.wav", "alaw.wav", "ulaw.wav", "ima.wav", "loud.wav", "full.wav", "lossless.flac", "lossless24.flac", "lossy.ogg", "lossy.mp3", "flac-named.wav", "text.wav", "empty.wav", "cut.wav", "missing.wav"])
def test_files(both, files, name, level):
    compare(both, lambda package: smile(package, level=level).process_file(str(files / name)))


@pytest.mark.parametrize("workers", [1, 2, None])
def test_lists_of_files(both, files, workers):
    names = [str(files / name) for name in ("mono.wav", "lossy.ogg", "stereo.wav", "short.wav", "mono.wav", "pcm24.wav")]

    def case(package):
        extractor = smile(package, num_workers=workers)
        return (
            extractor.process_files(names),
            extractor.process_files(names, starts=0.1),
            extractor.process_files(names, ends=[0.5] * 6),
            extractor.process_files(["mono.wav", "stereo.wav"], root=str(files)),
            extractor.process_files(tuple(names)),
        )

    compare(both, case)
    compare(both, lambda package: smile(package).process_files([*names, str(files / "missing.wav")]))


def test_folders(both, files, tmp_path):
    for name in ("b.wav", "a.wav", "c.WAV"):
        write_wav(tmp_path / name, voice(0.3))
    (tmp_path / "below").mkdir()
    write_wav(tmp_path / "below" / "d.wav", voice(0.3))

    def case(package):
        extractor = smile(package)
        return extractor.process_folder(str(tmp_path)), extractor.process_folder(str(tmp_path), include_root=False)

    compare(both, case)
    compare(both, lambda package: smile(package).process_folder(str(tmp_path / "none")))
    compare(both, lambda package: smile(package).process_folder(str(files), filetype="flac", include_root=False))


@pytest.mark.parametrize("level", LEVELS)
def test_indices(both, files, tmp_path, level):
    audformat = pytest.importorskip("audformat")
    names = [str(files / "mono.wav"), str(files / "stereo.wav")]
    filewise = audformat.filewise_index(names)
    segmented = audformat.segmented_index([*names, names[0]], [0, 0.1, 0.2], [0.5, pd.NaT, 0.9])

    def case(package):
        extractor = smile(package, level=level)
        cache = str(tmp_path / package.__name__ / level)
        first, cached = (extractor.process_index(segmented, cache_root=cache) for _ in range(2))
        return (
            extractor.process_index(filewise),
            extractor.process_index(segmented),
            first,
            cached,
            sorted(path.name for path in Path(cache).iterdir()),
            extractor.process_index(audformat.filewise_index(["mono.wav"]), root=str(files)),
        )

    compare(both, case)
    if level == "Functionals":
        compare(both, lambda package: smile(package).process_index(filewise, preserve_index=True))
        compare(both, lambda package: smile(package).process_index(segmented, preserve_index=True))
    compare(both, lambda package: smile(package, level=level).process_index(audformat.filewise_index()))
    compare(both, lambda package: smile(package, level=level).process_index(audformat.segmented_index()))
    compare(both, lambda package: smile(package).process_index(pd.Index(["a"])))


@pytest.mark.parametrize("level", LEVELS)
def test_signals_by_index(both, level):
    audformat = pytest.importorskip("audformat")
    audinterface = pytest.importorskip("audinterface")
    sound = voice(1.0)
    index = audinterface.utils.signal_index([0, 0.25], [0.5, 0.9])
    with_files = audformat.segmented_index(["a", "b"], [0, 0.2], [0.5, pd.NaT])
    for one in (index, with_files, audinterface.utils.signal_index()):
        compare(both, lambda package: smile(package, level=level).process_signal_from_index(sound, 16000, one))
    compare(both, lambda package: smile(package, level=level).process_signal(sound, 16000, file="name.wav", start=0.1))


# What is said about itself.


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("options", [{}, {"channels": [0, 1], "sampling_rate": 8000, "resample": True}])
def test_attributes(both, name, level, options):
    def case(package):
        extractor = package.Smile(package.FeatureSet[name], package.FeatureLevel[level], **options)
        names = ("feature_names", "column_names", "num_features", "num_channels", "params", "name", "win_dur", "hop_dur", "verbose", "options", "loglevel", "logfile")
        more = ("arguments", "hidden_arguments", "borrowed_arguments")
        return [getattr(extractor, attribute) for attribute in (*names, *more)]

    compare(both, case)


@pytest.mark.parametrize("text", ["GeMAPS", "GeMAPSv01a", "eGeMAPS", "eGeMAPSv01a", "eGeMAPSv01b", "eGeMAPSv02"])
@pytest.mark.parametrize("level", ["Functionals", "LowLevelDescriptors", "lld", "func"])
def test_names_as_text(both, text, level):
    def case(package):
        extractor = package.Smile(text, level)
        return str(extractor.feature_set), str(extractor.feature_level), extractor.num_features

    compare(both, case)


def test_enums(both):
    def case(package):
        return [[(name, str(member), member.value) for name, member in enum.__members__.items()] for enum in (package.FeatureSet, package.FeatureLevel)]

    compare(both, case)


@pytest.mark.parametrize("options", [{}, {"channels": [0, 1]}, {"sampling_rate": 8000, "resample": True, "mixdown": True}])
def test_yaml_and_dict(both, options):
    audobject = pytest.importorskip("audobject")

    def case(package):
        extractor = smile(package, level="LowLevelDescriptors", **options)
        again = audobject.from_yaml_s(extractor.to_yaml_s())
        (content,) = extractor.to_dict().values()
        return content, again.id == extractor.id, type(again) is type(extractor), extractor.to_yaml_s().split("\n", 1)[1]

    compare(both, case)


def test_pickle(both):
    sound = voice(0.4)
    compare(both, lambda package: pickle.loads(pickle.dumps(smile(package))).process_signal(sound, 16000))


@pytest.mark.parametrize(
    "case",
    {
        "deltas": lambda package: package.Smile("eGeMAPSv02", package.FeatureLevel.LowLevelDescriptors_Deltas),
        "deltas by name": lambda package: package.Smile("GeMAPSv01b", "LowLevelDescriptors_Deltas"),
        "no such set": lambda package: package.Smile("nothing.conf"),
        "rate as text": lambda package: smile(package).process_signal(voice(0.2), "16000"),
        "rate of zero": lambda package: smile(package).process_signal(voice(0.2), 0),
        "rate as float": lambda package: smile(package).process_signal(voice(0.2), 16000.0),
        "rate of numpy": lambda package: smile(package).process_signal(voice(0.2), np.int64(16000)),
        "signal is text": lambda package: smile(package).process_signal("x", 16000),
        "signal is none": lambda package: smile(package).process_signal(None, 16000),
        "third argument": lambda package: package.Smile("eGeMAPSv02", "Functionals", 16000),
        "unknown argument": lambda package: package.Smile("eGeMAPSv02", "Functionals", rate=16000),
        "unequal lists": lambda package: smile(package).process_files(["a.wav"], starts=[0, 1]),
        "not an index": lambda package: smile(package).process_signal_from_index(voice(0.2), 16000, pd.Index([1])),
        "duplicates": lambda package: smile(package).process_signal_from_index(voice(0.2), 16000, pd.MultiIndex.from_arrays([pd.to_timedelta([0, 0]), pd.to_timedelta([1, 1])], names=["start", "end"])),
    }.items(),
    ids=lambda item: item[0],
)
def test_errors(both, case):
    compare(both, case[1])


# The interface itself.

METHODS = ["__init__", "__call__", "process_file", "process_files", "process_folder", "process_index", "process_signal", "process_signal_from_index", "to_numpy", "to_dict", "to_yaml", "to_yaml_s"]


@pytest.mark.parametrize("method", METHODS)
def test_signatures(both, method):
    def case(package):
        parameters = inspect.signature(getattr(package.Smile, method)).parameters.values()
        return [(parameter.name, str(parameter.kind), str(parameter.default)) for parameter in parameters]

    compare(both, case)


def test_public_names(both):
    # There are no configuration files here that a path could name.
    without = {"config_path", "default_config_root"}

    def case(package):
        return sorted(name for name in dir(package.Smile) if not name.startswith("_") and name not in without)

    compare(both, case)
    compare(both, lambda package: [smile(package, name).config_name for name in SETS])
