//! The handle through which the rest of the server uses the projector.

use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::Checkpoint;
use ownerline_projections::fold::ViewDef;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::applied::{Announcer, Applied};
use super::current::Current;
use super::generations::Record;
use super::rebuild::Rebuilds;
use super::status::Progress;
use super::wait::{Required, wait_for};
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
    ended: CancellationToken,
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
    /// The head of the log when the views were opened.
    pub(super) opened_at: Position,
    /// Cancelled once the tasks of the projector have ended.
    pub(super) ended: CancellationToken,
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
            let (sender, progress) =
                watch::channel(Progress::at(checkpoint, &record, parts.opened_at));
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
            ended,
            ..
        } = parts;
        let shared = Shared {
            head,
            views,
            current,
            announcer,
            rebuilds,
            changes,
            ended,
        };
        let shared = Arc::new(shared);
        (Self { shared }, senders)
    }

    /// The index of a view.
    fn place(&self, name: &str) -> Option<usize> {
        self.shared.views.iter().position(|view| view.name == name)
    }

    /// Takes snapshots of several views as of their last commit, in the order of `views`. Each has its own position; an
    /// answer from all of them reflects the smallest. Reading them may block.
    ///
    /// # Errors
    /// If there is no such view, its checkpoint cannot be read, or it does not hold what is required.
    pub fn snapshots<const N: usize>(
        &self,
        views: [&str; N],
        required: Required,
    ) -> Result<[ViewSnapshot; N], SnapshotError> {
        let taken = self.snapshots_of(&views, required)?;
        taken.try_into().map_err(|_| SnapshotError::UnknownView {
            name: views.join(", "),
        })
    }

    /// Like [`Self::snapshots`], for a list of any length.
    ///
    /// # Errors
    /// Those of [`Self::snapshots`].
    pub fn snapshots_of(
        &self,
        views: &[&str],
        required: Required,
    ) -> Result<Vec<ViewSnapshot>, SnapshotError> {
        let all = self.shared.current.snapshot()?;
        let mut taken = Vec::with_capacity(views.len());
        for view in views {
            let unknown = || SnapshotError::UnknownView {
                name: (*view).to_owned(),
            };
            let place = self.place(view).ok_or_else(unknown)?;
            let keyspace = all.keyspaces.get(place).ok_or_else(unknown)?;
            let of_view = ViewSnapshot::of(&all, keyspace)?;
            // Read after the snapshot was taken: a view that was opened anew in between has published it before.
            let published = self.shared.views.get(place).ok_or_else(unknown)?;
            let wanted = required.of(published.progress.borrow().answers_from);
            let reached = of_view.position();
            if reached < wanted {
                return Err(SnapshotError::Behind {
                    view: (*view).to_owned(),
                    reached,
                    wanted,
                });
            }
            taken.push(of_view);
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

    /// Changes whenever a view changes its state: stops, waits for a transient fault, recovers, or begins to answer.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.clone()
    }

    /// Waits until a view has applied everything that is required. Cancel safe.
    ///
    /// # Errors
    /// If that takes longer than `timeout`, the view stopped before or does not exist, or the projector ends.
    pub async fn wait_for(
        &self,
        view: &str,
        required: Required,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let place = self.place(view);
        let published = place.and_then(|place| self.shared.views.get(place));
        let published = published.ok_or_else(|| WaitError::Failed {
            position: Position::START,
            reason: format!("there is no view called {view}"),
        })?;
        wait_for(published.progress.clone(), required, timeout).await
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

    /// Closes the views once the projector has ended, and returns whether nobody holds them any more: waits for those who
    /// read at most `patience`.
    pub async fn release(&self, patience: Duration) -> bool {
        self.shared.ended.cancelled().await;
        let current = self.shared.current.clone();
        // Dropping a database waits for its threads.
        let closing = tokio::task::spawn_blocking(move || current.close("the server is stopping"));
        if closing.await.is_err() {
            return false;
        }
        let unread = tokio::time::timeout(patience, self.shared.current.unread());
        unread.await.is_ok()
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

    /// Resumes rebuilds that an earlier run did not finish, by the record of each view.
    pub(super) fn resume(&self, records: &[Record]) {
        let records = records.iter().enumerate();
        let unfinished = records.filter(|(_, record)| record.building.is_some());
        let unfinished: Vec<usize> = unfinished.map(|(place, _)| place).collect();
        self.shared.rebuilds.begin(&unfinished);
    }

    /// Logs which views catch up before they answer, if there are any.
    pub(super) fn log_catch_up(&self, now: i64) {
        let status = self.status(now);
        let behind = status.iter().filter(|view| view.answers_from.is_some());
        let views: Vec<&str> = behind.clone().map(|view| view.name).collect();
        if !views.is_empty() {
            let events = behind.map(ViewStatus::catch_up_events).max();
            tracing::info!(?views, events, "views catch up before they answer");
        }
    }
}
