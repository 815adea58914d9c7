//! A session as a table, as JSON, and as a timeline for other tools.

use super::{Session, Told};
use crate::segment::timeline::{Entry, Format, Timeline};

/// What stands where there is no answer.
pub const SILENT: &str = "cannot tell";

/// The turns of sessions as csv: file, start, end, speaker, answer, guess, abstained, p_CLASS, latent_1, latent_2, then the other columns of a list of
/// segments; one whose name is taken is called `NAME_given`.
pub fn csv(sessions: &[Session]) -> String {
    let classes = sessions.first().map_or(&[][..], |one| &one.classes);
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
    head.extend(["latent_1", "latent_2"].map(String::from));
    let first = sessions.iter().flat_map(|session| &session.turns).next();
    for (name, _) in first.map_or(&[][..], |turn| &turn.others) {
        let taken = head.contains(name);
        head.push(if taken {
            format!("{name}_given")
        } else {
            name.clone()
        });
    }
    let mut text = record(&head);
    for session in sessions {
        for turn in &session.turns {
            text.push_str(&record(&row(session, turn)));
        }
    }
    text
}

fn row(session: &Session, turn: &Told) -> Vec<String> {
    let answer = turn.answer.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut row = vec![
        session.file.clone(),
        turn.start.to_string(),
        turn.end.to_string(),
        text(turn.speaker.as_deref()),
        text(turn.answered()),
        text(answer.map(|answer| answer.label.as_str())),
        text(turn.silent_because()),
    ];
    let mut numbers = |values: Option<&Vec<f64>>, count: usize| {
        let number = |at: usize| values.and_then(|v| v.get(at)).map(f64::to_string);
        row.extend((0..count).map(|at| number(at).unwrap_or_default()));
    };
    let probabilities = answer.and_then(|answer| answer.probabilities.as_ref());
    numbers(probabilities, session.classes.len());
    numbers(answer.and_then(|answer| answer.latent.as_ref()), 2);
    row.extend(turn.others.iter().map(|(_, text)| text.clone()));
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
pub fn timeline(session: &Session, format: Format) -> String {
    let entries: Vec<Entry> = session.turns.iter().map(entry).collect();
    format.write(&Timeline {
        name: &session.file,
        length_s: session.length_s,
        tier: "answer",
        entries: &entries,
    })
}

fn entry(turn: &Told) -> Entry {
    let answered = turn.answered();
    Entry {
        start_s: turn.start,
        end_s: turn.end,
        text: answered.unwrap_or(SILENT).to_owned(),
        speaker: turn.speaker.clone(),
        probability: answered.and_then(|_| turn.probability()),
    }
}

#[test]
fn a_turn_that_could_not_be_measured_has_a_row_and_an_entry() {
    let turn = Told {
        start: 1.0,
        end: 1.05,
        speaker: Some("a, b".into()),
        answer: None,
        problem: Some("too short".into()),
        others: Vec::new(),
    };
    let classes = ["anger".to_owned()];
    let session = Session::new("x.wav".into(), 2.0, &classes, vec![turn]);
    assert_eq!(
        csv(std::slice::from_ref(&session)),
        "file,start,end,speaker,answer,guess,abstained,p_anger,latent_1,latent_2\nx.wav,1,1.05,\"a, b\",,,too short,,,\n"
    );
    let text = timeline(&session, Format::Audacity);
    assert_eq!(text, "1.000000\t1.050000\ta, b: cannot tell\n");
}

#[test]
fn other_columns_of_a_list_of_segments_are_passed_on() {
    let turn = Told {
        start: 1.0,
        end: 2.0,
        speaker: None,
        answer: None,
        problem: Some("too short".into()),
        others: vec![
            ("item".into(), "7".into()),
            ("answer".into(), "a; \"b\"".into()),
        ],
    };
    let session = Session::new("x.wav".into(), 2.0, &[], vec![turn]);
    let json = serde_json::to_value(&session).unwrap();
    assert_eq!(json["turns"][0]["given"]["item"], "7");
    let text = csv(&[session]);
    assert!(text.contains(",latent_2,item,answer_given\n"), "{text}");
    assert!(text.ends_with(",7,\"a; \"\"b\"\"\"\n"), "{text}");
}
