//! The same bits on every machine: the digests of all sets at both levels are those that are written down.

mod digest;

#[test]
fn every_set_has_the_bits_it_has_everywhere() {
    let found = digest::digests();
    for (set, level, digest) in &found {
        println!("{set} {level} {digest:#018x}");
    }
    assert_eq!(found, digest::EXPECTED);
}
