//! The integration tests: one binary, with one module for each capability or subject.
//!
//! Each module is `cfg(test)`, which is always true here, so that clippy sees that helpers are tests, too.

#[cfg(test)]
mod advocacy;
#[cfg(test)]
mod bad_questions;
#[cfg(test)]
mod bookings;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod context_pack;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod keeper;
#[cfg(test)]
mod load;
#[cfg(test)]
mod log;
#[cfg(test)]
mod loyalty;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod process;
#[cfg(test)]
mod projections;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod repairs;
#[cfg(test)]
mod response_times;
#[cfg(test)]
mod scores;
#[cfg(test)]
mod support;
#[cfg(test)]
mod survive;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod touchpoint;
#[cfg(test)]
mod trace;
