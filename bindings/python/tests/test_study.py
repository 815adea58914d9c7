import json

import numpy as np
import pandas as pd
import pytest
import ser
import ser.corpus
from conftest import voice, write_wav


@pytest.fixture(scope="module")
def emodb(tmp_path_factory):
    """A corpus named as Emo-DB is: two emotions, low and high voices, six speakers."""
    folder = tmp_path_factory.mktemp("emodb")
    (folder / "wav").mkdir()
    for speaker in ("03", "08", "09", "10", "11", "12"):
        for text in ("a01", "a02", "b01"):
            for code, pitch in (("W", 230), ("T", 110)):
                sound = voice(0.5, pitch=pitch + int(speaker), seed=len(text) + int(speaker) + ord(text[1]) * 3 + ord(text[0]))
                write_wav(folder / "wav" / f"{speaker}{text}{code}a.wav", sound)
    return folder


def test_a_corpus_is_checked_and_audited(emodb):
    (check,) = ser.corpus.check("emodb", roots={"emodb": emodb})
    assert check["recordings"]["found"] == 36
    assert {label["code"]: label["found"] for label in check["labels"]} | {"W": 18, "T": 18} == {label["code"]: label["found"] for label in check["labels"]}
    audit = ser.corpus.audit("emodb", roots=emodb)
    assert audit["corpora"][0]["corpus"] == "emodb" and isinstance(audit["clean"], bool)


@pytest.fixture(scope="module")
def prepared(emodb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    made = ser.corpus.prepare("emodb", folder, roots={"emodb": emodb}, labels="four", features=True)
    assert made["made"] == 36 and made["corpora"][0]["classes"] == {"angry": 18, "sad": 18}
    return folder


def test_a_second_run_does_only_what_changed(emodb, prepared):
    again = ser.corpus.prepare(["emodb"], prepared, roots={"emodb": emodb}, labels="four", features="eGeMAPSv02")
    assert (again["made"], again["unchanged"]) == (0, 36)
    table = pd.read_csv(prepared / "features.csv")
    assert set(ser.feature_names()) <= set(table.columns)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"audio": "mp3"}, "'wav' or 'flac'"), ({"level": -90}, "between -60 and -5"), ({"outliers": 0.0}, "positive"), ({"outliers": 10.0}, "features"), ({"labels": "nothing"}, "nothing")],
)
def test_plans_that_cannot_be_are_refused(emodb, tmp_path, options, words):
    with pytest.raises(ValueError, match=words):
        ser.corpus.prepare("emodb", tmp_path, roots=emodb, **options)


def test_models_are_evaluated_from_a_plan(prepared):
    plan = {"train": "emodb", "classes": ["sad", "angry"], "models": ["raw", "pca"], "folds": 3, "resamples": 50}
    found = ser.evaluate(prepared, plan)
    assert json.dumps(found) and "raw" in str(found) and found.left_out == 0
    assert str(ser.evaluate(prepared, plan, threads=1)) == str(found)
    with pytest.raises(ValueError, match="unknown field"):
        ser.evaluate(prepared, {"modles": ["raw"]})


def test_a_model_is_trained_saved_and_asked(prepared, emodb, tmp_path):
    plan = {"classes": ["sad", "angry"], "models": ["pca"], "probabilities": True}
    classifier = ser.train(prepared, tmp_path / "model.safetensors", plan, validate=False)
    assert classifier.classes == ["sad", "angry"]
    assert classifier.card == (tmp_path / "model.md").read_text()
    files = sorted(str(path) for path in (emodb / "wav").glob("12*.wav"))
    expected = ["sad" if path.endswith("Ta.wav") else "angry" for path in files]
    assert list(classifier.predict(files)) == expected
    # Not validated, so nothing shows that its probabilities hold: it guesses.
    with pytest.raises(ValueError, match="guesses"):
        classifier.predict_proba(files)
    assert all(abs(sum(answer.support.values()) - 1) < 1e-9 for answer in classifier.classify(files))
    assert classifier.embed(files).shape == (6, 2)
    samples = [(voice(0.5, pitch=120), 16000)]
    assert np.isfinite(list(classifier.classify(samples)[0].support.values())).all()
    with pytest.raises(ValueError, match="one of models"):
        ser.train(prepared, tmp_path / "two.safetensors", {**plan, "models": ["raw", "pca"]})
