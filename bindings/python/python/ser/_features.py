"""What the columns of a set are."""

from __future__ import annotations

import json

import pandas as pd

from . import _native

#: The names of the feature sets, openSMILE's first.
SETS: tuple[str, ...] = tuple(_native.set_names())

#: The levels: a row per recording, or a row every 10 ms.
LEVELS: tuple[str, ...] = tuple(_native.level_names())


def features(set: str = "eGeMAPSv02", level: str = "functionals") -> pd.DataFrame:
    """The columns of a feature set: a table with a row for each, indexed by its name.

    Its columns are ``unit`` (``1`` where there is none), ``group``, ``meaning``, ``formula``, ``reference``, and ``accuracy`` (for which voices the
    descriptor holds, of eGeMAPS-ser only).

    >>> import ser
    >>> ser.features().loc["F0semitoneFrom27.5Hz_sma3nz_amean", "unit"]
    'semitone'
    >>> len(ser.features("GeMAPSv01b")), len(ser.features("eGeMAPSv02", "lld"))
    (62, 25)
    """
    table = pd.DataFrame(json.loads(_native.columns(set, level)))
    if "accuracy" not in table:
        table["accuracy"] = None
    return table.set_index("name")


def feature_names(set: str = "eGeMAPSv02", level: str = "functionals") -> list[str]:
    """The names of the columns of a feature set, in order."""
    return [column["name"] for column in json.loads(_native.columns(set, level))]
