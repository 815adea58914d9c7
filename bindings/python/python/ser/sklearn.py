"""Transformers of scikit-learn.

``EGeMAPS`` makes 88 columns of recordings, ``SpeakerScaler`` standardises rows by their speaker, ``LatentEncoder`` is the principal components or the
autoencoder of ``ser``. They stand in pipelines and in ``GridSearchCV`` as others do, are cloned and pickled, and pass ``check_estimator``.

>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.svm import LinearSVC
>>> from ser.sklearn import EGeMAPS, LatentEncoder, SpeakerScaler
>>> make_pipeline(EGeMAPS(), SpeakerScaler(), LatentEncoder("pca", latent=10), LinearSVC()).steps[0][0]
'egemaps'
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("ser.sklearn needs scikit-learn 1.6 or later: pip install 'ser-egemaps[sklearn]'") from error

from . import _native
from ._extract import extract
from ._features import feature_names

__all__ = ["EGeMAPS", "LatentEncoder", "SpeakerScaler"]


class EGeMAPS(TransformerMixin, BaseEstimator):
    """Recordings become the functionals of a feature set, a row of ``float32`` each.

    Args:
        set: the feature set, one of ``ser.SETS``.
        rate: rate in Hz of rows that are samples; of paths, bytes and ``(samples, rate)`` it is not used.
        channel: the channel to take, counted from 0; by default the mean of all.
        resample: a rate in Hz to resample to; by default each recording's own.
        threads: recordings analysed at the same time; by default one per processor.

    ``transform`` takes a list of paths, of the bytes of files or of ``(samples, rate)``, or an array whose rows are recordings at ``rate``. A recording
    of less than 60 ms is a row of NaN; one that cannot be read raises ``ser.ExtractionError``.

    >>> import numpy as np
    >>> from ser.sklearn import EGeMAPS
    >>> EGeMAPS().fit_transform([(np.zeros(16000, "float32"), 16000)]).shape
    (1, 88)
    """

    def __init__(self, set: str = "eGeMAPSv02", *, rate: int = 16000, channel: int | None = None, resample: int | None = None, threads: int | None = None):
        self.set = set
        self.rate = rate
        self.channel = channel
        self.resample = resample
        self.threads = threads

    def fit(self, X: Any, y: Any = None) -> EGeMAPS:
        """Checks the parameters; nothing is learnt."""
        names = feature_names(self.set)
        self._recordings(X, reset=True)
        self.n_features_out_ = len(names)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Features of recordings, of shape (recordings, columns)."""
        recordings = self._recordings(X, reset=False)
        if not recordings:
            return np.empty((0, len(feature_names(self.set))), "float32")
        return extract(
            recordings,
            set=self.set,
            channel=self.channel,
            resample=self.resample,
            threads=self.threads,
            short="nan",
            errors="raise",
            progress=False,
            to="numpy",
        )

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns."""
        return np.asarray(feature_names(self.set), dtype=object)

    def _recordings(self, X: Any, *, reset: bool) -> list[Any]:
        if isinstance(X, (str, bytes, os.PathLike)):
            raise TypeError("expected a list of recordings; put a single one into a list")
        kind = getattr(X, "dtype", None)
        if isinstance(X, (list, tuple)) and len(X) > 0 and isinstance(X[0], (str, tuple, bytes, bytearray, os.PathLike)):
            return list(X)
        if kind is not None and (getattr(X, "ndim", 0) == 1 or kind.kind in "US") and kind.kind in "OUST":
            return list(np.asarray(X, dtype=object).reshape(-1))
        if hasattr(X, "iloc") and not hasattr(X, "dtype") and X.shape[1] == 1 and X.dtypes.iloc[0].kind not in "fiub":
            return list(X.iloc[:, 0])
        samples = validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite=True)
        if samples.dtype.kind in "iu":
            samples = samples.astype("float64")
        return [(row, self.rate) for row in samples]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


class SpeakerScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Rows become z-scores, each by the mean and standard deviation of its speaker.

    ``speakers`` names the speaker of each row, in ``fit`` and in ``transform``. A speaker that was not in ``fit`` is standardised by the statistics of
    their own rows, which needs no labels; without ``speakers`` all rows are one speaker's, and are standardised by what was fitted. Columns that are
    constant become 0.

    >>> import numpy as np
    >>> from ser.sklearn import SpeakerScaler
    >>> table = np.array([[1.0], [3.0], [10.0], [30.0]])
    >>> SpeakerScaler().fit_transform(table, speakers=["a", "a", "b", "b"]).ravel()
    array([-1.,  1., -1.,  1.])
    """

    def fit(self, X: Any, y: Any = None, speakers: Any = None) -> SpeakerScaler:
        """Takes the statistics of each speaker, and of all rows."""
        table = validate_data(self, X, dtype=[np.float64, np.float32])
        self.mean_, self.scale_ = _statistics(table)
        self.speakers_ = {}
        for speaker, rows in _grouped(speakers, len(table)):
            self.speakers_[speaker] = _statistics(table[rows])
        return self

    def transform(self, X: Any, speakers: Any = None) -> np.ndarray:
        """The z-scores."""
        check_is_fitted(self)
        table = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        if speakers is None:
            return _scaled(table, self.mean_, self.scale_)
        scaled = np.empty_like(table)
        for speaker, rows in _grouped(speakers, len(table)):
            statistics = self.speakers_.get(speaker)
            scaled[rows] = _scaled(table[rows], *(statistics or _statistics(table[rows])))
        return scaled

    def fit_transform(self, X: Any, y: Any = None, speakers: Any = None) -> np.ndarray:
        """Fits, and gives the z-scores of the same rows."""
        return self.fit(X, y, speakers=speakers).transform(X, speakers=speakers)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class LatentEncoder(TransformerMixin, BaseEstimator):
    """Rows become latents: principal components, or the latent space of an undercomplete (UAE) or a denoising (DAE) autoencoder.

    Rows should be standardised (``SpeakerScaler``, ``StandardScaler``). The same rows and seed give the same latents on every machine of a kind.

    Args:
        kind: ``"pca"``, ``"uae"`` or ``"dae"``.
        latent: dimensions of the latent space.
        hidden: sizes of the layers before it.
        epochs: how often all rows are seen.
        batch: rows per step.
        learning_rate: step of Adam.
        noise: standard deviation of the noise that a ``"dae"`` is trained with.
        seed: where weights, order and noise begin.

    >>> import numpy as np
    >>> from ser.sklearn import LatentEncoder
    >>> LatentEncoder("pca", latent=1).fit_transform(np.array([[1.0, 1.0], [-1.0, -1.0], [2.0, 2.0]])).shape
    (3, 1)
    """

    def __init__(
        self,
        kind: str = "pca",
        *,
        latent: int = 2,
        hidden: tuple[int, ...] = (64, 32),
        epochs: int = 50,
        batch: int = 64,
        learning_rate: float = 1e-3,
        noise: float = 1.0,
        seed: int = 1,
    ):
        self.kind = kind
        self.latent = latent
        self.hidden = hidden
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.noise = noise
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> LatentEncoder:
        """Fits the components or trains the network."""
        if self.kind not in ("pca", "uae", "dae"):
            raise ValueError(f"kind={self.kind!r}: one of 'pca', 'uae' and 'dae'")
        table = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        latent = min(self.latent, *table.shape) if self.kind == "pca" and table.shape[1] < self.latent else self.latent
        configuration = {
            "hidden": list(self.hidden),
            "latent": latent,
            "epochs": self.epochs,
            "batch": self.batch,
            "learning_rate": self.learning_rate,
            "noise": self.noise,
        }
        self.encoder_ = _Encoder(_native.Encoder.fit(np.ascontiguousarray(table), self.kind, json.dumps(configuration), self.seed))
        self._n_features_out = latent
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The latents, of shape (rows, ``latent``)."""
        check_is_fitted(self)
        table = validate_data(self, X, reset=False, dtype=np.float64)
        return self.encoder_.native.transform(np.ascontiguousarray(table))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """``pca0``, ``pca1`` …"""
        check_is_fitted(self)
        return np.asarray([f"{self.kind}{number}" for number in range(self._n_features_out)], dtype=object)

    @property
    def explained_variance_ratio_(self) -> np.ndarray:
        """Share of the variance along each principal component."""
        check_is_fitted(self)
        return np.asarray(self.encoder_.native.explained)

    @property
    def loss_curve_(self) -> np.ndarray:
        """Mean squared error of each epoch of an autoencoder, noise included."""
        check_is_fitted(self)
        return np.asarray(self.encoder_.native.losses)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags


class _Encoder:
    """The native encoder, which pickle and ``deepcopy`` take by its bytes."""

    def __init__(self, native: Any):
        self.native = native

    def __reduce__(self) -> Any:
        return _unpickled, (self.native.to_bytes(),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Encoder) and self.native.to_bytes() == other.native.to_bytes()

    __hash__ = None  # type: ignore[assignment]


def _unpickled(state: bytes) -> _Encoder:
    return _Encoder(_native.Encoder.from_bytes(state))


def _statistics(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if table.dtype == np.float32:
        return _native.statistics(np.ascontiguousarray(table))
    mean = table.mean(axis=0)
    deviation = table.std(axis=0)
    deviation[deviation <= 1e-7 * np.abs(mean)] = 0.0
    return mean, deviation


def _scaled(table: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    varies = deviation > 0
    scaled = (table - mean) / np.where(varies, deviation, 1.0)
    scaled[:, ~varies] = 0.0
    return scaled.astype(table.dtype)


def _grouped(speakers: Any, count: int) -> list[tuple[Any, np.ndarray]]:
    if speakers is None:
        return []
    names = np.asarray(speakers, dtype=object)
    if names.shape != (count,):
        raise ValueError(f"{count} rows need as many speakers, not an array of shape {names.shape}")
    order: dict[Any, list[int]] = {}
    for row, name in enumerate(names):
        order.setdefault(name, []).append(row)
    return [(name, np.asarray(rows)) for name, rows in order.items()]
