//! The other plain formats: RIFX, RF64, Sony Wave64, Sun AU, NIST SPHERE; the second byte chooses.

#![no_main]

mod hear;

const WAVE64: &[u8] = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [first, second, file @ ..] = data else {
        return;
    };
    let beginning: &[(usize, &[u8])] = match second % 5 {
        0 => &[(0, b"RIFX"), (8, b"WAVE")],
        1 => &[(0, b"RF64"), (8, b"WAVE")],
        2 => &[(0, WAVE64)],
        3 => &[(0, b".snd")],
        _ => &[(0, b"NIST_1A\n   1024\n")],
    };
    hear::hear(&[&[*first], file].concat(), beginning);
});
