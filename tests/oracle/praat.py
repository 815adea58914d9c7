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

On another corpus, with the beginnings of the names of men's recordings; openSMILE's table may be left out:

    python3 tests/oracle/praat.py measure FOLDER praat.csv 1001,1005,...
    python3 tests/oracle/praat.py table praat.csv ser-lld.csv
    python3 tests/oracle/praat.py pitch praat.csv ser-lld.csv

What eGeMAPS-ser+ adds, on the same recordings (means over voiced frames against Praat's values for the recording):

    ser extract EMODB --set eGeMAPS-ser+ -o ser-plus.csv
    python3 tests/oracle/praat.py more EMODB/wav praat-plus.csv
    python3 tests/oracle/praat.py plus praat-plus.csv ser-plus.csv

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

    keys = ["file", "man", "f0", "voiced", "F1", "F2", "F3", "B1", "B2", "B3", "jitter", "shimmer", "hnr"]
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
            row = {"file": path.stem, "man": int(man), "f0": np.median(f0[voiced]), "voiced": voiced.mean()}
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
    praat, ours = of_praat(praat), medians(ser)["mean f0"]
    ratio = ours.reindex(praat.index) / praat["f0"]
    print(f"mean F0 more than 20 % off Praat's median: {((ratio - 1).abs() > 0.2).sum()} of {len(ratio)} recordings")


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
    {"measure": measure, "table": table, "narrow": narrow, "rates": rates, "pitch": pitch, "more": more, "plus": plus}[sys.argv[1]](*sys.argv[2:])
