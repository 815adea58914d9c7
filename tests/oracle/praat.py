#!/usr/bin/env python3
"""Agreement of eGeMAPS-ser with Praat on Emo-DB, recording by recording; openSMILE's own values beside it.

    pip install praat-parselmouth pandas
    ser extract EMODB --set eGeMAPS-ser --level lld -o ser-lld.csv
    .oracle/bin/python tests/oracle/oracle.py EMODB/wav --level lld -o smile-lld.csv
    python3 tests/oracle/praat.py measure EMODB/wav praat.csv       (WAV or FLAC; 4 minutes)
    python3 tests/oracle/praat.py table praat.csv ser-lld.csv smile-lld.csv

and the same recordings at 8 kHz, every third of them (scipy's polyphase filter; 16 bit):

    python3 tests/oracle/praat.py narrow EMODB/wav emodb-8k
    ser extract emodb-8k --set eGeMAPS-ser --level lld -o ser-8k.csv
    python3 tests/oracle/praat.py rates ser-lld.csv ser-8k.csv

On another corpus, with the beginnings of the names of men's recordings; openSMILE's table may be left out. `some` takes every ninth recording, at 16 kHz:

    python3 tests/oracle/praat.py some CREMA-D some
    python3 tests/oracle/praat.py measure some praat.csv 1001,1005,...
    ser extract some --set eGeMAPS-ser --level lld -o ser-lld.csv
    python3 tests/oracle/praat.py table praat.csv ser-lld.csv
    python3 tests/oracle/praat.py pitch praat.csv ser-lld.csv
    python3 tests/oracle/praat.py frames CREMA-D ser-lld.csv       (mean pitch in semitones, all recordings, with and without high frames that Praat hears and ours does not; 2 minutes)

How far Praat agrees with itself when one of its settings is another one, which bounds what any other program can agree with it:

    python3 tests/oracle/praat.py itself FOLDER

What eGeMAPS-ser+ adds, on the same recordings (means over voiced frames against Praat's values for the recording):

    ser extract EMODB --set eGeMAPS-ser+ -o ser-plus.csv
    python3 tests/oracle/praat.py more EMODB/wav praat-plus.csv
    python3 tests/oracle/praat.py plus praat-plus.csv ser-plus.csv
    python3 tests/oracle/praat.py levels EMODB/wav praat-levels.csv 600 03,10,11,12,15      (the ceiling of the pitch, and men)
    python3 tests/oracle/praat.py source praat-levels.csv ser-plus.csv

CPPS: power cepstrogram 60 Hz, 2 ms, 5 kHz, 50 Hz; averaged over 20 ms and 0.5 ms, peak 60–500 Hz, parabolic, straight line from 1 to 17 ms, least squares.

Praat's settings: pitch by autocorrelation, 75–600 Hz; formants by Burg's method, five below 5000 Hz (men) or 5500 Hz (women), 25 ms,
pre-emphasis from 50 Hz; marks by cross-correlation, jitter (local) and shimmer (local, dB) with 0.1 ms, 20 ms, 1.3, 1.6; harmonicity
(ac) 10 ms, 75 Hz, 0.1, 4.5. Medians over voiced frames; jitter and shimmer are Praat's for the recording, and means over frames here.
Praat is a measuring instrument and nothing more: no text of it was read for ser.
"""
import csv
import pathlib
import sys

import numpy as np

MEN = "03,10,11,12,15"


def measure(folder, output, men=MEN):
    import parselmouth
    from parselmouth.praat import call

    keys = ["file", "man", "f0", "mean f0", "voiced", "F1", "F2", "F3", "B1", "B2", "B3", "jitter", "shimmer", "hnr"]
    with open(output, "w", newline="") as file:
        table = csv.DictWriter(file, keys)
        table.writeheader()
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix not in (".wav", ".flac"):
                continue
            sound = parselmouth.Sound(str(path))
            man = path.name.startswith(tuple(men.split(",")))
            pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=600)
            f0, times = pitch.selected_array["frequency"], pitch.xs()
            voiced = f0 > 0
            formants = sound.to_formant_burg(0.01, 5, 5000 if man else 5500, 0.025, 50)
            row = {"file": path.stem, "man": int(man), "f0": np.median(f0[voiced]), "mean f0": f0[voiced].mean(), "voiced": voiced.mean()}
            for m in (1, 2, 3):
                row[f"F{m}"] = np.nanmedian([formants.get_value_at_time(m, t) for t in times[voiced]])
                row[f"B{m}"] = np.nanmedian([formants.get_bandwidth_at_time(m, t) for t in times[voiced]])
            marks = call([sound, pitch], "To PointProcess (cc)")
            row["jitter"] = call(marks, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3)
            row["shimmer"] = call([sound, marks], "Get shimmer (local_dB)", 0, 0, 0.0001, 0.02, 1.3, 1.6)
            harmonicity = sound.to_harmonicity_ac(0.01, 75, 0.1, 4.5).values[0]
            row["hnr"] = np.median(harmonicity[harmonicity > -199])
            table.writerow(row)


def more(folder, output):
    import parselmouth
    from parselmouth.praat import call

    keys = ["file", "cpp", "rap", "ppq5", "apq3", "apq11"]
    with open(output, "w", newline="") as file:
        table = csv.DictWriter(file, keys)
        table.writeheader()
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix not in (".wav", ".flac"):
                continue
            sound = parselmouth.Sound(str(path))
            pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=600)
            marks = call([sound, pitch], "To PointProcess (cc)")
            row = {"file": path.stem}
            for key in ("rap", "ppq5"):
                row[key] = call(marks, f"Get jitter ({key})", 0, 0, 0.0001, 0.02, 1.3)
            for key in ("apq3", "apq11"):
                row[key] = call([sound, marks], f"Get shimmer ({key})", 0, 0, 0.0001, 0.02, 1.3, 1.6)
            cepstra = call(sound, "To PowerCepstrogram", 60, 0.002, 5000, 50)
            row["cpp"] = call(cepstra, "Get CPPS", True, 0.02, 0.0005, 60, 500, 0.05, "parabolic", 0.001, 0.017, "Straight", "Least squares")
            table.writerow(row)


def plus(praat, ser):
    import pandas as pd

    praat, ours = of_praat(praat), pd.read_csv(ser)
    ours.index = [pathlib.Path(f).stem for f in ours["file"]]
    names = {"cpp": "CPPsmoothed", "rap": "jitterRAP", "ppq5": "jitterPPQ5", "apq3": "shimmerAPQ3", "apq11": "shimmerAPQ11"}
    print("| | Praat, median | eGeMAPS-ser+, median | r |\n|---|---|---|---|")
    for key, name in names.items():
        ours_here = ours[f"{name}_sma3nz_amean"].reindex(praat.index)
        print(f"| {key} | {praat[key].median():.4g} | {ours_here.median():.4g} | {praat[key].corr(ours_here):.3f} |")


def levels(folder, output, ceiling="600", men=MEN):
    """H1-H2, H1-A3 and their corrected kin by Praat's pitch and formants, Hawks and Miller's bandwidths, and spectra of 48 ms; means over voiced frames."""
    import parselmouth

    low = [165.327516, -6.73636734e-1, 1.80874446e-3, -4.52201682e-6, 7.495140e-9, -4.70219241e-12]
    high = [15.8146139, 8.10159009e-2, -9.79728215e-5, 5.28725064e-8, -1.07099364e-11, 7.91528509e-16]

    def bandwidth(hz, f0):
        return (1 + 0.25 * (f0 - 132) / 88) * sum(c * hz**i for i, c in enumerate(low if hz < 500 else high))

    def gain(hz, centre, width):
        square = centre**2 + width**2 / 4
        return 20 * np.log10(square / np.hypot(square - hz**2, width * hz))

    keys = ["file", "f0"] + list(SOURCE)
    with open(output, "w", newline="") as file:
        table = csv.DictWriter(file, keys)
        table.writeheader()
        for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac")):
            sound = parselmouth.Sound(str(path)).convert_to_mono()
            pitch = sound.to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=float(ceiling))
            f0, times = pitch.selected_array["frequency"], pitch.xs()
            formants = sound.to_formant_burg(0.01, 5, 5000 if path.name.startswith(tuple(men.split(","))) else 5500, 0.025, 50)
            samples, rate = sound.values[0], sound.sampling_frequency
            length = int(0.048 * rate)
            window, points = np.hanning(length + 1)[:-1], 16384 if rate < 20000 else 65536
            rows = []
            for t, f in zip(times[f0 > 0], f0[f0 > 0]):
                first = int(t * rate) - length // 2
                centres = [formants.get_value_at_time(m, t) for m in (1, 2, 3)]
                if first < 0 or first + length > len(samples) or not np.isfinite(centres).all():
                    continue
                db = 20 * np.log10(np.abs(np.fft.rfft(samples[first : first + length] * window, points)) + 1e-12)
                bin_hz = rate / points
                level = lambda hz: db[max(1, int((hz - 0.2 * f) / bin_hz)) : int((hz + 0.2 * f) / bin_hz) + 1].max()
                star = lambda h: level(h * f) - sum(gain(h * f, c, bandwidth(c, f)) for c in centres)
                near = [h for h in range(1, int(5000 / f)) if abs(h * f - centres[2]) <= max(0.1 * centres[2], 0.6 * f)]
                a3 = level(f) - max(level(h * f) for h in near) if near else np.nan
                tops = [star(1) - star(max(1, round(c / f))) for c in centres]
                rows.append([level(f) - level(2 * f), a3, star(1) - star(2), star(2) - star(4), *tops])
            means = np.nanmean(rows, axis=0) if rows else [np.nan] * len(SOURCE)
            table.writerow({"file": path.stem, "f0": np.median(f0[f0 > 0]), **dict(zip(SOURCE, means))})


SOURCE = ["H1-H2", "H1-A3", "H1star-H2star", "H2star-H4star", "H1star-A1star", "H1star-A2star", "H1star-A3star"]


def source(praat, ser):
    import pandas as pd

    praat, ours = of_praat(praat), pd.read_csv(ser)
    ours.index = [pathlib.Path(f).stem for f in ours["file"]]
    print("| | Praat, median | eGeMAPS-ser+, median | r |\n|---|---|---|---|")
    for name in SOURCE:
        here = ours[f"logRelF0-{name}_sma3nz_amean"].reindex(praat.index)
        print(f"| {name} | {praat[name].median():.2f} | {here.median():.2f} | {praat[name].corr(here):.3f} |")


def itself(folder):
    import pandas as pd
    import parselmouth
    from parselmouth.praat import call

    rows = []
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac")):
        sound = parselmouth.Sound(str(path)).convert_to_mono()
        ranges = {"": (75, 600), ", floor 60": (60, 600), ", floor 100": (100, 600)}
        pitches = {k: sound.to_pitch_ac(time_step=0.01, pitch_floor=a, pitch_ceiling=b) for k, (a, b) in ranges.items()}
        pitches[", pitch by cc"] = sound.to_pitch_cc(time_step=0.01, pitch_floor=75, pitch_ceiling=600)
        marks = {k: call([sound, pitch], "To PointProcess (cc)") for k, pitch in pitches.items()}
        marks[", marks by peaks"] = call([sound, pitches[""]], "To PointProcess (peaks)", True, False)
        row = {f"shimmer{k}": call([sound, m], "Get shimmer (local_dB)", 0, 0, 0.0001, 0.02, 1.3, 1.6) for k, m in marks.items()}
        for k, pitch in pitches.items():
            f0 = pitch.selected_array["frequency"]
            row[f"mean F0{k}"] = f0[f0 > 0].mean() if (f0 > 0).any() else np.nan
        times = pitches[""].xs()[pitches[""].selected_array["frequency"] > 0]
        for ceiling in (5000, 5500):
            formants = sound.to_formant_burg(0.01, 5, ceiling, 0.025, 50)
            for m in (1, 2, 3):
                key = f"F{m}" if ceiling == 5000 else f"F{m}, ceiling 5500 instead of 5000 Hz"
                row[key] = np.nanmedian([formants.get_value_at_time(m, t) for t in times]) if len(times) else np.nan
        rows.append(row)
    table = pd.DataFrame(rows)
    for key in table:
        base = key.split(",")[0]
        if key != base:
            off = ((table[key] / table[base] - 1).abs() > 0.2).sum()
            print(f"{key}: r {table[key].corr(table[base]):.3f}, more than 20 % off in {off} of {len(table)}")


def some(folder, output):
    import soundfile
    from math import gcd
    from scipy.signal import resample_poly

    pathlib.Path(output).mkdir(exist_ok=True)
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac"))[::9]:
        samples, rate = soundfile.read(path)
        part = gcd(rate, 16000)
        soundfile.write(pathlib.Path(output, path.stem + ".wav"), resample_poly(samples, 16000 // part, rate // part).clip(-1, 1), 16000, "PCM_16")


def narrow(folder, output):
    import soundfile
    from scipy.signal import firwin, resample_poly

    pathlib.Path(output).mkdir(exist_ok=True)
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac"))[::3]:
        samples, rate = soundfile.read(path)
        down = rate // 8000
        low_pass = firwin(320 * down + 1, 0.975 / down, window=("kaiser", 12.4))
        soundfile.write(pathlib.Path(output, path.stem + ".wav"), resample_poly(samples, 1, down, window=low_pass), 8000, "PCM_16")


def rates(wide, narrow):
    wide, narrow = medians(wide), medians(narrow)
    wide = wide.reindex(narrow.index)
    for m in (1, 2, 3):
        off = narrow[f"F{m}"] / wide[f"F{m}"] - 1
        print(f"F{m}: {100 * off.abs().median():.1f} % in the median of {len(off)} recordings, bias {100 * off.median():+.1f} %")


def medians(path):
    import pandas as pd

    frames = pd.read_csv(path)
    frames["file"] = [pathlib.Path(f).stem for f in frames["file"]]
    voiced = frames[frames["F0semitoneFrom27.5Hz_sma3nz"].fillna(0) > 0].groupby("file")
    out = pd.DataFrame({"f0": 27.5 * 2 ** (voiced["F0semitoneFrom27.5Hz_sma3nz"].median() / 12)})
    frames["hz"] = 27.5 * 2 ** (frames["F0semitoneFrom27.5Hz_sma3nz"] / 12)
    out["mean f0"] = frames[frames["F0semitoneFrom27.5Hz_sma3nz"].fillna(0) > 0].groupby("file")["hz"].mean()
    for m in (1, 2, 3):
        out[f"F{m}"] = voiced[f"F{m}frequency_sma3nz"].median()
    for m in (1, 2, 3):
        out[f"B{m}"] = voiced[f"F{m}bandwidth_sma3nz"].median()
    out["jitter"] = voiced["jitterLocal_sma3nz"].mean()
    out["shimmer"] = voiced["shimmerLocaldB_sma3nz"].mean()
    out["hnr"] = voiced["HNRdBACF_sma3nz"].median()
    out["voiced"] = voiced.size() / frames.groupby("file").size()
    return out


def pitch(praat, ser):
    praat, ours = of_praat(praat), medians(ser)
    for what, whose in (("f0", "f0"), ("mean f0", "mean f0"), ("mean f0", "f0")):
        ratio = ours[what].reindex(praat.index) / praat[whose]
        name = {"f0": "median", "mean f0": "mean"}
        off = ((ratio - 1).abs() > 0.2).sum()
        print(f"our {name[what]} F0 more than 20 % off Praat's {name[whose]}: {off} of {len(ratio)} recordings")


def frames(folder, ser):
    import pandas as pd
    import parselmouth

    table = pd.read_csv(ser)
    table["file"] = [pathlib.Path(f).stem for f in table["file"]]
    ours = {file: 27.5 * 2 ** (f["F0semitoneFrom27.5Hz_sma3nz"].to_numpy() / 12) for file, f in table.groupby("file")}
    mean = lambda hz: 2 ** np.log2(hz).mean()
    off = alone = count = 0
    high = []
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".wav", ".flac")):
        pitch = parselmouth.Sound(str(path)).convert_to_mono().to_pitch_ac(time_step=0.01, pitch_floor=75, pitch_ceiling=600)
        theirs, hz = pitch.selected_array["frequency"], ours[path.stem]
        at = np.clip(np.round((0.01 * np.arange(1, len(hz) + 1) - pitch.xs()[0]) / 0.01).astype(int), 0, len(theirs) - 1)
        here, both = theirs[at], (theirs[at] > 0) & np.isfinite(hz)
        if not (theirs > 0).any() or not np.isfinite(hz).any():
            continue
        count, found = count + 1, mean(hz[np.isfinite(hz)])
        if abs(found / mean(theirs[theirs > 0]) - 1) > 0.2:
            off += 1
            near = both | (here > 0) & (here < 1.5 * mean(here[both])) if both.any() else here > 0
            high.extend(here[(here > 0) & ~near])
            alone += abs(found / mean(here[near]) - 1) <= 0.2
    print(f"mean pitch more than 20 % off Praat's: {off} of {count} recordings; {off - alone} without frames that Praat hears and ours does not, 1.5 times as high as what both hear")
    room = np.mean([205 < hz < 245 for hz in high])
    print(f"{len(high)} such frames in the {off}, {100 * room:.0f} % of them at 205 to 245 Hz")


def of_praat(path):
    import pandas as pd

    praat = pd.read_csv(path, dtype={"file": str}).set_index("file")
    praat.index = [i.removesuffix(".flac") for i in praat.index]
    return praat


def table(praat, ser, smile=None):
    praat = of_praat(praat)
    others = [medians(path).reindex(praat.index) for path in (ser, smile) if path]
    print("| | Praat, median | eGeMAPS-ser: r | median difference | openSMILE: r | median difference |\n|---|---|---|---|---|---|")
    for column in others[0].drop(columns="mean f0"):
        cells = [f"{praat[column].median():.4g}"]
        for other in others:
            cells += [f"{praat[column].corr(other[column]):.3f}", f"{(other[column] - praat[column]).median():+.3g}"]
        print(f"| {column} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    {"measure": measure, "table": table, "narrow": narrow, "rates": rates, "pitch": pitch, "more": more, "plus": plus, "levels": levels, "source": source, "itself": itself, "some": some, "frames": frames}[sys.argv[1]](*sys.argv[2:])
