"""Sets and levels by the names that opensmile-python gives them."""

from __future__ import annotations

import enum
import os

import audobject


class FeatureSet(enum.Enum):
    """The feature sets of opensmile-python. Those of the GeMAPS family can be extracted."""

    ComParE_2016 = "compare/ComParE_2016"
    GeMAPS = "gemaps/v01a/GeMAPSv01a"
    GeMAPSv01a = "gemaps/v01a/GeMAPSv01a"  # noqa: PIE796
    GeMAPSv01b = "gemaps/v01b/GeMAPSv01b"
    eGeMAPS = "egemaps/v01a/eGeMAPSv01a"
    eGeMAPSv01a = "egemaps/v01a/eGeMAPSv01a"  # noqa: PIE796
    eGeMAPSv01b = "egemaps/v01b/eGeMAPSv01b"
    eGeMAPSv02 = "egemaps/v02/eGeMAPSv02"
    emobase = "emobase/emobase"
    IS09 = "is09-13/IS09_emotion"
    IS10 = "is09-13/IS10_paraling_compat"
    IS11 = "is09-13/IS11_speaker_state"
    IS12 = "is09-13/IS12_speaker_trait_compat"
    IS13 = "is09-13/IS13_ComParE"


class FeatureLevel(enum.Enum):
    """A row every 10 ms, its derivatives, or a row per segment."""

    LowLevelDescriptors = "lld"
    LowLevelDescriptors_Deltas = "lld_de"
    Functionals = "func"


#: What each set is called in ``ser``.
NAMES = {
    FeatureSet.GeMAPS: "GeMAPSv01a",
    FeatureSet.GeMAPSv01b: "GeMAPSv01b",
    FeatureSet.eGeMAPS: "eGeMAPSv01a",
    FeatureSet.eGeMAPSv01b: "eGeMAPSv01b",
    FeatureSet.eGeMAPSv02: "eGeMAPSv02",
}

#: Sets that a later one corrects.
SUPERSEDED = {
    FeatureSet.GeMAPS: FeatureSet.GeMAPSv01b,
    FeatureSet.eGeMAPS: FeatureSet.eGeMAPSv02,
    FeatureSet.eGeMAPSv01b: FeatureSet.eGeMAPSv02,
}


def feature_set(given: str | FeatureSet) -> FeatureSet:
    """A set by its name.

    Raises:
        FileNotFoundError: a name that is no set and no file, as opensmile-python has it.
        ValueError: a configuration file of openSMILE, or a set that is not extracted here.
    """
    if isinstance(given, str):
        if given in FeatureSet.__members__:
            given = FeatureSet[given]
        elif not os.path.exists(os.path.abspath(given)):
            raise FileNotFoundError(2, os.strerror(2), os.path.abspath(given))
    ours = ", ".join(NAMES.values())
    if not isinstance(given, FeatureSet):
        raise ValueError(f"{given}: configuration files are openSMILE's own; ser extracts the sets {ours}")
    if given not in NAMES:
        raise ValueError(f"the feature set {given.name} is not extracted by ser, which has {ours}; use one of them, e.g. feature_set='eGeMAPSv02'")
    return given


def feature_level(given: str | FeatureLevel) -> tuple[str | FeatureLevel, FeatureLevel]:
    """A level as it was given, with names of members resolved, and the level that it means."""
    if isinstance(given, str) and given in FeatureLevel.__members__:
        given = FeatureLevel[given]
    if isinstance(given, FeatureLevel):
        return given, given
    try:
        return given, FeatureLevel(given)
    except ValueError:
        names = ", ".join(FeatureLevel.__members__)
        raise ValueError(f"there is no feature level {given!r}: one of {names}") from None


class FeatureSetResolver(audobject.resolver.Base):
    """A set in YAML: its name."""

    def decode(self, value: str) -> str | FeatureSet:
        return FeatureSet[value] if value in FeatureSet.__members__ else value

    def encode(self, value: str | FeatureSet) -> str:
        return value.name if isinstance(value, FeatureSet) else str(value)

    def encode_type(self) -> type:
        return str


class FeatureLevelResolver(audobject.resolver.Base):
    """A level in YAML: its name, or the text that was given."""

    def decode(self, value: str) -> str | FeatureLevel:
        return FeatureLevel[value] if value in FeatureLevel.__members__ else value

    def encode(self, value: str | FeatureLevel) -> str:
        return value.name if isinstance(value, FeatureLevel) else str(value)

    def encode_type(self) -> type:
        return str
