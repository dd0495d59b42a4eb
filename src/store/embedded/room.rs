//! How the writer handles a full disk: the log stays readable, and accepts appends once there is room again.

use std::sync::Arc;
use std::time::Duration;

use super::options::EmbeddedOptions;
use super::{schema, sqlite};
use crate::runtime::DiskReserve;
use crate::store::Position;
use bytes::Bytes;
use rusqlite::Connection;

/// Prepares an opened log for its first append. Nothing is written before it has run.
pub(super) struct Preparation {
    descriptor_set: Bytes,
    wal_limit_bytes: u64,
}

/// The state that the writer needs to find out whether there is room again.
pub(super) struct Room {
    pub(super) reserve: Arc<DiskReserve>,
    /// How often the writer checks for room.
    pub(super) interval: Duration,
    /// The preparation, if there was no room for it when the log was opened.
    pub(super) preparation: Option<Preparation>,
}

impl Preparation {
    pub(super) fn of(options: &EmbeddedOptions) -> Self {
        Self {
            descriptor_set: options.descriptor_set.clone(),
            wal_limit_bytes: options.wal_limit_bytes,
        }
    }

    /// Prepares the log. It can be run again after a failure.
    pub(super) fn run(&self, connection: &mut Connection, head: Position) -> rusqlite::Result<()> {
        sqlite::prepare_for_writing(connection, self.wal_limit_bytes)?;
        sqlite::empty_write_ahead_log(connection)?;
        schema::commit_anew(connection)?;
        schema::keep_descriptor_set(connection, &self.descriptor_set, head)
    }
}

impl Room {
    /// Checks whether there is room again: holds the reserve and writes a small commit.
    pub(super) fn check(
        &mut self,
        connection: &mut Connection,
        head: Position,
    ) -> Result<(), RoomError> {
        let room = self
            .reserve
            .hold()
            .and_then(|()| self.reserve.can_hold_more());
        room.map_err(|error| RoomError::Full(error.to_string()))?;
        let prepared = match &self.preparation {
            Some(preparation) => preparation.run(connection, head),
            None => schema::commit_anew(connection),
        };
        match prepared {
            Ok(()) => {
                self.preparation = None;
                Ok(())
            }
            Err(error)
                if sqlite::is_no_space(&error)
                    || sqlite::is_locked(&error)
                    || sqlite::is_passing(&error) =>
            {
                Err(RoomError::Full(error.to_string()))
            }
            Err(error) => Err(RoomError::Broken(error.to_string())),
        }
    }
}

/// Why there is no room yet.
pub(super) enum RoomError {
    /// The disk is still full.
    Full(String),
    /// A write or sync failed for another reason. What is on disk is unknown.
    Broken(String),
}
