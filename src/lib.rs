//! Ownerline: one way in, one log, many ways to look.

pub mod runtime;
pub mod store;
