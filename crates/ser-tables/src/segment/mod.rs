//! Stretches of recordings, as tools that annotate speech write them.
//!
//! | form | known by | times | recording | speaker, label |
//! |---|---|---|---|---|
//! | CSV, JSON, Parquet (also audformat, Kaldi) | the rest | columns by name ([`crate::role`]) | column | columns |
//! | RTTM | its first word, `SPEAKER` … | start and length | field 2 | field 8 |
//! | TextGrid, long and short | `ooTextFile` | intervals of a tier | – | tier, text |
//! | ELAN | `<ANNOTATION_DOCUMENT` | slots in ms | `MEDIA_DESCRIPTOR` | participant or tier, value |
//! | WebVTT, SRT | `-->` | clocks | – | `<v NAME>`, – |
//! | Audacity labels | two numbers and tabs | seconds | – | –, text |
//!
//! What a file is, its content says; its encoding is found out ([`crate::encoding`]). A bad row is named and the others are read.

mod eaf;
mod rttm;
mod subtitle;
mod table;
mod textgrid;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::encoding::{decode, decode_owned};
use crate::input_table::{InputTable, PARQUET, Wrong};

/// A stretch of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretch {
    /// Its line in the file, counted from 1; its row where the file has no lines.
    pub at: usize,
    /// The recording as the file names it; none where it names none.
    pub file: Option<String>,
    /// Where it begins.
    pub start: Duration,
    /// Where it ends; none for the end of the recording.
    pub end: Option<Duration>,
    /// Who speaks.
    pub speaker: Option<String>,
    /// What class it is of, or what else was noted.
    pub label: Option<String>,
    /// Its cells in columns of a table other than those of recording, times and speaker, with the columns' names; empty texts where there is nothing.
    pub others: Vec<(Arc<str>, String)>,
}

/// The stretches of a file, in its order; those that cannot be read with the reason.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretches {
    /// One for each row.
    pub rows: Vec<Result<Stretch, Wrong>>,
    /// What a row's place is called: `line`, `row`, `annotation`.
    pub counted: &'static str,
}

/// Which cells of a table a stretch gets in [`Stretch::others`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Those of all other columns.
    Kept,
    /// None, for those who do not need them: a text for each cell takes time and room.
    LeftOut,
}

/// Takes the rows of a file, each with what its place is called: `line`, `row`, `annotation`.
pub type Accept<'a> = dyn FnMut(&'static str, Result<Stretch, Wrong>) + 'a;

/// Reads stretches. `tier` chooses among the tiers of a TextGrid or an ELAN file; `*` takes all of them.
///
/// # Errors
/// In words, why the file as a whole cannot be read.
pub fn read(path: &Path, tier: Option<&str>) -> Result<Stretches, String> {
    let mut found = Stretches::default();
    each(path, tier, Others::Kept, &mut |counted, row| {
        found.push(counted, row);
    })?;
    Ok(found)
}

/// Hands on the stretches of a file in its order; those of a table, of which there may be millions, without holding them.
///
/// # Errors
/// In words, why the file as a whole cannot be read; then nothing was handed on.
pub fn each(
    path: &Path,
    tier: Option<&str>,
    others: Others,
    accept: &mut Accept<'_>,
) -> Result<(), String> {
    let bytes = crate::bounded_read::read(path).map_err(|error| error.to_string())?;
    if bytes.starts_with(PARQUET) {
        no_tiers(tier, "Parquet")?;
        drop(bytes);
        return table::each(InputTable::open(path)?, others, accept);
    }
    check(&bytes)?;
    let table = InputTable::check(&bytes);
    of_text(decode_owned(bytes), table, (tier, others), accept)
}

/// The same of the bytes of a file, which is not Parquet.
///
/// # Errors
/// In words, why the file as a whole cannot be read.
pub fn read_bytes(bytes: &[u8], tier: Option<&str>) -> Result<Stretches, String> {
    check(bytes)?;
    let mut found = Stretches::default();
    of_text(
        decode(bytes),
        InputTable::check(bytes),
        (tier, Others::Kept),
        &mut |counted, row| found.push(counted, row),
    )?;
    Ok(found)
}

fn check(bytes: &[u8]) -> Result<(), String> {
    match bytes.starts_with(b"ooBinaryFile") {
        true => Err(
            "it is a binary TextGrid: save it as a text file in Praat (Save as text file...)"
                .to_owned(),
        ),
        false => Ok(()),
    }
}

/// The stretches of a text; `table` says why it can be no table.
fn of_text(
    mut text: String,
    table: Result<(), String>,
    (tier, others): (Option<&str>, Others),
    accept: &mut Accept<'_>,
) -> Result<(), String> {
    if text.starts_with('\u{feff}') {
        text = text.trim_start_matches('\u{feff}').to_owned();
    }
    let head: String = text.chars().take(4096).collect();
    if head.contains("ooTextFile") && head.contains("TextGrid") {
        textgrid::read(&text, tier)?.hand_on(accept);
    } else if head.contains("Praat chronological TextGrid") {
        return Err(
            "it is a chronological TextGrid: save it as a text file in Praat (Save as text file...)"
                .to_owned(),
        );
    } else if head.contains("<ANNOTATION_DOCUMENT") {
        eaf::read(&text, tier)?.hand_on(accept);
    } else if rttm::is_it(&text) {
        no_tiers(tier, "RTTM")?;
        rttm::turns(&text).for_each(|turn| accept("line", turn));
    } else if subtitle::is_it(&text) {
        no_tiers(tier, "a file of subtitles")?;
        subtitle::read(&text).hand_on(accept);
    } else {
        no_tiers(tier, "a table")?;
        if table::is_audacity(&text) {
            table::labels_of_audacity(&text).for_each(|label| accept("line", label));
        } else {
            table?;
            table::each(InputTable::of_text(text)?, others, accept)?;
        }
    }
    Ok(())
}

impl Stretches {
    fn push(&mut self, counted: &'static str, row: Result<Stretch, Wrong>) {
        self.counted = counted;
        self.rows.push(row);
    }

    fn hand_on(self, accept: &mut Accept<'_>) {
        self.rows
            .into_iter()
            .for_each(|row| accept(self.counted, row));
    }
}

fn no_tiers(tier: Option<&str>, what: &str) -> Result<(), String> {
    match tier {
        Some(tier) => Err(format!("{what} has no tiers: leave out --tier {tier}")),
        None => Ok(()),
    }
}

/// Puts a stretch together, if it can be one.
fn stretch(at: usize, start: Option<Duration>, end: Option<Duration>) -> Result<Stretch, Wrong> {
    let start = start.unwrap_or_default();
    match end {
        Some(end) if end < start => Err(Wrong {
            at,
            problem: format!(
                "ends at {} s, before it starts at {} s",
                end.as_secs_f64(),
                start.as_secs_f64()
            ),
        }),
        Some(end) if end == start => Err(Wrong {
            at,
            problem: format!("starts and ends at {} s", end.as_secs_f64()),
        }),
        _ => Ok(Stretch {
            at,
            start,
            end,
            ..Stretch::default()
        }),
    }
}

/// The tiers that are meant, of those there are: their numbers.
fn chosen(names: &[String], tier: Option<&str>) -> Result<Vec<usize>, String> {
    let listed = || {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        quoted.join(", ")
    };
    match tier {
        Some("*") => Ok((0..names.len()).collect()),
        Some(tier) => {
            let of_name: Vec<usize> = (0..names.len()).filter(|&at| names[at] == tier).collect();
            match of_name.is_empty() {
                true => Err(format!("has no tier {tier:?}; it has {}", listed())),
                false => Ok(of_name),
            }
        }
        None => match names.len() {
            0 => Err("has no tier with intervals".to_owned()),
            1 => Ok(vec![0]),
            _ => Err(format!(
                "has the tiers {}: say which with --tier, or --tier '*' for all",
                listed()
            )),
        },
    }
}
