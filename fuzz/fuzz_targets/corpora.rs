//! Any text as a `corpora.toml`, alone and on top of the one inside the program.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ser_corpora::Catalogue;

static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(Catalogue::built_in);

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut catalogue = BUILT_IN.clone();
    if catalogue.add(text, "fuzz.toml").is_ok() {
        assert!(catalogue.corpora().count() > 0);
    }
});
