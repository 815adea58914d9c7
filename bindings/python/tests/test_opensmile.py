"""The drop-in without the real package: what it must do, and where it differs from it by intention."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import ser
from conftest import voice, write_wav

pytest.importorskip("audinterface")
opensmile = pytest.importorskip("ser.opensmile")


@pytest.fixture
def smile():
    return opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)


def test_files_and_arrays_give_the_same_bits(smile, tmp_path):
    path = write_wav(tmp_path / "voice.wav", voice(1.0))
    import audiofile

    signal, rate = audiofile.read(path)
    assert smile.process_file(path).to_numpy().tobytes() == smile.process_signal(signal, rate).to_numpy().tobytes()
    # Mono of 16 bit is what ser.extract takes, too.
    assert smile.process_file(path).to_numpy().tobytes() == ser.extract(path, to="numpy").tobytes()


def test_the_first_channel_is_taken(smile, tmp_path):
    stereo = np.stack([voice(0.8), voice(0.8, pitch=240)])
    path = write_wav(tmp_path / "stereo.wav", stereo)
    assert smile.process_file(path).to_numpy().tobytes() == ser.extract(path, channel=0, to="numpy").tobytes()
    mean = opensmile.Smile("eGeMAPSv02", channels=[0, 1], mixdown=True)
    assert mean.process_file(path).to_numpy().tobytes() != smile.process_file(path).to_numpy().tobytes()


def test_too_short_is_nan_with_a_warning(smile, tmp_path):
    path = write_wav(tmp_path / "short.wav", voice(1.0)[:300])
    with pytest.warns(UserWarning, match="Segment too short, filling with NaN."):
        assert smile.process_file(path).isna().all().all()


def test_superseded_sets_warn_and_deltas_are_refused():
    with pytest.warns(UserWarning, match="consider switching to 'FeatureSet.GeMAPSv01b'"):
        opensmile.Smile(opensmile.FeatureSet.GeMAPS)
    with pytest.raises(ValueError, match="'LowLevelDescriptors_Deltas' is not available"):
        opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors_Deltas)


# By intention different.


@pytest.mark.parametrize("name", ["ComParE_2016", "emobase", "IS09", "IS10", "IS11", "IS12", "IS13"])
def test_sets_outside_the_family_are_refused_by_name(name):
    with pytest.raises(ValueError, match=f"{name} is not extracted by ser, which has GeMAPSv01a, .*eGeMAPSv02"):
        opensmile.Smile(opensmile.FeatureSet[name])


def test_configuration_files_are_refused(tmp_path):
    (tmp_path / "own.conf").write_text("[componentInstances:cComponentManager]")
    with pytest.raises(ValueError, match="configuration files are openSMILE's own"):
        opensmile.Smile(str(tmp_path / "own.conf"))
    with pytest.warns(UserWarning, match="options belong to openSMILE's configuration"):
        opensmile.Smile("eGeMAPSv02", options={"frameMode": "full"})
    with pytest.raises(ValueError, match="there is no feature level 'x'"):
        opensmile.Smile("eGeMAPSv02", "x")


@pytest.mark.parametrize("rate", [-16000, 100, 3999, 192001, 384000])
def test_rates_out_of_range_are_refused(smile, rate):
    with pytest.raises(ValueError, match="4000 … 192000"):
        smile.process_signal(voice(0.5), rate)


def test_an_empty_list_is_a_value_error(smile):
    with pytest.raises(ValueError, match="No objects to concatenate"):
        smile.process_files([])


def test_a_log_is_written(tmp_path):
    smile = opensmile.Smile("eGeMAPSv02", logfile=str(tmp_path / "log.txt"))
    smile(voice(0.5), 16000)
    assert "eGeMAPSv02 functionals of 0.500 s at 16000 Hz" in (tmp_path / "log.txt").read_text()


def test_it_can_be_installed_under_the_other_name():
    code = "import ser; ser.install_as_opensmile(); import opensmile; print(opensmile.Smile('eGeMAPSv02').num_features)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "88\n"


def test_many_files_in_threads_are_in_order(smile, tmp_path):
    paths = [write_wav(tmp_path / f"{number}.wav", voice(0.3, pitch=100 + 5 * number)) for number in range(12)]
    many = opensmile.Smile("eGeMAPSv02", num_workers=2).process_files(paths)
    one = pd.concat([smile.process_file(path) for path in paths])
    pd.testing.assert_frame_equal(many, one)
