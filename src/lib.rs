//! Ownerline: one way in, one log, many ways to look. `docs/map.md` shows where everything is.

pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod derived;
pub mod grpc;
pub mod keeper;
pub mod projector;
pub mod query;
pub mod runtime;
pub mod store;
pub mod telemetry;
