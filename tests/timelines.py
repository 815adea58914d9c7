"""Timelines in the programs that they are for: Praat (parselmouth), ELAN (pympi), WebVTT (webvtt-py), tables (pandas).

    pip install praat-parselmouth pympi-ling webvtt-py pandas
    python tests/timelines.py read FOLDER    # session.* of `ser classify` hold the turns of session.json
    python tests/timelines.py write FOLDER   # the same turns as these programs write them: marks*.*

Called by `cargo test --test timelines -- --ignored`.
"""
import json
import pathlib
import sys

import pandas
import parselmouth
import pympi
import webvtt
from parselmouth.praat import call

folder = pathlib.Path(sys.argv[2])
session = json.loads((folder / "session.json").read_text())


def answer(turn):
    return "cannot tell" if turn.get("abstained") or "label" not in turn else turn["label"]


turns = [(turn["start"], turn["end"], turn["speaker"], answer(turn)) for turn in session["turns"]]
speakers = list(dict.fromkeys(turn[2] for turn in turns))
assert len(turns) >= 8 and len(speakers) == 2


def same(found, expected=turns, within=0.0005):
    """The same stretches with the same texts, times as exact as the format has them."""
    found, expected = sorted(found), sorted(expected)
    assert len(found) == len(expected), (len(found), len(expected))
    for a, b in zip(found, expected):
        assert abs(a[0] - b[0]) <= within and abs(a[1] - b[1]) <= within and a[2:] == b[2:], (a, b)


def of_tiers(grid):
    """Intervals with a text, (start, end, tier, text)."""
    for tier in range(1, call(grid, "Get number of tiers") + 1):
        name = call(grid, "Get tier name", tier)
        for at in range(1, call(grid, "Get number of intervals", tier) + 1):
            text = call(grid, "Get label of interval", tier, at)
            if text:
                yield call(grid, "Get start time of interval", tier, at), call(grid, "Get end time of interval", tier, at), name, text


def read():
    grid = parselmouth.read(str(folder / "session.TextGrid"))
    assert abs(call(grid, "Get end time") - session["length_s"]) < 1e-9
    intervals = list(of_tiers(grid))
    same([i for i in intervals if i[2] in speakers], within=1e-9)

    eaf = pympi.Elan.Eaf(str(folder / "session.eaf"))
    found = [(a[0] / 1000, a[1] / 1000, tier, a[2]) for tier in speakers for a in eaf.get_annotation_data_for_tier(tier)]
    same(found)
    assert eaf.get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "./call.wav"

    cues = webvtt.read(str(folder / "session.vtt"))
    seconds = lambda clock: sum(float(part) * 60**power for power, part in enumerate(reversed(clock.split(":"))))
    same([(seconds(c.start), seconds(c.end), c.voice, " ".join(w for w in c.text.split(" ") if w not in "%" and not w.isdigit())) for c in cues])

    rttm = pandas.read_csv(folder / "session.rttm", sep=" ", header=None, keep_default_na=False)
    assert set(rttm[0]) == {"SPEAKER"} and set(rttm[1]) == {"call"}
    same([(r[3], r[3] + r[4], r[7], r[6].replace("_", " ")) for r in rttm.itertuples(index=False)], within=0.001)

    track = pandas.read_csv(folder / "session.txt", sep="\t", header=None)
    labels = [label.split(": ", 1) for label in track[2]]
    same([(a, b, who, text.split(" (")[0].rsplit(" %", 1)[0].rstrip("0123456789 ")) for a, b, (who, text) in zip(track[0], track[1], labels)])

    table = pandas.read_csv(folder / "session.csv")
    assert list(table.columns[:7]) == ["file", "start", "end", "speaker", "answer", "guess", "abstained"]
    same(list(zip(table["start"], table["end"], table["speaker"], table["answer"].fillna("cannot tell"))), within=0)


def write():
    grid = call("Create TextGrid", 0, session["length_s"], " ".join(speakers), "")
    for start, end, who, text in turns:
        tier = speakers.index(who) + 1
        for at in (start, end):
            if call(grid, "Get interval at time", tier, at) and not any(
                abs(call(grid, "Get start time of interval", tier, i) - at) < 1e-9
                for i in range(1, call(grid, "Get number of intervals", tier) + 1)
            ):
                call(grid, "Insert boundary", tier, at)
        call(grid, "Set interval text", tier, call(grid, "Get interval at time", tier, (start + end) / 2), text + " ä ŋ")
    call(grid, "Save as text file", str(folder / "marks-long.TextGrid"))
    call(grid, "Save as short text file", str(folder / "marks-short.TextGrid"))
    parselmouth.praat.run("Text writing preferences: \"UTF-16\"")
    call(grid, "Save as text file", str(folder / "marks-utf16.TextGrid"))
    assert (folder / "marks-utf16.TextGrid").read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")

    eaf = pympi.Elan.Eaf(author="a test")
    eaf.remove_tier("default")
    for who in speakers:
        eaf.add_tier(who, part=who)
    captions = webvtt.WebVTT()
    clock = lambda s: f"{int(s // 3600):02}:{int(s // 60 % 60):02}:{s % 60:06.3f}"
    for start, end, who, text in turns:
        eaf.add_annotation(who, round(1000 * start), round(1000 * end), text)
        captions.captions.append(webvtt.Caption(clock(start), clock(end), f"<v {who}>{text}"))
    eaf.to_file(str(folder / "marks.eaf"))
    captions.save(str(folder / "marks.vtt"))
    captions.save_as_srt(str(folder / "marks.srt"))


{"read": read, "write": write}[sys.argv[1]]()
