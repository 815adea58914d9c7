//! Recordings and tables in object stores, for a program that is synchronous everywhere else.
//!
//! ```text
//! URL ─ address ─ store ─┬─ listing            which objects there are below a prefix
//!                        ├─ fetch ── object     one object as `Read + Seek`, block by block
//!                        ├─ upload              a file becomes an object, whole
//!                        └─ log                 a journal as numbered objects
//! ```
//!
//! - `address` reads `s3://`, `gs://`, `az://` (`abfs://`) and `https://`, and says how a URL is printed: without what may be secret;
//! - `store` finds credentials in the usual environment (`AWS_*`, `GOOGLE_*`, `AZURE_*`), and sets timeouts and retries;
//! - `wait` lets a thread wait for the network, and give up when the process is asked to stop;
//! - `fetch` reads one range of an object: all of it, of the version that was opened, or an error;
//! - `error` says what went wrong, and what to do about it.
//!
//! TLS is rustls with *ring*, whose C and assembly need a C compiler; certificates are those of the system.

#![forbid(unsafe_code)]

mod address;
mod error;
mod fetch;
mod listing;
mod log;
mod object;
mod store;
mod upload;
mod wait;

pub use address::Address;
pub use error::{Error, Kind};
pub use listing::Entry;
pub use log::Log;
pub use object::{BLOCK, Object, Seen};
pub use store::Stores;
