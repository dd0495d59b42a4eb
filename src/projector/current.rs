//! The open database and which keyspace of each view answers. Taken together with a snapshot, so that no
//! reader sees one without the other; taken away from all while the database is opened again.

use std::sync::{Arc, PoisonError, RwLock};

use fjall::{Keyspace, Snapshot};
use ownerline_projections::fold::state::StateError;
use tokio_util::sync::CancellationToken;

use super::SnapshotError;
use super::view_store::ViewStore;

/// What serves. Cheap to clone.
#[derive(Clone)]
pub(super) struct Current(Arc<RwLock<Serving>>);

struct Serving {
    /// The keyspaces that serve, in the order of the views; `None` while the database is not open.
    open: Option<(ViewStore, Vec<Keyspace>)>,
    /// Cancelled when the database is closed: whoever holds anything of it lets go.
    closing: CancellationToken,
    /// Why it is not open.
    reason: String,
}

impl Current {
    pub(super) fn closed(reason: &str) -> Self {
        Self(Arc::new(RwLock::new(Serving {
            open: None,
            closing: CancellationToken::new(),
            reason: reason.to_owned(),
        })))
    }

    /// Lets a database serve.
    pub(super) fn open(&self, store: ViewStore, keyspaces: Vec<Keyspace>) {
        let mut serving = self.0.write().unwrap_or_else(PoisonError::into_inner);
        serving.open = Some((store, keyspaces));
        serving.closing = CancellationToken::new();
    }

    /// Takes the database away from everybody; those who hold something of it are told to let go.
    pub(super) fn close(&self, reason: &str) {
        let mut serving = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let former = serving.open.take();
        serving.reason = reason.to_owned();
        serving.closing.cancel();
        // Closing a database waits for its threads: nobody waits for the lock meanwhile.
        drop(serving);
        drop(former);
    }

    /// The database, and what is cancelled when it is to be let go of.
    pub(super) fn store(&self) -> Option<(ViewStore, CancellationToken)> {
        let serving = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (store, _) = serving.open.as_ref()?;
        Some((store.clone(), serving.closing.clone()))
    }

    /// A snapshot, and the keyspaces to read in it. A generation that came to serve before is in it with
    /// everything it had then; one that was replaced stays readable as long as it is held.
    pub(super) fn snapshot(&self) -> Result<(Snapshot, Vec<Keyspace>), SnapshotError> {
        let serving = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let waiting = |reason: String| StateError::Waiting { reason };
        let Some((store, keyspaces)) = &serving.open else {
            return Err(waiting(serving.reason.clone()).into());
        };
        let faults = store.faults().reads.check();
        faults.map_err(|error| waiting(error.to_string()))?;
        Ok((store.database().snapshot(), keyspaces.clone()))
    }

    /// Lets other keyspaces serve, all at one instant: (place of the view, keyspace).
    pub(super) fn switch(&self, changes: Vec<(usize, Keyspace)>) {
        let mut serving = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some((_, keyspaces)) = &mut serving.open else {
            return;
        };
        for (index, keyspace) in changes {
            if let Some(place) = keyspaces.get_mut(index) {
                *place = keyspace;
            }
        }
    }
}
