//! What can go wrong between here and a store, each in one line with a way out.
//!
//! A message continues a sentence that begins with the URL: `s3://speech/a.wav: is not there …`. It never holds credentials: of what the HTTP client
//! says, only the innermost cause and the status are taken over.

use object_store::client::{HttpError, HttpErrorKind};

use crate::address::{Address, Scheme};

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It cannot be asked for like this.
    Usage,
    /// There is no such object or store.
    NotFound,
    /// The store refuses.
    Denied,
    /// Nobody can be reached at the store's address.
    Unreachable,
    /// It is another object than when it was opened or listed.
    Changed,
    /// There is one already.
    Exists,
    /// Another process writes it.
    Taken,
    /// The store's answer is an error, or not what was asked for, also after retries.
    Failed,
    /// The server does not read from the middle of a file.
    NoRanges,
    /// There is not one byte in it.
    Empty,
    /// The process was asked to stop.
    Interrupted,
    /// The local disk.
    Disk,
}

/// Why something about an object could not be done.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{url}: {message}")]
pub struct Error {
    /// What, for programs.
    pub kind: Kind,
    /// The object, as it is printed.
    pub url: String,
    /// The cause and the remedy, on one line.
    pub message: String,
}

/// The most characters of a server's own words that are passed on.
const WORDS: usize = 160;

impl Error {
    pub(crate) fn new(kind: Kind, at: &Address, message: impl Into<String>) -> Self {
        Self {
            kind,
            url: at.to_string(),
            message: message.into(),
        }
    }

    pub(crate) fn interrupted(at: &Address) -> Self {
        Self::new(Kind::Interrupted, at, "was interrupted; run again")
    }

    pub(crate) fn disk(at: &Address, error: &std::io::Error) -> Self {
        let message = format!(
            "cannot be kept in a temporary file ({error}); make room, or name another place by TMPDIR"
        );
        Self::new(Kind::Disk, at, message)
    }

    pub(crate) fn changed(at: &Address) -> Self {
        let message = "changed while it was read; run again when nobody writes it any more";
        Self::new(Kind::Changed, at, message)
    }

    /// The error that a store reports about `at`.
    pub(crate) fn of(at: &Address, error: &object_store::Error) -> Self {
        use object_store::Error as Store;
        let status = status(error);
        let code = code(error);
        let (kind, message) = match error {
            Store::NotFound { .. } if code.as_deref() == Some("NoSuchBucket") => (
                Kind::NotFound,
                "is in a bucket that does not exist; check its name".to_owned(),
            ),
            Store::NotFound { .. } => (
                Kind::NotFound,
                "is not there; check the name, and that it was not removed".to_owned(),
            ),
            Store::Precondition { .. } => return Self::changed(at),
            Store::AlreadyExists { .. } => (
                Kind::Exists,
                "is there already; name another output".to_owned(),
            ),
            Store::PermissionDenied { .. } | Store::Unauthenticated { .. } => {
                let code = code.map_or(String::new(), |code| format!(" ({code})"));
                (
                    Kind::Denied,
                    format!("is refused by the store{code}; {}", credentials(at.scheme)),
                )
            }
            Store::NotSupported { .. } | Store::NotImplemented { .. } => (
                Kind::NoRanges,
                "cannot be read or written like this, says the store; copy it to another store"
                    .to_owned(),
            ),
            _ => told(at, error, status, code),
        };
        Self::new(kind, at, message)
    }
}

/// Errors without a kind of their own: by what the HTTP client says, by the status, or in the store's words.
fn told(
    at: &Address,
    error: &object_store::Error,
    status: Option<u16>,
    code: Option<String>,
) -> (Kind, String) {
    let innermost = shortened(&innermost(error));
    match http(error) {
        Some(HttpErrorKind::Connect) => {
            let message = format!(
                "cannot be reached ({innermost}); check the address, the network{}",
                endpoint(at.scheme)
            );
            return (Kind::Unreachable, message);
        }
        Some(HttpErrorKind::Timeout) => {
            let message = "was not answered in time; check the network, and run again".to_owned();
            return (Kind::Failed, message);
        }
        Some(HttpErrorKind::Request | HttpErrorKind::Interrupted) if status.is_none() => {
            let message = format!(
                "was cut off, also after retries ({innermost}); check the network and proxies, and run again"
            );
            return (Kind::Failed, message);
        }
        _ => {}
    }
    let code = code.map_or(String::new(), |code| format!(" {code}"));
    match status {
        Some(401 | 403) => (
            Kind::Denied,
            format!("is refused by the store; {}", credentials(at.scheme)),
        ),
        Some(404 | 405 | 410) => (Kind::NotFound, "is not there; check the name".to_owned()),
        Some(status @ (429 | 500..)) => (
            Kind::Failed,
            format!(
                "was answered with {status}{code}, also after retries; run again later, or with fewer --threads"
            ),
        ),
        Some(status) => (
            Kind::Failed,
            format!("was answered with {status}{code}; check the URL"),
        ),
        None if innermost.contains("redirect without LOCATION") => (
            Kind::Failed,
            "is in another region; set AWS_REGION to that of the bucket".to_owned(),
        ),
        None if innermost.contains("URL scheme is not allowed") => (
            Kind::Usage,
            format!(
                "is asked for over http://, which is not encrypted; set {} for a server of your own",
                match at.scheme {
                    Scheme::Google => "GOOGLE_ALLOW_HTTP=true",
                    Scheme::Azure => "AZURE_ALLOW_HTTP=true",
                    _ => "AWS_ALLOW_HTTP=true",
                }
            ),
        ),
        None => (
            Kind::Failed,
            format!("cannot be used ({innermost}); check the URL, and run again"),
        ),
    }
}

/// What to do where a store knows nobody.
pub(crate) fn credentials(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::S3 => {
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (of a profile: eval \"$(aws configure export-credentials --format env)\"), or AWS_SKIP_SIGNATURE=true for a public bucket"
        }
        Scheme::Google => {
            "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_SKIP_SIGNATURE=true for a public bucket"
        }
        Scheme::Azure => {
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_SKIP_SIGNATURE=true for a public container"
        }
        Scheme::Http => "download it where you may, or use a signed URL",
    }
}

fn endpoint(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::S3 => " and AWS_ENDPOINT_URL",
        _ => "",
    }
}

/// The causes of an error, the error first.
fn causes<'a>(
    error: &'a object_store::Error,
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    let first: &'a (dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source())
}

/// What the HTTP client says went wrong, if it was there.
pub(crate) fn http(error: &object_store::Error) -> Option<HttpErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<HttpError>().map(HttpError::kind))
}

/// The status of the answer. The type that holds it is private to `object_store`, so its text is read.
pub(crate) fn status(error: &object_store::Error) -> Option<u16> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        let (_, after) = text.split_once("non-2xx status code: ")?;
        after.get(..3)?.parse().ok()
    })
}

/// The store's own word for an error, from the XML of its answer.
fn code(error: &object_store::Error) -> Option<String> {
    let text = error.to_string();
    let (_, after) = text.split_once("<Code>")?;
    let (code, _) = after.split_once("</Code>")?;
    let is_word = !code.is_empty() && code.len() < 64 && code.chars().all(char::is_alphanumeric);
    is_word.then(|| code.to_owned())
}

fn innermost(error: &object_store::Error) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, |cause| cause.to_string())
}

/// On one line, and not too long.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}

#[test]
fn every_message_is_one_line_with_a_remedy_after_a_semicolon() {
    use object_store::Error as Store;
    let at = Address::read("s3://speech/a.wav").unwrap();
    let source = || Box::<dyn std::error::Error + Send + Sync>::from("two\nlines");
    let path = || "a.wav".to_owned();
    let errors = [
        Store::NotFound { path: path(), source: source() },
        Store::Precondition { path: path(), source: source() },
        Store::PermissionDenied { path: path(), source: source() },
        Store::NotSupported { source: source() },
        Store::Generic { store: "S3", source: source() },
        Store::Generic {
            store: "S3",
            source: "Server returned non-2xx status code: 503 Service Unavailable: <Error><Code>SlowDown</Code></Error>".into(),
        },
    ];
    let mut told: Vec<Error> = errors.iter().map(|error| Error::of(&at, error)).collect();
    told.push(Error::interrupted(&at));
    told.push(Error::disk(&at, &std::io::Error::other("full")));
    for error in &told {
        let text = error.to_string();
        assert!(text.starts_with("s3://speech/a.wav: "), "{text}");
        assert!(!text.contains('\n') && text.contains("; "), "{text}");
    }
    assert!(told[5].message.contains("503 SlowDown"), "{}", told[5]);
}
