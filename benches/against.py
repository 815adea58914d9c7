#!/usr/bin/env python3
"""`ser extract` beside openSMILE (opensmile-python) and afx-audio, on the same recordings in one run; writes the table into docs/performance.md.

    python3 -m venv .oracle && .oracle/bin/pip install opensmile==2.6.0 afx-audio soundfile
    .oracle/bin/python benches/against.py target/release/ser --emodb EMODB/wav --wide RAVDESS48K [--rounds 3] [--write]

Three inputs: the short files of Emo-DB, one WAV file of ten minutes made of them, and files of 48 kHz. Processor time (user and system): of `ser` that of
the whole process with one thread, start and decoding included; of the others that of their calls alone, imported and run once before, openSMILE's with decoding,
afx-audio's of samples in memory. All take turns, and the median counts. Quote the ratios: absolute times are not stable on a shared machine. The last lines are
wall time of `ser` on the one long file with one thread and with two, and whether both wrote the same bytes.

With --write the text between the markers of docs/performance.md is replaced; without, it is printed.
"""

import argparse
import pathlib
import platform
import resource
import statistics
import subprocess
import tempfile
import time

import afx_audio
import numpy as np
import opensmile
import soundfile

BEGIN, END = "<!-- benches/against.py writes from here -->", "<!-- to here -->"
DOCS = pathlib.Path(__file__).parent.parent / "docs" / "performance.md"


def processor(who: int, work) -> float:
    before = resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def samples(file: pathlib.Path) -> tuple:
    wave, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return wave.mean(axis=1), rate


def ten_minutes(files: list, path: pathlib.Path) -> None:
    waves = [soundfile.read(file, dtype="int16") for file in files]
    rate = waves[0][1]
    wave = np.concatenate([wave for wave, _ in waves])
    wave = np.tile(wave, -(-600 * rate // len(wave)))[: 600 * rate]
    soundfile.write(path, wave, rate, subtype="PCM_16")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ser")
    parser.add_argument("--emodb", type=pathlib.Path, required=True, help="short recordings at 16 kHz")
    parser.add_argument("--wide", type=pathlib.Path, required=True, help="recordings at 48 kHz")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        audio = lambda place: sorted(p for p in place.rglob("*") if p.suffix.lower() in {".wav", ".flac"})
        emodb, wide, long = audio(arguments.emodb), audio(arguments.wide), folder / "long.wav"
        ten_minutes(emodb, long)

        def extract(place: pathlib.Path, threads: int) -> bytes:
            out = folder / "out.csv"
            command = [arguments.ser, "extract", place, f"--threads={threads}", "--quiet", "-o", out]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            table = out.read_bytes()
            out.unlink()
            return table

        lines = [
            f"Medians of {arguments.rounds} rounds of `benches/against.py`, {platform.machine()}, openSMILE from opensmile-python {opensmile.__version__}, "
            f"afx-audio {afx_audio.__version__}; ratios are processor time of the other over that of `ser`.",
            "",
            "| recordings | `ser` | openSMILE | ratio | afx-audio | ratio |",
            "|---|---|---|---|---|---|",
        ]
        inputs = [
            (f"{len(emodb)} short files, 16 kHz", arguments.emodb, emodb),
            ("one WAV of ten minutes, 16 kHz", long, [long]),
            (f"{len(wide)} files, 48 kHz", arguments.wide, wide),
        ]
        for name, place, files in inputs:
            waves = [samples(file) for file in files]
            seconds = sum(len(wave) / rate for wave, rate in waves)
            ways = [
                (resource.RUSAGE_CHILDREN, lambda: extract(place, 1)),
                (resource.RUSAGE_SELF, lambda: [smile.process_file(str(file)) for file in files]),
                (resource.RUSAGE_SELF, lambda: [afx_audio.egemaps(wave, rate) for wave, rate in waves]),
            ]
            smile.process_file(str(files[0]))
            afx_audio.egemaps(waves[0][0][: 2 * waves[0][1]], waves[0][1])
            taken = [[processor(who, way) for who, way in ways] for _ in range(arguments.rounds)]
            ours, theirs, afx = (statistics.median(times) for times in zip(*taken))
            cell = lambda took: f"{took:.3g} s, {seconds / took:.0f} × real time"
            lines.append(
                f"| {name}, {seconds:.0f} s | {cell(ours)} | {cell(theirs)} | **{theirs / ours:.1f}** | {cell(afx)} | {afx / ours:.1f} |"
            )

        walls, tables = ([], []), set()
        for _ in range(2 * arguments.rounds + 1):
            for threads, wall in zip((1, 2), walls):
                begun = time.perf_counter()
                tables.add(extract(long, threads))
                wall.append(time.perf_counter() - begun)
        one, two = (min(wall) for wall in walls)
        same = "the same bytes" if len(tables) == 1 else "DIFFERENT BYTES"
        lines += ["", f"The ten minutes with two threads: {two:.3f} s of wall time, with one {one:.3f} s, {one / two:.2f} times (shortest of {2 * arguments.rounds + 1}); {same}."]

    text = "\n".join(lines)
    if not arguments.write:
        print(text)
        return
    page = DOCS.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCS.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
