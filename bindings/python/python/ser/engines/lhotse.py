"""Lhotse: a ``FeatureExtractor`` of the descriptors, a row every 10 ms.

    from lhotse import CutSet, LilcomChunkyWriter
    from ser.engines.lhotse import Descriptors

    cuts = cuts.compute_and_store_features(Descriptors(), "features", storage_type=LilcomChunkyWriter)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lhotse.features.base import FeatureExtractor, register_extractor
from ser import feature_names
from ser import extract as extract_rows


@dataclass
class DescriptorsConfig:
    """What is extracted."""

    set: str = "eGeMAPSv02"

    def to_dict(self) -> dict[str, Any]:
        return {"set": self.set}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> DescriptorsConfig:
        return DescriptorsConfig(**data)


@register_extractor
class Descriptors(FeatureExtractor):
    """The descriptors of a set as Lhotse takes features: an array of shape (rows, columns) of ``float32``."""

    name = "ser-egemaps-lld"
    config_type = DescriptorsConfig

    @property
    def frame_shift(self) -> float:
        return 0.01

    def feature_dim(self, sampling_rate: int) -> int:
        return len(feature_names(self.config.set, "lld"))

    def extract(self, samples: Any, sampling_rate: int) -> np.ndarray:
        """The rows of a recording; Lhotse expects one per 10 ms, so the last is repeated for the frames that the end cuts off."""
        samples = np.asarray(samples)
        rows = extract_rows(samples, sampling_rate, set=self.config.set, level="lld", to="numpy")
        wanted = int(round(samples.shape[-1] / sampling_rate / self.frame_shift))
        return np.concatenate([rows, np.repeat(rows[-1:], max(wanted - len(rows), 0), axis=0)])[: max(wanted, 1)]
