"""Arrays become mono samples of 32-bit floating point, full scale ±1, as the decoder of ``ser`` makes them of files.

Integers of ``b`` bits are divided by the full scale that openSMILE uses (32767 for 16 bit), unsigned bytes are offset binary, floating point is taken
as it is. Channels are averaged in 32-bit floating point before they are scaled, in their order.
"""

from __future__ import annotations

import numbers
import operator
from typing import Any

import numpy as np

#: What stands for full scale, by type.
_FULL_SCALE = {"int8": 127.0, "uint8": 127.0, "int16": 32767.0, "int32": 2147483648.0}

#: The most channels that are read; more are samples in the place of channels.
_MOST_CHANNELS = 64


def rate_of(rate: Any) -> int:
    """A sample rate in Hz as an integer."""
    if isinstance(rate, (bool, np.bool_)) or not isinstance(rate, (numbers.Real, np.number)):
        raise TypeError(f"the sample rate must be a number of Hz, not {type(rate).__name__}")
    if not np.isfinite(rate) or rate != int(rate):
        raise ValueError(f"the sample rate must be a whole number of Hz, not {rate}")
    rate = operator.index(int(rate))
    if not 0 < rate < 2**32:
        raise ValueError(f"a sample rate of {rate} Hz is impossible")
    return rate


def mono(samples: Any, channel: int | None = None) -> np.ndarray:
    """Samples of shape ``(n,)`` or ``(channels, n)`` as contiguous mono ``float32``; the mean of the channels, or one of them, counted from 0."""
    if isinstance(samples, (str, bytes, bytearray, memoryview)) or samples is None:
        raise TypeError(f"expected an array of samples, not {type(samples).__name__}")
    array = np.asarray(samples)
    if isinstance(array, np.ma.MaskedArray) or isinstance(samples, np.ma.MaskedArray):
        if np.ma.is_masked(samples):
            raise ValueError("the array has masked samples; fill them first")
    kind = array.dtype
    if kind.kind == "f":
        scale = None
    elif kind.name in _FULL_SCALE:
        scale = np.float32(_FULL_SCALE[kind.name])
    elif kind.kind in "iu":
        raise TypeError(f"samples of type {kind.name} have no agreed full scale; divide them by theirs, as floating point")
    else:
        raise TypeError(f"samples must be floating point, or integers of 8, 16 or 32 bits, not {kind.name}")
    if array.ndim == 2:
        if array.shape[0] > _MOST_CHANNELS:
            raise ValueError(
                f"an array of shape {array.shape} has {array.shape[0]} channels; channels come first, so transpose it if these are samples"
            )
        if array.shape[0] == 0:
            raise ValueError(f"an array of shape {array.shape} has no channel")
    elif array.ndim != 1:
        raise ValueError(f"samples must have shape (n,) or (channels, n), not {array.shape}")
    channels = array.reshape(1, -1) if array.ndim == 1 else array
    if channel is not None:
        if not 0 <= channel < len(channels):
            raise ValueError(f"the array has {len(channels)} channel(s), so there is no channel {channel}; they are counted from 0")
        channels = channels[channel : channel + 1]
    with np.errstate(over="ignore"):
        numbers_ = channels.astype(np.float32)
    if kind.name == "uint8":
        numbers_ -= np.float32(128)
    total = numbers_[0]
    if len(numbers_) > 1:
        total = total.copy()
        for other in numbers_[1:]:
            total += other
        total /= np.float32(len(numbers_))
    if scale is not None:
        total = total / scale
    return np.ascontiguousarray(total, dtype=np.float32)
