//! Ownerline: one way in, one log, many ways to look.

pub mod config;
pub mod runtime;
pub mod store;
pub mod telemetry;
