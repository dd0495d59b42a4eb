//! A disk for SQLite that fails on demand: a VFS around the default one that counts the writes, truncations and
//! syncs of a database and its write-ahead log, can fail any of them, and remembers what was not synced, so that a
//! simulated power cut can lose it.
//!
//! For tests only, on systems with the default VFS of Unix. All other calls go straight to the default VFS.

#![cfg(unix)]

mod disk;
mod vfs;

pub use disk::{Disk, Fault, Loss};

#[cfg(test)]
mod tests;
