//! Any bytes as a list of segments: tables, RTTM, TextGrid, ELAN, subtitles, Audacity labels. The first byte asks for a tier or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_tables::segment::read_bytes;

fuzz_target!(|data: &[u8]| {
    let Some((first, list)) = data.split_first() else {
        return;
    };
    let _ = read_bytes(list, (first & 1 == 1).then_some("speaker"));
});
