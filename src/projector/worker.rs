//! The blocking half of the projector: decodes, folds and commits one batch after the other.

use std::sync::Arc;

use fjall::Database;
use ownerline_projections::Driver;
use ownerline_projections::driver::Lane;
use ownerline_projections::view::{FoldError, View};

use super::applied::Touched;
use super::view_state::PendingState;
use super::view_store::ViewStore;
use super::{Decoder, ProjectorError, ProjectorOptions};
use crate::store::{LogIdentity, Position, StoredEvent};

/// Owns the views and their folds.
pub(super) struct Worker {
    store: ViewStore,
    driver: Driver<PendingState>,
    decoder: Decoder,
}

impl Worker {
    pub(super) fn open(
        options: &ProjectorOptions,
        log: LogIdentity,
        head: Position,
        views: Vec<Arc<dyn View>>,
    ) -> Result<Self, ProjectorError> {
        let (store, driver) = ViewStore::open(options, log, head, views)?;
        Ok(Self {
            store,
            driver,
            decoder: Decoder::new(),
        })
    }

    pub(super) fn database(&self) -> &Database {
        self.store.database()
    }

    pub(super) fn lanes(&self) -> &[Lane<PendingState>] {
        self.driver.lanes()
    }

    /// Where to read on; `None` if every view has stopped.
    pub(super) fn position(&self) -> Option<Position> {
        self.driver.position().map(Position)
    }

    /// Folds a batch into every view and commits. An event that cannot be decoded stops every view
    /// that has not passed it.
    ///
    /// # Errors
    /// If nothing of the batch was committed and nothing can be any more; in words.
    pub(super) fn apply(
        &mut self,
        events: &[StoredEvent],
        touched: &mut Touched,
    ) -> Result<(), String> {
        let mut entries = Vec::with_capacity(events.len());
        let mut undecodable = None;
        for event in events {
            match self.decoder.decode(event) {
                Ok(entry) => {
                    touched.add(entry.recorded());
                    entries.push(entry);
                }
                Err(reason) => {
                    undecodable = Some((event.position.0, FoldError::Unsupported { reason }));
                    break;
                }
            }
        }
        self.driver
            .apply(&entries)
            .map_err(|error| error.to_string())?;
        if let Some((position, error)) = undecodable {
            self.driver.stop(position, &error);
        }
        self.store
            .commit(&mut self.driver)
            .map_err(|error| error.to_string())
    }

    /// Syncs what was committed.
    pub(super) fn sync(&self) {
        if let Err(error) = self.store.sync() {
            tracing::warn!(%error, "views could not be synced, the next start replays a little");
        }
    }
}
