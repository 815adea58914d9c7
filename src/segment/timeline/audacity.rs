//! A label track of Audacity: start, end and label, with tabs between. <https://manual.audacityteam.org/man/importing_and_exporting_labels.html>

use std::fmt::Write;

use super::Entry;

pub(super) fn write(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let mut label = entry.text.clone();
        if let Some(speaker) = &entry.speaker {
            label = format!("{speaker}: {label}");
        }
        if let Some(p) = entry.probability {
            let _ = write!(label, " {:.0} %", 100.0 * p);
        }
        let label = label.replace(['\t', '\n', '\r'], " ");
        let _ = writeln!(text, "{:.6}\t{:.6}\t{label}", entry.start_s, entry.end_s);
    }
    text
}

#[test]
fn labels_name_the_speaker() {
    assert_eq!(
        write(&super::example()[1..]),
        "1.000000\t2.000000\tC: sad 50 %\n3601.000000\t3602.500000\tsad\n"
    );
}
