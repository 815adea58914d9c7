//! AIFF and AIFC.

#![no_main]

mod hear;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hear::hear(data, &[(0, b"FORM"), (8, b"AIF")]));
