//! Which request gets what.

use std::io::Cursor;
use std::str::FromStr;
use std::time::Instant;

use ser_audio::{DecodingSettings, Recording};
use ser_features::{Extractor, FeatureSet, Level};
use ser_models::classify::Ground;
use ser_models::classify::front_end::Sound;
use ser_tables::{FrameTime, Schema};
use tiny_http::{Method, Request};

use super::body::{Sent, recordings, took_too_long};
use super::reply::{Problem, Reply};
use super::{Limits, Shared, site};
use crate::cli::answers::AnsweredStretch;
use crate::cli::frame_times::FrameTimes;
use crate::extract::quality::{Gauge, Quality};

/// What a recording is called that came without a name.
const UNNAMED: &str = "recording";

/// The reply to a request.
pub fn reply(request: &mut Request, shared: &Shared) -> Result<Reply, Problem> {
    let began = Instant::now();
    if shared.loopback {
        own(request)?;
    }
    let url = request.url().to_string();
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    match path {
        "/v1/extract" | "/v1/classify" => {
            if *request.method() != Method::Post {
                return Err(Problem::Method("POST"));
            }
            if let Some(token) = &shared.token {
                authorised(request, token)?;
            }
            let query = Query::of(query)?;
            if path == "/v1/extract" {
                extract(request, shared, query, began)
            } else {
                classify(request, shared, query, began)
            }
        }
        _ => {
            let file = path.strip_prefix('/').and_then(site::file);
            let file = file.ok_or(Problem::Nothing)?;
            match request.method() {
                Method::Get | Method::Head => Ok(file),
                _ => Err(Problem::Method("GET, HEAD")),
            }
        }
    }
}

/// Whether a request is meant for this server: its Host is a loopback name, and if a page sent it, one of ours.
fn own(request: &Request) -> Result<(), Problem> {
    let value = |name: &'static str| {
        let found = request.headers().iter().find(|h| h.field.equiv(name));
        found.map(|h| h.value.as_str())
    };
    let loopback = |host: &str| {
        let name = match host.strip_prefix('[') {
            Some(six) => six.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        name.eq_ignore_ascii_case("localhost")
            || name
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    };
    let host = value("Host").unwrap_or_default();
    let origin = value("Origin").is_none_or(|origin| {
        origin
            .strip_prefix("http://")
            .is_some_and(|origin| origin == host)
    });
    match loopback(host) && origin {
        true => Ok(()),
        false => Err(Problem::Host),
    }
}

/// Whether a request brings the token; compared in a time that does not depend on where they differ.
fn authorised(request: &Request, token: &str) -> Result<(), Problem> {
    let header = request
        .headers()
        .iter()
        .find(|h| h.field.equiv("Authorization"));
    let given = header.and_then(|h| h.value.as_str().strip_prefix("Bearer "));
    match given.is_some_and(|given| same(given.as_bytes(), token.as_bytes())) {
        true => Ok(()),
        false => Err(Problem::Token),
    }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Features, as `ser extract` writes them.
fn extract(
    request: &mut Request,
    shared: &Shared,
    query: Query,
    began: Instant,
) -> Result<Reply, Problem> {
    let asked = Wanted::of(query)?;
    let schema = asked.schema()?;
    let format = match asked.format {
        Format::Csv => ser_tables::Format::Csv,
        Format::Json => ser_tables::Format::Jsonl,
    };
    let (mut text, mut qualities) = (Vec::new(), Vec::new());
    {
        let mut writer = ser_tables::start(format, &mut text, &schema).map_err(unwritten)?;
        for sent in recordings(request, &shared.limits, began)? {
            let file = named(&sent, asked.name.as_deref());
            let rate = asked.set.rate_hz();
            let mut stream = Stream::open(sent, &file, rate, &shared.limits, began)?;
            let wrong = |error: ser_features::Error| unreadable(&file, &error);
            let rate_hz = stream.recording.rate();
            let mut extractor = Extractor::new(asked.set, rate_hz, asked.level).map_err(wrong)?;
            let mut gauge = asked.quality.then(|| Gauge::new(rate_hz));
            while let Some(block) = stream.next()? {
                extractor.push(block).map_err(wrong)?;
                if let Some(gauge) = &mut gauge {
                    gauge.push(block);
                }
            }
            let features = extractor.finish().map_err(wrong)?;
            qualities.extend(gauge.map(|gauge| gauge.finish(&features)));
            for row in features.rows() {
                writer.write(&file, None, &row).map_err(unwritten)?;
            }
        }
        writer.finish().map_err(unwritten)?;
    }
    Ok(match asked.format {
        Format::Csv => Reply::data("text/csv; charset=utf-8", text),
        Format::Json => Reply::data("application/json", array(&text, &qualities)),
    })
}

/// Which features are asked for.
struct Wanted {
    set: FeatureSet,
    level: Level,
    format: Format,
    columns: Option<String>,
    frame_times: Option<FrameTimes>,
    /// What each row rests on is asked for, too.
    quality: bool,
    name: Option<String>,
}

impl Wanted {
    fn of(mut query: Query) -> Result<Wanted, Problem> {
        let asked = Wanted {
            set: query.take("set")?.unwrap_or_default(),
            level: query.take("level")?.unwrap_or_default(),
            format: query.take("format")?.unwrap_or(Format::Json),
            columns: query.take("columns")?,
            frame_times: query.take("frame_times")?,
            quality: query.take("quality")?.unwrap_or(false),
            name: query.take("name")?,
        };
        query.done()?;
        let refused = match (asked.level, asked.format) {
            (Level::Functionals, _) if asked.frame_times.is_some() => {
                "frame_times goes with level=lld: a row of functionals is of all its frames"
            }
            (Level::Descriptors, _) if asked.quality => {
                "quality goes with level=functionals: it is about recordings, not about frames"
            }
            (_, Format::Csv) if asked.quality => {
                "quality goes with format=json: a csv table holds features only"
            }
            _ => return Ok(asked),
        };
        Err(Problem::Request(refused.into()))
    }

    fn schema(&self) -> Result<Schema, Problem> {
        let schema = Schema {
            frame_time: self.frame_times.map(FrameTime::from),
            ..Schema::new(self.set, self.level)
        };
        match &self.columns {
            None => Ok(schema),
            Some(wanted) => schema
                .with_columns(wanted)
                .map_err(|reason| Problem::Request(format!("the parameter columns: {reason}"))),
        }
    }
}

/// Lines of JSON as one array; what the rows rest on, where that is known, becomes the last field of each.
fn array(lines: &[u8], qualities: &[Quality]) -> Vec<u8> {
    let lines = lines.split(|byte| *byte == b'\n');
    let mut text = b"[".to_vec();
    for (number, line) in lines.filter(|line| !line.is_empty()).enumerate() {
        if number > 0 {
            text.extend(b",\n");
        }
        match qualities.get(number).and_then(properties) {
            Some(quality) => {
                text.extend(line.strip_suffix(b"}").unwrap_or(line));
                text.extend(b",\"quality\":");
                text.extend(quality);
                text.push(b'}');
            }
            None => text.extend(line),
        }
    }
    text.extend(b"]\n");
    text
}

/// The columns of `ser extract --quality` after file, start and end, as an object.
fn properties(quality: &Quality) -> Option<Vec<u8>> {
    let mut object = serde_json::to_value(quality).ok()?;
    let fields = object.as_object_mut()?;
    fields.remove("start");
    fields.remove("end");
    serde_json::to_vec(fields).ok()
}

/// Answers, as `ser classify --json` writes them.
fn classify(
    request: &mut Request,
    shared: &Shared,
    mut query: Query,
    began: Instant,
) -> Result<Reply, Problem> {
    let explain: bool = query.take("explain")?.unwrap_or(false);
    let (window, hop): (Option<f64>, Option<f64>) = (query.take("window")?, query.take("hop")?);
    let name: Option<String> = query.take("name")?;
    query.done()?;
    let asked = match (window, hop) {
        (None, None) => None,
        (Some(window), Some(hop))
            if (0.06..=600.0).contains(&window) && (0.01..=600.0).contains(&hop) =>
        {
            Some((window, hop))
        }
        _ => {
            let message = "window (0.06 to 600 s) and hop (0.01 to 600 s) come together";
            return Err(Problem::Request(message.into()));
        }
    };
    let mut answers: Vec<AnsweredStretch> = Vec::new();
    for sent in recordings(request, &shared.limits, began)? {
        let file = named(&sent, name.as_deref());
        let sound = Stream::open(sent, &file, None, &shared.limits, began)?.sound()?;
        let mut measure = shared
            .model
            .measure()
            .map_err(|error| unreadable(&file, &error))?;
        let contours = (explain && asked.is_none())
            .then(|| descriptors(&sound))
            .flatten();
        let (before, mut problem) = (answers.len(), None);
        for (start, end) in sound.stretches(asked) {
            took_too_long(&shared.limits, began)?;
            let measured = match asked {
                None => measure.measure(&sound),
                Some(_) => measure.measure(&sound.part(start, Some(end))),
            };
            match measured {
                Ok(measured) => {
                    let answer = shared
                        .model
                        .answer(&measured, &Ground::Alone)
                        .map_err(|error| unreadable(&file, &error))?;
                    let explained = explain.then_some(contours.as_ref());
                    answers.push(AnsweredStretch::new(
                        &shared.model,
                        file.clone(),
                        (start, end),
                        answer,
                        explained,
                    ));
                }
                // A window of silence has no answer; a recording without one is a failure.
                Err(error) => problem = Some(unreadable(&file, &error)),
            }
        }
        if answers.len() == before {
            return Err(problem.unwrap_or_else(|| {
                Problem::Recording(format!("{file}: shorter than one window"))
            }));
        }
    }
    let body = serde_json::to_string_pretty(&answers)
        .map_err(|error| Problem::Recording(error.to_string()))?
        + "\n";
    Ok(Reply::data("application/json", body.into_bytes()))
}

/// The descriptors of a sound, for when something was extreme.
fn descriptors(sound: &Sound) -> Option<ser_features::Features> {
    let mut extractor =
        Extractor::new(FeatureSet::default(), sound.rate_hz, Level::Descriptors).ok()?;
    extractor.push(&sound.samples).ok()?;
    extractor.finish().ok()
}

/// What a recording is called in the answer.
fn named(sent: &Sent, name: Option<&str>) -> String {
    let own = Some(sent.name.as_str()).filter(|own| !own.is_empty());
    own.or(name).unwrap_or(UNNAMED).to_string()
}

fn unreadable(file: &str, error: &impl std::fmt::Display) -> Problem {
    Problem::Recording(format!("{file}: {error}"))
}

fn unwritten(error: std::io::Error) -> Problem {
    Problem::Recording(error.to_string())
}

/// A recording that was sent, decoded block by block within the limits.
struct Stream<'a> {
    recording: Recording,
    file: &'a str,
    limits: &'a Limits,
    began: Instant,
    samples: u64,
}

impl<'a> Stream<'a> {
    fn open(
        sent: Sent,
        file: &'a str,
        rate: Option<u32>,
        limits: &'a Limits,
        began: Instant,
    ) -> Result<Stream<'a>, Problem> {
        let settings = DecodingSettings {
            rate,
            ..DecodingSettings::default()
        };
        let recording = Recording::from_reader(Box::new(Cursor::new(sent.bytes)), &settings)
            .map_err(|error| unreadable(file, &error))?;
        Ok(Stream {
            recording,
            file,
            limits,
            began,
            samples: 0,
        })
    }

    fn next(&mut self) -> Result<Option<&[f32]>, Problem> {
        took_too_long(self.limits, self.began)?;
        let rate = f64::from(self.recording.rate());
        let (file, longest) = (self.file, self.limits.audio_s);
        let block = self
            .recording
            .next_block()
            .map_err(|error| unreadable(file, &error))?;
        self.samples += block.map_or(0, |block| block.len() as u64);
        if self.samples as f64 / rate > longest {
            return Err(Problem::Large(format!(
                "{file}: longer than {} minutes",
                longest / 60.0
            )));
        }
        Ok(block)
    }

    fn sound(mut self) -> Result<Sound, Problem> {
        let mut samples = Vec::new();
        while let Some(block) = self.next()? {
            samples.extend_from_slice(block);
        }
        Ok(Sound {
            samples,
            rate_hz: self.recording.rate(),
        })
    }
}

/// The formats of features.
#[derive(Clone, Copy, Debug)]
enum Format {
    Json,
    Csv,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "json" => Ok(Format::Json),
            "csv" => Ok(Format::Csv),
            _ => Err("json or csv".into()),
        }
    }
}

/// The parameters of a request, each once.
#[derive(Debug)]
struct Query(Vec<(String, String)>);

impl Query {
    fn of(text: &str) -> Result<Query, Problem> {
        let mut found: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if found.iter().any(|(known, _)| *known == name) {
                return Err(Problem::Request(format!(
                    "the parameter {name} is given twice"
                )));
            }
            found.push((name, value));
        }
        Ok(Query(found))
    }

    /// A parameter by its name, if it is given.
    fn take<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(known, _)| known == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.swap_remove(at);
        let wrong = |error: T::Err| {
            Problem::Request(format!(
                "the parameter {name}={value} is not valid: {error}"
            ))
        };
        value.parse().map(Some).map_err(wrong)
    }

    /// Holds that nothing is left.
    fn done(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::Request(format!("there is no parameter {name}"))),
        }
    }
}

/// Text of a query: `%41` is A, + is a space.
fn decoded(text: &str) -> Result<String, Problem> {
    let malformed = || Problem::Request("the query is not valid UTF-8 with % escapes".into());
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                high.zip(low)
                    .map(|(high, low)| (16 * high + low) as u8)
                    .ok_or_else(malformed)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_every_parameter_known_once() {
        let mut query = Query::of("level=lld&name=a%20b%C3%A9+c").unwrap();
        assert_eq!(
            query.take::<Level>("level").unwrap(),
            Some(Level::Descriptors)
        );
        assert_eq!(query.take::<String>("name").unwrap().unwrap(), "a bé c");
        query.done().unwrap();
        for wrong in ["a=1&a=2", "a=%4", "a=%zz", "a=%ff"] {
            assert!(Query::of(wrong).is_err(), "{wrong}");
        }
        assert!(
            Query::of("set=none")
                .unwrap()
                .take::<FeatureSet>("set")
                .is_err()
        );
        assert!(Query::of("other=1").unwrap().done().is_err());
    }

    #[test]
    fn lines_become_an_array() {
        assert_eq!(array(b"{}\n{}\n", &[]), b"[{},\n{}]\n");
        assert_eq!(array(b"", &[]), b"[]\n");
        let with = array(b"{\"a\":1}\n", &[Quality::default()]);
        let rows: serde_json::Value = serde_json::from_slice(&with).unwrap();
        assert_eq!(
            (&rows[0]["a"], &rows[0]["quality"]["clipped"]),
            (&1.into(), &0.0.into())
        );
    }
}
