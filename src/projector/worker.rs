//! The blocking half of the projector: decodes, folds and commits one batch after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use fjall::Database;
use ownerline_projections::driver::{Lane, LogEntry};
use ownerline_projections::view::{FoldError, View};
use ownerline_projections::{Driver, Recorded};
use ownerline_proto::kind::Kind;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::Touchpoint;
use prost::Message;

use super::applied::Touched;
use super::view_state::PendingState;
use super::view_store::ViewStore;
use super::{ProjectorError, ProjectorOptions};
use crate::store::{LogIdentity, Position, StoredEvent, concatenated};

/// Owns the views and their folds.
pub(super) struct Worker {
    store: ViewStore,
    driver: Driver<PendingState>,
    kinds: BTreeMap<&'static str, &'static Kind>,
}

impl Worker {
    pub(super) fn open(
        options: &ProjectorOptions,
        log: LogIdentity,
        head: Position,
        views: Vec<Arc<dyn View>>,
    ) -> Result<Self, ProjectorError> {
        let (store, driver) = ViewStore::open(options, log, head, views)?;
        let kinds = Schema::get().kinds().iter();
        Ok(Self {
            store,
            driver,
            kinds: kinds.map(|kind| (&*kind.name, kind)).collect(),
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
            match self.decode(event) {
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

    fn decode(&self, event: &StoredEvent) -> Result<LogEntry, String> {
        let kind = self
            .kinds
            .get(&*event.kind)
            .ok_or_else(|| format!("its kind {:?} is unknown", event.kind))?;
        let touchpoint = Touchpoint::decode(concatenated(&event.clear, &event.personal))
            .map_err(|error| format!("it cannot be decoded: {error}"))?;
        let occurred_at = touchpoint
            .occurred_at
            .as_ref()
            .and_then(time::nanos)
            .ok_or("it does not say when it occurred")?;
        let recorded = Recorded {
            position: event.position.0,
            stream: event.stream.as_str().into(),
            revision: event.revision.0,
            recorded_at: event.recorded_at,
            occurred_at,
            kind,
            touchpoint,
        };
        Ok(LogEntry::new(recorded, &event.clear))
    }
}
