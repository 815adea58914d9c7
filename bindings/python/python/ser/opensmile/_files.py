"""Lists of files, read and measured in Rust.

The general way (``audinterface``) reads a file into an array of Python, cuts it to 16 bits and hands it over, one file after the other. Here Rust
decodes, cuts and measures, on several threads if asked to. Files that libsndfile reads to other samples than ``ser`` does (lossy codings) or that are
anything but sound go the general way, so that samples, warnings and errors are those of opensmile-python.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import audinterface
import numpy as np
import pandas as pd
from ser import _native

from ._frame import Measured, nanoseconds, timedeltas

if TYPE_CHECKING:
    from ._smile import Smile

#: Extensions whose content libsndfile reads without loss.
_EXTENSIONS = (".wav", ".flac")

#: Codings of WAV files that every decoder reads to the same samples: PCM, floating point, A-law, µ-law.
_CODINGS = (0x0001, 0x0003, 0x0006, 0x0007)

#: The coding that stands in a longer header.
_EXTENSIBLE = 0xFFFE

_NAT = np.iinfo("int64").min


class Pieces:
    """Pieces of files in the order asked for, each with start and end in nanoseconds."""

    def __init__(self, count: int):
        self.starts = np.zeros(count, dtype="int64")
        self.ends = np.zeros(count, dtype="int64")
        self.measured: list[Measured | None] = [None] * count
        #: Channels of each that were too short, which is told when all went well.
        self.short = [0] * count

    def missing(self) -> list[int]:
        """Places of the pieces that were not measured."""
        return [place for place, piece in enumerate(self.measured) if piece is None]


def times(values: Any, count: int, rate: int | None) -> np.ndarray | None:
    """Starts or ends as nanoseconds, ``NaT`` where there is none; ``None`` if there are none at all."""
    if values is None:
        return None
    if isinstance(values, (float, int, str, pd.Timedelta)):
        values = [values] * count
    values = list(values)
    if len(values) != count:
        return np.array([], dtype="int64")
    none = [value is None or value is pd.NaT for value in values]
    converted = [pd.NaT if empty else audinterface.utils.to_timedelta(value, rate) for value, empty in zip(values, none)]
    return pd.TimedeltaIndex(converted).as_unit("ns").asi8


def measure(smile: Smile, files: Sequence[str], starts: np.ndarray | None, ends: np.ndarray | None, root: str | None) -> Pieces:
    """Measures what can be measured in Rust; the rest is left ``missing``."""
    pieces = Pieces(len(files))
    channels = _channels(smile)
    if channels is None or smile.process.segment is not None:
        return pieces
    paths = [file if root is None or os.path.isabs(file) else os.path.join(root, file) for file in files]
    able = {path: _is_plain(path) for path in set(paths)}
    start_s, end_s = _seconds(starts), _seconds(ends)
    wanted: dict[str, list[int]] = {}
    for place, path in enumerate(paths):
        start = 0.0 if start_s is None or np.isnan(start_s[place]) else start_s[place]
        end = np.inf if end_s is None or np.isnan(end_s[place]) else end_s[place]
        if able[path] and 0 <= start < end:
            wanted.setdefault(path, []).append(place)
    if not wanted:
        return pieces
    spans = None if starts is None and ends is None else [[_span(start_s, end_s, place) for place in places] for places in wanted.values()]
    if spans is None:
        sources, groups = [path for path, places in wanted.items()], list(wanted.values())
    else:
        sources, groups = list(wanted), list(wanted.values())
    of_channel = []
    with _progress(smile, len(sources) * len(channels)) as progress:
        for channel in channels:
            found = _native.extract(
                sources,
                smile._set,
                smile._level,
                channel=channel,
                spans=spans,
                sixteen_bit=True,
                short_nan=True,
                thread_count=smile.process.num_workers,
                progress=progress,
            )
            of_channel.append(found)
    _collect(smile, pieces, groups, of_channel, spans is not None, (starts, ends), (start_s, end_s))
    return pieces


def _collect(
    smile: Smile,
    pieces: Pieces,
    groups: list[list[int]],
    of_channel: list[dict[str, Any]],
    in_parts: bool,
    given: tuple[np.ndarray | None, np.ndarray | None],
    given_s: tuple[np.ndarray | None, np.ndarray | None],
) -> None:
    """Puts what was found into its places, leaving out recordings of which anything is to be said."""
    first = of_channel[0]
    unfit = {recording for found in of_channel for recording, _ in found["warnings"]}
    unfit.update(recording for found in of_channel for recording, *_ in found["failures"])
    unfit.update(np.flatnonzero(first["truncated"]).tolist())
    expected = smile.process.sampling_rate
    if expected is not None:
        unfit.update(np.flatnonzero(first["rate"] != expected).tolist())
    widths = {(recording, part): [] for recording, places in enumerate(groups) for part in (range(len(places)) if in_parts else (0,))}
    for found in of_channel:
        keys = np.stack([found["recording"], found["part"]], axis=1)
        if len(keys) == 0:
            continue
        cuts = np.flatnonzero(np.any(keys[1:] != keys[:-1], axis=1)) + 1
        bounds = [0, *cuts.tolist(), len(keys)]
        for begin, end in zip(bounds[:-1], bounds[1:]):
            widths[(int(keys[begin, 0]), int(keys[begin, 1]))].append(found["values"][begin:end].T)
    short = [set(found["short"]) for found in of_channel]
    where: list[int] = []
    read: list[float] = []
    rates: list[int] = []
    for recording, places in enumerate(groups):
        if recording in unfit:
            continue
        rate, length = int(first["rate"][recording]), float(first["length"][recording])
        for part, place in enumerate(places):
            key = (recording, part if in_parts else 0)
            is_short = [key in one for one in short]
            values = np.stack(widths[key])
            if any(is_short):
                pieces.short[place] = sum(is_short)
                values = np.full(values.shape[:2] + (1,), np.nan)
            pieces.measured[place] = Measured(values, rate)
            where.append(place)
            rates.append(rate)
            read.append(_samples_read(given_s, place, rate, length) / rate)
    _index(smile, pieces, np.array(where, dtype=int), np.array(read), np.array(rates, dtype=float), given, given_s)


def _samples_read(given_s: tuple[np.ndarray | None, np.ndarray | None], place: int, rate: int, length: float) -> int:
    """Samples of a piece: those asked for, as far as the file has them."""
    total = round(length * rate)
    start, end = (np.nan if times is None else times[place] for times in given_s)
    first = 0 if np.isnan(start) else round(start * rate)
    left = max(total - first, 0)
    if np.isnan(end):
        return left
    return min(left, round((end - (0 if np.isnan(start) else start)) * rate))


def _index(
    smile: Smile,
    pieces: Pieces,
    where: np.ndarray,
    read: np.ndarray,
    rates: np.ndarray,
    given: tuple[np.ndarray | None, np.ndarray | None],
    given_s: tuple[np.ndarray | None, np.ndarray | None],
) -> None:
    """Start and end as ``audinterface`` gives them: as asked for, where that is not a whole number of samples."""
    if len(where) == 0:
        return
    end = nanoseconds(read)
    open_end = np.ones(len(where), dtype=bool)
    for times, times_s, is_start in ((given[0], given_s[0], True), (given[1], given_s[1], False)):
        if times is None or times_s is None:
            continue
        there = times[where] != _NAT
        seconds = np.where(there, times_s[where], 0.0)
        lost = times[where] - nanoseconds(np.round(seconds * rates) / rates)
        if is_start:
            pieces.starts[where] = np.where(there, times[where], 0)
            end += np.where(there, times[where] - lost, 0)
        else:
            end += np.where(there, lost, 0)
            open_end = ~there
    if smile.process.keep_nat:
        end[open_end] = _NAT
    pieces.ends[where] = end


def _channels(smile: Smile) -> list[int | None] | None:
    """The channels to measure one by one, counted from 0; ``None`` where the general way must mix or resample."""
    process = smile.process
    if process.channels is None:
        return None
    channels = list(process.channels)
    counted = all(isinstance(channel, (int, np.integer)) and channel >= 0 for channel in channels)
    if not counted or not channels or (process.mixdown and len(channels) > 1):
        return None
    return [int(channel) for channel in channels]


def _is_plain(path: str) -> bool:
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path).lower().endswith(_EXTENSIONS):
        return False
    try:
        with open(path, "rb") as file:
            kind = file.read(4)
            return kind == b"fLaC" or (kind == b"RIFF" and _coding(file) in _CODINGS)
    except OSError:
        return False


def _coding(file: BinaryIO) -> int | None:
    """The coding of a WAV file of which four bytes were read; ``None`` where its header does not say."""
    if file.read(8)[4:] != b"WAVE":
        return None
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"fmt ":
            content = file.read(min(size, 40))
            coding = int.from_bytes(content[:2], "little")
            return int.from_bytes(content[24:26], "little") if coding == _EXTENSIBLE else coding
        file.seek(size + size % 2, os.SEEK_CUR)
    return None


def _seconds(nanos: np.ndarray | None) -> np.ndarray | None:
    if nanos is None:
        return None
    return np.array([np.nan if time is pd.NaT else time.total_seconds() for time in timedeltas(nanos)])


def _span(starts: np.ndarray | None, ends: np.ndarray | None, place: int) -> tuple[int, int | None]:
    start = 0.0 if starts is None or np.isnan(starts[place]) else starts[place]
    end = None if ends is None or np.isnan(ends[place]) else round(float(ends[place]) * 1e9)
    return round(float(start) * 1e9), end


class _progress:
    """A bar if the extractor is verbose."""

    def __init__(self, smile: Smile, total: int):
        self.bar, self.before, self.last = None, 0, 0
        if smile.process.verbose:
            import audeer

            self.bar = audeer.progress_bar(total=total, desc=f"Process {total} files")

    def __enter__(self) -> Any:
        return None if self.bar is None else self._update

    def _update(self, done: int) -> None:
        if done < self.last:
            self.before += self.last
        self.last = done
        self.bar.update(self.before + done - self.bar.n)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
