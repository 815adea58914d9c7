//! The recordings of a table's rows, where they still are beside it: what they are like says what a model may be asked about.

use std::path::{Path, PathBuf};

use ser_models::classify::as_table::AsTable;
use ser_models::classify::front_end::{RecordingFacts, Sound};
use ser_parallel::try_map_in_order;
use ser_tables::labelled::{Labelled, LabelledRow};

/// What each training recording is like, and the lowest rate that they are analysed at; none where the table is of no feature set, or one recording is
/// not found or cannot be read.
pub fn facts(
    (table, rows): (&Labelled, &[usize]),
    tables: &[PathBuf],
    threads: usize,
) -> Option<(Vec<RecordingFacts>, u32)> {
    let measure = AsTable::new(table.identity.as_ref()?);
    let reading = AsTable::reading(table.identity.as_ref()?);
    let places: Vec<&Path> = tables
        .iter()
        .filter_map(|path| match path.is_dir() {
            true => Some(path.as_path()),
            false => path.parent(),
        })
        .collect();
    let found = |row: &LabelledRow| {
        let beside = places.iter().map(|place| place.join(&row.file));
        beside
            .chain([PathBuf::from(&row.file)])
            .find(|path| path.is_file())
    };
    let paths: Vec<PathBuf> = rows
        .iter()
        .map(|&row| found(&table.rows[row]))
        .collect::<Option<_>>()?;
    let one = |at: usize| -> Result<(RecordingFacts, u32), ()> {
        let row = &table.rows[rows[at]];
        let (sound, _) = Sound::open_as(&paths[at], &reading).map_err(|_| ())?;
        let whole = row.start.unwrap_or(0.0) == 0.0 && row.end.is_none();
        let sound = match whole {
            true => sound,
            false => sound.part(row.start.unwrap_or(0.0), row.end),
        };
        let facts = measure.facts(&sound, table.features(rows[at]));
        Ok((facts.map_err(|_| ())?, sound.rate_hz))
    };
    let found = try_map_in_order(rows.len(), threads, one).ok()?;
    let rate_hz = found.iter().map(|(_, rate)| *rate).min()?;
    Some((found.into_iter().map(|(facts, _)| facts).collect(), rate_hz))
}
