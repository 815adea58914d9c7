//! A session as a table, as JSON, and as a timeline for other tools.

use std::io::{self, Write};

use ser_models::classify::Answer;

use super::{Session, Told};
use crate::segment::timeline::{Entry, Format, Timeline};

/// What stands where there is no answer.
pub const SILENT: &str = "cannot tell";

/// The turns of sessions as csv: file, start, end, speaker, answer, guess, abstained, p_CLASS, latent_1, latent_2, rests_on, then the other columns of a list of
/// segments; one whose name is taken is called `NAME_given`. `named` writes names and other texts, such as so that a spreadsheet takes none for a formula.
///
/// # Errors
/// What the system says.
pub fn csv(
    target: &mut dyn Write,
    sessions: &[Session<'_>],
    named: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let classes = sessions.first().map_or(&[][..], Session::classes);
    let mut head = head(classes);
    let first = sessions.iter().flat_map(Session::turns).next();
    for (name, _) in first.map(|turn| turn.others).unwrap_or_default() {
        let taken = head.contains(&name);
        head.push(named(&if taken { format!("{name}_given") } else { name }));
    }
    target.write_all(record(&head).as_bytes())?;
    for session in sessions {
        for turn in session.turns() {
            target.write_all(record(&row(session, &turn, named)).as_bytes())?;
        }
    }
    Ok(())
}

/// Sessions as JSON: an object, or an array where they are not one.
///
/// # Errors
/// What the system says.
pub fn json(target: &mut dyn Write, sessions: &[Session<'_>]) -> io::Result<()> {
    match sessions {
        [one] => serde_json::to_writer_pretty(&mut *target, one)?,
        all => serde_json::to_writer_pretty(&mut *target, all)?,
    }
    target.write_all(b"\n")
}

/// The names of the columns that every csv of answers begins with.
pub fn head(classes: &[String]) -> Vec<String> {
    let mut head: Vec<String> = [
        "file",
        "start",
        "end",
        "speaker",
        "answer",
        "guess",
        "abstained",
    ]
    .map(String::from)
    .to_vec();
    head.extend(classes.iter().map(|class| format!("p_{class}")));
    head.extend(["latent_1", "latent_2", "rests_on"].map(String::from));
    head
}

/// What stands behind `abstained`: a probability for each class, two latent numbers, and what the answer rests on; empty where there is none.
pub fn cells(answer: Option<&Answer>, classes: usize) -> Vec<String> {
    let of = |values: Option<&Vec<f64>>, count: usize| -> Vec<String> {
        let number = |at: usize| values.and_then(|v| v.get(at)).map(f64::to_string);
        (0..count)
            .map(|at| number(at).unwrap_or_default())
            .collect()
    };
    let mut found = of(
        answer.and_then(|answer| answer.probabilities.as_ref()),
        classes,
    );
    found.extend(of(answer.and_then(|answer| answer.latent.as_ref()), 2));
    let basis = answer.map(|answer| answer.rests_on.basis.name());
    found.push(basis.unwrap_or_default().to_owned());
    found
}

fn row(session: &Session<'_>, turn: &Told, named: &dyn Fn(&str) -> String) -> Vec<String> {
    let answer = turn.answer.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut row = vec![
        named(&session.file),
        turn.start.to_string(),
        turn.end.to_string(),
        named(turn.speaker.as_deref().unwrap_or_default()),
        text(turn.answered()),
        text(answer.map(|answer| answer.label.as_str())),
        text(turn.silent_because()),
    ];
    row.extend(cells(answer, session.classes().len()));
    let others = turn
        .others
        .iter()
        .map(|(_, text)| match text.parse::<f64>() {
            Ok(_) => text.clone(),
            Err(_) => named(text),
        });
    row.extend(others);
    row
}

/// A line of csv (RFC 4180), fields in quotes where they need them.
fn record(fields: &[String]) -> String {
    let quoted = |field: &String| match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.clone(),
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

/// A session in a format of timelines: each turn's answer, its probability and its speaker.
pub fn timeline(session: &Session<'_>, format: Format) -> String {
    let entries: Vec<Entry> = session.turns().map(entry).collect();
    format.write(&Timeline {
        name: &session.file,
        length_s: session.length_s,
        tier: "answer",
        entries: &entries,
    })
}

fn entry(turn: Told) -> Entry {
    let answered = turn.answered();
    Entry {
        start_s: turn.start,
        end_s: turn.end,
        text: answered.unwrap_or(SILENT).to_owned(),
        probability: answered.and_then(|_| turn.probability()),
        speaker: turn.speaker,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Asked;
    use super::super::hear::MeasuredPart;
    use super::*;
    use ser_models::classify::Ground;
    use ser_models::classify::Model;

    /// A turn from 1 s to `end_s` that could not be measured.
    fn short(end_s: f64, speaker: Option<&str>, others: &[(&str, &str)]) -> MeasuredPart {
        let others = others.iter().map(|(a, b)| (a.to_string(), b.to_string()));
        MeasuredPart {
            start_s: 1.0,
            end_s,
            speaker: speaker.map(str::to_owned),
            others: others.collect(),
            measured: Err("too short".into()),
        }
    }

    fn session(model: &Model, part: MeasuredPart) -> Session<'_> {
        let asked = Asked {
            model,
            ground: Ground::Alone.into(),
            voices: Default::default(),
            always: false,
        };
        Session::new("x.wav".into(), 2.0, asked, vec![part])
    }

    fn table(session: &Session<'_>) -> String {
        let mut text = Vec::new();
        csv(&mut text, std::slice::from_ref(session), &str::to_owned).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_turn_that_could_not_be_measured_has_a_row_and_an_entry() {
        let model = Model::built_in().unwrap();
        let session = session(&model, short(1.05, Some("a, b"), &[]));
        assert_eq!(
            table(&session),
            "file,start,end,speaker,answer,guess,abstained,p_neutral,p_sad,p_happy,p_angry,latent_1,latent_2,rests_on\nx.wav,1,1.05,\"a, b\",,,too short,,,,,,,\n"
        );
        let text = timeline(&session, Format::Audacity);
        assert_eq!(text, "1.000000\t1.050000\ta, b: cannot tell\n");
    }

    #[test]
    fn other_columns_of_a_list_of_segments_are_passed_on() {
        let model = Model::built_in().unwrap();
        let others = [("item", "7"), ("answer", "a; \"b\"")];
        let session = session(&model, short(2.0, None, &others));
        let json = serde_json::to_value(&session).unwrap();
        assert_eq!(json["turns"][0]["given"]["item"], "7");
        let text = table(&session);
        assert!(
            text.contains(",latent_2,rests_on,item,answer_given\n"),
            "{text}"
        );
        assert!(text.ends_with(",7,\"a; \"\"b\"\"\"\n"), "{text}");
        let mut quoted = Vec::new();
        csv(&mut quoted, &[session], &|name| format!("'{name}")).unwrap();
        let quoted = String::from_utf8(quoted).unwrap();
        // Numbers stay as they are.
        assert!(quoted.contains("\n'x.wav,"), "{quoted}");
        assert!(quoted.ends_with(",7,\"'a; \"\"b\"\"\"\n"), "{quoted}");
    }
}
