//! WAV: integers, floating point, companded samples, GSM, ADPCM.

#![no_main]

mod hear;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hear::hear(data, &[(0, b"RIFF"), (8, b"WAVE")]));
