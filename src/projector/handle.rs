//! The handle through which the rest of the server uses the projector.

use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::Checkpoint;
use ownerline_projections::fold::ViewDef;
use tokio::sync::{broadcast, watch};

use super::applied::{Announcer, Applied};
use super::current::Current;
use super::generations::Record;
use super::rebuild::Rebuilds;
use super::status::Progress;
use super::wait::wait_for;
use super::worker::Worker;
use super::{RebuildError, RebuildStatus, SnapshotError, ViewSnapshot, ViewStatus, WaitError};
use crate::store::{Head, Position};

/// Reads views, reports their progress, and waits for it. Cheap to clone; keeps the views open.
#[derive(Clone)]
pub struct ProjectorHandle {
    shared: Arc<Shared>,
}

struct Shared {
    head: watch::Receiver<Head>,
    views: Vec<Published>,
    current: Current,
    announcer: Announcer,
    rebuilds: Rebuilds,
    changes: watch::Receiver<u64>,
}

struct Published {
    name: &'static str,
    progress: watch::Receiver<Progress>,
}

/// The parts that a handle shares with the tasks of the projector.
pub(super) struct Parts {
    pub(super) head: watch::Receiver<Head>,
    pub(super) announcer: Announcer,
    pub(super) current: Current,
    pub(super) rebuilds: Rebuilds,
    pub(super) changes: watch::Receiver<u64>,
}

impl ProjectorHandle {
    /// Returns a handle, and the senders of the progress that it watches, in the order of the views. Without a worker
    /// their progress is unknown yet.
    pub(super) fn new(
        of: &[ViewDef],
        worker: Option<&Worker>,
        records: &[Record],
        parts: Parts,
    ) -> (Self, Vec<watch::Sender<Progress>>) {
        let lanes = worker.map(Worker::lanes).unwrap_or_default();
        let mut views = Vec::new();
        let mut senders = Vec::new();
        for (place, view) in of.iter().enumerate() {
            let checkpoint = lanes.get(place).map(|lane| *lane.checkpoint());
            let checkpoint = checkpoint.unwrap_or_else(|| Checkpoint::start(view.version));
            let record = records.get(place).cloned().unwrap_or_default();
            let (sender, progress) = watch::channel(Progress::at(checkpoint, &record));
            senders.push(sender);
            let name = view.name;
            views.push(Published { name, progress });
        }
        let Parts {
            head,
            announcer,
            current,
            rebuilds,
            changes,
        } = parts;
        let shared = Shared {
            head,
            views,
            current,
            announcer,
            rebuilds,
            changes,
        };
        let shared = Arc::new(shared);
        (Self { shared }, senders)
    }

    /// The index of a view.
    fn place(&self, name: &str) -> Option<usize> {
        self.shared.views.iter().position(|view| view.name == name)
    }

    /// Takes a snapshot of a view as of its last commit. Reading it may block.
    ///
    /// # Errors
    /// If there is no such view or its checkpoint cannot be read.
    pub fn snapshot(&self, view: &str) -> Result<ViewSnapshot, SnapshotError> {
        let [snapshot] = self.snapshots([view])?;
        Ok(snapshot)
    }

    /// Takes snapshots of several views as of one commit, in the order of `views`. Each has its own position; an answer
    /// from all of them reflects the smallest.
    ///
    /// # Errors
    /// Those of [`Self::snapshot`].
    pub fn snapshots<const N: usize>(
        &self,
        views: [&str; N],
    ) -> Result<[ViewSnapshot; N], SnapshotError> {
        let taken = self.snapshots_of(&views)?;
        taken.try_into().map_err(|_| SnapshotError::UnknownView {
            name: views.join(", "),
        })
    }

    /// Like [`Self::snapshots`], for a list of any length.
    ///
    /// # Errors
    /// Those of [`Self::snapshot`].
    pub fn snapshots_of(&self, views: &[&str]) -> Result<Vec<ViewSnapshot>, SnapshotError> {
        let (snapshot, keyspaces) = self.shared.current.snapshot()?;
        let mut taken = Vec::with_capacity(views.len());
        for view in views {
            let keyspace = self.place(view).and_then(|place| keyspaces.get(place));
            let keyspace = keyspace.ok_or_else(|| SnapshotError::UnknownView {
                name: (*view).to_owned(),
            })?;
            taken.push(ViewSnapshot::of(snapshot.clone(), keyspace)?);
        }
        Ok(taken)
    }

    /// Subscribes to every later commit; a snapshot taken after this call holds every earlier one. A slow receiver learns
    /// how many it missed.
    #[must_use]
    pub fn applied(&self) -> broadcast::Receiver<Arc<Applied>> {
        self.shared.announcer.listen()
    }

    /// Returns the status of every view, in their order. The lag in time is measured against `now` (nanoseconds since the
    /// Unix epoch).
    #[must_use]
    pub fn status(&self, now: i64) -> Vec<ViewStatus> {
        let head = *self.shared.head.borrow();
        let views = self.shared.views.iter().enumerate();
        views
            .map(|(place, view)| ViewStatus {
                rebuild: self.shared.rebuilds.status(place),
                ..view.progress.borrow().status(view.name, head, now)
            })
            .collect()
    }

    /// Changes whenever a view changes its state: stops, waits for a transient fault, or recovers.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.clone()
    }

    /// Waits until a view has applied everything up to `position`. Cancel safe.
    ///
    /// # Errors
    /// If that takes longer than `timeout`, the view stopped before `position` or does not exist, or the projector ends.
    pub async fn wait_for(
        &self,
        view: &str,
        position: Position,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let place = self.place(view);
        let published = place.and_then(|place| self.shared.views.get(place));
        let published = published.ok_or_else(|| WaitError::Failed {
            position: Position::START,
            reason: format!("there is no view called {view}"),
        })?;
        wait_for(published.progress.clone(), position, timeout).await
    }

    /// Rebuilds views from the start of the log, beside the ones that serve; all views if none is named. Each new
    /// generation takes over once it has caught up. A rebuild that is running already goes on. Returns the status of each,
    /// in the order of the names; nobody needs to watch it.
    ///
    /// # Errors
    /// If there is no such view, or the projector is ending.
    pub fn rebuild(
        &self,
        names: &[String],
    ) -> Result<Vec<watch::Receiver<RebuildStatus>>, RebuildError> {
        let places = self.places(names)?;
        let begun = self.shared.rebuilds.begin(&places);
        if begun.is_empty() && !places.is_empty() {
            return Err(RebuildError::Closing);
        }
        Ok(begun)
    }

    /// Cancels the rebuilds of these views, of all if none is named, and drops their generations. Returns the status of
    /// those that were running; one that was about to take over may still do so.
    ///
    /// # Errors
    /// If there is no such view.
    pub fn cancel_rebuild(
        &self,
        names: &[String],
    ) -> Result<Vec<watch::Receiver<RebuildStatus>>, RebuildError> {
        Ok(self.shared.rebuilds.cancel(&self.places(names)?))
    }

    /// The head of the log.
    #[must_use]
    pub fn head(&self) -> Position {
        self.shared.head.borrow().position
    }

    fn places(&self, names: &[String]) -> Result<Vec<usize>, RebuildError> {
        if names.is_empty() {
            return Ok((0..self.shared.views.len()).collect());
        }
        let mut places = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let place = self.place(name).ok_or_else(|| RebuildError::UnknownView {
                index,
                name: name.clone(),
            })?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(places)
    }

    /// Resumes rebuilds that an earlier run did not finish.
    pub(super) fn resume(&self, places: &[usize]) {
        self.shared.rebuilds.begin(places);
    }
}
