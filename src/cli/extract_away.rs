//! Outputs in object stores (`-o s3://…`): made as files of a temporary folder, and put into the store whole when they are complete.
//!
//! The journal is kept in the store too, as numbered objects below `OUTPUT.ser-journal/` (`ser_remote::Log`), so that `--resume` goes on on any machine.
//! What is finished is brought there after 1 s at first, then whenever a tenth of the time so far has passed, every 30 s at most.
//!
//! Without the feature `remote`, and for outputs that are files, all of this does nothing.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::Usage;
use super::extract_journaling::Journaling;
use super::extract_table::Target;
use crate::extract::input::is_url;
use crate::extract::journal::{Journal, beside};
use crate::extract::source::Sources;

/// Outputs that are going to be in stores.
#[derive(Debug, Default)]
pub(super) struct Away {
    #[cfg(feature = "remote")]
    inner: Option<away::Inner>,
}

/// What an output is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The table, with its journal.
    Table,
    /// A list beside it.
    List,
}

impl Away {
    /// Puts temporary files in the place of outputs that are URLs.
    pub fn of(outputs: &mut [(Role, &mut Option<PathBuf>)], sources: &Sources) -> Result<Self> {
        let mut paths = outputs.iter().filter_map(|(_, path)| path.as_deref());
        let Some(first) = paths.find(|path| is_url(path)).map(Path::to_owned) else {
            return Ok(Self::default());
        };
        #[cfg(feature = "remote")]
        {
            let _ = first;
            let inner = Some(away::Inner::of(outputs, sources.stores())?);
            Ok(Self { inner })
        }
        #[cfg(not(feature = "remote"))]
        {
            let _ = sources;
            bail!(Usage(format!(
                "{}: is a URL; name a file, or use a build with --features remote",
                first.display()
            )))
        }
    }

    /// Refuses outputs that are inputs.
    pub fn check_inputs<'a>(&self, inputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &self.inner {
            for input in inputs {
                if inner.is_output(input) {
                    bail!(Usage(format!(
                        "{}: is an input, and the output would replace it: name another output",
                        input.display()
                    )));
                }
            }
            return Ok(());
        }
        drop(inputs.into_iter());
        Ok(())
    }

    /// What stands beside the output in the store is looked at as if it were here.
    pub fn check_beside(&self, target: &Target) -> Result<()> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &self.inner {
            return inner.check_beside(target);
        }
        target.check_beside()
    }

    /// Where the journal is on this machine, and what it is called.
    pub fn journal(&self, target: &Target) -> (PathBuf, String) {
        let path = beside(&target.path);
        #[cfg(feature = "remote")]
        if let Some(name) = self.inner.as_ref().and_then(away::Inner::journal) {
            return (path, name);
        }
        let name = path.display().to_string();
        (path, name)
    }

    /// Whether there is a journal of an earlier run; if it is gone on with, it is brought here.
    pub fn find(&mut self, path: &Path, how: Journaling) -> Result<bool> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &mut self.inner {
            return inner.find(path, how);
        }
        let _ = how;
        Ok(path.exists())
    }

    /// The same journal, kept in the store as well.
    pub fn share(&mut self, journal: Journal, path: &Path) -> Result<Journal> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &mut self.inner {
            return inner.share(journal, path);
        }
        let _ = path;
        Ok(journal)
    }

    /// Puts complete outputs into their stores: lists first, the table last.
    pub fn publish(&self, target: Option<&Target>) -> Result<()> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &self.inner {
            return inner.publish(target);
        }
        let _ = target;
        Ok(())
    }

    /// Removes the journal from the store.
    pub fn forget(&self) -> Result<()> {
        #[cfg(feature = "remote")]
        if let Some(inner) = &self.inner {
            return inner.forget();
        }
        Ok(())
    }
}

#[cfg(feature = "remote")]
mod away {
    use std::fs::{File, OpenOptions};
    use std::io::{self, Read, Seek, SeekFrom};
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, Instant};

    use anyhow::{Context, Result, anyhow, bail};
    use tempfile::TempDir;

    use super::super::Usage;
    use super::super::extract_journaling::Journaling;
    use super::super::extract_table::Target;
    use super::Role;
    use crate::extract::input::is_url;
    use crate::extract::journal::{Elsewhere, Journal};
    use crate::extract::store::address;
    use ser_remote::{Address, Log, Stores};
    use ser_tables::npy;

    /// Bytes of the journal that are brought to the store at once.
    const PIECE: u64 = 8 << 20;

    #[derive(Debug)]
    struct Output {
        role: Role,
        file: PathBuf,
        at: Address,
    }

    #[derive(Debug)]
    pub(super) struct Inner {
        folder: TempDir,
        stores: Stores,
        outputs: Vec<Output>,
        log: Option<Arc<Mutex<Log>>>,
    }

    impl Inner {
        pub fn of(outputs: &mut [(Role, &mut Option<PathBuf>)], stores: &Stores) -> Result<Self> {
            let folder = tempfile::Builder::new()
                .prefix("ser-")
                .tempdir()
                .context("cannot make a temporary folder (TMPDIR names another place)")?;
            let mut away = Self {
                folder,
                stores: stores.clone(),
                outputs: Vec::new(),
                log: None,
            };
            for (number, (role, path)) in outputs.iter_mut().enumerate() {
                let Some(at) = path.as_deref().and_then(address) else {
                    continue;
                };
                if at.is_web() {
                    bail!(Usage(format!(
                        "{at}: a web server takes no files; name a file, or an object in s3://, gs:// or az://"
                    )));
                }
                if at.is_prefix() {
                    bail!(Usage(format!(
                        "{at}: is a folder: name the object, such as {at}features.csv"
                    )));
                }
                if away.outputs.iter().any(|other| other.at == at) {
                    bail!(Usage(format!(
                        "{at}: is to hold two outputs: give each a name of its own"
                    )));
                }
                // One folder for each, as two may have the same name.
                let own = away.folder.path().join(number.to_string());
                std::fs::create_dir(&own).with_context(|| format!("{}", own.display()))?;
                let file = own.join(at.file_name());
                **path = Some(file.clone());
                away.outputs.push(Output {
                    role: *role,
                    file,
                    at,
                });
            }
            Ok(away)
        }

        fn table(&self) -> Option<&Output> {
            self.outputs
                .iter()
                .find(|output| output.role == Role::Table)
        }

        fn log_at(&self) -> Option<Address> {
            let table = self.table()?;
            Some(table.at.followed_by(".ser-journal"))
        }

        pub fn journal(&self) -> Option<String> {
            Some(self.log_at()?.to_string())
        }

        pub fn is_output(&self, input: &Path) -> bool {
            let input = Some(input).filter(|input| is_url(input)).and_then(address);
            self.outputs
                .iter()
                .any(|output| Some(&output.at) == input.as_ref())
        }

        pub fn check_beside(&self, target: &Target) -> Result<()> {
            let (Some(table), Some(file)) = (self.table(), target.identity()) else {
                return target.check_beside();
            };
            let at = table.at.beside(&name_of(&file));
            let Some(bytes) = self.stores.get(&at)? else {
                return Ok(());
            };
            std::fs::write(&file, bytes)?;
            let checked = target.check_beside();
            std::fs::remove_file(&file)?;
            checked.map_err(|_| {
                anyhow!(Usage(format!(
                    "{at}: is of another kind, and would be replaced by what describes the table: name another output"
                )))
            })
        }

        pub fn find(&mut self, path: &Path, how: Journaling) -> Result<bool> {
            let Some(at) = self.log_at() else {
                return Ok(path.exists());
            };
            if how == Journaling::First && Log::is_there(&self.stores, &at)? {
                return Ok(true);
            }
            if how == Journaling::Resume {
                let mut file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .open(path)?;
                if let Some(log) = Log::fetch(&self.stores, &at, &mut file)? {
                    self.log = Some(Arc::new(Mutex::new(log)));
                    return Ok(true);
                }
                std::fs::remove_file(path)?;
            }
            let log = Log::begin(&self.stores, &at)?;
            self.log = Some(Arc::new(Mutex::new(log)));
            Ok(false)
        }

        pub fn share(&mut self, journal: Journal, path: &Path) -> Result<Journal> {
            let Some(log) = &self.log else {
                return Ok(journal);
            };
            // What was half written is cut off here, and so it is there.
            held(log).go_back_to(std::fs::metadata(path)?.len());
            let now = Instant::now();
            let mut copy = Copy {
                log: log.clone(),
                path: path.to_owned(),
                begun: now,
                kept: now,
            };
            copy.keep()?;
            Ok(journal.kept_also(Box::new(copy)))
        }

        pub fn publish(&self, target: Option<&Target>) -> Result<()> {
            for list in self.outputs.iter().filter(|o| o.role == Role::List) {
                self.stores.put_file(&list.at, &list.file)?;
            }
            let (Some(table), Some(target)) = (self.table(), target) else {
                return Ok(());
            };
            if let Some(log) = &self.log {
                held(log).check()?;
            }
            let with = npy::beside(&target.path).into_iter();
            for file in with.chain(target.identity()).filter(|file| file.exists()) {
                self.stores
                    .put_file(&table.at.beside(&name_of(&file)), &file)?;
            }
            Ok(self.stores.put_file(&table.at, &table.file)?)
        }

        pub fn forget(&self) -> Result<()> {
            match (&self.log, self.log_at()) {
                (Some(_), Some(at)) => Ok(Log::remove(&self.stores, &at)?),
                _ => Ok(()),
            }
        }
    }

    fn name_of(file: &Path) -> String {
        file.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into()
    }

    fn held(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
        log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal as objects.
    #[derive(Debug)]
    struct Copy {
        log: Arc<Mutex<Log>>,
        path: PathBuf,
        begun: Instant,
        kept: Instant,
    }

    impl Elsewhere for Copy {
        fn is_due(&self) -> bool {
            let pause = self.begun.elapsed() / 10;
            let pause = pause.clamp(Duration::from_secs(1), Duration::from_secs(30));
            self.kept.elapsed() >= pause
        }

        fn keep(&mut self) -> io::Result<()> {
            let mut log = held(&self.log);
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(log.end()))?;
            loop {
                let mut bytes = Vec::new();
                file.by_ref().take(PIECE).read_to_end(&mut bytes)?;
                if bytes.is_empty() {
                    break;
                }
                log.append(&bytes).map_err(io::Error::other)?;
            }
            self.kept = Instant::now();
            Ok(())
        }
    }
}
