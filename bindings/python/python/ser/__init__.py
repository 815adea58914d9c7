"""Speech in, features and emotion out: eGeMAPS with openSMILE's numbers, bit for bit.

``extract`` and ``Extractor`` measure recordings, ``features`` says what the columns mean. ``ser.opensmile`` takes the place of opensmile-python.
"""

from . import _native
from ._classifier import Answer, Baseline, Card, Classifier
from ._extract import ExtractionError, ExtractionWarning, MissingFileError, extract
from ._features import LEVELS, SETS, feature_names, features
from ._stream import Extractor
from ._study import Evaluation, evaluate, train

__version__: str = _native.VERSION



def install_as_opensmile() -> None:
    """Makes ``import opensmile`` give ``ser.opensmile``, for programs that cannot be changed. Call it before they import it.

    >>> import ser
    >>> ser.install_as_opensmile()
    >>> import opensmile
    >>> opensmile.__name__
    'ser.opensmile'
    """
    import sys

    import ser.opensmile

    known = sys.modules.get("opensmile")
    if known is not None and known is not ser.opensmile:
        raise ImportError("opensmile is imported already; call ser.install_as_opensmile() before that")
    sys.modules["opensmile"] = ser.opensmile


__all__ = [
    "LEVELS",
    "SETS",
    "Answer",
    "Baseline",
    "Card",
    "Classifier",
    "Evaluation",
    "ExtractionError",
    "ExtractionWarning",
    "Extractor",
    "MissingFileError",
    "evaluate",
    "extract",
    "feature_names",
    "features",
    "install_as_opensmile",
    "train",
]
