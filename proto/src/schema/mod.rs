//! The schema as tables: what each field of each message may hold, read once from the descriptors. Walks over encoded
//! bytes use them: to find every violation, to split clear from personal, and to redact.

mod build;
mod check;
mod difference;
mod format;
mod json;
mod limits;
mod redact;
mod split;
mod tables;
mod url;

pub use check::{Agreement, Checked};
pub use limits::Limits;
pub use tables::Schema;
pub use url::{is_media_scheme, scheme_of};

#[cfg(test)]
mod tests;
