#!/usr/bin/env python3
"""The demonstrations of docs/errata.md: signals with planted truth through eGeMAPS-ser and through openSMILE.

    python3 tests/oracle/errata.py make signals
    ser extract signals --set eGeMAPS-ser -o ser.csv
    .oracle/bin/python tests/oracle/oracle.py signals -o smile.csv
    python3 tests/oracle/errata.py show ser.csv smile.csv

and for the size of the effects on a corpus, with tables of the same recordings:

    python3 tests/oracle/errata.py corpus ser-emodb.csv smile-emodb.csv

Needs numpy, scipy and pandas. The signals are those of tests/voice/mod.rs. openSMILE is a measuring instrument and nothing more.
"""
import pathlib
import sys

import numpy as np
import pandas as pd
import scipy.io.wavfile

VOWELS = {
    "i": [(270, 50), (2290, 80), (3010, 120), (3700, 150), (4500, 200)],
    "u": [(300, 60), (800, 80), (2300, 120), (3400, 150), (4300, 200)],
    "schwa": [(500, 60), (1500, 80), (2500, 120), (3500, 150), (4500, 200)],
    "a": [(700, 80), (1200, 90), (2600, 120), (3500, 150), (4400, 200)],
    "ae": [(850, 80), (1600, 90), (2700, 120), (3700, 150), (4500, 200)],
}
HIGHER = [(5500, 250), (6500, 300), (7500, 350), (8500, 400), (9500, 450)]
RATES = [11025, 16000, 22050, 32000, 44100, 48000]


def tract(vowel, hz):
    gain = np.ones_like(hz, dtype=complex)
    for centre, bandwidth in VOWELS[vowel] + HIGHER:
        square = bandwidth**2 / 4 + centre**2
        gain *= square / (square - hz**2 + 1j * bandwidth * hz)
    return gain


def steady(vowel, f0, seconds, rate=16000, highest=4900):
    hz = f0 * np.arange(1, int(highest / f0) + 1)
    gain = tract(vowel, hz) * f0 / hz
    t = np.arange(int(seconds * rate)) / rate
    x = sum(abs(g) * np.cos(2 * np.pi * f * t + np.angle(g)) for f, g in zip(hz, gain))
    return 0.1 * x / np.sqrt(np.mean(x**2))


def noise(seconds, rate=16000, seed=3):
    random = np.random.default_rng(seed)
    hz = np.arange(100, 5000, 4 / seconds)
    t = np.arange(int(seconds * rate)) / rate
    x = sum(np.cos(2 * np.pi * f * t + p) for f, p in zip(hz, random.uniform(0, 2 * np.pi, len(hz))))
    return x / np.sqrt(np.mean(x**2))


def irregular(f0, jitter, shimmer, seed=7):
    """One response per cycle; gives the samples and the jitter and shimmer (dB) that were planted."""
    random = np.random.default_rng(seed)
    count = int(1.5 * f0)
    lengths = (1 + 1.5 * jitter * random.uniform(-1, 1, count)) / f0
    levels = 10 ** (1.5 * shimmer * random.uniform(-1, 1, count) / 20)
    rate = 16000
    x = np.zeros(int(lengths.sum() * rate))
    onset = 0.0
    for length, level in zip(lengths, levels):
        n = np.arange(int(np.ceil(onset * rate)), min(int((onset + 0.04) * rate), len(x)))
        t = n / rate - onset
        for i, (hz, bandwidth) in enumerate(VOWELS["a"][:4]):
            x[n] += level / (i + 1) * np.exp(-np.pi * bandwidth * t) * (1 - np.exp(-2000 * t)) * np.sin(2 * np.pi * hz * t)
        onset += length
    planted = np.mean(np.abs(np.diff(lengths))) * f0, np.mean(np.abs(20 * np.diff(np.log10(levels))))
    return 0.5 * x / np.abs(x).max(), planted


def glide():
    t = np.arange(8000) / 16000
    phase = np.cumsum(120 * 2 ** (10 * t / 12)) / 16000
    return 0.1 * sum(np.cos(2 * np.pi * h * phase) / h for h in range(1, 21))


def make(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)

    def write(name, x, rate=16000):
        scipy.io.wavfile.write(folder / f"{name}.wav", rate, np.round(32767 * np.clip(x, -1, 1)).astype(np.int16))

    for vowel in VOWELS:
        for f0 in (100, 200, 250):
            write(f"formant_{vowel}_{f0}", steady(vowel, f0, 1.0))
    for rate in RATES:
        write(f"rate_{rate}", steady("schwa", 140, 1.0, rate) + 0.01 * noise(1.0, rate), rate)
    for gain in (-20, 0, 10):
        write(f"gain_{gain}", 10 ** (gain / 20) * (steady("schwa", 140, 1.0) + 0.01 * noise(1.0)) * 0.5)
    for pause in (0, 1, 3):
        voice = steady("a", 120, 0.4)
        write(f"pause_{pause}", np.concatenate([voice, np.zeros(int(6400 * pause))]))
    for f0 in (90, 120, 200):
        for percent in (0.5, 1, 2, 3):
            write(f"jitter_{f0}_{percent}", irregular(f0, percent / 100, 0)[0])
        for tenths in (2, 5, 10):
            write(f"shimmer_{f0}_{tenths}", irregular(f0, 0, tenths / 10)[0])
    for db in (0, 5, 10, 15, 20, 25, 30):
        write(f"hnr_{db}", steady("a", 140, 1.0) + 0.1 * 10 ** (-db / 20) * noise(1.0))
    write("glide", np.concatenate([glide(), np.zeros(4000), glide()]))
    for length in (100, 200, 400):
        pause = np.zeros(4800)
        voice = steady("a", 120, length / 1000)
        write(f"length_{length}", np.concatenate([pause, voice, pause, voice, pause]))


def read(path):
    table = pd.read_csv(path)
    table.index = [pathlib.Path(f).stem for f in table["file"]]
    return table.drop(columns=[c for c in ("file", "start", "end") if c in table])


def show(ser, smile):
    ser, smile = read(ser), read(smile)

    def table(title, header, rows):
        print(f"\n{title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
        for row in rows:
            print("| " + " | ".join(f"{v:.3g}" if isinstance(v, float) and abs(v) < 1 else f"{v:.1f}" if isinstance(v, float) else str(v) for v in row) + " |")

    rows = []
    for vowel in VOWELS:
        for f0 in (100, 200, 250):
            columns = [f"F{m}frequency_sma3nz_amean" for m in (1, 2, 3)]
            name = f"formant_{vowel}_{f0}"
            three = lambda v: " / ".join(f"{x:.0f}" for x in v)
            rows.append([vowel, f0, three(f for f, _ in VOWELS[vowel][:3]), three(smile.loc[name, columns]), three(ser.loc[name, columns])])
    table("formants in Hz", ["vowel", "F0", "planted", "openSMILE", "eGeMAPS-ser"], rows)

    rows = []
    for vowel in VOWELS:
        for f0 in (100, 200):
            level = lambda h: 20 * np.log10(abs(tract(vowel, np.array([h * f0 * 1.0]))[0]) / h)
            name, column = f"formant_{vowel}_{f0}", "logRelF0-H1-H2_sma3nz_amean"
            rows.append([vowel, f0, float(level(1) - level(2)), float(level(2) - level(3)), float(smile.loc[name, column]), float(ser.loc[name, column])])
    table("H1–H2 in dB", ["vowel", "F0", "planted H1–H2", "planted 2·F0–3·F0", "openSMILE", "eGeMAPS-ser"], rows)

    rows = []
    for column in ["F1frequency_sma3nz_amean", "F2frequency_sma3nz_amean", "F3frequency_sma3nz_amean", "F1bandwidth_sma3nz_amean", "loudness_sma3_amean", "spectralFlux_sma3_amean",
                   "mfcc1_sma3_amean", "mfcc2_sma3_amean", "alphaRatioV_sma3nz_amean", "hammarbergIndexV_sma3nz_amean", "slopeV0-500_sma3nz_amean", "slopeV500-1500_sma3nz_amean",
                   "jitterLocal_sma3nz_amean", "shimmerLocaldB_sma3nz_amean", "HNRdBACF_sma3nz_amean", "logRelF0-H1-H2_sma3nz_amean", "F0semitoneFrom27.5Hz_sma3nz_amean"]:
        names = [f"rate_{r}" for r in RATES]
        spread = lambda t: float((t.loc[names, column].max() - t.loc[names, column].min()) / abs(t.loc["rate_16000", column]))
        span = lambda t: f"{t.loc[names, column].min():.4g} … {t.loc[names, column].max():.4g}"
        rows.append([column.replace("_sma3nz_amean", "").replace("_sma3_amean", ""), span(smile), f"{100 * spread(smile):.1f} %", span(ser), f"{100 * spread(ser):.1f} %"])
    table("one voice at 11.025 … 48 kHz", ["column", "openSMILE", "spread", "eGeMAPS-ser", "spread"], rows)

    rows = []
    for column in ["slopeV0-500_sma3nz_amean", "slopeV500-1500_sma3nz_amean", "alphaRatioV_sma3nz_amean", "mfcc1V_sma3nz_amean", "F1frequency_sma3nz_amean", "HNRdBACF_sma3nz_amean"]:
        rows.append([column.replace("_sma3nz_amean", "")] + [f"{t.loc[f'gain_{g}', column]:.4g}" for t in (smile, ser) for g in (-20, 0, 10)])
    table("gain of −20, 0, +10 dB", ["column", "openSMILE −20", "0", "+10", "eGeMAPS-ser −20", "0", "+10"], rows)

    rows = [[f"{p} × 0.4 s of silence", float(smile.loc[f"pause_{p}", c]), float(ser.loc[f"pause_{p}", c])] for p in (0, 1, 3) for c in ["F1amplitudeLogRelF0_sma3nz_amean"]]
    table("F1 amplitude of one vowel in dB, followed by silence", ["", "openSMILE", "eGeMAPS-ser"], rows)

    rows = []
    for f0 in (90, 120, 200):
        for percent in (0.5, 1, 2, 3):
            planted = irregular(f0, percent / 100, 0)[1][0]
            rows.append([f"jitter, {f0} Hz", f"{planted:.4f}"] + [f"{t.loc[f'jitter_{f0}_{percent}', 'jitterLocal_sma3nz_amean']:.4f}" for t in (smile, ser)])
        for tenths in (2, 5, 10):
            planted = irregular(f0, 0, tenths / 10)[1][1]
            rows.append([f"shimmer in dB, {f0} Hz", f"{planted:.3f}"] + [f"{t.loc[f'shimmer_{f0}_{tenths}', 'shimmerLocaldB_sma3nz_amean']:.3f}" for t in (smile, ser)])
    table("jitter and shimmer", ["", "planted", "openSMILE", "eGeMAPS-ser"], rows)

    rows = [[db] + [float(t.loc[f"hnr_{db}", "HNRdBACF_sma3nz_amean"]) for t in (smile, ser)] for db in (0, 5, 10, 15, 20, 25, 30)]
    table("HNR in dB", ["planted", "openSMILE", "eGeMAPS-ser"], rows)

    rows = [[c.replace("F0semitoneFrom27.5Hz_sma3nz_", ""), planted] + [float(t.loc["glide", "F0semitoneFrom27.5Hz_sma3nz_" + c]) for t in (smile, ser)]
            for c, planted in (("meanRisingSlope", 10), ("meanFallingSlope", 0))]
    table("two rises of 10 semitones/s with a pause", ["", "planted", "openSMILE", "eGeMAPS-ser"], rows)

    rows = [[f"{n} ms", f"{n / 1000:.3f}"] + [f"{t.loc[f'length_{n}', 'MeanVoicedSegmentLengthSec']:.3f}" for t in (smile, ser)] for n in (100, 200, 400)]
    table("mean length of two voiced stretches in s", ["", "planted", "openSMILE", "eGeMAPS-ser"], rows)


def corpus(ser, smile):
    ser, smile = read(ser), read(smile)
    smile = smile.loc[ser.index]
    print("| column | openSMILE, median | eGeMAPS-ser, median | rank correlation |\n|---|---|---|---|")
    for column in ser.columns:
        a, b = smile[column], ser[column]
        print(f"| {column} | {a.median():.4g} | {b.median():.4g} | {a.corr(b, 'spearman'):.2f} |")


if __name__ == "__main__":
    {"make": make, "show": show, "corpus": corpus}[sys.argv[1]](*sys.argv[2:])
