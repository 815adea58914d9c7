//! Tables over the Arrow C data interface: recordings in, features out, without a copy of either.
//!
//! ```text
//! any object with __arrow_c_stream__ or __arrow_c_array__ ─ capsule ─ batches ─ recordings ─ run ─ table ─ __arrow_c_stream__
//! ```
//!
//! The Arrow PyCapsule Interface, Apache Arrow documentation, "Format".

mod capsule;

mod recordings;

mod table;

pub use capsule::Batches;
pub use table::arrow_extract;
