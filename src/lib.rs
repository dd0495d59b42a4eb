//! Ownerline: one way in, one log, many ways to look.

pub mod cli;
pub mod store;
