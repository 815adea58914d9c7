"""Sounds that all tests share. Everything is made here or lies in ``assets/speech``; nothing is fetched."""

import os
import wave
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
SPEECH = ROOT / "assets" / "speech"


def voice(seconds=1.0, rate=16000, pitch=120.0, seed=0):
    """A buzz with a moving pitch, three resonances and a pause: it has voiced and unvoiced frames."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    f0 = pitch * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))
    phase = np.cumsum(f0) / rate
    source = (phase % 1.0) - 0.5 + 0.01 * rng.standard_normal(len(time))
    source *= 0.5 + 0.5 * np.sin(2 * np.pi * 2.1 * time + 0.3)
    spectrum = np.fft.rfft(source)
    hertz = np.fft.rfftfreq(len(time), 1 / rate)
    gain = sum(1 / (1 + ((hertz - centre) / 90.0) ** 2) for centre in (600, 1300, 2500)) + 0.02
    sound = np.fft.irfft(spectrum * gain, len(time))
    sound[int(0.4 * len(time)) : int(0.5 * len(time))] *= 0.001
    return (0.4 * sound / np.abs(sound).max()).astype("float32")


def write_wav(path, samples, rate=16000):
    """16-bit WAV of samples of shape (n,) or (channels, n) around ±1."""
    channels = np.atleast_2d(samples)
    numbers = np.clip(np.round(channels.T * 32767), -32768, 32767).astype("<i2")
    with wave.open(os.fspath(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(numbers.tobytes())
    return os.fspath(path)


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """A folder with a few recordings, among them a stereo one."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(4):
        write_wav(folder / f"clip{number}.wav", voice(0.6 + 0.2 * number, pitch=100 + 40 * number, seed=number))
    stereo = np.stack([voice(1.0, pitch=110, seed=7), voice(1.0, pitch=200, seed=8)])
    write_wav(folder / "stereo.wav", stereo)
    return folder


@pytest.fixture(scope="session")
def speech():
    """Real speech, as shipped with the program."""
    return sorted(os.fspath(path) for path in SPEECH.glob("*.flac"))
