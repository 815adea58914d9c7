//! MPEG audio: MP1, MP2, MP3.

#![no_main]

mod hear;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hear::hear(data, &[(0, b"\xff\xfb")]));
