//! The open database and the serving keyspace of each view. A reader gets both together with a snapshot, so they always
//! agree. While the database is reopened, no reader gets any.

use std::sync::{Arc, PoisonError, RwLock};

use fjall::Keyspace;
use ownerline_projections::fold::state::StateError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::SnapshotError;
use super::view_state::SnapshotOfAll;
use super::view_store::ViewStore;

/// The database and keyspaces that serve. Cheap to clone.
#[derive(Clone)]
pub(super) struct Current {
    serving: Arc<RwLock<Serving>>,
    /// Counts the snapshots that are held. Each keeps the database open.
    readers: TaskTracker,
}

struct Serving {
    /// The keyspaces that serve, in the order of the views; `None` while the database is not open.
    open: Option<(ViewStore, Vec<Keyspace>)>,
    /// Cancelled when the database is to be closed, so that every holder releases it.
    closing: CancellationToken,
    /// Why the database is not open.
    reason: String,
}

impl Current {
    pub(super) fn closed(reason: &str) -> Self {
        Self {
            serving: Arc::new(RwLock::new(Serving {
                open: None,
                closing: CancellationToken::new(),
                reason: reason.to_owned(),
            })),
            readers: TaskTracker::new(),
        }
    }

    /// Makes a database serve.
    pub(super) fn open(&self, store: ViewStore, keyspaces: Vec<Keyspace>) {
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        serving.open = Some((store, keyspaces));
        serving.closing = CancellationToken::new();
    }

    /// Stops serving, and cancels the token so that every holder releases the database.
    pub(super) fn close(&self, reason: &str) {
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let former = serving.open.take();
        serving.reason = reason.to_owned();
        serving.closing.cancel();
        // Dropping a database waits for its threads, so it must not happen under the lock.
        drop(serving);
        drop(former);
    }

    /// Waits until nobody holds a snapshot any more. None must be taken meanwhile.
    pub(super) async fn unread(&self) {
        self.readers.close();
        self.readers.wait().await;
    }

    /// The database, and the token that is cancelled when it must be released.
    pub(super) fn store(&self) -> Option<(ViewStore, CancellationToken)> {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        let (store, _) = serving.open.as_ref()?;
        Some((store.clone(), serving.closing.clone()))
    }

    /// Takes a snapshot, with the keyspaces to read in it. It holds everything of the serving generations; one that is
    /// replaced later stays readable while the snapshot is held.
    pub(super) fn snapshot(&self) -> Result<SnapshotOfAll, SnapshotError> {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        let waiting = |reason: String| StateError::Waiting { reason };
        let Some((store, keyspaces)) = &serving.open else {
            return Err(waiting(serving.reason.clone()).into());
        };
        let faults = store.faults();
        let readable = faults.reads.check();
        readable.map_err(|error| waiting(error.to_string()))?;
        let taken = SnapshotOfAll {
            reader: self.readers.token(),
            snapshot: store.database().snapshot(),
            keyspaces: keyspaces.clone(),
        };
        if let Some(gate) = faults.answers.clone() {
            drop(serving);
            gate.pass(1);
        }
        Ok(taken)
    }

    /// Switches to other keyspaces, all at one instant: (index of the view, keyspace).
    pub(super) fn switch(&self, changes: Vec<(usize, Keyspace)>) {
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
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
