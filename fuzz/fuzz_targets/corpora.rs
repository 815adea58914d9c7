//! Any text as a `corpora.toml`, alone and on top of the one inside the program.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_corpora::Catalogue;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut catalogue = Catalogue::built_in();
    if catalogue.add(text, "fuzz.toml").is_ok() {
        assert!(catalogue.corpora().count() > 0);
    }
});
