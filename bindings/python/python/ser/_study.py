"""``ser.train`` and ``ser.evaluate``: learning from prepared tables, from a plan as a dict."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import _native
from ._classifier import Card, Classifier


class Evaluation(dict):
    """What an evaluation found, as the program writes it as JSON; printed, the scores as text."""

    def __init__(self, found: dict[str, Any], text: str, left_out: int):
        super().__init__(found)
        self.text, self.left_out = text, left_out

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text)}</pre>"


def evaluate(
    tables: Any,
    plan: Mapping[str, Any] | None = None,
    *,
    set: str | None = None,
    threads: int | None = None,
    progress: Callable[[int], Any] | None = None,
) -> Evaluation:
    """Trains and tests models of prepared tables: folds, transfer to other corpora, triads, alignment.

    Args:
        tables: folders made by ``ser.corpus.prepare(features=True)``, or csv files with features and labels.
        plan: the keys that ``ser evaluate --print-plan`` shows, as a dict; what is missing is the default.
        set: the feature set of tables that do not say it themselves.
        threads, progress: as in ``ser.extract``.
    """
    found, text, left_out = _native.evaluate(json.dumps(dict(plan or {})), _paths(tables), set, threads, progress)
    return Evaluation(json.loads(found), text, left_out)


def train(
    tables: Any,
    output: Any,
    plan: Mapping[str, Any] | None = None,
    *,
    set: str | None = None,
    validate: bool = True,
    threads: int | None = None,
    progress: Callable[[int], Any] | None = None,
) -> Classifier:
    """Fits one model to prepared tables, writes it to ``output`` (``.safetensors``, its card beside it as ``.md``) and loads it.

    Args:
        tables: folders made by ``ser.corpus.prepare(features=True)``, or csv files with features and labels.
        output: the file of the model.
        plan: as for ``evaluate``, with one of ``models``, ``normalisations`` and ``seeds``; ``train`` names a corpus of the tables, all if missing.
        set: the feature set of tables that do not say it themselves.
        validate: also score it on held-out speakers, for its card.
        threads, progress: as in ``ser.extract``.
    """
    plan = dict(plan or {})
    plan = {"models": ["raw"], "train": "", **plan}
    _native.train(json.dumps(plan), _paths(tables), os.fspath(output), set, validate, threads, progress)
    return Classifier.load(output)


def _paths(tables: Any) -> Sequence[str]:
    if isinstance(tables, (str, os.PathLike)):
        tables = [tables]
    return [os.fspath(table) for table in tables]


__all__ = ["Card", "Evaluation", "evaluate", "train"]
