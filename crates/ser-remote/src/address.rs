//! URLs of objects: which store, which object in it, and how both are printed.
//!
//! Keys in `s3://`, `gs://` and `az://` are taken as they are written, as the stores' own tools do: `s3://speech/a b.wav` has a space in it. Paths of
//! `https://` are percent-encoded, as in every URL. What may be secret (`user:password@` and the query of a signed URL) is used and not printed.

use std::fmt;

use object_store::path::Path;

/// The kinds of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    /// Amazon S3 and what speaks like it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
    /// Any web server.
    Http,
}

/// Schemes by the names they have in URLs.
const SCHEMES: [(&str, Scheme); 10] = [
    ("s3", Scheme::S3),
    ("s3a", Scheme::S3),
    ("gs", Scheme::Google),
    ("az", Scheme::Azure),
    ("azure", Scheme::Azure),
    ("adl", Scheme::Azure),
    ("abfs", Scheme::Azure),
    ("abfss", Scheme::Azure),
    ("http", Scheme::Http),
    ("https", Scheme::Http),
];

/// The place of an object, or of all below a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    pub(crate) scheme: Scheme,
    /// Scheme and bucket, container or server: `s3://speech`.
    pub(crate) store: String,
    /// What stands behind the store's name and a slash.
    pub(crate) key: String,
}

impl Address {
    /// Reads a URL; `None` for a text that is none, or one of a scheme that is not read here.
    pub fn read(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once("://")?;
        let lower = name.to_ascii_lowercase();
        let (_, scheme) = SCHEMES.iter().find(|(known, _)| *known == lower)?;
        let end = match scheme {
            Scheme::Http => rest.find(['/', '?', '#']),
            _ => rest.find('/'),
        };
        let (host, key) = rest.split_at(end.unwrap_or(rest.len()));
        (!host.is_empty()).then(|| Self {
            scheme: *scheme,
            store: format!("{lower}://{host}"),
            key: key.strip_prefix('/').unwrap_or(key).to_owned(),
        })
    }

    /// Whether it is of a web server, which lists nothing and takes nothing.
    pub fn is_web(&self) -> bool {
        self.scheme == Scheme::Http
    }

    /// Whether it can only be a prefix: a whole store, or a name that ends with a slash.
    pub fn is_prefix(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }

    /// The last part of the name.
    pub fn file_name(&self) -> &str {
        let key = self.key.split(['?', '#']).next().unwrap_or_default();
        let key = if self.is_web() { key } else { &self.key };
        key.rsplit('/').next().unwrap_or_default()
    }

    /// The address whose name is this one's with `text` behind it.
    pub fn followed_by(&self, text: &str) -> Self {
        Self {
            key: format!("{}{text}", self.key),
            ..self.clone()
        }
    }

    /// The object of this name in the same folder.
    pub fn beside(&self, name: &str) -> Self {
        let folder = self.key.rfind('/').map_or("", |at| &self.key[..=at]);
        Self {
            key: format!("{folder}{name}"),
            ..self.clone()
        }
    }

    /// The URL in full, as it is asked for.
    pub fn in_full(&self) -> String {
        match self.key.starts_with(['?', '#']) {
            true => format!("{}{}", self.store, self.key),
            false => format!("{}/{}", self.store, self.key),
        }
    }

    /// The object's path in its store; none where a part of its name is empty, `.` or `..`.
    pub(crate) fn location(&self) -> Option<Path> {
        let path = match self.scheme {
            // The store is the whole URL, see `store`.
            Scheme::Http if self.has_query() => Ok(Path::ROOT),
            Scheme::Http => Path::from_url_path(&self.key),
            _ => Path::parse(&self.key),
        };
        path.ok()
    }

    pub(crate) fn has_query(&self) -> bool {
        self.is_web() && self.key.contains('?')
    }

    /// The object at this path of the same store.
    pub(crate) fn at(&self, location: &Path) -> Self {
        Self {
            key: location.to_string(),
            ..self.clone()
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_web() {
            return write!(f, "{}/{}", self.store, self.key);
        }
        let (scheme, host) = self.store.split_once("://").unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let key = self.key.split(['?', '#']).next().unwrap_or_default();
        write!(f, "{scheme}://{host}/{key}")
    }
}

#[test]
fn urls_are_read_and_other_texts_are_not() {
    let read = |text: &str| Address::read(text).map(|a| (a.store.clone(), a.key.clone()));
    let pair = |store: &str, key: &str| Some((store.to_owned(), key.to_owned()));
    assert_eq!(
        read("s3://speech/a b/c%20.wav"),
        pair("s3://speech", "a b/c%20.wav")
    );
    assert_eq!(read("S3://speech"), pair("s3://speech", ""));
    assert_eq!(
        read("abfs://c@account.dfs.core.windows.net/x/"),
        pair("abfs://c@account.dfs.core.windows.net", "x/")
    );
    assert_eq!(read("https://h:8080/?a"), pair("https://h:8080", "?a"));
    assert_eq!(read("https://h?a"), pair("https://h", "?a"));
    for text in [
        "a.wav",
        "s3:/speech/a.wav",
        "s3://",
        "file:///a",
        "C:\\a.wav",
        "x://y",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn secrets_are_asked_for_and_not_printed() {
    let url = "https://user:secret@h/a%20b.wav?X-Amz-Signature=secret";
    let address = Address::read(url).unwrap();
    assert_eq!(address.to_string(), "https://h/a%20b.wav");
    assert_eq!(address.in_full(), url);
    assert_eq!(address.file_name(), "a%20b.wav");
    let plain = Address::read("https://h/a%20b.wav").unwrap();
    assert_eq!(plain.location().unwrap().as_ref(), "a b.wav");
}

#[test]
fn neighbours_are_in_the_same_folder() {
    let address = Address::read("s3://b/x/out.csv").unwrap();
    assert_eq!(
        address.beside("out.csv.json").to_string(),
        "s3://b/x/out.csv.json"
    );
    assert_eq!(
        address.followed_by(".ser-journal").to_string(),
        "s3://b/x/out.csv.ser-journal"
    );
    let top = Address::read("s3://b/out.csv").unwrap();
    assert_eq!(top.beside("a").to_string(), "s3://b/a");
}
