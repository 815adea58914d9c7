"""Programs of others on the drop-in, unmodified, beside the real package. Each runs in a process of its own, once with either.

    pip install opensmile soundfile && pip install --no-deps nkululeko && pytest -m reference tests/test_programs.py
"""

import importlib.util
import subprocess
import sys

import pytest
from conftest import voice, write_wav

pytestmark = pytest.mark.reference

NKULULEKO = """
import configparser, os, sys
import numpy as np, pandas as pd
folder, which, out = sys.argv[1:]
if which == "ours":
    import ser
    ser.install_as_opensmile()
import nkululeko.glob_conf as glob_conf
config = configparser.ConfigParser()
config.read_dict({
    "EXP": {"root": os.path.dirname(out), "name": "experiment_" + which, "runs": "1", "epochs": "1"},
    "DATA": {"databases": "['x']", "target": "emotion"},
    "FEATS": {"type": "['os']", "set": "eGeMAPSv02"},
    "MODEL": {"type": "svm", "n_jobs": "2"},
})
glob_conf.init_config(config)
from nkululeko.feat_extract.feats_opensmile import Opensmileset
import opensmile
assert opensmile.__name__ == ("ser.opensmile" if which == "ours" else "opensmile")
files = sorted(os.path.join(folder, name) for name in os.listdir(folder))
tables = []
for number, index in enumerate([
    pd.Index(files, name="file"),
    pd.MultiIndex.from_arrays([files, pd.to_timedelta([0.1] * len(files), unit="s"), pd.to_timedelta([0.5] * len(files), unit="s")], names=["file", "start", "end"]),
]):
    features = Opensmileset(f"set{number}", pd.DataFrame({"emotion": "x"}, index=index), "os")
    tables.append(features.extract())
    tables.append(pd.DataFrame(features.extract_sample(np.sin(np.arange(16000) * 0.1).astype("float32"), 16000)))
pd.to_pickle(tables, out)
"""

LHOTSE = """
import os, sys
import pandas as pd
folder, which, out = sys.argv[1:]
if which == "ours":
    import ser
    ser.install_as_opensmile()
from lhotse import MonoCut, Recording
from lhotse.features.opensmile import OpenSmileConfig, OpenSmileExtractor
tables = []
for name in sorted(os.listdir(folder)):
    recording = Recording.from_file(os.path.join(folder, name))
    cut = MonoCut(name, 0, recording.duration, 0, recording=recording)
    for level in ("lld", "func"):
        extractor = OpenSmileExtractor(OpenSmileConfig(feature_set="eGeMAPSv02", feature_level=level))
        tables.append(pd.DataFrame(extractor.extract(recording.load_audio(), recording.sampling_rate)))
pd.to_pickle(tables, out)
"""


@pytest.mark.parametrize(("package", "program"), [("nkululeko", NKULULEKO), ("lhotse", LHOTSE)])
def test_programs_of_others_give_the_same(package, program, tmp_path):
    for needed in ("opensmile", package):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"there is no {needed}")
    import pandas as pd

    (tmp_path / "in").mkdir()
    for number in range(3):
        write_wav(tmp_path / "in" / f"{number}.wav", voice(0.7, pitch=100 + 40 * number, seed=number))
    found = {}
    for which in ("theirs", "ours"):
        out = tmp_path / which / "tables.pkl"
        out.parent.mkdir()
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "in"), which, str(out)], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        found[which] = pd.read_pickle(out)
    assert len(found["ours"]) == len(found["theirs"]) > 0
    for ours, theirs in zip(found["ours"], found["theirs"]):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
