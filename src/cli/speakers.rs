//! Who speaks where: the file of `--speakers`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::output::complain;
use crate::extract::input::Input;
use crate::segment::marked_stretches::Stretch;

/// A stretch of a recording with its speaker; the whole of it without times.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Who speaks.
    pub speaker: String,
    /// From when to when, seconds.
    pub times: Option<(f64, f64)>,
}

impl Turn {
    /// As a stretch to be answered; none without times.
    pub fn stretch(&self) -> Option<Stretch> {
        let (start_s, end_s) = self.times?;
        Some(Stretch {
            start_s,
            end_s: Some(end_s),
            speaker: Some(self.speaker.clone()),
            others: Vec::new(),
        })
    }
}

/// The speakers of recordings.
#[derive(Clone, Debug, Default)]
pub struct Speakers {
    /// Turns by the file as the table names it.
    named: BTreeMap<String, Vec<Turn>>,
    /// The same by the file's place, where it was found.
    placed: BTreeMap<PathBuf, Vec<Turn>>,
}

impl Speakers {
    /// Reads csv with the columns file, speaker and perhaps start and end, or the manifest of a folder made by `ser corpus prepare`.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and the remedy.
    pub fn read(path: &Path) -> Result<Speakers> {
        let path = if path.is_dir() {
            path.join("manifest.csv")
        } else {
            path.to_path_buf()
        };
        let shown = path.display();
        let mut reader =
            csv::Reader::from_path(&path).with_context(|| format!("{shown}: cannot be read"))?;
        let header = reader
            .headers()
            .with_context(|| format!("{shown}: not csv"))?
            .clone();
        let column = |name: &str| header.iter().position(|found| found.trim() == name);
        let (Some(file), Some(speaker)) = (column("file"), column("speaker")) else {
            bail!(
                "{shown}: the columns `file` and `speaker` are needed, and perhaps `start` and `end` in seconds"
            );
        };
        let (start, end) = (column("start"), column("end"));
        let corpus = column("corpus");
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut speakers = Speakers::default();
        for (number, record) in reader.records().enumerate() {
            let line = number + 2;
            let record = record.with_context(|| format!("{shown}: line {line}"))?;
            let time = |at: Option<usize>| -> Result<Option<f64>> {
                match at.map_or("", |at| record[at].trim()) {
                    "" => Ok(None),
                    text => match text.parse::<f64>() {
                        Ok(seconds) if seconds >= 0.0 && seconds.is_finite() => Ok(Some(seconds)),
                        _ => bail!("{shown}: line {line}: {text:?} is not a time in seconds"),
                    },
                }
            };
            let times = match (time(start)?, time(end)?) {
                (None, None) => None,
                (from, Some(to)) if from.unwrap_or(0.0) < to => Some((from.unwrap_or(0.0), to)),
                _ => bail!("{shown}: line {line}: start and end are not a stretch of time"),
            };
            let who = record[speaker].trim();
            if who.is_empty() {
                continue;
            }
            // Two corpora may number their speakers alike.
            let speaker = match corpus.map_or("", |at| record[at].trim()) {
                "" => who.to_string(),
                corpus => format!("{corpus}/{who}"),
            };
            let turn = Turn { speaker, times };
            let name = record[file].to_string();
            for place in [folder.join(&name), PathBuf::from(&name)] {
                if let Ok(place) = place.canonicalize() {
                    speakers.placed.entry(place).or_default().push(turn.clone());
                    break;
                }
            }
            speakers.named.entry(name).or_default().push(turn);
        }
        if speakers.named.is_empty() {
            bail!("{shown}: no line names a file and a speaker");
        }
        Ok(speakers)
    }

    /// The turns of a recording: by its place, or by what it is called; none if the table does not have it.
    pub fn turns(&self, input: &Input) -> &[Turn] {
        let placed = input
            .path
            .canonicalize()
            .ok()
            .and_then(|place| self.placed.get(&place));
        placed
            .or_else(|| self.named.get(&input.name))
            .map_or(&[], Vec::as_slice)
    }

    /// Says how many recordings the table does not have, if there are any.
    pub fn complain_of_unknown(&self, inputs: &[Input]) {
        let unknown = inputs.iter().filter(|input| self.turns(input).is_empty());
        let (unknown, all) = (unknown.count(), inputs.len());
        if unknown > 0 {
            complain(&format!(
                "{unknown} of {all} recordings are not in the file of --speakers: they are answered each by itself"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Speakers> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("speakers.csv");
        std::fs::write(folder.path().join("a.wav"), b"")?;
        std::fs::write(&path, text)?;
        let speakers = Speakers::read(&path)?;
        let input = Input {
            path: folder.path().join("a.wav"),
            name: "elsewhere/a.wav".into(),
        };
        assert_eq!(speakers.turns(&input).len(), 2);
        Ok(speakers)
    }

    #[test]
    fn turns_are_found_by_place_and_by_name() {
        let speakers =
            read("file,speaker,start,end\na.wav,anna,0,1.5\na.wav,ben,1.5,4\nb.wav,anna,,\n")
                .unwrap();
        let input = Input {
            path: "nowhere/b.wav".into(),
            name: "b.wav".into(),
        };
        assert_eq!(
            speakers.turns(&input),
            [Turn {
                speaker: "anna".into(),
                times: None
            }]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = |text: &str| format!("{:#}", read(text).unwrap_err());
        assert!(error("name,who\na,b\n").contains("`file` and `speaker`"));
        assert!(error("file,speaker,start,end\na.wav,anna,x,2\n").contains("line 2"));
        assert!(error("file,speaker,start,end\na.wav,anna,3,2\n").contains("not a stretch"));
        assert!(error("file,speaker\na.wav,\n").contains("no line"));
    }
}
