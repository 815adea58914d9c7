//! One range of an object: every byte of it, of the version that is meant, or an error.
//!
//! `object_store` tries again what fails before the answer begins. Here it is tried again when the answer ends too early or is of other bytes, up to five times in half a minute;
//! what is then missing is an error, never a shorter recording. A version is told by its ETag, which is asked for (`If-Match`) and compared, as web
//! servers may ignore the question; where there is none, by length and time.

use std::ops::Range;
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore};

use crate::address::Address;
use crate::error::{Error, Kind, http, status};

/// How often a range is asked for.
const ATTEMPTS: u32 = 5;

/// The pause after the first attempt, doubled after each.
const PAUSE: Duration = Duration::from_millis(200);

/// From then on nothing is tried again: the client, too, reads on where a body ended.
const LONGEST: Duration = Duration::from_secs(30);

/// The version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// Bytes.
    pub size: Option<u64>,
    /// Seconds since 1970: listings have finer units than answers.
    pub modified_s: Option<i64>,
    pub etag: Option<String>,
}

impl Version {
    pub fn of(meta: &ObjectMeta) -> Self {
        Self {
            size: Some(meta.size),
            modified_s: modified_s(meta),
            etag: meta.e_tag.clone(),
        }
    }

    /// Whether an object that is described like this may be the same, as far as both say.
    fn is(&self, meta: &ObjectMeta) -> bool {
        fn alike<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        alike(self.size.as_ref(), Some(&meta.size))
            && alike(self.modified_s.as_ref(), modified_s(meta).as_ref())
            && alike(self.etag.as_ref(), meta.e_tag.as_ref())
    }

    /// The ETag to be asked for. A weak one never matches (RFC 9110, 13.1.1), so it is only compared.
    fn if_match(&self) -> Option<String> {
        self.etag.clone().filter(|etag| !etag.starts_with("W/"))
    }
}

/// The time of change in seconds; servers that give none are said to have changed in 1970.
pub(crate) fn modified_s(meta: &ObjectMeta) -> Option<i64> {
    Some(meta.last_modified.timestamp()).filter(|&seconds| seconds != 0)
}

/// Reads `range`, of which what lies behind the object's end is left out; says which version it was.
pub(crate) async fn fetch(
    store: &dyn ObjectStore,
    at: &Address,
    location: &Path,
    range: Range<u64>,
    version: &Version,
) -> Result<(Bytes, Version), Error> {
    let mut pause = PAUSE;
    let mut last = None;
    let begun = Instant::now();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 && begun.elapsed() > LONGEST {
            break;
        }
        if attempt > 0 {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range.clone())),
            if_match: version.if_match(),
            ..GetOptions::default()
        };
        let answer = match store.get_opts(location, options).await {
            Ok(answer) => answer,
            Err(error) => {
                let told = Error::of(at, &error);
                match may_be_tried_again(&error, &told) {
                    true => last = Some(told),
                    false => return Err(told),
                }
                continue;
            }
        };
        if !version.is(&answer.meta) {
            return Err(Error::changed(at));
        }
        match whole(answer).await {
            Ok(read) => return Ok(read),
            Err(problem) => last = Some(ended_early(at, &problem)),
        }
    }
    Err(last.unwrap_or_else(|| ended_early(at, "no answer")))
}

/// The bytes that were announced, and the version.
async fn whole(answer: GetResult) -> Result<(Bytes, Version), String> {
    let announced = answer.range.end - answer.range.start;
    let version = Version::of(&answer.meta);
    let bytes = answer.bytes().await.map_err(|error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        cause.to_string()
    })?;
    match bytes.len() as u64 == announced {
        true => Ok((bytes, version)),
        false => Err(format!("{} of {announced} bytes came", bytes.len())),
    }
}

pub(crate) fn ended_early(at: &Address, problem: &str) -> Error {
    let message = format!(
        "ended before its end on the way here, also after retries ({problem}); check the network and proxies, and run again"
    );
    Error::new(Kind::Failed, at, message)
}

/// Whether nobody has tried again yet, and trying again may help: not after a refusal, nor where the client did so itself.
fn may_be_tried_again(error: &object_store::Error, told: &Error) -> bool {
    told.kind == Kind::Failed && status(error).is_none() && http(error).is_none()
}
