//! Stretches in tables: columns by their names, in any order; and label tracks of Audacity.
//!
//! A table without columns of times names whole recordings, as a filewise table of audformat does. A first line of a name and two times is a row, and the
//! columns are then file, start and end. Of `end` and `duration` the end counts.

use std::sync::Arc;
use std::time::Duration;

use super::{Accept, Others, Stretch, stretch};
use crate::input_table::{Cell, InputTable, Wrong};
use crate::role::{Place, Role, find, resembling};
use crate::time::{is_missing, time};

/// Columns by their roles.
struct Columns {
    file: Option<Place>,
    start: Option<Place>,
    end: Option<Place>,
    duration: Option<Place>,
    speaker: Option<Place>,
    label: Option<Place>,
    /// All that are none of the columns above but the label, which is noted as well.
    others: Vec<(usize, Arc<str>)>,
}

/// Hands on the stretches of a table.
///
/// # Errors
/// In words, which columns are missing.
pub fn each(table: InputTable, keep: Others, accept: &mut Accept<'_>) -> Result<(), String> {
    let table = with_header(table);
    let names = table.names();
    let roles = [
        Role::File,
        Role::Start,
        Role::End,
        Role::Duration,
        Role::Speaker,
    ];
    let found = roles.map(|role| find(names, role));
    let taken = |at: usize| found.iter().flatten().any(|place| place.at == at);
    let others =
        (0..names.len()).filter(|&at| keep == Others::Kept && !taken(at) && !names[at].is_empty());
    let twice = |place: &&Place| {
        let same = |(at, name): (usize, &String)| at != place.at && *name == names[place.at];
        !names[place.at].is_empty() && names.iter().enumerate().any(same)
    };
    if let Some(place) = found.iter().flatten().find(twice) {
        return Err(format!(
            "it has two columns called {:?}: remove one",
            names[place.at]
        ));
    }
    let [file, start, end, duration, speaker] = found;
    let mut columns = Columns {
        others: others
            .map(|at| (at, Arc::from(names[at].as_str())))
            .collect(),
        label: find(names, Role::Label),
        file,
        start,
        end,
        duration,
        speaker,
    };
    // An offset ends what has an onset; without one, but with a length, it is where the stretch begins.
    let is_offset = |place: &Place| names[place.at].to_lowercase().starts_with("offset");
    if columns.start.is_none()
        && columns.duration.is_some()
        && columns.end.as_ref().is_some_and(is_offset)
    {
        columns.start = columns.end.take();
    }
    if columns.file.is_none() && columns.start.is_none() {
        return Err(format!(
            "it has no column file and none called start; it has {}: a list of segments has the columns file, start and end",
            names.join(", ")
        ));
    }
    let ends = columns.end.or(columns.duration).is_some();
    for (there, role) in [(columns.start.is_some(), Role::Start), (ends, Role::End)] {
        if let Some(name) = resembling(names, role).filter(|_| !there) {
            return Err(format!(
                "its column {name} is in no unit that is known: times are in columns start and end, in seconds (or start_ms and end_ms)"
            ));
        }
    }
    let counted = match table.place(0).starts_with("row") {
        true => "row",
        false => "line",
    };
    for line in table.rows() {
        accept(
            counted,
            line.and_then(|line| row(line.at, &line.cells, &columns)),
        );
    }
    Ok(())
}

/// Gives names to the columns of a table that begins with a row.
fn with_header(table: InputTable) -> InputTable {
    let names = table.names();
    let is_time = |name: &String| !is_missing(name) && time(name, 1.0).is_ok();
    let is_before = |start: &String, end: &String| {
        let value = |text| time(text, 1.0).ok().flatten();
        value(start).zip(value(end)).is_some_and(|(a, b)| a < b)
    };
    match names {
        // Time-marked words of NIST's scoring tools (CTM): recording, channel, start, duration, word.
        [_, channel, start, duration, _, ..]
            if table.is_spaced()
                && matches!(channel.as_str(), "1" | "2" | "A" | "B")
                && is_time(start)
                && is_time(duration) =>
        {
            table.without_header(&["file", "", "start", "duration"])
        }
        // What NIST's scoring tools evaluate (UEM): recording, channel, start, end.
        [_, channel, start, end]
            if table.is_spaced()
                && matches!(channel.as_str(), "1" | "2" | "A" | "B")
                && is_time(start)
                && is_time(end)
                && is_before(start, end) =>
        {
            table.without_header(&["file", "", "start", "end"])
        }
        // Segments of Kaldi: utterance, recording, start, end.
        [_, recording, start, end]
            if table.is_spaced() && !is_time(recording) && is_time(start) && is_time(end) =>
        {
            table.without_header(&["", "file", "start", "end"])
        }
        [_, start, end, ..] if is_time(start) && (is_time(end) || is_missing(end)) => {
            table.without_header(&["file", "start", "end"])
        }
        _ => table,
    }
}

fn row(at: usize, cells: &[Cell<'_>], columns: &Columns) -> Result<Stretch, Wrong> {
    let text = |place: Option<Place>| place.and_then(|place| cells[place.at].text());
    let file = text(columns.file);
    // With the name of the recording before the problem, where there is one.
    let wrong = |problem: String| Wrong {
        at,
        problem: match &file {
            Some(file) => format!("{file}: {problem}"),
            None => problem,
        },
    };
    if columns.file.is_some() && file.is_none() {
        return Err(wrong("it has no file name".to_owned()));
    }
    let time = |place: Option<Place>| match place {
        Some(place) => cells[place.at].time(place.scale).map_err(wrong),
        None => Ok(None),
    };
    let start = time(columns.start)?;
    let end = match (time(columns.end)?, time(columns.duration)?) {
        (Some(end), _) => Some(end),
        // The length of a whole recording, as in a manifest, ends it nowhere else.
        (None, Some(_)) if columns.start.is_none() || columns.end.is_some() => None,
        (None, Some(length)) => Some(
            start
                .unwrap_or_default()
                .checked_add(length)
                .unwrap_or(Duration::MAX),
        ),
        (None, None) => None,
    };
    let found = stretch(at, start, end).map_err(|error| wrong(error.problem))?;
    Ok(Stretch {
        file,
        speaker: text(columns.speaker),
        label: text(columns.label),
        others: columns
            .others
            .iter()
            .map(|(at, name)| {
                (
                    name.clone(),
                    cells.get(*at).and_then(Cell::text).unwrap_or_default(),
                )
            })
            .collect(),
        ..found
    })
}

/// Whether the first line has two numbers and a tab between them, as a label track of Audacity.
pub fn is_audacity(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let mut fields = first.unwrap_or_default().split('\t');
    let mut is_number = || {
        fields
            .next()
            .is_some_and(|field| !is_missing(field) && time(field, 1.0).is_ok())
    };
    is_number() && is_number()
}

/// The labels of a track. Lines that begin with a backslash hold frequencies.
pub fn labels_of_audacity(text: &str) -> impl Iterator<Item = Result<Stretch, Wrong>> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('\\'));
    lines.map(|(number, line)| {
        let at = number + 1;
        let mut fields = line.splitn(3, '\t');
        let mut needed = |what: &str| {
            let field = fields.next().unwrap_or_default();
            match time(field, 1.0) {
                Ok(Some(time)) => Ok(time),
                Ok(None) => Err(Wrong {
                    at,
                    problem: format!("it has no {what}"),
                }),
                Err(problem) => Err(Wrong { at, problem }),
            }
        };
        let (start, end) = (needed("start")?, needed("end")?);
        let label = fields.next().unwrap_or_default().trim();
        Ok(Stretch {
            label: (!label.is_empty()).then(|| label.to_owned()),
            ..stretch(at, Some(start), Some(end))?
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::read_bytes;
    use super::*;

    type Brief = (Option<String>, u128, Option<u128>);

    fn rows(text: &str) -> Vec<Result<Brief, String>> {
        let found = read_bytes(text.as_bytes(), None).unwrap();
        let brief = |row: Result<Stretch, Wrong>| match row {
            Ok(row) => Ok((
                row.file,
                row.start.as_millis(),
                row.end.map(|end| end.as_millis()),
            )),
            Err(wrong) => Err(format!("{} {}: {}", found.counted, wrong.at, wrong.problem)),
        };
        found.rows.clone().into_iter().map(brief).collect()
    }

    fn one(start: u128, end: Option<u128>) -> Vec<Result<Brief, String>> {
        vec![Ok((Some("a.wav".into()), start, end))]
    }

    #[test]
    fn tables_are_read_however_people_write_them() {
        for text in [
            "file,start,end\na.wav,0.1,0.4\n",
            "\u{feff}file;start;end\r\na.wav;0,1;0,4\r\n",
            "end\tWAV\tonset (ms)\n0.4\ta.wav\t100\n",
            "path,begin,duration\na.wav,0.1,0.3\n",
            "filename,emotion,start,end\n\"a.wav\",x,0 days 00:00:00.100000,00:00:00.4\n",
            "\"\",file,start,end\n0,a.wav,0.1s,PT0.4S\n",
            "a.wav,0.1,0.4\n",
            "a.wav 0.1 0.4\n",
            "a.wav 1 0.1 0.3 word\n",
            "a.wav A 0.1 0.3 word 0.9\n",
            "a.wav 1 0.1 0.4\n",
            "a.wav,0.1,0.4,2,x\n",
            "utt-1 a.wav 0.1 0.4\n",
            "{\"audio_filepath\": \"a.wav\", \"offset\": 0.1, \"duration\": 0.3, \"text\": \"no\"}\n",
            "[{\"path\": \"a.wav\", \"start\": \"0.1\", \"end\": 0.4}]",
            "wav\tonset\toffset\tduration\na.wav\t0.1\t0.4\t0.3\n",
            "# times of a day\nfile,start,end\na.wav,0.1,0.4\n",
        ] {
            assert_eq!(rows(text), one(100, Some(400)), "{text:?}");
        }
        for text in [
            "file,start,end\na.wav,0.1,\n",
            "file,start,end\na.wav,0.1,NaT\n",
            "file,start,end,duration\na.wav,0.1,,3\n",
        ] {
            assert_eq!(rows(text), one(100, None), "{text:?}");
        }
        for text in [
            "file,emotion\na.wav,x\n",
            "file\na.wav\n",
            "file,duration\na.wav,3\n",
        ] {
            assert_eq!(rows(text), one(0, None), "{text:?}");
        }
    }

    #[test]
    fn a_bad_row_is_named_and_the_next_is_read() {
        let found = rows(
            "file,start,end\na.wav,-1,0.3\nb.wav,soon,1\nc.wav,2,1\n,0,1\nd.wav,0\na.wav,0.1,0.4\n",
        );
        assert_eq!(
            found[0],
            Err("line 2: a.wav: -1 s is before the recording begins".into())
        );
        let told = |at: usize| found[at].clone().unwrap_err();
        assert!(told(1).starts_with("line 3: b.wav: \"soon\" is not a time"));
        assert_eq!(
            told(2),
            "line 4: c.wav: ends at 1 s, before it starts at 2 s"
        );
        assert_eq!(told(3), "line 5: it has no file name");
        assert_eq!(told(4), "line 6: has 2 fields where the first line has 3");
        assert_eq!(found[5], one(100, Some(400))[0]);
    }

    #[test]
    fn a_track_of_audacity_has_no_header() {
        let text = "0.100000\t0.400000\tangry, very\n\\\t100\t200\n0.5\t0.5\tpoint\n";
        let found = rows(text);
        assert_eq!(found[0], Ok((None, 100, Some(400))));
        assert_eq!(found[1], Err("line 3: starts and ends at 0.5 s".into()));
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused() {
        let list = b"file,start,end,start\na.wav,0.1,0.4,0.2\n";
        let error = read_bytes(list, None).unwrap_err();
        assert!(error.contains("two columns called \"start\""), "{error}");
        // Names that people do not look at may be.
        assert!(read_bytes(b"file,x,x\na.wav,1,2\n", None).is_ok());
    }

    #[test]
    fn a_time_without_end_is_named_in_few_signs() {
        let found = rows("file,start,end\na.wav,0.1,1e300\n");
        assert_eq!(
            found[0],
            Err("line 2: a.wav: 1e300 s is longer than any recording".into())
        );
    }

    #[test]
    fn a_table_of_something_else_is_refused_with_its_columns() {
        let error = read_bytes(b"a,b\n1,2\n", None).unwrap_err();
        assert!(error.contains("it has a, b"), "{error}");
        for list in ["file,start_sample,end_sample\n", "file,start,EndFrame\n"] {
            let error = read_bytes(list.as_bytes(), None).unwrap_err();
            assert!(error.contains("no unit that is known"), "{error}");
        }
        let error = read_bytes(b"file,start\n", Some("x")).unwrap_err();
        assert!(error.contains("no tiers"), "{error}");
    }
}
