//! A client that watches a timeline and keeps a copy up to date.

use std::collections::BTreeMap;
use std::time::Duration;

use ownerline_proto::v1::timeline_change::Change;
use ownerline_proto::v1::{TimelineEntry, WatchTimelineRequest, WatchTimelineResponse};
use tonic::{Status, Streaming};

use crate::remote::Remote;

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A timeline as it stands after every complete set of changes.
#[derive(Clone)]
pub(crate) struct Watcher {
    pub(crate) request: WatchTimelineRequest,
    /// By its place in the log.
    pub(crate) entries: BTreeMap<String, TimelineEntry>,
    /// Changes of a set that goes on.
    pending: Vec<Change>,
}

impl Watcher {
    pub(crate) fn of(owner: &str) -> Self {
        Self {
            request: WatchTimelineRequest {
                owner_id: owner.to_owned(),
                ..WatchTimelineRequest::default()
            },
            entries: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    /// Opens a stream after the last known change.
    pub(crate) async fn open(
        &mut self,
        server: &Remote,
    ) -> Result<Streaming<WatchTimelineResponse>, Status> {
        self.pending.clear();
        let mut timelines = server.timelines();
        let opened = timelines.watch_timeline(self.request.clone()).await?;
        Ok(opened.into_inner())
    }

    /// Takes a message; whether the timeline stands on its position now.
    pub(crate) fn take(&mut self, message: WatchTimelineResponse) -> bool {
        let changes = message.changes.into_iter();
        self.pending
            .extend(changes.filter_map(|change| change.change));
        if message.more {
            return false;
        }
        for change in std::mem::take(&mut self.pending) {
            match change {
                Change::Added(entry) => {
                    let before = self.entries.insert(position(&entry), entry);
                    assert!(before.is_none(), "added twice: {before:?}");
                }
                Change::Revised(entry) => {
                    let before = self.entries.insert(position(&entry), entry.clone());
                    assert_ne!(before.expect("revised what is not there"), entry);
                }
                Change::Removed(removed) => {
                    let before = self.entries.remove(&removed.position);
                    let before = before.expect("removed what is not there");
                    let touchpoint = before.recorded.unwrap().touchpoint.unwrap();
                    let named = removed.touchpoint.unwrap();
                    assert_eq!((named.source, named.id), (touchpoint.source, touchpoint.id));
                }
            }
        }
        assert!(message.position >= self.request.after, "goes back");
        self.request.after = message.position;
        self.request.after_as_of = message.as_of;
        true
    }

    /// Reads until the timeline stands at least on a position.
    pub(crate) async fn follow(
        &mut self,
        stream: &mut Streaming<WatchTimelineResponse>,
        position: &str,
    ) {
        while self.request.after.as_str() < position {
            let message = next(stream).await.expect("the watch goes on");
            self.take(message);
        }
    }

    /// The shown rows, in history order.
    pub(crate) fn timeline(&self) -> Vec<TimelineEntry> {
        let mut entries: Vec<TimelineEntry> = self.entries.values().cloned().collect();
        entries.sort_by_cached_key(|entry| {
            let touchpoint = entry.recorded.clone().unwrap().touchpoint.unwrap();
            let at = touchpoint.occurred_at.map(|at| (at.seconds, at.nanos));
            (at, entry.rank, touchpoint.source, touchpoint.id)
        });
        entries
    }
}

/// The next message, before patience ends.
pub(crate) async fn next(
    stream: &mut Streaming<WatchTimelineResponse>,
) -> Result<WatchTimelineResponse, Status> {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await;
    let message = message.expect("a watch is never silent for that long")?;
    message.ok_or_else(|| Status::unknown("the watch ended without saying why"))
}

fn position(entry: &TimelineEntry) -> String {
    entry.recorded.clone().unwrap_or_default().position
}
