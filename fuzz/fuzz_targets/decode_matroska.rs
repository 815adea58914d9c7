//! Matroska and WebM.

#![no_main]

mod hear;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hear::hear(data, &[(0, b"\x1a\x45\xdf\xa3")]));
