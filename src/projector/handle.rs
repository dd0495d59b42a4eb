//! What the rest of the server holds of the projector.

use std::sync::Arc;
use std::time::Duration;

use fjall::{Database, Keyspace, Snapshot};
use tokio::sync::{broadcast, watch};

use super::applied::{Announcer, Applied};
use super::status::Progress;
use super::wait::wait_for;
use super::worker::Worker;
use super::{SnapshotError, ViewSnapshot, ViewStatus, WaitError};
use crate::store::{Head, Position};

/// Reads views, says how far they are, and waits for them. Cheap to clone; keeps the views open.
#[derive(Clone)]
pub struct ProjectorHandle {
    shared: Arc<Shared>,
}

struct Shared {
    db: Database,
    head: watch::Receiver<Head>,
    views: Vec<Published>,
    announcer: Announcer,
}

struct Published {
    name: &'static str,
    keyspace: Keyspace,
    progress: watch::Receiver<Progress>,
}

impl ProjectorHandle {
    /// A handle, and the other ends of what it watches, in the order of the worker's views.
    pub(super) fn new(
        worker: &Worker,
        head: watch::Receiver<Head>,
        announcer: Announcer,
    ) -> (Self, Vec<watch::Sender<Progress>>) {
        let mut views = Vec::new();
        let mut senders = Vec::new();
        for lane in worker.lanes() {
            let (sender, progress) = watch::channel(Progress::at(*lane.checkpoint()));
            senders.push(sender);
            views.push(Published {
                name: lane.view().name(),
                keyspace: lane.state().keyspace().clone(),
                progress,
            });
        }
        let shared = Shared {
            db: worker.database().clone(),
            head,
            views,
            announcer,
        };
        let shared = Arc::new(shared);
        (Self { shared }, senders)
    }

    fn view(&self, name: &str) -> Option<&Published> {
        self.shared.views.iter().find(|view| view.name == name)
    }

    /// The view as of its last commit. Blocking I/O may hide behind its reads.
    ///
    /// # Errors
    /// If there is no such view or its checkpoint cannot be read.
    pub fn snapshot(&self, view: &str) -> Result<ViewSnapshot, SnapshotError> {
        self.in_snapshot(self.shared.db.snapshot(), view)
    }

    /// Several views as of one commit, in the order of their names; each says its own position. What
    /// an answer from all of them stands on is the smallest.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub fn snapshots<const N: usize>(
        &self,
        views: [&str; N],
    ) -> Result<[ViewSnapshot; N], SnapshotError> {
        let snapshot = self.shared.db.snapshot();
        let mut taken = Vec::with_capacity(N);
        for view in views {
            taken.push(self.in_snapshot(snapshot.clone(), view)?);
        }
        taken.try_into().map_err(|_| SnapshotError::UnknownView {
            name: views.join(", "),
        })
    }

    fn in_snapshot(&self, snapshot: Snapshot, view: &str) -> Result<ViewSnapshot, SnapshotError> {
        let published = self.view(view).ok_or_else(|| SnapshotError::UnknownView {
            name: view.to_owned(),
        })?;
        Ok(ViewSnapshot::of(snapshot, &published.keyspace)?)
    }

    /// Hears of every commit from now on: a snapshot taken afterwards holds every earlier one. Who is too
    /// slow is told how many were missed.
    #[must_use]
    pub fn applied(&self) -> broadcast::Receiver<Arc<Applied>> {
        self.shared.announcer.listen()
    }

    /// How far every view is, in the order in which they were given; `now` (nanoseconds since the Unix
    /// epoch) is what the lag in time is measured against.
    #[must_use]
    pub fn status(&self, now: i64) -> Vec<ViewStatus> {
        let head = *self.shared.head.borrow();
        let views = self.shared.views.iter();
        views
            .map(|view| view.progress.borrow().status(view.name, head, now))
            .collect()
    }

    /// Waits until a view has applied everything up to `position`. Cancel safe.
    ///
    /// # Errors
    /// If that takes longer than `timeout`, the view has stopped before it (or there is none of this
    /// name), or the projector ends.
    pub async fn wait_for(
        &self,
        view: &str,
        position: Position,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let published = self.view(view).ok_or_else(|| WaitError::Failed {
            position: Position::START,
            reason: format!("there is no view called {view}"),
        })?;
        wait_for(published.progress.clone(), position, timeout).await
    }
}
