//! The exit codes of every command.

/// The command succeeded; also when the reader of a pipe went away.
pub const SUCCESS: u8 = 0;
/// The command failed; the error says why.
pub const FAILURE: u8 = 1;
/// An import or a retraction ran to its end, but some touchpoints were refused.
pub const SOME_REFUSED: u8 = 2;
/// A check ran to its end and found something wrong.
pub const FOUND: u8 = 2;
