//! Ownerline: one way in, one log, many ways to look.

pub mod config;
pub mod store;
