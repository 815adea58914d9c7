"""``ser.Extractor``: features of samples as they arrive."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import _native
from ._extract import ExtractionError, _times
from ._features import feature_names
from ._signal import mono, rate_of


class Extractor:
    """Extracts one set from samples that arrive in blocks of any size; how they are cut never changes a bit of the result.

    Args:
        rate: rate of the samples in Hz, 4000 to 192000. They are not resampled.
        set: the feature set, one of ``ser.SETS``.
        level: ``"functionals"`` or ``"lld"``.

    >>> import numpy as np, ser
    >>> extractor = ser.Extractor(16000, level="lld")
    >>> for block in np.split(np.zeros(16000, "float32"), 100):
    ...     extractor.push(block)
    >>> len(extractor.take_rows()) + len(extractor.finish())
    96
    """

    def __init__(self, rate: int, *, set: str = "eGeMAPSv02", level: str = "functionals"):
        self.rate = rate_of(rate)
        self.set, self.level = set, level
        self._stream = _native.Stream(self.rate, set, level)
        self._names = feature_names(set, level)

    def __repr__(self) -> str:
        return f"Extractor({self.rate}, set={self.set!r}, level={self.level!r})"

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self._names)

    @property
    def delay(self) -> int | None:
        """How late rows are, in frames of 10 ms; ``None`` where they are final only at the end."""
        return self._stream.delay

    @property
    def shortest(self) -> int:
        """Fewest samples that give features: 60 ms."""
        return self._stream.shortest

    def push(self, samples: Any) -> None:
        """Takes in the next samples, mono.

        Raises:
            ValueError: a sample that is infinite, not a number, or far beyond full scale; nothing of the block was taken in.
        """
        self._stream.push(mono(samples))

    def take_rows(self) -> pd.DataFrame:
        """The rows of descriptors that became final since the last call, indexed by start and end; none for functionals."""
        return self._table(*self._stream.take_rows())

    def finish(self) -> pd.DataFrame:
        """Ends the recording: its functionals, or the rows of descriptors that were not taken. The extractor is ready for the next recording then.

        Raises:
            ExtractionError: fewer samples than ``shortest``.
        """
        try:
            rows = self._stream.finish()
        except ValueError as error:
            raise ExtractionError(str(error), kind="too-short") from None
        return self._table(*rows)

    def reset(self) -> None:
        """Forgets the samples pushed so far."""
        self._stream.reset()

    def _table(self, values: Any, starts: Any, ends: Any) -> pd.DataFrame:
        index = pd.MultiIndex.from_arrays([_times(starts), _times(ends)], names=["start", "end"])
        return pd.DataFrame(values, index=index, columns=self._names)
