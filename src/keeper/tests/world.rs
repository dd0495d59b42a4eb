//! The world of a test: a log with its views, a manual clock, a recorder, and the keeper.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use ownerline_projections::VIEWS;
use ownerline_projections::feedback::inbox;
use ownerline_projections::fold::ViewDef;
use ownerline_projections::obligation::terms::CASE_KINDS;
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DealerReplied, FeedbackReceived, Subjects, Touchpoint, dealer_replied};
use prost::Message as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::command::{Door, Recorder, RecorderLimits};
use crate::config::Schemes;
use crate::keeper::{Keeper, KeeperOptions, SOURCE};
use crate::projector::{self, ProjectorHandle, ProjectorOptions};
use crate::runtime::ManualClock;
use crate::store::memory::{MemoryOptions, MemoryStore};
use crate::store::{
    Append, AppendError, Appended, Capabilities, Epoch, EventFilter, EventKey, EventStore,
    Expected, Head, Position, ReadAll, ReadError, ReadStream, Revision, Scanned, SharedStore,
    StoreState, StoredEvent, StreamName,
};

pub(super) const HOUR: i64 = 3_600_000_000_000;
pub(super) const MINUTE: i64 = HOUR / 60;
/// The instant at which a test begins.
pub(super) const BEGIN: i64 = 1_700_000_000_000_000_000;
/// The longest wait, after which a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

const LIMITS: RecorderLimits = RecorderLimits {
    touchpoint_bytes: 65_536,
    text_characters: 10_000,
    future_tolerance: Duration::from_secs(60),
    photograph_schemes: Schemes::none(),
};

/// An engine that can append another touchpoint just before one of the keeper.
pub(super) struct Log {
    engine: SharedStore,
    /// The append to run before the next event about an obligation.
    pub(super) first: std::sync::Mutex<Option<Append>>,
    /// Whether every append is refused.
    pub(super) is_full: AtomicBool,
}

impl EventStore for Log {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        if self.is_full.load(Ordering::SeqCst) {
            return Box::pin(async { Err(AppendError::NoSpace) });
        }
        let about_obligation = append
            .events
            .iter()
            .any(|event| event.kind.starts_with("obligation_") && &*event.key.source == SOURCE)
            && ["feedback-", "case-"]
                .iter()
                .any(|it| append.stream.as_str().starts_with(it));
        let first = match about_obligation {
            true => self.first.lock().unwrap().take(),
            false => None,
        };
        Box::pin(async move {
            if let Some(first) = first {
                self.engine.append(first).await?;
            }
            self.engine.append(append).await
        })
    }

    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.engine.read_stream(read)
    }

    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>> {
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
        self.engine.epoch()
    }

    fn log_id(&self) -> Uuid {
        self.engine.log_id()
    }

    fn state(&self) -> watch::Receiver<StoreState> {
        self.engine.state()
    }

    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }
}

/// A recorded event about an obligation: id of the feedback or case, percent, and minutes since the beginning.
pub(super) type Said = (String, i64, i64);

pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) log: Arc<Log>,
    recorder: Recorder,
    projector: ProjectorHandle,
    end: CancellationToken,
    projecting: JoinHandle<()>,
    _directory: tempfile::TempDir,
}

/// A running keeper.
pub(super) struct Working {
    end: CancellationToken,
    task: JoinHandle<()>,
}

impl Working {
    pub(super) async fn stop(self) {
        self.end.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        ended.expect("it ends when it is cancelled").unwrap();
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(BEGIN));
        let engine = MemoryStore::new(MemoryOptions::default(), clock.clone());
        let log = Arc::new(Log {
            engine: Arc::new(engine),
            first: std::sync::Mutex::default(),
            is_full: AtomicBool::new(false),
        });
        let directory = tempfile::tempdir().unwrap();
        let end = CancellationToken::new();
        let needed = |view: &&ViewDef| inbox::VIEWS.contains(&view.name);
        let views: Vec<ViewDef> = VIEWS.iter().filter(needed).copied().collect();
        let options = ProjectorOptions::new(directory.path());
        let (projector, projecting) =
            projector::start(log.clone(), views, options, None, end.clone())
                .await
                .unwrap();
        Self {
            recorder: Recorder::new(log.clone(), clock.clone(), LIMITS),
            clock,
            log,
            projector,
            end,
            projecting,
            _directory: directory,
        }
    }

    pub(super) async fn close(self) {
        self.end.cancel();
        self.projecting.await.unwrap();
    }

    /// Starts a keeper.
    pub(super) fn keep(&self) -> Working {
        let keeper = Keeper {
            store: self.log.clone(),
            projector: self.projector.clone(),
            recorder: self.recorder.clone(),
            options: KeeperOptions {
                events_per_second: 100_000,
                longest_sleep: Duration::from_millis(5),
                rest: Duration::from_millis(1),
                retry_from: Duration::from_millis(1),
                retry_up_to: Duration::from_millis(5),
                waiting_rest: Duration::from_millis(1),
                // So few that the due items do not fit into one round.
                round_items: 3,
            },
        };
        let end = CancellationToken::new();
        let task = tokio::spawn(keeper.run(end.clone()));
        Working { end, task }
    }

    /// Starts a keeper, and waits until its first starts are recorded.
    pub(super) async fn begin_to_keep(&self) -> Working {
        let working = self.keep();
        self.until(|events| starts(events) == STARTS).await;
        working
    }

    /// Sets the clock to this many minutes after the beginning.
    pub(super) fn at(&self, minutes: i64) {
        self.clock.set(BEGIN + minutes * MINUTE);
    }

    pub(super) async fn record(&self, touchpoint: Touchpoint, door: Door) {
        let prepared = self.recorder.prepare(touchpoint, door).unwrap();
        let recording = self.recorder.append(prepared, Expected::Any);
        recording.await.unwrap();
    }

    /// Sets the clock to this many minutes after the beginning, and records feedback `id`.
    pub(super) async fn receive(&self, id: &str, minutes: i64) {
        self.at(minutes);
        self.record(feedback(id, minutes), Door::Live).await;
    }

    /// Records a touchpoint just before the next event of the keeper.
    pub(super) fn interrupt(&self, touchpoint: Touchpoint) {
        let prepared = self.recorder.prepare(touchpoint, Door::Live).unwrap();
        let append = Append {
            stream: prepared.stream,
            expected: Expected::Any,
            events: vec![prepared.event],
        };
        *self.log.first.lock().unwrap() = Some(append);
    }

    pub(super) async fn events(&self) -> Vec<StoredEvent> {
        let read = ReadAll {
            after: Position::START,
            filter: EventFilter::default(),
            max: 10_000,
        };
        self.log.read_all(read).await.unwrap().events
    }

    /// Waits until the events of the log satisfy a condition.
    pub(super) async fn until(&self, enough: impl Fn(&[StoredEvent]) -> bool) -> Vec<StoredEvent> {
        let mut head = self.log.head();
        let waiting = async {
            loop {
                head.borrow_and_update();
                let events = self.events().await;
                if enough(&events) {
                    return events;
                }
                head.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(events) => events,
            Err(_) => panic!("still waiting, recorded: {:?}", said(&self.events().await)),
        }
    }

    /// Waits until this level of a feedback was recorded. Earlier notices are recorded before.
    pub(super) async fn until_said(&self, id: &str, percent: i64) -> Vec<Said> {
        let is_it = |it: &Said| it.0 == id && it.1 == percent;
        let events = self.until(|events| said(events).iter().any(is_it)).await;
        said(&events)
    }
}

/// One start for feedback, and one for each kind that cases owe.
pub(super) const STARTS: usize = 1 + CASE_KINDS.len();

/// The number of starts that are recorded.
pub(super) fn starts(events: &[StoredEvent]) -> usize {
    let kinds = events.iter().map(|it| &*it.kind);
    kinds
        .filter(|kind| *kind == "obligation_keeping_started")
        .count()
}

/// The events about obligations, in the order of the log; a revision has 0 percent.
pub(super) fn said(events: &[StoredEvent]) -> Vec<Said> {
    let touchpoints = events.iter().map(decoded);
    let said = touchpoints.filter_map(|touchpoint| {
        let level = match touchpoint.payload? {
            Payload::ObligationWarned(it) => it.level,
            Payload::ObligationBreached(it) => it.level,
            Payload::ObligationOutcomeRevised(_) => 0.0,
            _ => return None,
        };
        let at = time::nanos_clamped(&touchpoint.occurred_at?);
        let percent = (level * 100.0).round() as i64;
        let subjects = touchpoint.subjects?;
        let id = match subjects.case_id.as_str() {
            "" => subjects.feedback_id,
            case_id => case_id.to_owned(),
        };
        Some((id, percent, (at - BEGIN) / MINUTE))
    });
    said.collect()
}

pub(super) fn decoded(event: &StoredEvent) -> Touchpoint {
    Touchpoint::decode(&*event.whole).unwrap()
}

pub(super) fn touchpoint(
    feedback_id: &str,
    id: &str,
    minutes: i64,
    payload: Payload,
) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(time::timestamp(BEGIN + minutes * MINUTE)),
        subjects: Some(Subjects {
            feedback_id: feedback_id.to_owned(),
            owner_id: "ann".to_owned(),
            dealer_id: "d1".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

pub(super) fn feedback(id: &str, minutes: i64) -> Touchpoint {
    let payload = Payload::FeedbackReceived(FeedbackReceived::default());
    touchpoint(id, &format!("{id}-received"), minutes, payload)
}

pub(super) fn reply(feedback_id: &str, minutes: i64) -> Touchpoint {
    let payload = Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        ..DealerReplied::default()
    });
    let id = format!("{feedback_id}-reply-{minutes}");
    touchpoint(feedback_id, &id, minutes, payload)
}
