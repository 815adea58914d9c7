"""``Smile``: the feature extractor of opensmile-python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import audeer
import audformat
import audinterface
import audobject
import numpy as np
import pandas as pd
from ser import _native
from ser._features import feature_names

from . import _files, _frame
from ._define import NAMES, SUPERSEDED, FeatureLevel, FeatureLevelResolver, FeatureSet, FeatureSetResolver, feature_level, feature_set
from ._frame import Measured

#: What openSMILE scales floating point with before it is cut to 16 bits.
_SCALE = 32768


class Smile(audinterface.Feature, audobject.Object):
    """Extracts a set of the GeMAPS family, with openSMILE's numbers in every bit.

    Args:
        feature_set: one of the GeMAPS family.
        feature_level: ``Functionals`` or ``LowLevelDescriptors``.
        options: nothing here reads openSMILE's configuration: other than empty, a warning.
        loglevel: how much is written to ``logfile``, 0 for nothing.
        logfile: a file to which a line per segment is added.
        sampling_rate: the rate in Hz that is expected, or resampled to.
        channels: the channels to extract from, counted from 0.
        mixdown: take the mean of ``channels``.
        resample: resample to ``sampling_rate`` with ``audresample``.
        segment: an ``audinterface.Segment`` that finds the segments.
        keep_nat: keep ends that are ``NaT``.
        num_workers: files analysed at the same time; ``None`` for one per processor.
        multiprocessing: use processes instead of threads where files are read by Python.
        verbose: show a bar.

    >>> import numpy as np
    >>> import ser.opensmile as opensmile
    >>> smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    >>> smile(np.zeros((1, 16000), "float32"), 16000).shape
    (1, 88, 1)
    """

    @audobject.init_decorator(
        borrow={"sampling_rate": "process", "channels": "process", "mixdown": "process", "resample": "process"},
        hide=["keep_nat", "logfile", "loglevel", "num_workers", "multiprocessing", "segment", "verbose"],
        resolvers={"feature_set": FeatureSetResolver, "feature_level": FeatureLevelResolver},
    )
    def __init__(
        self,
        feature_set: str | FeatureSet = FeatureSet.ComParE_2016,
        feature_level: str | FeatureLevel = FeatureLevel.Functionals,
        *,
        options: dict | None = None,
        loglevel: int = 2,
        logfile: str | None = None,
        sampling_rate: int | None = None,
        channels: int | Sequence[int] = 0,
        mixdown: bool = False,
        resample: bool = False,
        segment: audinterface.Segment | None = None,
        keep_nat: bool = False,
        num_workers: int | None = 1,
        multiprocessing: bool = False,
        verbose: bool = False,
    ):
        self.feature_set = _set(feature_set)
        self.feature_level, level = _level(feature_level)
        if level is FeatureLevel.LowLevelDescriptors_Deltas:
            raise ValueError(f"Feature level '{level.name}' is not available for feature set '{self.feature_set.name}'.")
        if self.feature_set in SUPERSEDED:
            later = SUPERSEDED[self.feature_set]
            warnings.warn(f"Feature set '{self.feature_set}' is deprecated, consider switching to '{later}'.", stacklevel=2)
        self.options = {} if options is None else options.copy()
        if self.options:
            warnings.warn("options belong to openSMILE's configuration, which ser does not read: they are ignored", stacklevel=2)
        self.logfile = None if logfile is None else audeer.path(logfile)
        self.loglevel = loglevel
        self._set = NAMES[self.feature_set]
        self._level = "functionals" if level is FeatureLevel.Functionals else "lld"
        #: Files that were measured in the general way since the last list began.
        self._heard = 0
        if isinstance(channels, range):
            channels = list(channels)
        super().__init__(
            feature_names(self._set, self._level),
            name="smile",
            process_func=self._measure,
            sampling_rate=sampling_rate,
            channels=channels,
            mixdown=mixdown,
            resample=resample,
            segment=segment,
            keep_nat=keep_nat,
            num_workers=num_workers,
            multiprocessing=multiprocessing,
            verbose=verbose,
        )
        self.params = self.to_dict(include_version=False, flatten=True)

    @property
    def config_name(self) -> str:
        """The name of the set."""
        return self._set

    def process_files(
        self,
        files: Sequence[str],
        *,
        starts: Any = None,
        ends: Any = None,
        root: str | None = None,
        process_func_args: dict[str, object] | None = None,
    ) -> pd.DataFrame:
        """Features of a list of files, or of a segment of each."""
        files = [os.fspath(file) if isinstance(file, os.PathLike) else file for file in files]
        count, rate = len(files), self.process.sampling_rate
        start_ns, end_ns = _files.times(starts, count, rate), _files.times(ends, count, rate)
        uneven = any(times is not None and len(times) != count for times in (start_ns, end_ns))
        if process_func_args or uneven or self.process.segment is not None:
            return super().process_files(files, starts=starts, ends=ends, root=root, process_func_args=process_func_args)
        return self._of_files(files, start_ns, end_ns, root)

    def process_file(
        self,
        file: str,
        *,
        start: Any = None,
        end: Any = None,
        root: str | None = None,
        process_func_args: dict[str, object] | None = None,
    ) -> pd.DataFrame:
        """Features of a file, or of a segment of it."""
        if process_func_args or self.process.segment is not None:
            return super().process_file(file, start=start, end=end, root=root, process_func_args=process_func_args)
        return self.process_files([file], starts=[start], ends=[end], root=root)

    def process_index(
        self,
        index: pd.Index,
        *,
        preserve_index: bool = False,
        root: str | None = None,
        cache_root: str | None = None,
        process_func_args: dict[str, object] | None = None,
    ) -> pd.DataFrame:
        """Features of the segments of an index as audformat has it."""
        if process_func_args or self.process.segment is not None or isinstance(index, (pd.DataFrame, pd.Series)):
            return super().process_index(
                index,
                preserve_index=preserve_index,
                root=root,
                cache_root=cache_root,
                process_func_args=process_func_args,
            )
        cache = None
        if cache_root is not None:
            cache = os.path.join(audeer.mkdir(cache_root), f"{audformat.utils.hash(index, strict=True)}.pkl")
        if cache is not None and os.path.exists(cache):
            frame = pd.read_pickle(cache)
        else:
            segments = audformat.utils.to_segmented_index(index)
            files, starts, ends = (segments.get_level_values(level) for level in range(3))
            frame = self._of_files(files.tolist(), starts.as_unit("ns").asi8, ends.as_unit("ns").asi8, root)
            if cache is not None:
                frame.to_pickle(cache, protocol=4)
        if preserve_index:
            frame.index = index
        return frame

    def __call__(self, signal: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Features of an array of shape (channels, samples): an array of shape (channels, features, rows)."""
        return self.process(signal, sampling_rate).values

    def _of_files(self, files: list[str], starts: np.ndarray | None, ends: np.ndarray | None, root: str | None) -> pd.DataFrame:
        if not files:
            raise ValueError("No objects to concatenate")
        pieces = _files.measure(self, files, starts, ends, root)
        missing = pieces.missing()
        if missing:

            def of(times: np.ndarray | None) -> list[pd.Timedelta | None]:
                return [None] * len(missing) if times is None else list(_frame.timedeltas(times[missing]))

            self._heard = 0
            try:
                series = self.process.process_files([files[place] for place in missing], starts=of(starts), ends=of(ends), root=root)
            except BaseException:
                # Those before the file that failed, as if all had been heard one after the other.
                failed = missing[min(self._heard, len(missing) - 1)]
                self._tell_short(sum(pieces.short[:failed]))
                raise
            for place, measured, (_, start, end) in zip(missing, series, series.index):
                pieces.measured[place] = measured
                pieces.starts[place], pieces.ends[place] = start.value, end.value
        self._tell_short(sum(pieces.short))
        return _frame.table(files, pieces.starts, pieces.ends, pieces.measured, self.column_names, self._level == "lld")

    def _series_to_frame(self, series: pd.Series) -> pd.DataFrame:
        """The table of a series of ``Measured``, as ``audinterface`` makes it."""
        levels = [series.index.get_level_values(level) for level in range(series.index.nlevels)] if len(series) else [[], []]
        files = list(levels[0]) if len(levels) == 3 else None
        starts, ends = (pd.TimedeltaIndex(level).as_unit("ns").asi8 for level in levels[-2:])
        return _frame.table(files, starts, ends, list(series), self.column_names, self._level == "lld")

    def _measure(self, signal: np.ndarray, sampling_rate: int) -> Measured:
        """Features of an array of shape (channels, samples), cut to 16 bits as openSMILE takes it."""
        rate = int(sampling_rate)
        if not 4000 <= rate <= 192000:
            raise ValueError(f"sampling rate {sampling_rate} Hz is outside 4000 … 192000 Hz: resample the signal (sampling_rate=16000, resample=True)")
        scaled = signal.copy()
        scaled *= _SCALE
        samples = scaled.astype(np.int16).astype(np.float32) / np.float32(32767)
        found = _native.extract(
            [(np.ascontiguousarray(channel), rate) for channel in samples],
            self._set,
            self._level,
            short_nan=True,
            thread_count=1,
        )
        self._log(samples.shape[1], rate)
        self._heard += 1
        self._tell_short(len(found["short"]))
        if found["short"]:
            return Measured(np.full((len(samples), self.num_features, 1), np.nan), rate)
        values = found["values"].reshape(len(samples), -1, self.num_features)
        return Measured(values.transpose(0, 2, 1), rate)

    def _tell_short(self, count: int) -> None:
        for _ in range(count):
            warnings.warn("Segment too short, filling with NaN.", stacklevel=2)

    def _log(self, samples: int, rate: int) -> None:
        if self.logfile is not None and self.loglevel > 0:
            with open(self.logfile, "a") as file:
                file.write(f"ser {_native.VERSION}: {self._set} {self._level} of {samples / rate:.3f} s at {rate} Hz\n")


_set, _level = feature_set, feature_level
