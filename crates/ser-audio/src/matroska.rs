//! Matroska that was written live: its segment has no length, and ends where the file ends (RFC 9559, section 4.5).

/// Whether `head` begins a Matroska file whose segment has no length, as one written live.
pub(crate) fn is_endless(head: &[u8]) -> bool {
    const SEGMENT: &[u8] = b"\x18\x53\x80\x67";
    let Some(&[length]) = head
        .strip_prefix(b"\x1a\x45\xdf\xa3")
        .and_then(|rest| rest.first_chunk())
    else {
        return false;
    };
    // The length of the first element, in one byte or (as some write it) in eight.
    let segment = match length {
        0x80.. => 5 + usize::from(length & 0x7f),
        0x01 => match head.get(5..12) {
            Some(&[0, 0, 0, 0, 0, 0, length]) => 12 + usize::from(length),
            _ => return false,
        },
        _ => return false,
    };
    let Some(size) = head
        .get(segment..)
        .and_then(|rest| rest.strip_prefix(SEGMENT))
    else {
        return false;
    };
    // All ones, however many bytes: no length.
    size.starts_with(b"\xff") || size.starts_with(b"\x01\xff\xff\xff\xff\xff\xff\xff")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::{hear, signal};

    #[test]
    fn matroska_without_a_length_does_not_end_too_early() {
        let mut bytes = signal("sweep.webm");
        assert!(!is_endless(&bytes));
        let (alone, _) = hear(&bytes).unwrap();
        let at = bytes
            .windows(4)
            .position(|id| id == b"\x18\x53\x80\x67")
            .unwrap()
            + 4;
        let long = bytes[at] == 1;
        let length = at..at + if long { 8 } else { 1 };
        bytes[length].copy_from_slice(match long {
            true => b"\x01\xff\xff\xff\xff\xff\xff\xff",
            false => b"\xff",
        });
        assert!(is_endless(&bytes));
        let (heard, recording) = hear(&bytes).unwrap();
        assert!(heard == alone && recording.warnings().is_empty());
    }
}
