"""``ser.extract``: recordings in, a table of features out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from . import _native
from ._features import feature_names
from ._signal import mono, rate_of


class ExtractionError(ValueError):
    """A recording of which there are no features.

    ``kind`` is a word for programs (the list is in docs/reliability.md), ``file`` the recording, ``start`` and ``end`` the part of it in seconds, or
    ``None`` for all of it.
    """

    def __init__(self, message: str, *, kind: str = "usage", file: Any = None, start: float | None = None, end: float | None = None):
        super().__init__(message)
        self.kind, self.file, self.start, self.end = kind, file, start, end


class MissingFileError(ExtractionError, FileNotFoundError):
    """A recording that is not there."""


class ExtractionWarning(UserWarning):
    """A recording of many that failed, or something odd about one that did not."""


def extract(
    inputs: Any,
    rate: int | None = None,
    *,
    set: str = "eGeMAPSv02",
    level: str = "functionals",
    channel: int | None = None,
    resample: int | None = None,
    segments: Any = None,
    windows: tuple[float, float] | None = None,
    short: str = "fail",
    errors: str | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int], Any] | None = None,
    to: str = "pandas",
) -> Any:
    """Features of recordings.

    Args:
        inputs: a path, a folder (searched to the bottom, sorted by name) or a list of both; the bytes of a file; an array of samples with ``rate``, of
            shape ``(n,)`` or ``(channels, n)``; or a list of ``(array, rate)`` and of bytes.
        rate: rate of the samples in Hz, for an array.
        set: the feature set, one of ``ser.SETS``.
        level: ``"functionals"``, a row per recording, or ``"lld"``, a row every 10 ms.
        channel: the channel to take, counted from 0; by default the mean of all.
        resample: a rate in Hz to resample to; by default each recording's own.
        segments: parts of recordings: an index or a table with ``file``, ``start`` and ``end`` as audformat and opensmile-python have them
            (``inputs`` is the folder of relative paths then, or ``None``), or for a single recording a list of ``(start, end)`` in seconds; an end of
            ``None`` is that of the recording.
        windows: length and hop in seconds of windows that slide over each recording.
        short: what a part of less than 60 ms gives: ``"fail"``, or ``"nan"`` for a row of NaN.
        errors: what a recording that fails does: ``"raise"``, ``"warn"`` (an ``ExtractionWarning`` for each), or ``"ignore"``. By default a single
            recording raises and one of many warns. If all fail, it raises in any case but ``"ignore"``.
        threads: recordings analysed at the same time; by default one per processor.
        progress: ``True`` for a bar of tqdm, or a function that is called with the number of recordings that are done; by default a bar if tqdm is
            there, standard error is a terminal and there are at least 20 recordings.
        to: ``"pandas"``, a table of ``float32`` indexed by ``file``, ``start`` and ``end``; ``"pyarrow"``, a table with these as columns (times in
            seconds); or ``"numpy"``, the values alone, rows × columns.

    Returns:
        The table. In pandas, ``attrs["failures"]`` lists what failed, each a dict with ``file``, ``start``, ``end``, ``kind`` and ``message``.

    Raises:
        ExtractionError: a recording that fails, see ``errors``; a ``ValueError``.
        ValueError: what is asked for does not exist.
        TypeError: an argument of another type.

    >>> import numpy as np, ser
    >>> table = ser.extract(np.sin(np.arange(16000) * 0.1).astype("float32"), 16000)
    >>> table.shape
    (1, 88)
    >>> round(float(table["F0semitoneFrom27.5Hz_sma3nz_amean"].iloc[0]), 1)
    38.5
    """
    if short not in ("fail", "nan"):
        raise ValueError(f"short={short!r}: one of 'fail' and 'nan'")
    if errors not in (None, "raise", "warn", "ignore"):
        raise ValueError(f"errors={errors!r}: one of 'raise', 'warn' and 'ignore'")
    if to not in ("pandas", "pyarrow", "numpy"):
        raise ValueError(f"to={to!r}: one of 'pandas', 'pyarrow' and 'numpy'")
    if channel is not None and (isinstance(channel, bool) or not isinstance(channel, (int, np.integer)) or channel < 0):
        raise ValueError(f"channel={channel!r}: channels are counted from 0")
    names = feature_names(set, level)
    given = _Given(inputs, rate, segments, channel)
    if errors is None:
        errors = "raise" if given.single else "warn"
    with _Progress(progress, len(given.sources)) as report:
        found = _native.extract(
            given.sources,
            set,
            level,
            channel=None if channel is None else int(channel),
            rate=None if resample is None else rate_of(resample),
            spans=given.spans,
            windows=None if windows is None else (float(windows[0]), float(windows[1])),
            short_nan=short == "nan",
            thread_count=threads,
            progress=report,
        )
    failures = _failures(given, found)
    _complain(given, found, failures, errors)
    order = given.order(found)
    for column in ("values", "recording", "part", "start", "end"):
        found[column] = found[column] if order is None else found[column][order]
    if to == "numpy":
        return found["values"]
    if to == "pyarrow":
        return _arrow(given, found, names)
    return _pandas(given, found, names, failures)


class _Given:
    """The recordings of a call, and what they are called."""

    def __init__(self, inputs: Any, rate: Any, segments: Any, channel: int | None):
        self.spans: list[list[tuple[int, int | None]]] | None = None
        self.unreadable: list[tuple[Any, str]] = []
        #: Place in the result of each part of each recording, where it is not that of their order.
        self.places: list[list[int]] | None = None
        self.single = False
        self.named = True
        table = _segment_table(segments)
        if table is not None:
            if rate is not None:
                raise ValueError("a table of segments names its files; leave out rate")
            self._from_table(inputs, table)
            return
        if _is_samples(inputs, rate):
            self.single, self.named = True, False
            if rate is None:
                raise TypeError("samples need their rate in Hz: ser.extract(samples, rate)")
            self.sources: list[Any] = [(mono(inputs, channel), rate_of(rate))]
            self.names: list[Any] = [None]
        elif isinstance(inputs, (str, os.PathLike)):
            if rate is not None:
                raise TypeError("rate is that of an array; a file knows its own, and resample= changes it")
            self.single = not os.path.isdir(inputs)
            self._from_paths([inputs])
        elif isinstance(inputs, (bytes, bytearray, memoryview)):
            self.single, self.named = True, False
            self.sources, self.names = [bytes(inputs)], [None]
        elif isinstance(inputs, Iterable):
            inputs = list(inputs)
            if all(isinstance(one, (str, os.PathLike)) for one in inputs):
                self._from_paths(inputs)
            else:
                self._from_mixed(inputs, rate, channel)
        else:
            raise TypeError(f"expected paths, bytes or samples, not {type(inputs).__name__}")
        if segments is not None:
            if not self.single:
                raise TypeError("a list of (start, end) belongs to one recording; of several, give a table with file, start and end")
            self.spans = [[_span(start, end) for start, end in segments]]

    def _from_paths(self, paths: Sequence[Any]) -> None:
        if not any(os.path.isdir(path) for path in paths):
            self.sources = [os.fspath(path) for path in paths]
            self.names = [os.fsdecode(path) for path in paths]
            return
        found, self.unreadable = _native.find([os.fspath(path) for path in paths])
        self.sources = [os.fspath(path) for path, _ in found]
        self.names = [name for _, name in found]
        if not found and not self.unreadable:
            raise ExtractionError(f"{paths[0]}: no recordings were found in it", kind="usage", file=os.fspath(paths[0]))

    def _from_mixed(self, inputs: Sequence[Any], rate: Any, channel: int | None) -> None:
        self.sources, self.names = [], []
        for place, one in enumerate(inputs):
            if isinstance(one, (str, os.PathLike)):
                self.sources.append(os.fspath(one))
                self.names.append(os.fsdecode(one))
                continue
            if isinstance(one, (bytes, bytearray, memoryview)):
                self.sources.append(bytes(one))
            elif isinstance(one, tuple) and len(one) == 2:
                self.sources.append((mono(one[0], channel), rate_of(one[1])))
            elif rate is not None:
                self.sources.append((mono(one, channel), rate_of(rate)))
            else:
                raise TypeError(f"input {place}: expected a path, bytes or (samples, rate), not {type(one).__name__}")
            self.names.append(str(place))

    def _from_table(self, root: Any, table: pd.DataFrame) -> None:
        if root is not None and not isinstance(root, (str, os.PathLike)):
            raise TypeError("with a table of segments, inputs is the folder of its files, or None")
        parts: dict[str, int] = {}
        self.sources, self.names, self.spans, self.places = [], [], [], []
        for place, (file, start, end) in enumerate(zip(table["file"], table["start"], table["end"])):
            at = parts.setdefault(file, len(parts))
            if at == len(self.sources):
                self.sources.append(file if root is None else os.path.join(root, file))
                self.names.append(file)
                self.spans.append([])
                self.places.append([])
            self.spans[at].append(_span(start, end))
            self.places[at].append(place)

    def order(self, found: dict[str, Any]) -> np.ndarray | None:
        """The rows in the order of the table of segments."""
        if self.places is None:
            return None
        starts = np.cumsum([0] + [len(parts) for parts in self.places])
        flat = np.array([place for parts in self.places for place in parts], dtype=np.int64)
        if len(flat) == 0:
            return None
        return np.argsort(flat[starts[found["recording"]] + found["part"]], kind="stable")


def _is_samples(inputs: Any, rate: Any) -> bool:
    if isinstance(inputs, (str, bytes, bytearray, memoryview, os.PathLike)) or inputs is None:
        return False
    if hasattr(inputs, "__array__") or hasattr(inputs, "__array_interface__"):
        kind = getattr(getattr(inputs, "dtype", None), "kind", "f")
        return kind not in "OUST"
    first = next(iter(inputs), None) if isinstance(inputs, (list, tuple)) else None
    if isinstance(inputs, (list, tuple)) and rate is not None and not inputs:
        return True
    return isinstance(first, (int, float, np.number)) and not isinstance(first, bool)


def _segment_table(segments: Any) -> pd.DataFrame | None:
    """A table with file, start and end, if ``segments`` is one in any form."""
    if isinstance(segments, pd.Index):
        segments = segments.to_frame(index=False)
    elif isinstance(segments, (pd.DataFrame, pd.Series)):
        segments = segments.reset_index() if isinstance(segments.index, pd.MultiIndex) else segments
    elif segments is None or not hasattr(segments, "to_pandas"):
        return None
    else:
        segments = segments.to_pandas()
    segments = pd.DataFrame(segments)
    if "file" not in segments:
        raise ValueError("a table of segments has the columns file, start and end")
    columns = {"file": segments["file"].astype(object)}
    for name in ("start", "end"):
        columns[name] = segments[name].astype(object) if name in segments else pd.Series([None] * len(segments), dtype=object)
    return pd.DataFrame(columns)


def _nanoseconds(time: Any) -> int | None:
    if time is None or time is pd.NaT or (isinstance(time, (float, np.floating)) and np.isnan(time)):
        return None
    if isinstance(time, (int, float, np.integer, np.floating)) and not isinstance(time, bool):
        nanoseconds = round(float(time) * 1e9)
    else:
        nanoseconds = pd.Timedelta(time).as_unit("ns").value
    if nanoseconds < 0:
        raise ValueError(f"a part of a recording cannot begin or end at {time}, before the recording")
    return nanoseconds


def _span(start: Any, end: Any) -> tuple[int, int | None]:
    first, last = _nanoseconds(start) or 0, _nanoseconds(end)
    if last is not None and last < first:
        raise ValueError(f"the end {end} of a part lies before its start {start}")
    return first, last


def _failures(given: _Given, found: dict[str, Any]) -> list[dict[str, Any]]:
    def seconds(value: float) -> float | None:
        return None if np.isnan(value) else value

    def failure(recording: int, part: int | None, start: float, end: float, kind: str, message: str) -> dict[str, Any]:
        whole = part is None or given.spans is None
        return {
            "file": given.names[recording],
            "start": None if whole else seconds(start),
            "end": None if whole else seconds(end),
            "kind": kind,
            "message": message,
        }

    unreadable = [
        {"file": os.fsdecode(path), "start": None, "end": None, "kind": "unreadable", "message": message} for path, message in given.unreadable
    ]
    return unreadable + [failure(*one) for one in found["failures"]]


def _described(failure: dict[str, Any]) -> str:
    place = "" if failure["start"] is None else f" from {failure['start']:g} s"
    name = "" if failure["file"] is None else f"{failure['file']}{place}: "
    return name + failure["message"]


def _error(failure: dict[str, Any], rest: int = 0) -> ExtractionError:
    more = f" (and {rest} more failed)" if rest else ""
    missing = failure["kind"] == "unreadable" and "os error 2)" in failure["message"]
    kind = MissingFileError if missing else ExtractionError
    known = {key: failure[key] for key in ("kind", "file", "start", "end")}
    return kind(_described(failure) + more, **known)


def _complain(given: _Given, found: dict[str, Any], failures: list[dict[str, Any]], errors: str) -> None:
    if errors == "ignore":
        return
    nothing = len(found["recording"]) == 0
    if failures and (errors == "raise" or nothing):
        raise _error(failures[0], len(failures) - 1)
    for failure in failures:
        warnings.warn(_described(failure), ExtractionWarning, stacklevel=3)
    for recording, message in found["warnings"]:
        name = given.names[recording]
        warnings.warn(message if name is None else f"{name}: {message}", ExtractionWarning, stacklevel=3)
    for recording in np.flatnonzero(found["truncated"]):
        name = given.names[recording]
        message = "ends before its header says; what there is was analysed"
        warnings.warn(message if name is None else f"{name}: {message}", ExtractionWarning, stacklevel=3)


def _times(seconds: np.ndarray) -> pd.TimedeltaIndex:
    nanoseconds = np.rint(seconds * 1e9).astype("int64")
    return pd.TimedeltaIndex(nanoseconds.view("timedelta64[ns]"))


def _pandas(given: _Given, found: dict[str, Any], names: list[str], failures: list[dict[str, Any]]) -> pd.DataFrame:
    levels = [_times(found["start"]), _times(found["end"])]
    labels = ["start", "end"]
    if given.named:
        files = np.array(given.names, dtype=object)[found["recording"]] if given.names else np.array([], dtype=object)
        levels, labels = [pd.Index(files, name="file"), *levels], ["file", *labels]
    index = pd.MultiIndex.from_arrays(levels, names=labels)
    table = pd.DataFrame(found["values"], index=index, columns=names)
    table.attrs["failures"] = failures
    return table


def _arrow(given: _Given, found: dict[str, Any], names: list[str]) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError("to='pyarrow' needs pyarrow: pip install pyarrow") from error
    columns: dict[str, Any] = {}
    if given.named:
        columns["file"] = pa.array([given.names[recording] for recording in found["recording"]], pa.string())
    columns["start"], columns["end"] = pa.array(found["start"]), pa.array(found["end"])
    values = found["values"]
    columns.update((name, pa.array(np.ascontiguousarray(values[:, at]))) for at, name in enumerate(names))
    return pa.table(columns)


class _Progress:
    """A bar, a function, or nothing."""

    def __init__(self, wanted: Any, total: int):
        self.bar = None
        self.function = wanted if callable(wanted) else None
        if self.function is None and wanted is not False and (wanted or total >= 20):
            self._begin(bool(wanted), total)

    def _begin(self, asked: bool, total: int) -> None:
        import sys

        if not asked and not (hasattr(sys.stderr, "isatty") and sys.stderr.isatty()):
            return
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return
        self.bar = tqdm(total=total, unit="recording")

    def __enter__(self) -> Callable[[int], Any] | None:
        if self.bar is not None:
            return self._update
        return self.function

    def _update(self, done: int) -> None:
        self.bar.update(done - self.bar.n)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
