//! The protocols by which the classifier of `ser classify` is trained and judged.

pub mod card;
pub mod grounds;
pub mod leave_out;
pub mod validation;

#[cfg(test)]
mod tests;
