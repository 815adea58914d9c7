//! Rows of text as a table for the terminal.

/// Rows with their cells one below the other: indented by two blanks, columns two blanks apart and as wide as their widest cell, however long a name
/// is. Rows may differ in length; blanks at the end are left out.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    // What is last in its row stands in nobody's way: a long remark widens no column.
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > column + 1);
        cells.map(|row| row[column].chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("  {cell:<width$}");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[test]
fn cells_never_run_together() {
    let row = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
    let rows: Vec<Vec<String>> = vec![
        row(&["corpus", "UAR"]),
        row(&["a-corpus-with-a-long-name", "0.5", "and a remark"]),
        row(&["Böse", ""]),
    ];
    let expected = "  corpus                     UAR\n  a-corpus-with-a-long-name  0.5  and a remark\n  Böse\n";
    assert_eq!(aligned(&rows), expected);
    assert_eq!(aligned(&[]), "");
}
