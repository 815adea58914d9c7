//! MP4 and QuickTime with AAC, ALAC and others.

#![no_main]

mod hear;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hear::hear(data, &[(4, b"ftyp")]));
