#!/usr/bin/env python3
"""Where eGeMAPS-ser hears a voice, and of which pitch, beside four other trackers: Praat's autocorrelation, RAPT, SWIPE' and CREPE.

    pip install praat-parselmouth pysptk 'setuptools<81' torch torchcrepe pandas scipy soundfile      (pysptk needs the older setuptools)
    ser extract CREMA-D --set eGeMAPS-ser --level lld -o ser-lld.csv
    python3 tests/oracle/trackers.py measure CREMA-D trackers.pickle 0,4       (every ninth recording, from the first and the fifth on; 15 minutes)
    python3 tests/oracle/trackers.py compare trackers.pickle ser-lld.csv

A frame has a voice where three of the four are within 10 % of each other, so a tone of the room that three hear counts as one; it has none where at most one hears one;
the others are left out. Recordings with fewer than ten frames of voice are left out too. Praat 75–600 Hz; RAPT and SWIPE' (threshold 0.3) 60–800 Hz; CREPE "tiny", its
path search, 50–800 Hz, from a periodicity of 0.35 on; everything else as these packages have it.
"""
import pathlib
import pickle
import sys

import numpy as np

HOP_S = 0.01


def at_frames(track, first_s, count):
    """The track at the middles of our frames: 10 ms, 20 ms, …"""
    places = np.round((HOP_S * np.arange(1, count + 1) - first_s) / HOP_S).astype(int)
    return np.asarray(track)[np.clip(places, 0, len(track) - 1)]


def measure(folder, output, offsets="0,4"):
    from math import gcd

    import parselmouth
    import pysptk
    import soundfile
    import torch
    import torchcrepe
    from scipy.signal import resample_poly

    paths = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac"))
    found = {}
    for path in [p for offset in offsets.split(",") for p in paths[int(offset) :: 9]]:
        samples, rate = soundfile.read(path)
        part = gcd(rate, 16000)
        samples = resample_poly(samples if samples.ndim == 1 else samples.mean(1), 16000 // part, rate // part)
        praat = parselmouth.Sound(samples, 16000).to_pitch_ac(time_step=HOP_S, pitch_floor=75, pitch_ceiling=600)
        batch = torch.tensor(samples.astype(np.float32))[None]
        hz, periodicity = torchcrepe.predict(batch, 16000, 160, 50, 800, "tiny", return_periodicity=True, batch_size=512, decoder=torchcrepe.decode.viterbi)
        tracks = [
            (praat.selected_array["frequency"], praat.xs()[0]),
            (pysptk.rapt((32767 * samples).astype(np.float32), 16000, 160, min=60, max=800, otype="f0"), 0.0),
            (pysptk.swipe(samples, 16000, 160, min=60, max=800, threshold=0.3, otype="f0"), 0.0),
            (np.where(periodicity[0] > 0.35, hz[0], 0), 0.0),
        ]
        found[path.stem] = [(np.asarray(track), first_s) for track, first_s in tracks]
    pickle.dump(found, open(output, "wb"))


def agreed(tracks):
    """The pitch that three of them have; 0 for none of it; NaN where nobody can say."""
    hz = np.full(tracks.shape[1], np.nan)
    for t, heard in enumerate(tracks.T):
        heard = np.sort(heard[heard > 0])
        near = [heard[np.abs(heard / x - 1) < 0.1] for x in heard]
        most = max(near, key=len, default=heard)
        if len(most) >= 3:
            hz[t] = np.median(most)
        elif len(heard) <= 1:
            hz[t] = 0
    return hz


def compare(trackers, ser):
    import pandas as pd

    trackers = pickle.load(open(trackers, "rb"))
    frames = pd.read_csv(ser)
    frames["file"] = [pathlib.Path(f).stem for f in frames["file"]]
    ours = {file: 27.5 * 2 ** (f["F0semitoneFrom27.5Hz_sma3nz"].to_numpy() / 12) for file, f in frames.groupby("file")}
    silent = false = voiced = missed = wrong = count = 0
    for file, tracks in trackers.items():
        hz = ours[file]
        truth = agreed(np.stack([at_frames(track, first_s, len(hz)) for track, first_s in tracks]))
        if (truth > 0).sum() < 10:
            continue
        heard, count = np.isfinite(hz), count + 1
        silent, false = silent + (truth == 0).sum(), false + ((truth == 0) & heard).sum()
        voiced, missed = voiced + (truth > 0).sum(), missed + ((truth > 0) & ~heard).sum()
        both = (truth > 0) & heard
        wrong += (np.abs(hz[both] / truth[both] - 1) > 0.2).sum()
    print(f"{count} recordings; without a voice {silent} frames, ours hears one in {100 * false / silent:.1f} %")
    print(f"with a voice {voiced} frames: missed {100 * missed / voiced:.1f} %, more than 20 % off {100 * wrong / voiced:.1f} %")


if __name__ == "__main__":
    {"measure": measure, "compare": compare}[sys.argv[1]](*sys.argv[2:])
