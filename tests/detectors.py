"""F1 of WebRTC's detector and of `ser segment` on the scenes that tests/turns.rs leaves in a folder.

    pip install numpy webrtcvad-wheels
    SER_SHARED=DIR SER_SCENES=scenes cargo test --release --test turns -- --ignored
    python tests/detectors.py scenes target/release/ser

WebRTC's modes 0 to 3, frames of 10 ms, as they are and with gaps below 0.3 s closed; the best of the eight for each scene.
"""

import csv
import io
import pathlib
import subprocess
import sys
import wave

import numpy as np
import webrtcvad


def f1(found, truth):
    return 2 * (found & truth).sum() / max(found.sum() + truth.sum(), 1)


def closed(found, least=30):
    found = found.copy()
    speech = np.flatnonzero(found)
    for a, b in zip(speech[:-1], speech[1:]):
        if b - a - 1 < least:
            found[a:b] = True
    return found


def webrtc(samples, count):
    for mode in range(4):
        vad = webrtcvad.Vad(mode)
        frames = [vad.is_speech(samples[i * 160 : (i + 1) * 160].tobytes(), 16000) for i in range(count)]
        yield mode, np.array(frames)


def main():
    folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    print(f"{'scene':<12}{'ser':>6}{'webrtc':>8}  mode")
    for file in sorted(folder.glob("*.truth")):
        truth = np.frombuffer(file.read_bytes(), dtype=np.uint8) == ord("1")
        sound = file.with_suffix(".wav")
        with wave.open(str(sound)) as reader:
            samples = np.frombuffer(reader.readframes(reader.getnframes()), dtype=np.int16)
        best = (0.0, "")
        for mode, frames in webrtc(samples, len(truth)):
            best = max(best, (f1(frames, truth), f"{mode}"), (f1(closed(frames), truth), f"{mode} closed"))
        table = subprocess.run([program, "segment", str(sound), "-o", "-"], check=True, capture_output=True, text=True).stdout
        own = np.zeros(len(truth), dtype=bool)
        for row in csv.DictReader(io.StringIO(table)):
            own[round(float(row["start"]) * 100) : round(float(row["end"]) * 100)] = True
        print(f"{file.stem:<12}{f1(own, truth):>6.3f}{best[0]:>8.3f}  {best[1]}")


main()
