//! Metrics, and the dashboards and alerts for operators.

pub(crate) mod metrics;
mod operator;
