//! What a column of a list is about, by its name.
//!
//! People and programs name columns differently: `file`, `filename`, `path` and `wav` are one thing, `begin`, `onset` and `tmin` another. A unit at the
//! end of a name (`start_ms`, `onset (s)`) is that of the column's bare numbers.

use crate::time::unit;

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The recording.
    File,
    /// Where a stretch begins.
    Start,
    /// Where it ends.
    End,
    /// How long it is.
    Duration,
    /// Who speaks.
    Speaker,
    /// Its class.
    Label,
    /// What is said.
    Text,
}

/// Names, the most exact first; written without blanks, dashes and case.
const NAMES: [(Role, &[&str]); 7] = [
    (
        Role::File,
        &[
            "file",
            "filename",
            "filepath",
            "path",
            "wav",
            "wavfile",
            "wavpath",
            "wavname",
            "audio",
            "audiofile",
            "audiopath",
            "audiofilename",
            "audiofilepath",
            "wavfilename",
            "recording",
            "sound",
            "soundfile",
            "clip",
            "relativepath",
            "uri",
            "name",
            "fname",
            "filenames",
            "files",
        ],
    ),
    (
        Role::Start,
        &[
            "start",
            "begin",
            "onset",
            "starttime",
            "begintime",
            "starts",
            "tmin",
            "xmin",
            "from",
            "tbeg",
            "tstart",
            "timestart",
            "segmentstart",
            "beg",
            "frametime",
        ],
    ),
    (
        Role::End,
        &[
            "end",
            "stop",
            "offset",
            "endtime",
            "stoptime",
            "finish",
            "ends",
            "tmax",
            "xmax",
            "to",
            "tend",
            "timeend",
            "segmentend",
        ],
    ),
    (
        Role::Duration,
        &["duration", "dur", "length", "tdur", "segmentduration"],
    ),
    (
        Role::Speaker,
        &[
            "speaker",
            "speakerid",
            "spk",
            "spkid",
            "talker",
            "actor",
            "actorid",
            "participant",
            "subject",
        ],
    ),
    (
        Role::Label,
        &["label", "emotion", "class", "category", "emo", "labels"],
    ),
    (
        Role::Text,
        &[
            "text",
            "transcript",
            "transcription",
            "utterance",
            "sentence",
            "words",
        ],
    ),
];

/// A column by its role: where it stands, and the unit of its bare numbers in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its number.
    pub at: usize,
    /// Seconds of one.
    pub scale: f64,
}

/// The column with a role, the most exactly named of several.
pub fn find<S: AsRef<str>>(names: &[S], role: Role) -> Option<Place> {
    let known = NAMES.iter().find(|(of, _)| *of == role)?.1;
    let tidied: Vec<(String, f64)> = names.iter().map(|name| tidy(name.as_ref())).collect();
    known.iter().find_map(|known| {
        let at = tidied.iter().position(|(name, _)| name == known)?;
        Some(Place {
            at,
            scale: tidied[at].1,
        })
    })
}

/// A column that seems to hold this time and is not found by [`find`], such as `start_sample`: its unit is not known.
pub fn resembling<S: AsRef<str>>(names: &[S], role: Role) -> Option<&str> {
    let known = NAMES.iter().find(|(of, _)| *of == role)?.1;
    let resembles = |name: &&S| {
        let lower = name.as_ref().to_lowercase();
        lower
            .split(|c: char| !c.is_alphanumeric())
            .map(|word| word.trim_end_matches("sample").trim_end_matches("frame"))
            .any(|word| known.contains(&word) && !matches!(word, "from" | "to" | "length"))
    };
    names.iter().find(resembles).map(AsRef::as_ref)
}

/// A name without what people write differently, and the unit at its end.
fn tidy(name: &str) -> (String, f64) {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut scale = 1.0;
    if words.len() > 1
        && let Some(unit) = words.last().and_then(|word| unit(word))
        // Minutes would make t_min a time in minutes.
        && unit <= 1.0
    {
        words.pop();
        scale = unit;
    }
    (words.concat(), scale)
}

#[test]
fn columns_are_found_by_any_of_their_names_and_units() {
    let found = |names: &[&str], role| find(names, role).map(|place| (place.at, place.scale));
    assert_eq!(found(&["Start", "File Name"], Role::File), Some((1, 1.0)));
    assert_eq!(found(&["path", "file"], Role::File), Some((1, 1.0)));
    assert_eq!(found(&["wav", "onset (s)"], Role::Start), Some((1, 1.0)));
    assert_eq!(found(&["start_ms"], Role::Start), Some((0, 1e-3)));
    assert_eq!(found(&["t_min"], Role::Start), Some((0, 1.0)));
    assert_eq!(found(&["offset", "emotion"], Role::End), Some((0, 1.0)));
    assert_eq!(found(&["Duration [ms]"], Role::Duration), Some((0, 1e-3)));
    assert_eq!(found(&["F0"], Role::File), None);
}
