//! Stores: made when first asked for, one per bucket, container or server, with what the environment says about them.
//!
//! Timeouts: 10 s to connect, 30 s without a byte, 5 min for a whole request (a mebibyte, or a part of 8 MiB on its way up). Connections that fail and
//! answers of 5xx and 429 are tried again nine times, after .2 s at first and 10 s at most, about 15 s together. A store that cannot be reached after that
//! is an outage, which stops the run instead of failing every recording in turn.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use crate::address::{Address, Scheme};
use crate::error::{Error, Kind, credentials};
use crate::wait::Wait;

/// Settings of the HTTP client that are not its defaults.
const CLIENT: [(ClientConfigKey, &str); 3] = [
    (ClientConfigKey::ConnectTimeout, "10 seconds"),
    (ClientConfigKey::ReadTimeout, "30 seconds"),
    (ClientConfigKey::Timeout, "5 minutes"),
];

/// Where machines in a cloud are told who they are, at all three providers.
const METADATA: ([u8; 4], u16) = ([169, 254, 169, 254], 80);

/// All stores of a process, shared by its threads.
#[derive(Clone, Debug, Default)]
pub struct Stores(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    wait: Wait,
    by_name: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
    outage: OnceLock<Error>,
}

impl Stores {
    /// From now on reading ends when `stop` becomes true, and an outage makes it true.
    pub fn heed(&self, stop: &Arc<AtomicBool>) {
        self.0.wait.heed(stop);
    }

    /// Why the run was stopped, if a store could not be reached any more.
    pub fn outage(&self) -> Option<&Error> {
        self.0.outage.get()
    }

    pub(crate) fn wait(&self) -> &Wait {
        &self.0.wait
    }

    /// Notes an error. A store that cannot be reached stops the run; one of many web servers does not.
    pub(crate) fn note(&self, at: &Address, error: &Error) {
        if error.kind == Kind::Unreachable && at.scheme != Scheme::Http {
            let _ = self.0.outage.set(error.clone());
            self.0.wait.stop();
        }
    }

    /// The store of an address, and the path in it.
    pub(crate) fn find(&self, at: &Address) -> Result<(Arc<dyn ObjectStore>, Path), Error> {
        let location = at.location().ok_or_else(|| {
            let cause = "has a part that is empty, . or .. in its name, which cannot be asked for; give the object another name";
            Error::new(Kind::Usage, at, cause)
        })?;
        Ok((self.of(at)?, location))
    }

    /// The store of an address.
    fn of(&self, at: &Address) -> Result<Arc<dyn ObjectStore>, Error> {
        // A signed URL is a store with one object.
        let name = match at.has_query() {
            true => at.in_full(),
            false => at.store.clone(),
        };
        let mut stores = self
            .0
            .by_name
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(&name) {
            return Ok(store.clone());
        }
        let store = made(at, &name)?;
        if !at.has_query() {
            stores.insert(name, store.clone());
        }
        Ok(store)
    }

    /// Puts a store of this name there, for tests.
    #[cfg(test)]
    pub(crate) fn with(self, name: &str, store: Arc<dyn ObjectStore>) -> Self {
        self.0
            .by_name
            .lock()
            .unwrap()
            .insert(name.to_owned(), store);
        self
    }
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
            base: 3.0,
        },
        max_retries: 9,
        retry_timeout: Duration::from_secs(120),
    }
}

fn made(at: &Address, url: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    // `reqwest` asks for a provider of its own choosing otherwise; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    known(at)?;
    let retry = retry();
    let store: Result<Arc<dyn ObjectStore>, object_store::Error> = match at.scheme {
        Scheme::S3 => {
            let builder = AmazonS3Builder::from_env().with_url(url).with_retry(retry);
            let with = |builder: AmazonS3Builder, (key, value): (ClientConfigKey, &str)| {
                builder.with_config(AmazonS3ConfigKey::Client(key), value)
            };
            let store = CLIENT.into_iter().fold(builder, with).build();
            store.map(|store| Arc::new(store) as _)
        }
        Scheme::Google => {
            let builder = GoogleCloudStorageBuilder::from_env()
                .with_url(url)
                .with_retry(retry);
            let with = |builder: GoogleCloudStorageBuilder,
                        (key, value): (ClientConfigKey, &str)| {
                builder.with_config(GoogleConfigKey::Client(key), value)
            };
            let store = CLIENT.into_iter().fold(builder, with).build();
            store.map(|store| Arc::new(store) as _)
        }
        Scheme::Azure => {
            let builder = MicrosoftAzureBuilder::from_env()
                .with_url(url)
                .with_retry(retry);
            let with = |builder: MicrosoftAzureBuilder, (key, value): (ClientConfigKey, &str)| {
                builder.with_config(AzureConfigKey::Client(key), value)
            };
            let store = CLIENT.into_iter().fold(builder, with).build();
            store.map(|store| Arc::new(store) as _)
        }
        Scheme::Http => {
            let builder = HttpBuilder::new()
                .with_url(url)
                .with_retry(retry)
                // Whoever writes http:// means it, and no credentials are sent along.
                .with_config(ClientConfigKey::AllowHttp, "true");
            let with = |builder: HttpBuilder, (key, value): (ClientConfigKey, &str)| {
                builder.with_config(key, value)
            };
            let store = CLIENT.into_iter().fold(builder, with).build();
            store.map(|store| Arc::new(store) as _)
        }
    };
    store.map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit(": ").next().unwrap_or_default();
        let message = format!(
            "cannot be asked for ({text}); check the URL and the environment ({}*)",
            prefix(at.scheme)
        );
        Error::new(Kind::Usage, at, message)
    })
}

/// With what the names of a provider's variables begin.
fn prefix(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::S3 => "AWS_",
        Scheme::Google => "GOOGLE_",
        Scheme::Azure => "AZURE_",
        Scheme::Http => "HTTPS_PROXY, NO_PROXY",
    }
}

/// Refuses at once, with a remedy, where nothing says who asks and this is no machine of a cloud that is told by its neighbours: the search for
/// credentials would take a minute and end in words about an address that nobody wrote.
fn known(at: &Address) -> Result<(), Error> {
    const WHO: [&str; 8] = [
        "KEY",
        "TOKEN",
        "CREDENTIALS",
        "SERVICE_ACCOUNT",
        "SKIP_SIGNATURE",
        "CLIENT_ID",
        "EMULATOR",
        "METADATA",
    ];
    if at.scheme == Scheme::Http {
        return Ok(());
    }
    let of_provider = |name: &str| {
        let own = name.starts_with(prefix(at.scheme));
        own || (at.scheme != Scheme::S3 && matches!(name, "SERVICE_ACCOUNT" | "IDENTITY_ENDPOINT"))
    };
    let says_who = std::env::vars_os().any(|(name, _)| {
        let name = name.to_string_lossy();
        of_provider(&name)
            && (name.ends_with("_CLI")
                || name.ends_with("ENDPOINT") && name.contains("IDENTITY")
                || name.contains("SAS")
                || WHO.iter().any(|word| name.contains(word)))
    });
    let of_gcloud = at.scheme == Scheme::Google
        && std::env::home_dir().is_some_and(|home| {
            home.join(".config/gcloud/application_default_credentials.json")
                .exists()
        });
    let metadata = SocketAddr::from(METADATA);
    if says_who
        || of_gcloud
        || TcpStream::connect_timeout(&metadata, Duration::from_secs(1)).is_ok()
    {
        return Ok(());
    }
    let message = format!(
        "cannot be asked for without credentials; {}",
        credentials(at.scheme)
    );
    Err(Error::new(Kind::Usage, at, message))
}
