//! Whether AAC is HE-AAC: spectral band replication (SBR), of which the decoder here knows nothing.
//!
//! It would decode the lower half of the band at half the rate and say nothing. SBR is announced in the configuration
//! (ISO 14496-3 §1.6.2.1), by an object type of its own or by an extension behind that of the core; or it is only there,
//! as fill elements at the end of each packet (§4.4.2.7).

/// Whether a configuration (`AudioSpecificConfig`) announces SBR.
pub(crate) fn announces_sbr(config: &[u8]) -> bool {
    const SBR: u32 = 5;
    const PARAMETRIC_STEREO: u32 = 29;
    const SYNC: u32 = 0x2b7;
    if matches!(bits(config, 0, 5), Some(SBR | PARAMETRIC_STEREO)) {
        return true;
    }
    // Object type, rate and channels take at least 13 bits; an extension is 11 bits of mark, 5 of type and a flag.
    (13..config.len() * 8).any(|at| bits(config, at, 17) == Some(SYNC << 6 | SBR << 1 | 1))
}

/// Whether a packet ends as one with SBR does: a fill element of that type, then the end, then up to seven bits of nothing.
///
/// Where the fill element begins is only known after decoding all before it, so each place is tried that has the right length.
/// By chance that fits once in about 70 packets; ask a few.
pub(crate) fn ends_with_sbr(packet: &[u8]) -> bool {
    const FILL: u32 = 6;
    const END: u32 = 7;
    let total = packet.len() * 8;
    (0..8.min(total)).any(|padding| {
        let Some(end) = total.checked_sub(padding + 3) else {
            return false;
        };
        bits(packet, end, 3) == Some(END)
            && (padding == 0 || bits(packet, end + 3, padding) == Some(0))
            && (1..=269).any(|count| {
                let head = if count < 15 { 7 } else { 15 };
                let Some(start) = end.checked_sub(head + 8 * count) else {
                    return false;
                };
                let counts = match count {
                    ..15 => bits(packet, start + 3, 4) == Some(count as u32),
                    _ => bits(packet, start + 3, 12) == Some(15 << 8 | (count as u32 - 14)),
                };
                bits(packet, start, 3) == Some(FILL)
                    && counts
                    && matches!(bits(packet, start + head, 4), Some(13 | 14))
            })
    })
}

/// Up to 24 bits, highest first.
fn bits(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    (at..at + count).try_fold(0, |value, n| {
        let bit = bytes.get(n / 8)? >> (7 - n % 8) & 1;
        Some(value << 1 | u32::from(bit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::{hear, signal};

    #[test]
    fn configurations_with_sbr_are_told_from_those_without() {
        assert!(announces_sbr(&[0x13, 0x90, 0x56, 0xe5, 0xa0])); // LC at 22.05 kHz, extended to 44.1
        assert!(announces_sbr(&[0x2b, 0x92, 0x08, 0x00])); // object type 5
        assert!(announces_sbr(&[0xeb, 0x8a, 0x08, 0x00])); // object type 29, parametric stereo
        assert!(!announces_sbr(&[0x12, 0x10])); // LC at 44.1 kHz, stereo
        assert!(!announces_sbr(&[0x14, 0x08, 0x56, 0xe5, 0x00])); // the extension says that there is none
        assert!(!announces_sbr(&[]));
    }

    #[test]
    fn fill_elements_with_sbr_are_seen_at_the_end_of_a_packet() {
        // 110 fill, 0011 three bytes, 1101 SBR …, 111 end, padding.
        let text = "1100011110100000000000000000000111000000";
        let bytes: Vec<u8> = text
            .as_bytes()
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | (bit - b'0')))
            .collect();
        assert!(ends_with_sbr(&bytes) && !ends_with_sbr(&bytes[..4]) && !ends_with_sbr(&[]));
    }

    #[test]
    fn plain_aac_is_not_taken_for_it() {
        for name in ["sweep.aac", "sweep.m4a", "sweep.mp4"] {
            assert!(hear(&signal(name)).is_ok(), "{name}");
        }
    }
}
