//! The embedded engine: the log in one SQLite file, with an index beside it in fjall.
//!
//! `<data>/log.db` is the truth. One thread writes it, with one sync for all the appends that have queued up.
//! `<data>/index/` finds the events of a stream and of an identity; if it is deleted, it is rebuilt from the
//! log. `<data>/lock` keeps other processes out. The caller of an append checks it against the index as of some
//! position p; the writer then checks it only against what was written after p, which it keeps in memory.

mod append;
mod backup;
mod bare;
mod catch_up;
mod check;
mod checkpoint;
mod digest;
mod feeder;
mod files;
mod hashes;
mod index;
mod live_index;
mod log_reader;
mod open;
mod open_log;
mod options;
mod payloads;
mod query;
mod queue;
mod readers;
mod reads;
mod room;
mod rows;
mod schema;
mod sqlite;
mod state;
mod store;
mod stored;
mod tail;
#[cfg(test)]
mod tests;
mod threads;
mod verify;
mod writer;

pub use backup::{BackupError, Damage, Extent, LogCopy, backup, restore};
pub use bare::bare_log;
pub use digest::Certificate;
pub use live_index::IndexTrouble;
pub use log_reader::{LogFigures, LogReader};
pub use options::{EmbeddedOptions, Seams};
pub use schema::LogRole;
pub use store::{Closed, DirectoryLock, EmbeddedStore, LogSizes};
pub use verify::{Finding, IndexVerdict, Verification, verify};
