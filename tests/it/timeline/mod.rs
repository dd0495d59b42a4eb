//! The timeline through gRPC and the command line: reading, correcting, watching.

mod busy;
mod corrections;
mod far_dates;
mod odometers;
pub(crate) mod persons;
mod reading;
mod unlisted;
mod watch;
pub(crate) mod watcher;
