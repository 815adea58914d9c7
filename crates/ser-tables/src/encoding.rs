//! Bytes of a document become text, whatever its author's machine wrote.
//!
//! Tables and documents are UTF-8 or UTF-16, with or without a mark, Latin-1 (Emo-DB's recognition rates, with no-break spaces
//! inside numbers) or GB 2312 (ESD). Without a mark, a text is UTF-16 when nearly every second byte is zero; if it is not UTF-8 either, it
//! counts as GB 18030, the superset of GB 2312, when its bytes beyond ASCII all stand in pairs of that set; else it is Latin-1 in its Windows
//! form, in which every byte means something.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a document. Never fails: an unmarked byte means something in Latin-1.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned();
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    let (text, _, wrong) = UTF_8.decode(bytes);
    if !wrong {
        return text.into_owned();
    }
    if is_gb2312(bytes) {
        return GB18030.decode_without_bom_handling(bytes).0.into_owned();
    }
    WINDOWS_1252
        .decode_without_bom_handling(bytes)
        .0
        .into_owned()
}

/// The same of bytes that are no longer needed: UTF-8 without a mark, which most texts are, is not copied.
pub fn decode_owned(bytes: Vec<u8>) -> String {
    if Encoding::for_bom(&bytes).is_some() || unmarked_utf16(&bytes).is_some() {
        return decode(&bytes);
    }
    String::from_utf8(bytes).unwrap_or_else(|error| decode(error.as_bytes()))
}

/// UTF-16 without its mark, known by the zeros that ASCII characters have in it.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(1024) & !1];
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (high_first, low_first) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 7 / 10;
    match head.len() >= 4 {
        true if low_first > most && high_first == 0 => Some(UTF_16LE),
        true if high_first > most && low_first == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether all bytes beyond ASCII stand in pairs of GB 2312's rows for punctuation and Chinese characters.
///
/// French or German in Latin-1 fails at once: its accents stand alone between ASCII letters.
fn is_gb2312(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut seen = 0_usize;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first < 0x80 {
            continue;
        }
        let Some((&second, after)) = after.split_first() else {
            return false;
        };
        let chinese = (0xb0..=0xf7).contains(&first);
        let sign = (0xa1..=0xa9).contains(&first);
        // Two no-break spaces of Latin-1 would be 0xa0 0xa0, which is outside both.
        if !(chinese || sign) || second < 0xa1 {
            return false;
        }
        seen += usize::from(chinese);
        rest = after;
    }
    seen > 0
}

/// One field of a table without what does not belong to it: blanks, no-break spaces, marks of writing direction.
pub fn clean(field: &str) -> &str {
    field.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

/// A number with a decimal point or a decimal comma.
pub fn number(field: &str) -> Option<f64> {
    let field = clean(field);
    let value = field
        .parse::<f64>()
        .or_else(|_| field.replacen(',', ".", 1).parse::<f64>());
    value.ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_with_no_break_spaces_is_a_number_after_cleaning() {
        let line = decode(b"1\xa0\xa0\t03a01Ab.wav\t65,00\xa0\xa0\xa0\t35,00\xa0\n");
        let fields: Vec<&str> = line.split('\t').map(clean).collect();
        assert_eq!(fields, ["1", "03a01Ab.wav", "65,00", "35,00"]);
        assert_eq!(number(fields[2]), Some(65.0));
    }

    #[test]
    fn chinese_is_read_in_all_three_of_its_encodings() {
        let text = "0001_000001\t打远一看\t中立\n";
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let (gb, _, _) = GB18030.encode(text);
        for bytes in [text.as_bytes(), &utf16, &gb] {
            assert_eq!(decode(bytes), text);
            assert_eq!(decode_owned(bytes.to_vec()), text);
        }
    }

    #[test]
    fn utf_16_needs_no_mark() {
        let text = "file;start\nfu\u{df}.wav;0,5\n";
        let low_first: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high_first: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&low_first), text);
        assert_eq!(decode(&high_first), text);
        assert_eq!(decode(b"a\0b"), "a\0b");
    }

    #[test]
    fn french_in_latin_1_is_not_taken_for_chinese() {
        assert_eq!(decode(b"Col\xe8re, d\xe9go\xfbt"), "Colère, dégoût");
        assert_eq!(decode(b"\xc9t\xe9 \xe0\xe9"), "Été àé");
    }

    #[test]
    fn what_is_no_number_is_none() {
        for field in ["", "abc", "1,2,3", "nan", "inf"] {
            assert_eq!(number(field), None, "{field}");
        }
    }
}
