//! Ownerline: one way in, one log, many ways to look. See `docs/architecture.md` for the map.

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
