//! The integration tests: one binary, one module for each matter.
//!
//! Each module is `cfg(test)`, which is always true here, so that clippy sees that helpers are tests, too.

#[cfg(test)]
mod advocacy;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bad_questions;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod context_pack;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod derived;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod far_dates;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod importing;
#[cfg(test)]
mod keeper;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod load;
#[cfg(test)]
mod loyalty;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod odometers;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod persons;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod process;
#[cfg(test)]
mod raw_bytes;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod rebuilding;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod response_times;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod retracting;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod scores;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod subscribers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod survive;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod watching;
