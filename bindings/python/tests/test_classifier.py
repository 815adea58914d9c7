import json
import pickle
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import ser
from conftest import ROOT, voice


@pytest.fixture(scope="module")
def classifier():
    return ser.Classifier.load()


def test_paths_bytes_and_arrays_get_the_same_answer(classifier, speech):
    by_path = classifier.classify(speech[0])
    by_bytes = classifier.classify(Path(speech[0]).read_bytes())
    assert by_path.support == by_bytes.support
    assert by_path.file == speech[0] and by_bytes.file is None
    assert sum(by_path.support.values()) == pytest.approx(1)
    assert by_path.guess == max(by_path.support, key=by_path.support.get)


def test_a_buzz_is_not_answered(classifier):
    buzz = (np.arange(32000) * 220 / 16000 % 1 - 0.5).astype("float32")
    answer = classifier.classify(buzz, 16000)
    assert answer.label is None and answer.abstained and answer.guess in classifier.classes
    assert "cannot tell" in answer._repr_html_()


def test_arrays_of_answers(classifier, speech):
    with pytest.raises(ValueError, match="guesses"):
        classifier.predict_proba(speech)
    labels = classifier.predict(speech)
    assert labels.shape == (len(speech),) and all(label is None or label in classifier.classes for label in labels)
    assert len(classifier.embed(speech)) == len(speech)
    assert classifier.embed(speech, threads=1).tobytes() == classifier.embed(speech).tobytes()


def test_answers_rest_on_a_baseline(classifier, speech, tmp_path):
    calm = ser.Baseline.enrol([speech[3]])
    answer = classifier.classify(speech[0], baseline=calm)
    assert answer.support != classifier.classify(speech[0]).support
    calm.write(tmp_path / "calm.json")
    assert classifier.classify(speech[0], baseline=tmp_path / "calm.json").support == answer.support
    with pytest.raises(ValueError, match="one thing"):
        classifier.classify(speech, baseline=calm, adapt=True)
    with pytest.raises(ValueError):
        ser.Baseline.enrol([voice()[:100]], 16000)


def test_windows_are_many_answers(classifier, speech):
    answers = classifier.classify(speech[0], windows=(1.0, 0.5))
    assert len(answers) >= 1 and all(answer.end - answer.start == pytest.approx(1.0) for answer in answers)


def test_an_answer_is_explained(classifier, speech):
    table = classifier.explain(speech[0])
    assert {"contribution", "words"} <= set(table.columns)
    assert table["contribution"].sum() == pytest.approx(table.attrs["difference"], abs=1e-6)


def test_failures(classifier, speech, tmp_path):
    with pytest.raises(ser.MissingFileError):
        classifier.classify(tmp_path / "none.wav")
    with pytest.warns(ser.ExtractionWarning, match="none.wav"):
        assert len(classifier.classify([*speech, tmp_path / "none.wav"])) == len(speech)
    with pytest.raises(ser.ExtractionError, match="too short"):
        classifier.predict(voice()[:100], 16000)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="model.safetensors"):
        ser.Classifier.load(tmp_path / "model.safetensors")


def test_it_shows_itself_and_survives_pickle(classifier, speech):
    assert classifier.card.startswith("#") and classifier.card._repr_markdown_() == classifier.card
    again = pickle.loads(pickle.dumps(classifier))
    assert again.embed(speech[:1]).tobytes() == classifier.embed(speech[:1]).tobytes()
    assert "neutral" in repr(classifier)


def test_the_program_says_the_same(classifier, speech):
    program = shutil.which("ser", path=str(ROOT / "target" / "release"))
    if program is None:
        pytest.skip("target/release/ser is not built")
    done = subprocess.run([program, "classify", "--json", *speech], capture_output=True, text=True, check=True)
    for said, answer in zip(json.loads(done.stdout), classifier.classify(speech)):
        assert said["support"] == list(answer.support.values())
