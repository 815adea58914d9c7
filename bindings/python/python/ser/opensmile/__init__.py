"""The interface of opensmile-python, with ``ser`` behind it.

``import ser.opensmile as opensmile`` and a program that uses the GeMAPS family runs as before, with the same numbers in every bit, without openSMILE
and without its licence. ``ser.install_as_opensmile()`` does the same for programs that cannot be changed. It needs what opensmile-python is built on:
``pip install 'ser-egemaps[opensmile]'``. What differs is listed in docs/python.md.
"""

try:
    import audformat as _  # noqa: F401
    import audinterface as _  # noqa: F401
    import audiofile as _  # noqa: F401
    import audobject as _  # noqa: F401
except ImportError as error:
    raise ImportError(f"ser.opensmile needs the package {error.name}: pip install 'ser-egemaps[opensmile]'") from error

from ser._native import VERSION as __version__
from ser.opensmile._define import FeatureLevel, FeatureSet
from ser.opensmile._smile import Smile

__all__ = ["FeatureLevel", "FeatureSet", "Smile"]
