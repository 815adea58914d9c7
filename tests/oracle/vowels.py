#!/usr/bin/env python3
"""Formants and source levels of eGeMAPS-ser+ over eleven vowels, eight pitches, seven sources and three levels of noise, with planted truth.

    python3 tests/oracle/vowels.py make vowels
    ser extract vowels --set eGeMAPS-ser+ -o vowels.csv
    python3 tests/oracle/vowels.py show vowels.csv

The first six vowels are those of tests/voice/mod.rs, on which settings were chosen; on the other five nothing was. Sources, all with the radiation of the lips: harmonics of
−6 dB per octave, of equal level (0), Rosenberg's pulses with an open phase of 56 and of 80 % of the cycle, those of D. H. Klatt and L. C. Klatt (1990), "Analysis, synthesis,
and perception of voice quality variations among female and male talkers", JASA 87, 820-857, with 50 and 70 %, and the latter through one pole at 1 kHz (breathy). White noise
below the first source. Needs numpy, scipy and pandas.
"""
import pathlib
import sys

import numpy as np

VOWELS = {
    "i": [(270, 50), (2290, 80), (3010, 120), (3700, 150), (4500, 200)],
    "u": [(300, 60), (800, 80), (2300, 120), (3400, 150), (4300, 200)],
    "o": [(400, 60), (750, 80), (2400, 120), (3400, 150), (4400, 200)],
    "schwa": [(500, 60), (1500, 80), (2500, 120), (3500, 150), (4500, 200)],
    "a": [(700, 80), (1200, 90), (2600, 120), (3500, 150), (4400, 200)],
    "ae": [(850, 80), (1600, 90), (2700, 120), (3700, 150), (4500, 200)],
    "y": [(300, 70), (1700, 100), (2200, 140), (3300, 180), (4200, 250)],
    "I": [(390, 55), (1990, 90), (2550, 130), (3500, 160), (4300, 220)],
    "U": [(360, 75), (870, 95), (2240, 130), (3300, 170), (4100, 220)],
    "O": [(470, 70), (900, 85), (2500, 130), (3300, 160), (4300, 200)],
    "E": [(580, 65), (1850, 100), (2500, 140), (3600, 170), (4500, 220)],
}
CHOSEN, OTHER = list(VOWELS)[:6], list(VOWELS)[6:]
HIGHER = [(5500, 250), (6500, 300), (7500, 350), (8500, 400), (9500, 450)]
PITCHES = [80, 110, 140, 160, 180, 200, 220, 250]
SOURCES = ["steep", "flat", "rosenberg56", "rosenberg80", "klatt50", "klatt70", "breathy"]
LEVELS = ["H1star-H2star", "H2star-H4star", "H1star-A1star", "H1star-A2star", "H1star-A3star"]
NONE = 99


def gain(hz, centre, bandwidth):
    square = bandwidth**2 / 4 + centre**2
    return square / (square - hz**2 + 1j * bandwidth * hz)


def tract(vowel, hz):
    return np.prod([gain(hz, *formant) for formant in VOWELS[vowel] + HIGHER], axis=0)


def source(name, h, f0):
    t = np.arange(4096) / 4096
    if name == "steep":
        return 1 / h
    if name == "flat":
        return np.ones(len(h))
    if name.startswith("rosenberg"):
        opening, closing = {"rosenberg56": (0.4, 0.16), "rosenberg80": (0.5, 0.3)}[name]
        closes = np.cos(np.pi / 2 * (t - opening) / closing)
        flow = np.where(t < opening, 0.5 - 0.5 * np.cos(np.pi * t / opening), np.where(t < opening + closing, closes, 0))
    else:
        open_part = {"klatt50": 0.5, "klatt70": 0.7, "breathy": 0.7}[name]
        flow = np.where(t < open_part, (t / open_part) ** 2 * (1 - t / open_part), 0)
    spectrum = np.fft.fft(np.diff(np.r_[flow, flow[0]]))[h]
    return spectrum / (1 + 1j * h * f0 / 1000) if name == "breathy" else spectrum


def make(folder):
    import scipy.io.wavfile

    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    t = np.arange(8000) / 16000
    for vowel in VOWELS:
        for f0 in PITCHES:
            for name in SOURCES:
                h = np.arange(1, int(7500 / f0) + 1)
                partials = tract(vowel, h * f0) * source(name, h, f0)
                clean = (np.abs(partials)[:, None] * np.cos(2 * np.pi * f0 * h[:, None] * t + np.angle(partials)[:, None])).sum(0)
                clean *= 0.1 / np.sqrt(np.mean(clean**2))
                for snr in [NONE, 30, 20, 10] if name == "steep" else [NONE]:
                    noise = np.random.default_rng(f0).normal(size=len(t)) * (0 if snr == NONE else 0.1 * 10 ** (-snr / 20))
                    samples = np.round((clean + noise) * 29490).clip(-32768, 32767).astype(np.int16)
                    scipy.io.wavfile.write(folder / f"{vowel}_{f0}_{name}_{snr}.wav", 16000, samples)


def planted_levels(vowel, f0, name):
    h = np.arange(1, 40)
    db = 20 * np.log10(np.abs(tract(vowel, h * f0) * source(name, h, f0) / np.prod([gain(h * f0, *f) for f in VOWELS[vowel][:3]], axis=0)))
    near = [max(1, round(VOWELS[vowel][m][0] / f0)) for m in range(3)]
    return [db[0] - db[1], db[1] - db[3]] + [db[0] - db[n - 1] for n in near]


def show(path):
    import pandas as pd

    table = pd.read_csv(path).copy()
    table[["vowel", "f0", "source", "snr"]] = [pathlib.Path(f).stem.split("_") for f in table["file"]]
    table = table.astype({"f0": int, "snr": int})
    for m in (1, 2, 3):
        planted = np.array([VOWELS[v][m - 1][0] for v in table["vowel"]])
        table[f"e{m}"] = 100 * (table[f"F{m}frequency_sma3nz_amean"].replace(0, np.nan) / planted - 1)
    cell = lambda e: f"{e.abs().median():.1f}, {e.abs().max():.1f}, {(e.abs() > 15).sum()}, {e.isna().sum()} of {len(e)}"
    print("| source, noise | vowels | F1: median %, worst %, more than 15 % off, absent | F2 | F3 |\n|---|---|---|---|---|")
    for name in SOURCES:
        for snr in [NONE, 30, 20, 10]:
            for what, vowels in (("chosen", CHOSEN), ("other", OTHER), ("o u U O", ["o", "u", "U", "O"])):
                rows = table[(table["source"] == name) & (table["snr"] == snr) & table["vowel"].isin(vowels)]
                if len(rows):
                    print(f"| {name}, {'none' if snr == NONE else f'{snr} dB'} | {what} | " + " | ".join(cell(rows[f"e{m}"]) for m in (1, 2, 3)) + " |")
    print("\n/i/: error of F1 in %, by pitch\n")
    print(table[(table["vowel"] == "i") & (table["snr"] == NONE)].pivot_table(index="source", columns="f0", values="e1").round(1).to_string())
    if f"logRelF0-{LEVELS[0]}_sma3nz_amean" in table:
        print("\n| source | " + " | ".join(f"{n}: median, worst error in dB" for n in LEVELS) + " |\n" + "|---" * 6 + "|")
        for name in SOURCES:
            rows = table[(table["source"] == name) & (table["snr"] == NONE) & (table["f0"] <= 220)]
            planted = np.array([planted_levels(r.vowel, r.f0, name) for r in rows.itertuples()])
            error = np.abs(np.stack([rows[f"logRelF0-{n}_sma3nz_amean"] for n in LEVELS], axis=1) - planted)
            print(f"| {name} | " + " | ".join(f"{np.nanmedian(e):.1f}, {np.nanmax(e):.1f}" for e in error.T) + " |")


if __name__ == "__main__":
    {"make": make, "show": show}[sys.argv[1]](*sys.argv[2:])
