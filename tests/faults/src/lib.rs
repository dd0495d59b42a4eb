//! A disk that fails when told to, under SQLite: a VFS around the default one that counts writes,
//! truncations and syncs of a database and its write-ahead log, fails any of them, and remembers what was
//! not synced, so that a power cut can lose it.
//!
//! For tests only, on systems with the default VFS of Unix. Everything that is not one of those three calls goes straight to the default VFS.

#![cfg(unix)]

mod disk;
mod vfs;

pub use disk::{Disk, Fault, Loss};

#[cfg(test)]
mod tests;
