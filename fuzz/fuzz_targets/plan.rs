//! Any text as a plan of `ser evaluate`; one that is accepted is within its limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_study::evaluate::plan::Plan;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(plan) = Plan::parse(text)
        && plan.check().is_ok()
    {
        assert!(plan.folds <= 1_000_000 && plan.resamples <= 1_000_000);
    }
});
