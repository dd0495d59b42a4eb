//! The log as a store: backup and restore.

mod backup;
mod restore;
