//! Panics of the decoder, caught and kept quiet.
//!
//! Damaged files make symphonia panic in a few places (see `decode`). These panics are caught and become errors; but a
//! caught panic still prints its message through the panic hook, which in a batch looks like a crash. So the thread is marked
//! while it decodes, and [`hush_decoder_panics`] wraps the hook to stay silent for marked threads, and for those only.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `decode`; `None` if it panicked.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Option<T> {
    let outer = DECODING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(outer);
    outcome.ok()
}

/// Keeps panics that are caught while decoding from printing; all others go to the panic hook in place. For binaries, once,
/// at their start.
pub fn hush_decoder_panics() {
    let hook = take_hook();
    set_hook(Box::new(move |info| {
        if !DECODING.get() {
            hook(info);
        }
    }));
}

#[test]
fn a_panic_inside_is_none_and_the_mark_is_taken_off() {
    hush_decoder_panics();
    assert_eq!(guarded(|| 1), Some(1));
    assert_eq!(guarded(|| -> i32 { panic!("a broken file") }), None);
    assert!(!DECODING.get());
}
