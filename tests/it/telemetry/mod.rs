//! Metrics, the dashboards and alerts for operators, and the log on standard error.

mod bad_calls;
pub(crate) mod metrics;
mod operator;
mod pipes;
mod unread;
mod unwritable;
