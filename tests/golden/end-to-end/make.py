#!/usr/bin/env python3
"""Make the clips of this folder, what openSMILE says about them, and README.md, again from nothing.

    python make.py CORPORA [--out FOLDER]

CORPORA is the folder that holds `emodb/wav`. Needs a Python with opensmile 2.6.0, numpy, pandas and
soundfile, and the programs espeak-ng 1.51, sox 14.4 and flac 1.4. Two runs give the same bytes.

The Python package of openSMILE takes channel 0 of a recording and cuts it to 16 bits. So every
clip that is not 16-bit mono is built around a 16-bit mono signal v:

    mono value of the clip, computed in f32  ==  f32(v / 32767),   sample by sample,

and openSMILE is given v. `check` reads every finished file back and verifies exactly that.
"""
import argparse
import pathlib
import shutil
import struct
import subprocess
import tempfile
import warnings

import numpy as np
import opensmile
import soundfile as sf

SETS = ["eGeMAPSv02", "eGeMAPSv01b", "eGeMAPSv01a", "GeMAPSv01b", "GeMAPSv01a"]
LLD_V01A = ["emodb_12a02Ac", "cut300ms_16000", "speech_en_11025", "speech_fr_22050", "sweep_44100", "speech_sv_48000"]

FULL = 32767


# ---- signals: each returns v, 16-bit integers --------------------------------------------------------------

def run(*command, data=None):
    return subprocess.run([str(c) for c in command], input=data, check=True, stdout=subprocess.PIPE).stdout


def quantise(x):
    """Float samples of full scale 1 to 16-bit integers: nearest, clipped."""
    return np.clip(np.rint(np.asarray(x) * FULL), -32768, 32767).astype(np.int64)


def speech(voice, text, rate, start, seconds, *options):
    """A stretch of espeak-ng speech, resampled by sox without dither."""
    with tempfile.TemporaryDirectory() as d:
        run("espeak-ng", "-v", voice, *options, "-w", f"{d}/a.wav", text)
        if rate != 22050:
            run("sox", "-V1", "-D", "-G", f"{d}/a.wav", "-b", 16, f"{d}/b.wav", "rate", "-v", rate)
        x, sr = sf.read(f"{d}/{'a' if rate == 22050 else 'b'}.wav", dtype="int16")
    assert sr == rate
    a, n = round(start * rate), round(seconds * rate)
    assert a + n <= len(x), f"{voice}: only {len(x) / rate:.3f} s"
    return x[a:a + n].astype(np.int64)


def emodb(corpora, name, first=0, count=None):
    x, sr = sf.read(corpora / "emodb/wav" / f"{name}.flac", dtype="int16")
    assert sr == 16000
    return x[first:None if count is None else first + count].astype(np.int64)


def vowel(rate, seconds, f0, vibrato_hz, vibrato_depth):
    """Pulses through four resonators: an /a/ sung with vibrato."""
    n = round(rate * seconds)
    f = f0 * (1 + vibrato_depth * np.sin(2 * np.pi * vibrato_hz * np.arange(n) / rate))
    phase = np.cumsum(f / rate)
    x = np.zeros(n + 1)
    for i in range(1, n):
        if np.floor(phase[i]) > np.floor(phase[i - 1]):
            w = (phase[i] - np.floor(phase[i])) / (phase[i] - phase[i - 1])  # time since the pulse, in samples
            x[i - 1] += w
            x[i] += 1 - w
    y = x[:n]
    for centre, width in [(700, 80), (1220, 90), (2600, 120), (3500, 200)]:
        r = np.exp(-np.pi * width / rate)
        b, c = 2 * r * np.cos(2 * np.pi * centre / rate), -r * r
        z, z1, z2 = np.empty(n), 0.0, 0.0
        for i in range(n):
            z[i] = (1 - b - c) * y[i] + b * z1 + c * z2
            z1, z2 = z[i], z1
        y = z
    return quantise(0.7 * y / np.abs(y).max())


def two_voices(rate, seconds, first, last):
    """Steady harmonic complexes at 100 and 150 Hz, amplitudes 1/sqrt(k); the second one's gain goes from `first` to `last`."""
    n = round(rate * seconds)
    t = np.arange(n) / rate
    one, two = (sum(np.sin(2 * np.pi * k * f * t) / np.sqrt(k) for k in range(1, 31)) for f in (100, 150))
    x = one + np.linspace(first, last, n) * two
    return quantise(0.6 * x / np.abs(x).max())


def sweep(rate, seconds, low, high):
    n = round(rate * seconds)
    phase = np.cumsum(np.linspace(low, high, n) / rate)
    x = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 21))
    return quantise(0.6 * x / np.abs(x).max())


def noise(rate, seconds, amplitude, seed):
    return quantise(amplitude * np.random.RandomState(seed).uniform(-1, 1, round(rate * seconds)))


def silence(rate, seconds):
    return np.zeros(round(rate * seconds), np.int64)


def impulse(rate, seconds, at, value):
    v = silence(rate, seconds)
    v[round(at * rate)] = value
    return v


def scaled(v, peak):
    return np.clip(np.rint(v * (peak / np.abs(v).max())), -32768, 32767).astype(np.int64)


# ---- containers: each writes v, dressed up ---------------------------------------------------------------------

def pcm(channels, width):
    """Interleaved little-endian integers of `width` bytes."""
    x = np.stack(channels, axis=1).reshape(-1)
    return x.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes()


def flac(path, rate, bits, *channels):
    run("flac", "-s", "-f", "-8", "-e", "-p", "--no-padding", "--no-seektable", "--force-raw-format", "--endian=little",
        "--sign=signed", f"--channels={len(channels)}", f"--bps={bits}", f"--sample-rate={rate}", "-o", path, "-",
        data=pcm(channels, bits // 8))


def wav(path, rate, tag, bits, data, channels=1, before=b""):
    """A plain RIFF/WAVE file: fmt of 16 bytes, then the chunks `before`, then data."""
    block = channels * bits // 8
    body = b"WAVE" + b"fmt " + struct.pack("<IHHIIHH", 16, tag, channels, rate, rate * block, block, bits)
    body += before + b"data" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


# A LIST chunk of odd length, with its pad byte: readers must skip 1 byte more than the chunk says.
ODD_LIST = b"LIST" + struct.pack("<I", 17) + b"INFO" + b"ICMT" + struct.pack("<I", 5) + b"clip\0" + b"\0"


def as_flac(path, rate, v):
    flac(path, rate, 16, v)


def as_flac_24(path, rate, v):
    """24 bits, the lowest eight of them 0."""
    flac(path, rate, 24, 256 * v)


def difference_16(v, rate):
    """Another signal d, an echo of v, limited so that v ± d stay inside 16 bits."""
    room = np.minimum(32767 - v, v + 32768)
    return np.clip(np.roll(v, rate // 7) // 2, -room, room)


def as_stereo_flac(path, rate, v):
    d = difference_16(v, rate)
    flac(path, rate, 16, v + d, v - d)


def difference_24(v, seed):
    """A difference signal that uses all 24 bits and keeps 256 v ± d inside them."""
    d = np.random.RandomState(seed).randint(-20000, 20001, len(v))
    room = np.maximum(0, 8388607 - 256 * np.abs(v))
    return np.clip(d, -room, room)


def as_stereo_flac_24(path, rate, v):
    d = difference_24(v, 24)
    flac(path, rate, 24, 256 * v + d, 256 * v - d)


def as_stereo_wav_24(path, rate, v):
    """Written by sox, which marks 24-bit files WAVE_FORMAT_EXTENSIBLE."""
    d = difference_24(v, 42)
    run("sox", "-V1", "-D", "-t", "raw", "-e", "signed", "-b", 24, "-L", "-r", rate, "-c", 2, "-", "-b", 24, path,
        data=pcm([256 * v + d, 256 * v - d], 3))


def as_wav(path, rate, v):
    wav(path, rate, 1, 16, pcm([v], 2), before=ODD_LIST)


def as_stereo_wav(path, rate, v):
    d = difference_16(v, rate)
    wav(path, rate, 1, 16, pcm([v + d, v - d], 2), channels=2)


def as_wav_24(path, rate, v):
    """24 bits, format tag 1. An odd number of samples makes the data chunk odd: a pad byte follows."""
    wav(path, rate, 1, 24, pcm([256 * v], 3))


def unit(v):
    return v.astype(np.float32) / np.float32(32767)


def as_wav_float(path, rate, v):
    wav(path, rate, 3, 32, unit(v).astype("<f4").tobytes(), before=ODD_LIST)


def as_stereo_wav_float(path, rate, v):
    """Every 50 ms another pair of channels with the sum 2f, exact in f32; some channels go far beyond ±1."""
    f = unit(v)
    pairs = [(1, 1), (2, 0), (0, 2), (4, -2), (-2, 4)]
    which = np.arange(len(v)) // (rate // 20) % len(pairs)
    x = np.stack([f * np.array([p[c] for p in pairs], np.float32)[which] for c in (0, 1)], axis=1)
    wav(path, rate, 3, 32, x.astype("<f4").tobytes(), channels=2)


# ---- the clips ----------------------------------------------------------------------------------------------------

CC0 = "Emo-DB, CC0"
OWN = "made here"
ESPEAK = "made here, espeak-ng"


def clips(c):
    """(file name, writer, v, provenance, what it is and how it is made, why it is here)."""
    fr = "Je me demande pourquoi tu ne m'as pas appelé hier soir."
    en = "I never told you to open that door. Close it, now!"
    de = "Heute abend könnte ich es ihm sagen. Warum denn nicht?"
    gaps = speech("en-us+f2", "Wait. Did you hear that? Nobody is out there.", 16000, 0.05, 1.9, "-s", 165)
    for a, b in [(0, 1600), (9000, 12000), (18333, 21777), (28800, 30400)]:
        gaps[a:b] = 0
    clipped = speech("en+m7", en, 16000, 0.1, 0.9, "-p", 60)
    quiet = speech("de+f4", de, 24000, 0.05, 1.2)
    t = np.arange(6400) / 16000
    long = np.concatenate([
        speech("en-gb+m3", "The north wind and the sun were disputing which of them was the stronger.", 8000, 0, 3.2, "-s", 170),
        silence(8000, 1.25),
        speech("it+f3", "La tramontana e il sole discutevano chi fosse il più forte.", 8000, 0, 2.6, "-s", 180),
        silence(8000, 0.35),
        speech("tr+m1", "Poyraz ile güneş, hangisinin daha güçlü olduğunu tartışıyordu.", 8000, 0, 2.6, "-s", 190)])

    for name, what in [("03a02Wc", "man 03, anger"), ("08a04Ff", "woman 08, happiness"), ("12a02Ac", "man 12, fear"),
                       ("13a02Ta", "woman 13, sadness"), ("14a01Na", "woman 14, neutral")]:
        yield (f"emodb_{name}.flac", None, emodb(c, name), CC0, f"Emo-DB {name}: {what}; the corpus's FLAC file, unchanged",
               "real emotional speech")

    cut = "beginning and ending inside voicing"
    yield ("cut60ms_16000.flac", as_flac, emodb(c, "12a05Nd", 33017, 960), CC0, "Emo-DB 12a05Nd, samples 33017 … 33976",
           f"shortest clip with output: one 60 ms frame, two LLD rows; {cut}")
    yield ("cut65ms_16000.flac", as_flac, emodb(c, "14b10Ad", 18333, 1040), CC0, "Emo-DB 14b10Ad, samples 18333 … 19372",
           f"one frame and a remainder; {cut}")
    yield ("cut90ms_16000.flac", as_flac, emodb(c, "03b10Na", 19207, 1440), CC0, "Emo-DB 03b10Na, samples 19207 … 20646",
           f"four frames, K = 0 possible; {cut}")
    yield ("cut300ms_16000.flac", as_flac, emodb(c, "16b03Wb", 36111, 4800), CC0, "Emo-DB 16b03Wb, samples 36111 … 40910",
           f"end-of-input rules on real voicing; {cut}")
    yield ("cut60ms_44100.flac", as_flac, speech("fr-fr+f2", fr, 44100, 0.25, 0.06), ESPEAK,
           "`fr-fr+f2`, 60 ms from 0.25 s", f"one frame at a rate with a 4096-point FFT; {cut}")

    yield ("speech_de_8000.wav", as_wav_24, speech("de+m2", de, 8000, 0.05, 0.900125, "-s", 160), ESPEAK,
           "`de+m2`; 24-bit WAV, format tag 1, 7201 samples 256·v", "lowest common rate; 24 bits; odd data chunk with a pad byte")
    yield ("speech_long_8000.flac", as_flac, long, ESPEAK,
           "`en-gb+m3`, 1.25 s digital silence, `it+f3`, 0.35 s digital silence, `tr+m1`", "10 s, long pauses, three voices")
    yield ("speech_en_11025.flac", as_flac, speech("en-us+f3", en, 11025, 0.05, 1.5), ESPEAK, "`en-us+f3`",
           "hop is 9.977 ms, nominal against real frame period, frequency axis 0.2 % off")
    yield ("speech_it_11025_stereo.wav", as_stereo_wav, speech("it+m4", "Non ci posso credere, davvero!", 11025, 0.05, 0.7), ESPEAK,
           "`it+m4`; 16-bit stereo WAV, L = v + d, R = v - d, d an echo of v", "average of channels")
    yield ("speech_gaps_16000.flac", as_flac, gaps, ESPEAK,
           "`en-us+f2`; samples 0 … 1599, 9000 … 11999, 18333 … 21776, 28800 … 30399 set to 0", "digital silence inside and around speech, hard edges")
    yield ("speech_whisper_16000.flac", as_flac, speech("en-us+whisper", en, 16000, 0.05, 0.8), ESPEAK, "`en-us+whisper`",
           "speech with little or no voicing")
    yield ("speech_clipped_16000.flac", as_flac, np.clip(clipped * 9, -32768, 32767), ESPEAK, "`en+m7` times 9, clipped to -32768 … 32767",
           "flat tops, both full-scale values")
    yield ("speech_fullscale_16000_float.wav", as_wav_float, np.clip(clipped[4000:12000] * 4, -32768, 32767), ESPEAK,
           "the same talker, times 4, clipped; float32 WAV of f32(v/32767), an odd LIST chunk before the data",
           "float input: +1 stays +1 and -32768/32767 stays below -1")
    yield ("speech_hi_16000_stereo24.flac", as_stereo_flac_24, speech("hi+f1", "मुझे तुम्हारी बात पर भरोसा नहीं है।", 16000, 0.05, 0.5), ESPEAK,
           "`hi+f1`; 24-bit stereo FLAC, L = 256·v + d, R = 256·v - d, d white in ±20000", "all 24 bits in use")
    yield ("speech_fr_22050.flac", as_flac, speech("fr-fr+f2", fr, 22050, 0.05, 1.3), ESPEAK, "`fr-fr+f2`, espeak-ng's own rate", "hop of 221 samples, 10.02 ms")
    yield ("speech_quiet_24000.flac", as_flac, scaled(quiet, 320), ESPEAK, "`de+f4` scaled to a peak of 320/32767 (-40 dB)",
           "around the volume gate of the pitch (RMS 0.001): some voiced frames pass, some do not")
    yield ("speech_es_24000_stereo24.wav", as_stereo_wav_24, speech("es+m5", "¿Por qué no me lo dijiste antes?", 24000, 0.05, 0.6), ESPEAK,
           "`es+m5`; 24-bit stereo WAV written by sox (WAVE_FORMAT_EXTENSIBLE), L = 256·v + d, R = 256·v - d", "the header most editors write")
    yield ("speech_pt_32000_stereo.flac", as_stereo_flac, speech("pt-br+f5", "Eu não queria que isso acontecesse.", 32000, 0.05, 0.8), ESPEAK,
           "`pt-br+f5`; 16-bit stereo FLAC, L = v + d, R = v - d, d an echo of v", "stereo FLAC; 32 kHz")
    yield ("speech_pl_32000_stereofloat.wav", as_stereo_wav_float, speech("pl+m6", "Nie mów tak głośno, proszę.", 32000, 0.05, 0.35), ESPEAK,
           "`pl+m6`; float32 stereo WAV, every 50 ms another pair of (f, f), (2f, 0), (0, 2f), (4f, -2f), (-2f, 4f)",
           "channels beyond ±1 are neither clipped nor wrapped before the average")
    yield ("speech_ru_44100_24.flac", as_flac_24, speech("ru+m8", "Почему ты мне не сказал?", 44100, 0.05, 0.7), ESPEAK,
           "`ru+m8`; 24-bit mono FLAC, samples 256·v", "24 bits with eight wasted ones; 44.1 kHz")
    yield ("speech_nl_48000.wav", as_wav, speech("nl+f4", "Dat had je niet moeten doen.", 48000, 0.05, 0.5), ESPEAK,
           "`nl+f4`; 16-bit WAV, an odd LIST chunk before the data", "plain WAV; chunk padding")
    yield ("speech_sv_48000.flac", as_flac, speech("sv+croak", "Det var en gång en gammal man som bodde i skogen.", 48000, 0.05, 1.0), ESPEAK,
           "`sv+croak`", "creaky voice: jitter, low pitch; 48 kHz")

    yield ("vowel_16000.flac", as_flac, vowel(16000, 1.2, 200, 5.5, 0.03), OWN, "pulses at 200 Hz ± 3 % (5.5 Hz) through resonators at 700, 1220, 2600, 3500 Hz",
           "steady formants, smooth pitch, voiced from end to end")
    yield ("two_voices_16000.flac", as_flac, two_voices(16000, 1.2, 0.9, 0.9), OWN,
           "steady harmonic complexes at 100 and 150 Hz, 30 harmonics of amplitude 1/sqrt(k), the second complex times 0.9",
           "two equally good pitches: K = 76 of N60 = 115, every decision forced after 40 open frames")
    yield ("two_voices_drift_16000.flac", as_flac, two_voices(16000, 1.2, 0.9, 1.1), OWN, "the same, the gain going from 0.9 to 1.1",
           "forced decisions that contradict the later path: unvoiced first, then 150 Hz; K = 76 of 115")
    yield ("sweep_44100.flac", as_flac, sweep(44100, 0.9, 100, 400), OWN, "20 harmonics, amplitudes 1/k, 100 to 400 Hz in 0.9 s", "every pitch once")
    yield ("noise_16000.flac", as_flac, noise(16000, 0.4, 0.25, 7), OWN, "uniform white noise, peak 0.25", "no pitch")
    yield ("click_16000.flac", as_flac, impulse(16000, 0.35, 2437 / 16000, 20000), OWN, "digital silence, sample 2437 is 20000",
           "flat spectrum, exact zeros around it")
    yield ("dc_tone_16000.flac", as_flac, np.rint(9000 + 6000 * np.sin(2 * np.pi * 250 * t)).astype(np.int64), OWN,
           "9000 + 6000·sin(2π·250 t), 0.4 s", "DC offset; a tone on an exact FFT bin, spectral nulls")
    yield ("lsb_plus_16000.flac", as_flac, impulse(16000, 0.3, 1975 / 16000, 1), OWN, "digital silence, sample 1975 is +1", "exact-zero trap")
    yield ("lsb_minus_48000.flac", as_flac, impulse(48000, 0.3, 0.1, -1), OWN, "digital silence, sample 4800 is -1", "the same at another rate and sign")
    yield ("silence_16000.flac", as_flac, silence(16000, 0.25), OWN, "digital silence", "floors of all columns")
    yield ("silence_22050.flac", as_flac, silence(22050, 0.25), OWN, "digital silence", "the floor of the slopes depends on the rate")


# ---- the finished file, read back ------------------------------------------------------------------------------

def check(path, rate, v):
    """The mono value of the reference, computed from the finished file in f32, is f32(v/32767)."""
    info = sf.info(path)
    assert info.samplerate == rate and info.frames == len(v), path.name
    assert len(v) >= 0.06 * rate and v.min() >= -32768 and v.max() <= 32767, path.name
    if info.subtype == "FLOAT":
        x, scale = sf.read(path, dtype="float32", always_2d=True)[0], None
    elif info.subtype == "PCM_24":
        x, scale = (sf.read(path, dtype="int32", always_2d=True)[0] >> 8).astype(np.float32), np.float32(8388352)
    else:
        assert info.subtype == "PCM_16", path.name
        x, scale = sf.read(path, dtype="int16", always_2d=True)[0].astype(np.float32), np.float32(32767)
    total = x[:, 0]
    for c in range(1, info.channels):
        total = total + x[:, c]
    mono = total / np.float32(info.channels)
    if scale is not None:
        mono = mono / scale
    assert mono.dtype == np.float32 and np.array_equal(mono, unit(v)), path.name
    kind = {"FLOAT": "f32", "PCM_24": "24", "PCM_16": "16"}[info.subtype]
    return f"{info.format.replace('EX', '-ext')} {kind} bit, {'mono' if info.channels == 1 else 'stereo'}".replace("f32 bit", "float32")


# ---- openSMILE -----------------------------------------------------------------------------------------------------

def measure(out, made):
    """Every set's functionals as CSV; low-level descriptors as .npy (v1.0, little-endian f32, C order)."""
    with tempfile.TemporaryDirectory() as d:
        equivalents = []
        for path, rate, v in made:
            sf.write(f"{d}/{path.stem}.wav", v.astype(np.int16), rate, subtype="PCM_16")
            equivalents.append(f"{d}/{path.stem}.wav")
        for name in SETS:
            table = smile(name, "Functionals").process_files(equivalents).reset_index()
            table["file"] = [path.name for path, _, _ in made]
            for t in ("start", "end"):
                table[t] = table[t].dt.total_seconds()
            table.to_csv(out / f"functionals_{name}.csv", index=False, float_format="%.9g", lineterminator="\n")
            assert not table.isna().any().any()
        for name in ("eGeMAPSv02", "eGeMAPSv01a"):
            folder = out / f"lld_{name}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            lld = smile(name, "LowLevelDescriptors")
            for (path, rate, v), equivalent in zip(made, equivalents):
                if name == "eGeMAPSv02" or path.stem in LLD_V01A:
                    rows = np.ascontiguousarray(lld.process_file(equivalent).to_numpy(), dtype="<f4")
                    frames = (len(v) - round_half_up(0.06 * rate)) // round_half_up(0.01 * rate) + 1
                    assert np.isfinite(rows).all() and len(rows) == frames + 1, (path.name, len(rows), frames)
                    with open(folder / f"{path.stem}.npy", "wb") as h:
                        np.lib.format.write_array(h, rows, version=(1, 0))
            (folder / "columns.txt").write_text("\n".join(lld.feature_names) + "\n")


def round_half_up(x):
    return int(np.floor(x + 0.5 + 1e-9))


def smile(name, level):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "deprecated feature set": that is the point
        return opensmile.Smile(opensmile.FeatureSet[name], opensmile.FeatureLevel[level])


README = """\
# From file to features, {count} clips

What openSMILE (Python package 2.6.0) makes of {count} clips, {seconds:.1f} s in all: speech, cuts of speech, synthetic and degenerate signals at
8, 11.025, 16, 22.05, 24, 32, 44.1 and 48 kHz; mono and stereo; 16 bit, 24 bit, float32; 60 ms to 10 s.

| file | content |
|---|---|
| `functionals_SET.csv` | five sets; file, start, end (seconds), then openSMILE's columns (88; GeMAPS 62), nine significant digits: enough to restore every f32 |
| `lld_eGeMAPSv02/CLIP.npy` | [N60 + 1, 25] little-endian f32, C order, .npy 1.0, for every clip; names in `columns.txt`; row t starts at t·H/rate seconds |
| `lld_eGeMAPSv01a/CLIP.npy` | the same with 23 columns (no F2 and F3 bandwidth), for {lld_v01a} clips |
| `make.py` | makes all of this again: `python make.py CORPORA`; two runs give the same bytes |

**Channels and bits.** The Python package takes channel 0 only and cuts to 16 bits. Clips that are not 16-bit mono
are therefore built around a 16-bit mono signal v, such that the mean of the channels, scaled, is *exactly* f32(v/32767) in every sample,
and openSMILE was given v as a 16-bit mono WAV. `make.py` reads every finished file back and verifies this. A reader that takes one channel, that
divides by 32768, that clips or that drops the low byte gets other features.

**Licence and provenance.** "Emo-DB, CC0": from Emo-DB (F. Burkhardt et al. 2005, "A database of German emotional speech", Interspeech), CC0-1.0 as published by
audEERING. "made here": synthetic, by `make.py`, no third-party material. "made here, espeak-ng": spoken by the espeak-ng 1.51 program from a sentence in
`make.py`, resampled by sox (`rate -v`, no dither) where the rate is not 22.05 kHz. The expected values are measurements made with openSMILE; nothing of
openSMILE itself is here.

## The clips

| clip | rate | seconds | stored as | provenance | what, and how it was made | why |
|---|---|---|---|---|---|---|
{table}

## Remarks

{remarks}"""

REMARKS = """\
- No expected value is NaN. A clip below 60 ms gives one row of NaN in openSMILE (package) and is not here.
- No voiced frame: `silence_*`, `click_16000`, `lsb_*`, `noise_16000`, `speech_whisper_16000`. Their voiced columns are 0, the formant amplitudes -201.
- `cut60ms_*` and `cut65ms_16000` have N60 = 1. `cut90ms_16000` has N60 = 4 and K = 0: its F0 columns hold one frame, alphaRatioV and its like four.
- K of `two_voices_*` was read off VoicedSegmentsPerSec (one segment, 1 / (K · 0.01 s)): 76 = 115 - 39, as the rule of the 40 open frames predicts.
- `speech_fullscale_16000_float` has 284 samples of exactly +1 and 284 below -1; single channels of `speech_pl_32000_stereofloat` reach ±1.57.
- `process_files` of the package was run on temporary WAVs; the column `file` holds the clip's name. `end` is the number of samples divided by the rate.
"""


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("corpora", type=pathlib.Path)
    ap.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    args = ap.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    made, table = [], []
    for name, write, v, provenance, what, why in clips(args.corpora):
        path = args.out / name
        digits = [p for p in path.stem.split("_") if p.isdigit()]
        rate = int(digits[0]) if digits and not name.startswith("emodb_") else 16000
        if write is None:
            shutil.copyfile(args.corpora / "emodb/wav" / name.removeprefix("emodb_"), path)
        else:
            write(path, rate, v)
        stored = check(path, rate, v)
        made.append((path, rate, v))
        table.append(f"| `{name}` | {rate} | {len(v) / rate:.4g} | {stored} | {provenance} | {what} | {why} |")
    assert len({p.stem for p, _, _ in made}) == len(made)

    measure(args.out, made)
    (args.out / "README.md").write_text(README.format(
        count=len(made), seconds=sum(len(v) / rate for _, rate, v in made), lld_v01a=len(LLD_V01A), table="\n".join(table), remarks=REMARKS))


if __name__ == "__main__":
    main()
