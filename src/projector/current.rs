//! Which keyspace of each view answers. Taken together with a snapshot, so that no reader sees one
//! without the other.

use std::sync::{Arc, PoisonError, RwLock};

use fjall::{Database, Keyspace, Snapshot};

/// The keyspaces that serve, in the order of the views. Cheap to clone.
#[derive(Clone)]
pub(super) struct Current(Arc<RwLock<Vec<Keyspace>>>);

impl Current {
    pub(super) fn new(keyspaces: Vec<Keyspace>) -> Self {
        Self(Arc::new(RwLock::new(keyspaces)))
    }

    /// A snapshot, and the keyspaces to read in it. A generation that came to serve before is in it with
    /// everything it had then; one that was replaced stays readable as long as it is held.
    pub(super) fn snapshot(&self, db: &Database) -> (Snapshot, Vec<Keyspace>) {
        let keyspaces = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (db.snapshot(), keyspaces.clone())
    }

    /// Lets other keyspaces serve, all at one instant: (place of the view, keyspace).
    pub(super) fn switch(&self, changes: Vec<(usize, Keyspace)>) {
        let mut keyspaces = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (index, keyspace) in changes {
            if let Some(place) = keyspaces.get_mut(index) {
                *place = keyspace;
            }
        }
    }
}
