//! Touchpoints through gRPC: recording, importing, retracting, reading the log, and what is refused.

mod bad_input;
mod every_violation;
mod importing;
pub(crate) mod raw_bytes;
mod recording;
mod refused_in_streams;
mod retracting;
mod streams;
mod subscribers;
