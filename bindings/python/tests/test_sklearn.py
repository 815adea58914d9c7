import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import ser
from conftest import voice, write_wav

pytest.importorskip("sklearn", minversion="1.6")

from ser.sklearn import EGeMAPS, LatentEncoder, SpeakerScaler  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402


@parametrize_with_checks(
    [SpeakerScaler(), LatentEncoder("pca"), LatentEncoder("uae", epochs=3), LatentEncoder("dae", epochs=3, hidden=(8,)), EGeMAPS(rate=4000)]
)
def test_estimators_do_what_scikit_learn_asks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Low and high voices of two speakers."""
    folder = tmp_path_factory.mktemp("voices")
    files, labels = [], []
    for number in range(16):
        high = number % 2 == 1
        sound = voice(0.5, pitch=(200 if high else 110) + number, seed=number)
        files.append(write_wav(folder / f"{number}.wav", sound))
        labels.append("high" if high else "low")
    return files, labels


def test_files_arrays_and_bytes_are_the_same(recordings):
    files, _ = recordings
    features = EGeMAPS()
    by_path = features.fit_transform(files)
    assert by_path.shape == (16, 88) and by_path.dtype == np.float32
    assert by_path.tobytes() == ser.extract(files, to="numpy").tobytes()
    contents = [Path(file).read_bytes() for file in files]
    for form in (np.array(files), pd.Series(files), pd.DataFrame({"file": files}), contents, [str(file) for file in files]):
        assert features.transform(form).tobytes() == by_path.tobytes()
    assert list(features.get_feature_names_out()) == ser.feature_names()
    rows = np.stack([voice(0.5, seed=seed) for seed in range(3)])
    assert features.fit_transform(rows).tobytes() == features.transform([(row, 16000) for row in rows]).tobytes()


def test_columns_have_their_names_in_pandas(recordings):
    files, _ = recordings
    table = EGeMAPS("GeMAPSv01b").set_output(transform="pandas").fit_transform(files[:2])
    assert list(table.columns) == ser.feature_names("GeMAPSv01b")


def test_a_pipeline_tells_high_from_low_and_survives_pickle(recordings):
    files, labels = recordings
    pipeline = make_pipeline(EGeMAPS(), StandardScaler(), LatentEncoder("pca", latent=5), LinearSVC())
    pipeline.fit(files[:10], labels[:10])
    assert list(pipeline.predict(files[10:])) == labels[10:]
    again = pickle.loads(pickle.dumps(pipeline))
    assert list(again.predict(files)) == list(pipeline.predict(files))
    assert clone(pipeline).get_params()["latentencoder__latent"] == 5


def test_grid_search_over_sets_and_latents(recordings):
    files, labels = recordings
    pipeline = make_pipeline(EGeMAPS(), StandardScaler(), LatentEncoder(epochs=5), LinearSVC())
    grid = {"egemaps__set": ["GeMAPSv01b", "eGeMAPSv02"], "latentencoder__kind": ["pca", "uae", "dae"]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(files, labels)
    assert search.best_score_ > 0.8
    assert len(search.cv_results_["params"]) == 6


def test_speakers_are_standardised_by_their_own_rows():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(40, 7)) + np.repeat([[0.0], [50.0]], 20, axis=0)
    speakers = np.repeat(["a", "b"], 20)
    scaler = SpeakerScaler()
    scaled = scaler.fit_transform(table, speakers=speakers)
    for name in "ab":
        assert np.allclose(scaled[speakers == name].mean(axis=0), 0) and np.allclose(scaled[speakers == name].std(axis=0), 1)
    assert np.allclose(scaler.transform(table), StandardScaler().fit_transform(table))
    unseen = scaler.transform(table[:20] * 3 + 9, speakers=["c"] * 20)
    assert np.allclose(unseen, scaled[:20])
    with pytest.raises(ValueError, match="as many speakers"):
        scaler.transform(table, speakers=["a"])
    single = SpeakerScaler().fit(table.astype("float32"), speakers=speakers)
    assert np.allclose(single.mean_, scaler.mean_, atol=1e-4)


def test_the_encoders_are_reproducible_and_differ_by_seed():
    rng = np.random.default_rng(1)
    table = rng.normal(size=(60, 12))
    for kind in ("pca", "uae", "dae"):
        first = LatentEncoder(kind, epochs=4).fit(table)
        assert first.transform(table).tobytes() == LatentEncoder(kind, epochs=4).fit(table).transform(table).tobytes()
        other = LatentEncoder(kind, epochs=4, seed=2).fit(table)
        assert (first.transform(table).tobytes() == other.transform(table).tobytes()) == (kind == "pca")
        restored = pickle.loads(pickle.dumps(first))
        assert restored.transform(table).tobytes() == first.transform(table).tobytes()
    assert len(LatentEncoder("dae", epochs=4).fit(table).loss_curve_) == 4
    assert 0 < LatentEncoder("pca").fit(table).explained_variance_ratio_.sum() < 1
    with pytest.raises(ValueError, match="epochs"):
        LatentEncoder("uae", epochs=0).fit(table)
    with pytest.raises(ValueError, match="one of"):
        LatentEncoder("vae").fit(table)


def test_a_recording_that_fails_raises(tmp_path):
    with pytest.raises(ser.ExtractionError):
        EGeMAPS().transform([str(tmp_path / "none.wav")])
    with pytest.raises(TypeError, match="list of recordings"):
        EGeMAPS().transform("one.wav")
    with pytest.raises(ValueError, match="unknown feature set"):
        EGeMAPS("IS09").fit([(voice(), 16000)])
