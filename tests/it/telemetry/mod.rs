//! Metrics, and what operators are given to read them.

pub(crate) mod metrics;
mod operator;
