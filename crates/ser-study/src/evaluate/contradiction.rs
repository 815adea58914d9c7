//! Recordings that are the same and are labelled differently: at least one of the labels is wrong.
//!
//! Rows are the same when all of their features are, to the bit, which only copies of a recording have. CREMA-D has three such pairs.

use std::collections::BTreeMap;

use ser_tables::counted;
use ser_tables::labelled::Labelled;

/// Groups of rows with equal features and different labels, each in the order of the rows.
pub fn contradictions(table: &Labelled, rows: &[usize]) -> Vec<Vec<usize>> {
    let mut same: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        let bits = table.features(row).iter().map(|x| x.to_bits()).collect();
        same.entry(bits).or_default().push(row);
    }
    let label = |row: usize| table.rows[row].label.as_deref();
    let mut groups: Vec<Vec<usize>> = same
        .into_values()
        .filter(|group| group.iter().any(|&row| label(row) != label(group[0])))
        .collect();
    groups.sort_unstable();
    groups
}

/// The groups in a line; none without one.
pub fn told(table: &Labelled, groups: &[Vec<usize>]) -> Option<String> {
    const NAMED: usize = 3;
    let one = |&row: &usize| {
        let row = &table.rows[row];
        let file = std::path::Path::new(&row.file).file_name();
        let file = file.map_or(row.file.clone(), |name| name.to_string_lossy().into_owned());
        format!("{file} ({})", row.label.as_deref().unwrap_or("no label"))
    };
    let of_group = |group: &Vec<usize>| group.iter().map(one).collect::<Vec<_>>().join(" = ");
    let named: Vec<String> = groups.iter().take(NAMED).map(of_group).collect();
    let more = match groups.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    (!groups.is_empty()).then(|| {
        format!(
            "identical recordings with contradictory labels ({}): {}{more}; `ser corpus prepare --deduplicate` drops them",
            counted(groups.len(), "group"),
            named.join("; ")
        )
    })
}

#[test]
fn copies_with_other_labels_are_found_and_named_and_copies_with_the_same_are_not() {
    use ser_tables::labelled::LabelledRow;
    let row = |file: &str, label: &str| LabelledRow {
        file: format!("/data/{file}.wav"),
        label: Some(label.into()),
        ..LabelledRow::default()
    };
    let table = Labelled {
        columns: vec!["a".into(), "b".into()],
        rows: vec![
            row("1", "sad"),
            row("2", "happy"),
            row("3", "sad"),
            row("4", "sad"),
        ],
        values: vec![1.0, 2.0, 1.0, 2.0, 1.5, 2.0, 1.5, 2.0],
        ..Labelled::default()
    };
    let groups = contradictions(&table, &[0, 1, 2, 3]);
    assert_eq!(groups, [[0, 1]]);
    let text = told(&table, &groups).unwrap();
    assert!(text.contains("1.wav (sad) = 2.wav (happy)"), "{text}");
    assert!(contradictions(&table, &[0, 2, 3]).is_empty());
    assert_eq!(told(&table, &[]), None);
}
