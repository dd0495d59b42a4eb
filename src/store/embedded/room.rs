//! Room on the disk as the writer knows it: a log without room is read, and takes nothing until there is some.

use std::sync::Arc;
use std::time::Duration;

use super::options::EmbeddedOptions;
use super::{schema, sqlite};
use crate::runtime::DiskReserve;
use crate::store::Position;
use bytes::Bytes;
use rusqlite::Connection;

/// What makes an opened log ready for its first append. Until it has run nothing is written.
pub(super) struct Preparation {
    descriptor_set: Bytes,
    wal_limit_bytes: u64,
}

/// The writer's part in it.
pub(super) struct Room {
    pub(super) reserve: Arc<DiskReserve>,
    /// How long it waits before it looks again by itself.
    pub(super) interval: Duration,
    /// What was put off when the log was opened, because there was no room for it.
    pub(super) preparation: Option<Preparation>,
}

impl Preparation {
    pub(super) fn of(options: &EmbeddedOptions) -> Self {
        Self {
            descriptor_set: options.descriptor_set.clone(),
            wal_limit_bytes: options.wal_limit_bytes,
        }
    }

    /// Can be run again after it failed.
    pub(super) fn run(&self, connection: &mut Connection, head: Position) -> rusqlite::Result<()> {
        sqlite::prepare_for_writing(connection, self.wal_limit_bytes)?;
        sqlite::empty_write_ahead_log(connection)?;
        schema::commit_anew(connection)?;
        schema::keep_descriptor_set(connection, &self.descriptor_set, head)
    }
}

impl Room {
    /// Looks whether there is room again: the reserve can be held, and a small commit is written.
    pub(super) fn look(&mut self, connection: &mut Connection, head: Position) -> Result<(), Look> {
        let room = self
            .reserve
            .hold()
            .and_then(|()| self.reserve.can_hold_more());
        room.map_err(|error| Look::Full(error.to_string()))?;
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
                Err(Look::Full(error.to_string()))
            }
            Err(error) => Err(Look::Broken(error.to_string())),
        }
    }
}

/// Why there is no room yet.
pub(super) enum Look {
    /// It may come.
    Full(String),
    /// A write or a sync failed otherwise: what is on disk is not known.
    Broken(String),
}
