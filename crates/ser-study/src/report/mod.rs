//! Results become what people read: figures for print, one page for the screen, and the page of a single recording.
//!
//! Nothing here computes a result. A report shows what `ser evaluate` and `ser explain` found, with its intervals, its chance level and its number of
//! recordings, and says what it left out.

mod audio;
mod axis;
mod canvas;
mod contour;
mod figure;
mod folder;
mod font;
mod latex;
mod map;
mod page;
mod palette;
mod raster;
mod recording_page;
mod session;
mod words;

pub use audio::Audio;
pub use canvas::Width;
pub use contour::Contours;
pub use figure::{Figure, Table, all as figures};
pub use folder::write_folder;
pub use page::{Extras, LARGEST, PLOTLY, page};
pub use recording_page::{Guess, ReportedRecording, recording_page};
pub use ser_view::tracks::hz;
pub use ser_view::{Feature, Tracks};
pub use session::{Course, Division, POINTS, Session, Turn, session_page};

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A picture could not be drawn.
    #[error("cannot draw a picture: {0}")]
    Picture(String),
    /// The page could not be filled in.
    #[error("cannot make the page: {0}")]
    Page(String),
    /// A file could not be read or written.
    #[error("{}: {problem}", .path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        problem: String,
    },
}
