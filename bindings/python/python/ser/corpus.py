"""Corpora as they were downloaded: checked, audited, and prepared as one clean table (``ser corpus`` of the program).

Where recordings are: ``roots``, a dict from the name of a corpus to its folder, or one folder that holds corpora by name; else the environment variable
``SER_CORPORA`` or the user's ``config.toml``. ``corpora`` names a file with descriptions of further corpora.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _native

__all__ = ["audit", "check", "prepare"]

_Roots = Mapping[str, Any] | str | os.PathLike | None


def check(names: str | Sequence[str], *, roots: _Roots = None, corpora: Any = None) -> list[dict[str, Any]]:
    """Compares copies of corpora with what was published: a dict each, with counts and the files that no rule explains.

    >>> import ser.corpus
    >>> ser.corpus.check("no-such-corpus")
    Traceback (most recent call last):
        ...
    ValueError: ...
    """
    return json.loads(_native.corpus_check(_names(names), _roots(roots), _path(corpora)))


def audit(
    names: str | Sequence[str],
    *,
    roots: _Roots = None,
    corpora: Any = None,
    labels: str = "common",
    threads: int | None = None,
    progress: Callable[[int], Any] | None = None,
) -> dict[str, Any]:
    """Listens to corpora: duplicates, contradictory labels, silence, clipping, rates, bandwidth, and labels that something else than the voice gives away.

    The dict has what the program prints as JSON, and ``clean``, whether there is no defect and no warning.
    """
    found, clean = _native.corpus_audit(_names(names), _roots(roots), _path(corpora), labels, threads, progress)
    return {**json.loads(found), "clean": clean}


def prepare(
    names: str | Sequence[str],
    output: Any,
    *,
    roots: _Roots = None,
    corpora: Any = None,
    labels: str = "common",
    rate: int | None = None,
    audio: str | None = None,
    level: float | None = None,
    features: bool | str | None = None,
    deduplicate: bool = False,
    outliers: float | None = None,
    outliers_over: str = "corpus",
    threads: int | None = None,
    progress: Callable[[int], Any] | None = None,
) -> dict[str, Any]:
    """Makes one clean, labelled table of corpora in the folder ``output``; a second run does only what changed.

    Args:
        names: the corpora.
        output: the folder: ``manifest.csv`` and ``.parquet``, ``db.yaml`` for audformat, ``audio/`` and ``features.csv`` on request.
        roots, corpora: see the module.
        labels: a map of corpora.toml (``"four"`` …), ``"common"`` or ``"native"``.
        rate: bring audio and features to this rate in Hz.
        audio: write the audio, 16 bit: ``"wav"`` or ``"flac"``.
        level: bring the active speech level to this, dB re full scale, e.g. -26.
        features: extract functionals: ``True`` for eGeMAPSv02, or the name of a set.
        deduplicate: leave out recordings that sound the same as another.
        outliers: leave out recordings with a feature farther from the mean than this many standard deviations, of those in ``outliers_over``
            (``"corpus"``, ``"all"`` or ``"speaker"``).
        threads, progress: as in ``ser.extract``.
    """
    made = _native.corpus_prepare(
        _names(names),
        os.fspath(output),
        _roots(roots),
        _path(corpora),
        labels=labels,
        rate=rate,
        audio=audio,
        level_db=level,
        features="eGeMAPSv02" if features is True else features or None,
        deduplicate=deduplicate,
        outliers=outliers,
        outliers_over=outliers_over,
        thread_count=threads,
        progress=progress,
    )
    return json.loads(made)


def _names(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _path(path: Any) -> str | None:
    return None if path is None else os.fspath(path)


def _roots(roots: _Roots) -> list[str]:
    if roots is None:
        return []
    if isinstance(roots, Mapping):
        return [f"{name}={os.fspath(folder)}" for name, folder in roots.items()]
    return [os.fspath(roots)]
