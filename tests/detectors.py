"""F1 of ser's detector and of WebRTC's on the scenes that tests/turns.rs leaves in a folder, with what ser found.

    pip install numpy webrtcvad-wheels
    SER_SHARED=DIR SER_SCENES=scenes cargo test --release --test turns -- --ignored
    python tests/detectors.py scenes

Frames of 10 ms; ser's with gaps below 0.3 s closed, WebRTC's in modes 0 to 3, as they are and so closed, the best of the eight for each scene.
"""

import pathlib
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
    folder = pathlib.Path(sys.argv[1])
    print(f"{'scene':<12}{'ser':>6}{'webrtc':>8}  mode")
    for file in sorted(folder.glob("*.truth")):
        truth = np.frombuffer(file.read_bytes(), dtype=np.uint8) == ord("1")
        sound = file.with_suffix(".wav")
        with wave.open(str(sound)) as reader:
            samples = np.frombuffer(reader.readframes(reader.getnframes()), dtype=np.int16)
        best = (0.0, "")
        for mode, frames in webrtc(samples, len(truth)):
            best = max(best, (f1(frames, truth), f"{mode}"), (f1(closed(frames), truth), f"{mode} closed"))
        own = np.frombuffer(file.with_suffix(".found").read_bytes(), dtype=np.uint8) == ord("1")
        print(f"{file.stem:<12}{f1(own, truth):>6.3f}{best[0]:>8.3f}  {best[1]}")


main()
