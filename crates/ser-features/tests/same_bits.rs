//! The same bits on every machine: the digests of all sets at both levels are those that are written down.

mod digest;

use std::process::Command;

const TEST: &str = "every_set_has_the_bits_it_has_everywhere";

#[test]
fn every_set_has_the_bits_it_has_everywhere() {
    let found = digest::digests();
    for (set, level, digest) in &found {
        println!("{set} {level} {digest:#018x}");
    }
    assert_eq!(found, digest::EXPECTED);
}

/// On processors of another kind there is nothing to deny, and this is the same test twice.
#[test]
fn without_avx2_the_bits_are_the_same() {
    let here = std::env::current_exe().unwrap();
    let outcome = Command::new(here)
        .args(["--exact", TEST])
        .env("SER_VECTOR", "sse2")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

/// Needs `cargo-zigbuild` (and zig), the target `aarch64-unknown-linux-musl` and Debian's `qemu-user` or `qemu-user-static`:
///
/// ```sh
/// pip install ziglang cargo-zigbuild
/// rustup target add aarch64-unknown-linux-musl
/// cargo test --release -p ser-features --test same_bits -- --ignored --nocapture
/// ```
#[test]
#[ignore = "compiles for another processor: see above"]
fn on_aarch64_the_bits_are_the_same() {
    let target = "aarch64-unknown-linux-musl";
    let is_there = |qemu: &&str| Command::new(qemu).arg("--version").output().is_ok();
    let qemu = ["qemu-aarch64", "qemu-aarch64-static"]
        .into_iter()
        .find(is_there)
        .expect("qemu-aarch64");
    let outcome = Command::new("cargo-zigbuild")
        .args(["test", "--release", "--package", "ser-features"])
        .args(["--test", "same_bits", "--target", target])
        .args(["--", "--exact", TEST])
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER", qemu)
        .output()
        .expect("cargo-zigbuild");
    let told = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}
