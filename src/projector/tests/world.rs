//! A log that can be made to fail, views that count, and how to wait for them.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use ownerline_projections::fold::state::{ScanOrder, StateMap, StateRead};
use ownerline_projections::fold::{FoldError, Kinds, ViewDef};
use ownerline_projections::timeline::{
    self, TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery, TimelineStates, page,
};
use ownerline_projections::{MemoryState, Recorded, Viewer};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{NewsSent, Subjects, Touchpoint};
use prost::Message;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::projector::{
    OpeningViews, ProjectorError, ProjectorHandle, ProjectorOptions, RebuildStatus, Required,
    SnapshotError, ViewSnapshot, ViewStatus, start,
};
use crate::runtime::ManualClock;
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    Append, AppendError, Appended, Capabilities, Epoch, EventKey, EventStore, Expected, Head,
    NewEvent, Position, ReadAll, ReadError, ReadStream, Revision, Scanned, SharedStore, StoreState,
    StoredEvent, StreamName,
};

pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// An engine, of any epoch, whose reads can be made to fail.
pub(super) struct Log {
    engine: SharedStore,
    epoch: Epoch,
    log_id: Uuid,
    pub(super) unreadable: AtomicBool,
    /// Reads after this position fail.
    until: AtomicU64,
}

impl Log {
    pub(super) fn of_epoch(epoch: u32) -> Arc<Self> {
        Self::of(Uuid::nil(), epoch)
    }

    pub(super) fn of(log_id: Uuid, epoch: u32) -> Arc<Self> {
        Self::over(Self::memory(), log_id, epoch)
    }

    pub(super) fn over(engine: SharedStore, log_id: Uuid, epoch: u32) -> Arc<Self> {
        Arc::new(Self {
            engine,
            epoch: Epoch(epoch),
            log_id,
            unreadable: AtomicBool::new(false),
            until: AtomicU64::new(u64::MAX),
        })
    }

    /// The memory engine.
    pub(super) fn memory() -> SharedStore {
        let clock = Arc::new(ManualClock::at(1_000));
        Arc::new(MemoryStore::new(MemoryOptions::default(), clock))
    }

    pub(super) fn new() -> Arc<Self> {
        Self::of_epoch(1)
    }

    pub(super) async fn append_kind(&self, id: &str, kind: &str) -> Position {
        let touchpoint = Touchpoint {
            id: id.to_owned(),
            source: "crm".to_owned(),
            occurred_at: Some(time::timestamp(500)),
            subjects: Some(Subjects {
                owner_id: "ann".to_owned(),
                ..Subjects::default()
            }),
            payload: Some(Payload::NewsSent(NewsSent::default())),
            ..Touchpoint::default()
        };
        let append = Append {
            stream: StreamName::new("owner-ann"),
            expected: Expected::Any,
            events: vec![NewEvent {
                key: EventKey {
                    source: "crm".into(),
                    id: id.into(),
                },
                kind: kind.into(),
                clear: touchpoint.encode_to_vec().into(),
                personal: Bytes::new(),
                content_hash: *blake3::hash(id.as_bytes()).as_bytes(),
            }],
        };
        self.engine.append(append).await.unwrap().last
    }

    /// Makes reads fail that begin at or after a position.
    pub(super) fn readable_until(&self, position: Position) {
        self.until.store(position.0, Ordering::SeqCst);
    }

    pub(super) async fn append(&self, id: &str) -> Position {
        self.append_kind(id, "news_sent").await
    }
}

impl EventStore for Log {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        self.engine.append(append)
    }

    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.engine.read_stream(read)
    }

    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>> {
        let until = self.until.load(Ordering::SeqCst);
        if self.unreadable.load(Ordering::SeqCst) || read.after.0 >= until {
            let reason = "as the test wants".to_owned();
            return Box::pin(async move { Err(ReadError::Failed { reason }) });
        }
        self.engine.read_all(read)
    }

    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.engine.read_positions(positions)
    }

    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>> {
        self.engine.find(key)
    }

    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>> {
        self.engine.last_revision(stream)
    }

    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>> {
        self.engine.same_content(position, content_hash)
    }

    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>> {
        self.engine.position_at(instant)
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.engine.head()
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn log_id(&self) -> Uuid {
        self.log_id
    }

    fn state(&self) -> watch::Receiver<StoreState> {
        self.engine.state()
    }

    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }
}

/// Counts how often it is called, and stops or panics at the touchpoint with this id.
pub(super) struct Counting {
    pub(super) calls: Arc<AtomicUsize>,
    pub(super) version: u32,
    pub(super) stops_at: &'static str,
    /// Only the first time.
    pub(super) stops_once_at: &'static str,
    stopped: AtomicBool,
    pub(super) panics_at: &'static str,
}

impl Counting {
    pub(super) fn view(calls: &Arc<AtomicUsize>) -> ViewDef {
        Self::new(calls).leaked()
    }

    pub(super) fn new(calls: &Arc<AtomicUsize>) -> Self {
        Self {
            calls: calls.clone(),
            version: 1,
            stops_at: "",
            stops_once_at: "",
            stopped: AtomicBool::new(false),
            panics_at: "",
        }
    }

    /// A view that lives as long as the tests.
    pub(super) fn leaked(self) -> ViewDef {
        let version = self.version;
        let apply =
            move |recorded: &Recorded, state: &mut dyn StateMap| self.apply(recorded, state);
        ViewDef {
            name: "counting",
            version,
            kinds: Kinds::All,
            apply: Box::leak(Box::new(apply)),
        }
    }

    fn apply(&self, recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let id = recorded.touchpoint.id.as_str();
        assert_ne!(id, self.panics_at, "as the test wants");
        state.put(format!("n{id}").into_bytes(), Vec::new());
        let once = id == self.stops_once_at && !self.stopped.swap(true, Ordering::SeqCst);
        if id == self.stops_at || once {
            return Err(FoldError::Unsupported {
                reason: "as the test wants".to_owned(),
            });
        }
        Ok(())
    }
}

impl ProjectorHandle {
    /// A view, wherever it is.
    pub(super) fn snapshot(&self, view: &str) -> Result<ViewSnapshot, SnapshotError> {
        let [snapshot] = self.snapshots([view], Required::KnownAt(Position::START))?;
        Ok(snapshot)
    }
}

/// A running projector.
pub(super) struct Running {
    pub(super) handle: ProjectorHandle,
    task: JoinHandle<()>,
    token: CancellationToken,
}

impl Running {
    /// Small batches, so that there are several.
    pub(super) async fn try_start(
        log: &Arc<Log>,
        data: &Path,
        views: Vec<ViewDef>,
    ) -> Result<Self, ProjectorError> {
        Self::start_with(log, views, Self::options(data)).await
    }

    pub(super) fn options(data: &Path) -> ProjectorOptions {
        ProjectorOptions {
            batch_events: 2,
            cache_bytes: 1 << 20,
            write_buffer_bytes: 1 << 20,
            retry_from: Duration::from_millis(1),
            retry_up_to: Duration::from_millis(2),
            clock: Arc::new(ManualClock::at(7_000)),
            ..ProjectorOptions::new(data)
        }
    }

    pub(super) async fn start_with(
        log: &Arc<Log>,
        views: Vec<ViewDef>,
        options: ProjectorOptions,
    ) -> Result<Self, ProjectorError> {
        let token = CancellationToken::new();
        // As a server does: from its second start on the views are opened beside the log.
        let opening = OpeningViews::begin(&options);
        let starting = start(log.clone(), views, options, opening, token.clone());
        let (handle, task) = starting.await?;
        Ok(Self {
            handle,
            task,
            token,
        })
    }

    pub(super) async fn start(log: &Arc<Log>, data: &Path, views: Vec<ViewDef>) -> Self {
        Self::try_start(log, data, views).await.unwrap()
    }

    pub(super) async fn timeline(log: &Arc<Log>, data: &Path) -> Self {
        Self::start(log, data, vec![timeline::VIEW]).await
    }

    /// Ends the task and lets go of the views.
    pub(super) async fn stop(self) {
        self.token.cancel();
        self.task.await.unwrap();
    }

    /// Ends the task, but keeps the handle.
    pub(super) async fn close(&mut self) {
        self.token.cancel();
        (&mut self.task).await.unwrap();
    }

    pub(super) async fn reaches(&self, view: &str, position: Position) {
        let reached = self
            .handle
            .wait_for(view, Required::KnownAt(position), PATIENCE)
            .await;
        reached.unwrap_or_else(|error| panic!("{error}: {:?}", self.handle.status(0)));
    }

    pub(super) fn status(&self, view: &str) -> ViewStatus {
        let all = self.handle.status(9_000);
        all.into_iter().find(|status| status.name == view).unwrap()
    }

    /// Waits until the status of a view is as wanted.
    pub(super) async fn until(
        &self,
        view: &str,
        wanted: impl Fn(&ViewStatus) -> bool,
    ) -> ViewStatus {
        let begun = Instant::now();
        loop {
            let status = self.status(view);
            if wanted(&status) {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "{status:?}");
            tokio::task::yield_now().await;
        }
    }

    /// Rebuilds views (all if none is named) and waits until that is over.
    pub(super) async fn rebuilt(&self, views: &[&str]) -> Vec<RebuildStatus> {
        let names: Vec<String> = views.iter().map(|name| (*name).to_owned()).collect();
        let mut over = Vec::new();
        for status in self.handle.rebuild(&names).unwrap() {
            over.push(self.over(status).await);
        }
        over
    }

    /// Waits until a rebuild is over.
    pub(super) async fn over(&self, mut status: watch::Receiver<RebuildStatus>) -> RebuildStatus {
        let last = status.clone();
        let over = tokio::time::timeout(PATIENCE, status.wait_for(RebuildStatus::is_over)).await;
        let over = over.unwrap_or_else(|_| panic!("{:?}", *last.borrow()));
        over.unwrap_or_else(|_| panic!("interrupted: {:?}", *last.borrow()))
            .clone()
    }

    /// Everything a view holds.
    pub(super) fn state(&self, view: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let snapshot = self.handle.snapshot(view).unwrap();
        let mut all = Vec::new();
        let (first, end) = ([0_u8], [0xff_u8; 9]);
        let collected = snapshot.scan(&first[..]..&end[..], ScanOrder::Ascending, &mut |k, v| {
            all.push((k.to_vec(), v.to_vec()));
            ControlFlow::Continue(())
        });
        collected.unwrap();
        all
    }

    pub(super) fn page(&self) -> TimelinePage {
        let snapshot = self.handle.snapshot(timeline::VIEW.name).unwrap();
        let query = TimelineQuery {
            owner_id: "ann".to_owned(),
            filter: TimelineFilter::default(),
            order: TimelineOrder::NewestFirst,
            as_of: i64::MAX.into(),
            known_at: snapshot.position(),
            after: None,
            limit: 50,
        };
        let states = TimelineStates {
            timeline: &snapshot,
            corrections: &MemoryState::default(),
            identity: &MemoryState::default(),
            ownership: &MemoryState::default(),
            vehicles: &MemoryState::default(),
        };
        page(states, &Viewer::unrestricted(), &query).unwrap()
    }
}
