"""``ser.Classifier``: which emotion a recording sounds like, and whether that can be told."""

from __future__ import annotations

import html
import json
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from . import _native
from ._extract import ExtractionWarning, _described, _error, _Given, _Progress

#: A label in the place of an answer.
ABSTAINED = None


@dataclass
class Answer:
    """What a model says of a recording, or of a part of it.

    ``label`` is ``None`` where the model abstains, for the reason in ``abstained``; ``guess`` is the most probable class in any case, and should then
    not be used. ``probabilities`` is ``None`` where those of the model were wrong on a corpus left out of training, or where it learnt none; ``support`` then says how strongly the recording supports each class, in shares that are no probabilities. ``outside`` says in what the recording
    is unlike the training data. ``all`` has everything that the program gives as JSON.
    """

    file: str | None
    start: float
    end: float
    label: str | None
    guess: str
    probabilities: dict[str, float] | None
    abstained: str | None
    support: dict[str, float] | None = None
    outside: list[str] = field(default_factory=list)
    latent: list[float] | None = None
    explanation: dict[str, Any] | None = None
    all: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def confidence(self) -> float | None:
        """The highest probability, where there are any."""
        return None if self.probabilities is None else max(self.probabilities.values())

    def _repr_html_(self) -> str:
        escaped = html.escape
        name = escaped(self.file or "recording")
        title = escaped(self.label) if self.label is not None else f"cannot tell: {escaped(self.abstained or '')}"
        rows = "".join(
            f"<tr><td style='text-align:left'>{escaped(label)}</td><td>{value:.2f}</td><td style='text-align:left'>"
            f"<div style='width:{120 * value:.0f}px;height:0.7em;background:currentColor;opacity:.5'></div></td></tr>"
            for label, value in (self.probabilities or self.support or {}).items()
        )
        return f"<div><b>{name}</b> {self.start:.2f}–{self.end:.2f} s: {title}<table>{rows}</table></div>"


class Card(str):
    """A model's card: Markdown, which notebooks render."""

    def _repr_markdown_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self)}</pre>"


class Baseline:
    """A speaker's ordinary voice, relative to which answers are more certain; a small JSON file holds it (``ser enrol``).

    >>> import ser
    >>> calm = ser.Baseline.enrol(["assets/speech/14a01Na.flac"])
    >>> ser.Classifier.load().classify("assets/speech/14a01Na.flac", baseline=calm).guess in ser.Classifier.load().classes
    True
    """

    def __init__(self, text: str):
        self.json = text

    @classmethod
    def enrol(cls, inputs: Any, rate: int | None = None, *, classifier: Classifier | None = None) -> Baseline:
        """The baseline of one person, by some seconds of calm speech; ``inputs`` as ``ser.extract`` takes them.

        Raises:
            ValueError: a recording that cannot be measured, or a model that has no baselines.
        """
        import datetime

        given = _Given(inputs, rate, None, None)
        native = (classifier or Classifier.load())._native
        return cls(native.enrol(given.sources, datetime.date.today().isoformat()))

    @classmethod
    def read(cls, path: Any) -> Baseline:
        """Reads a file of ``ser enrol`` or of ``write``."""
        with open(path, encoding="utf-8") as file:
            return cls(file.read())

    def write(self, path: Any) -> None:
        """Writes a file that ``ser classify --baseline`` takes, too."""
        from pathlib import Path

        unfinished = Path(f"{os.fspath(path)}.part")
        unfinished.write_text(self.json, encoding="utf-8")
        unfinished.replace(path)

    def __repr__(self) -> str:
        return f"<ser.Baseline of {len(self.json)} bytes>"


class Classifier:
    """A model that can be asked about recordings: the bundled one, or a file made by ``ser train``.

    >>> import ser
    >>> classifier = ser.Classifier.load()
    >>> classifier.classes
    ['neutral', 'sad', 'happy', 'angry']
    >>> answer = classifier.classify("assets/speech/03a02Wc.flac")
    >>> answer.guess in classifier.classes
    True
    """

    def __init__(self, native: Any, path: str | None):
        self._native, self._path = native, path

    @classmethod
    def load(cls, path: Any = None) -> Classifier:
        """Reads a model; without a path, the bundled one.

        Raises:
            ValueError: not a model, or one of another version, with the remedy.
        """
        path = None if path is None else os.fspath(path)
        return cls(_native.Classifier.load(path), path)

    def __reduce__(self) -> Any:
        return Classifier.load, (self._path,)

    def __repr__(self) -> str:
        return f"<ser.Classifier of {', '.join(self.classes)}{'' if self._path is None else ', ' + self._path}>"

    def _repr_html_(self) -> str:
        return self.card._repr_html_()

    @property
    def classes(self) -> list[str]:
        """The classes, in order."""
        return self._native.classes

    @property
    def card(self) -> Card:
        """What it was made of, how well it does, and what it must not be used for."""
        return Card(self._native.card)

    def classify(
        self,
        inputs: Any,
        rate: int | None = None,
        *,
        windows: tuple[float, float] | None = None,
        baseline: Baseline | str | os.PathLike | None = None,
        one_speaker: bool = False,
        adapt: bool = False,
        explain: bool = False,
        errors: str | None = None,
        threads: int | None = None,
        progress: bool | Callable[[int], Any] | None = None,
    ) -> Any:
        """Answers about recordings.

        Args:
            inputs: as ``ser.extract`` takes them.
            rate: rate of the samples in Hz, for an array.
            windows: length and hop in seconds of windows that slide over each recording, an answer for each.
            baseline: a speaker's ordinary voice (``ser.Baseline.enrol``, or a file of ``ser enrol``): answers are relative to it, and have probabilities.
            one_speaker: all recordings are of one speaker, relative to whom they are taken.
            adapt: take the recordings as one batch of mixed classes and correct for what they have in common.
            explain: with the voice properties that spoke for and against each answer.
            errors, threads, progress: as in ``ser.extract``.

        Returns:
            An ``Answer`` for a single recording without windows, else a list of them; recordings that fail have none.
        """
        if (adapt or one_speaker) and not self._native.adapts:
            raise ValueError("this model standardises every recording by the data it learnt from, so there is nothing to adapt")
        if (baseline is not None) + one_speaker + adapt > 1:
            raise ValueError("answers rest on one thing: baseline, one_speaker or adapt")
        if isinstance(baseline, (str, os.PathLike)):
            baseline = Baseline.read(baseline)
        ground = baseline.json if baseline is not None else "speaker" if one_speaker else "batch" if adapt else "alone"
        given = _Given(inputs, rate, None, None)
        if errors is None:
            errors = "raise" if given.single else "warn"
        with _Progress(progress, len(given.sources)) as report:
            said, failed = self._native.ask(given.sources, windows=windows, ground=ground, explain=explain, thread_count=threads, progress=report)
        answers = [self._answer(given, one) for one in json.loads(said)]
        failures = [
            {"file": given.names[recording], "start": None, "end": None, "kind": kind, "message": message} for recording, kind, message in failed
        ]
        if failures and errors != "ignore" and (errors == "raise" or not answers):
            raise _error(failures[0], len(failures) - 1)
        for failure in failures if errors == "warn" else []:
            warnings.warn(_described(failure), ExtractionWarning, stacklevel=2)
        return answers[0] if given.single and windows is None and answers else answers

    def predict(self, inputs: Any, rate: int | None = None, **options: Any) -> np.ndarray:
        """The label of each recording, ``None`` where the model abstains; a recording that fails raises."""
        return np.array([answer.label for answer in self._all(inputs, rate, options)], dtype=object)

    def predict_proba(self, inputs: Any, rate: int | None = None, **options: Any) -> np.ndarray:
        """The probability of each class, of shape (recordings, classes), also where the model abstains.

        Raises:
            ValueError: answers that are guesses: the model learnt no probabilities, or they were wrong on something that was left out of its training.
        """
        answers = self._all(inputs, rate, options)
        if any(answer.probabilities is None for answer in answers):
            raise ValueError(
                "the answers are guesses, without probabilities (the model's card says how often such answers were right); classify(…) has their .support, shares that add up to 1"
            )
        return np.array([list(answer.probabilities.values()) for answer in answers]).reshape(len(answers), len(self.classes))

    def embed(self, inputs: Any, rate: int | None = None, **options: Any) -> np.ndarray:
        """Where each recording lies in the latent space, of shape (recordings, dimensions)."""
        answers = self._all(inputs, rate, options)
        if any(answer.latent is None for answer in answers):
            raise ValueError("this model has no latent space: it classifies the features as they are")
        return np.array([answer.latent for answer in answers])

    def explain(self, inputs: Any, rate: int | None = None, **options: Any) -> pd.DataFrame:
        """What spoke for and against the answer to a recording: a row per group of voice properties, strongest first."""
        (answer,) = self._all(inputs, rate, {**options, "explain": True})
        if answer.explanation is None:
            raise ValueError("only the bundled kind of model explains single recordings; `ser explain` explains others over a table")
        table = pd.DataFrame(answer.explanation["voices"]).set_index("group")
        table.attrs.update({key: value for key, value in answer.explanation.items() if key != "voices"})
        return table

    def _all(self, inputs: Any, rate: int | None, options: dict[str, Any]) -> Sequence[Answer]:
        found = self.classify(inputs, rate, **{"errors": "raise", **options})
        return [found] if isinstance(found, Answer) else found

    def _answer(self, given: _Given, said: dict[str, Any]) -> Answer:
        probabilities = said.get("probabilities")
        return Answer(
            file=given.names[said["recording"]],
            start=said["start"],
            end=said["end"],
            label=said["label"] if said.get("abstained") is None else ABSTAINED,
            guess=said["label"],
            probabilities=None if probabilities is None else dict(zip(self.classes, probabilities)),
            abstained=said.get("abstained"),
            support=None if said.get("support") is None else dict(zip(self.classes, said["support"])),
            outside=said.get("outside", []),
            latent=said.get("latent"),
            explanation=said.get("explanation"),
            all=said,
        )
