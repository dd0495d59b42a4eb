//! One round: follows the log, examines the feedback and cases that changed or are due, and records the due notices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ownerline_projections::obligation::Notice;
use ownerline_proto::kind::Category;
use ownerline_proto::time;
use ownerline_proto::v1::{Origin, Touchpoint};
use prost::Message as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::agenda::Agenda;
use super::clock_keeper::Keeper;
use super::failure::Failure;
use super::look::{Examined, Rules, VIEWS, Wanted, When, examine, scan};
use super::matter::Matter;
use super::notices;
use super::pace::Pace;
use super::start::Starts;
use crate::command::{CommandError, Door};
use crate::projector::Required;
use crate::store::{
    AppendError, Direction, EventFilter, Expected, Head, Position, ReadAll, ReadStream, Revision,
    StoredEvent,
};

/// How long the views may take to reach the head, for example after a rebuild, before the round fails.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// The number of events of one read.
const READ: usize = 1_024;
/// The maximum number of changed items in one round; if there are more, all items are examined.
const TOUCHED: usize = 65_536;
/// The maximum number of remembered notices that are recorded but missing from the view.
const SETTLED: usize = 65_536;
/// The shortest time between two scans of all items.
const BETWEEN_SCANS: Duration = Duration::from_secs(1);
/// The time between two scans, as a multiple of the duration of a scan.
const SCAN_REST: u32 = 20;

/// The state between rounds, which need not survive a restart.
pub(super) struct Rounds {
    keeper: Keeper,
    starts: Arc<Starts>,
    head: watch::Receiver<Head>,
    agenda: Agenda,
    /// The position up to which the log was followed.
    followed: Position,
    /// What changed and was not examined since.
    touched: BTreeSet<Matter>,
    /// The cases that wait for their owners, who may write about any matter.
    waiting: BTreeSet<Matter>,
    /// When to examine those again, if something was recorded since then.
    waiting_not_before: Instant,
    /// The position of the last examination of those.
    waited_at: Position,
    /// The rules, unless they may have changed.
    rules: Option<Arc<Rules>>,
    /// The shortest time from receiving feedback to its first notice, by the last known rules, in nanoseconds.
    first_notice_after: i64,
    for_markets: bool,
    /// When to scan all items.
    scan_at: Option<Instant>,
    scan_not_before: Instant,
    pace: Pace,
    /// The ids of notices that are stored but retracted, and must not be recorded again.
    settled: BTreeSet<String>,
}

/// A notice that is due.
struct DueNotice {
    matter: Matter,
    notice: Notice,
}

impl Rounds {
    pub(super) fn new(keeper: Keeper, starts: Starts) -> Self {
        let now = Instant::now();
        Self {
            starts: Arc::new(starts),
            head: keeper.store.head(),
            agenda: Agenda::default(),
            followed: Position::START,
            touched: BTreeSet::new(),
            waiting: BTreeSet::new(),
            waiting_not_before: now,
            waited_at: Position::START,
            rules: None,
            first_notice_after: 0,
            for_markets: false,
            scan_at: Some(now),
            scan_not_before: now,
            pace: Pace::new(keeper.options.events_per_second),
            settled: BTreeSet::new(),
            keeper,
        }
    }

    /// Runs one round.
    pub(super) async fn run_one(&mut self) -> Result<(), Failure> {
        // The clock is read before the head, so that everything received by then is examined.
        let when = When {
            starts: self.starts.clone(),
            now: self.keeper.recorder.now(),
        };
        let head = self.head.borrow_and_update().position;
        if self.scan_at.is_some_and(|at| at <= Instant::now()) {
            self.scan(head, when.clone()).await?;
        }
        self.follow(head).await?;
        let (due, turn) = self.agenda.due(when.now, self.keeper.options.round_items);
        let mut matters = self.touched.clone();
        matters.extend(due);
        let began = Instant::now();
        let with_waiting = self.waited_at < head && self.waiting_not_before <= began;
        if with_waiting {
            matters.extend(self.waiting.iter().cloned());
        }
        if matters.is_empty() {
            return Ok(());
        }
        self.views_reach(head).await?;
        let wanted = Wanted {
            matters,
            rules: self.rules.clone(),
        };
        let projector = self.keeper.projector.clone();
        let examining = move || examine(&projector, head, wanted, &when);
        let examination = tokio::task::spawn_blocking(examining).await??;
        self.touched.clear();
        if with_waiting {
            self.waited_at = head;
            let rest = self.keeper.options.waiting_rest;
            self.waiting_not_before = Instant::now() + rest.max(began.elapsed() * SCAN_REST);
        }
        self.set_rules(examination.rules);
        let (due, revisions) = self.plan(examination.examined, turn);
        self.issue(due, revisions, examination.position).await
    }

    /// Waits for the next round: until an item is due, the log has grown, or the clock may have jumped.
    pub(super) async fn rest(&mut self) {
        let options = self.keeper.options;
        let now = self.keeper.recorder.now();
        let due_in = self.agenda.next().map(|at| at.saturating_sub(now).max(0));
        let due_in = due_in.map(|nanos| Duration::from_nanos(nanos.unsigned_abs()));
        let scan_in = self
            .scan_at
            .map(|at| at.saturating_duration_since(Instant::now()));
        let sleep = [due_in, scan_in].into_iter().flatten().min();
        let sleep = sleep
            .unwrap_or(options.longest_sleep)
            .min(options.longest_sleep);
        tokio::time::sleep(options.rest.min(sleep)).await;
        // Whatever ends the wait, the next round finds out what to do, or that the log is closed.
        let _ = tokio::time::timeout(sleep.saturating_sub(options.rest), self.head.changed()).await;
    }

    async fn views_reach(&self, head: Position) -> Result<(), Failure> {
        for view in VIEWS {
            let required = Required::Now(head);
            let projector = &self.keeper.projector;
            projector.wait_for(view, required, PATIENCE).await?;
        }
        Ok(())
    }

    /// Examines all items, and follows the log from the position of the views.
    async fn scan(&mut self, head: Position, when: When) -> Result<(), Failure> {
        self.views_reach(head).await?;
        let began = Instant::now();
        let projector = self.keeper.projector.clone();
        let scanned = tokio::task::spawn_blocking(move || scan(&projector, head, &when)).await??;
        self.agenda.clear();
        for (matter, at) in scanned.wakes {
            self.agenda.put(&matter, Some(at));
        }
        self.waiting = scanned.waiting;
        self.waited_at = scanned.position;
        self.followed = scanned.position;
        self.touched.clear();
        self.set_rules(scanned.rules);
        self.scan_at = None;
        let between = (began.elapsed() * SCAN_REST).max(BETWEEN_SCANS);
        self.scan_not_before = Instant::now() + between;
        Ok(())
    }

    fn set_rules(&mut self, rules: Arc<Rules>) {
        (self.first_notice_after, self.for_markets) = (rules.first_notice_after, rules.for_markets);
        self.rules = Some(rules);
    }

    /// Follows the log up to `head`, and collects the items that may have changed.
    async fn follow(&mut self, head: Position) -> Result<(), Failure> {
        let filter = [
            Category::Feedback,
            Category::Case,
            Category::Policy,
            Category::Dealer,
        ];
        let filter = EventFilter {
            categories: filter.map(|it| it.as_str().to_owned()).into(),
            ..EventFilter::default()
        };
        while self.followed < head {
            let read = ReadAll {
                after: self.followed,
                filter: filter.clone(),
                max: READ,
            };
            let read = self.keeper.store.read_all(read).await?;
            for event in &read.events {
                self.touch(event);
            }
            self.followed = read.through.max(self.followed);
            if read.at_head {
                break;
            }
        }
        if self.touched.len() > TOUCHED {
            self.touched.clear();
            self.plan_scan();
        }
        Ok(())
    }

    fn touch(&mut self, event: &StoredEvent) {
        let stream = event.stream.as_str();
        let Some((_, id)) = stream.split_once('-') else {
            return;
        };
        match Category::of_stream(stream) {
            Some(Category::Feedback) if &*event.kind == "feedback_received" => {
                self.received(event, id);
            }
            Some(Category::Feedback) => {
                self.touched.insert(Matter::feedback(id));
            }
            Some(Category::Case) => {
                self.touched.insert(Matter::case(id));
            }
            Some(Category::Policy)
                if matches!(&*event.kind, "policy_published" | "touchpoint_retracted") =>
            {
                self.rules = None;
                self.plan_scan();
            }
            Some(Category::Dealer) if self.for_markets => {
                self.rules = None;
                self.plan_scan();
            }
            _ => {}
        }
    }

    /// Plans to examine a new item when its first notice may be due. Most feedback is answered by then, and is
    /// examined only once.
    fn received(&mut self, event: &StoredEvent, id: &str) {
        let touchpoint = Touchpoint::decode(event.clear.clone());
        match touchpoint {
            Ok(touchpoint) if event.revision == Revision(0) => {
                let received_at = touchpoint.received_at.as_ref().map(time::nanos_clamped);
                let start = received_at.unwrap_or(event.recorded_at);
                if touchpoint.origin() != Origin::Imported {
                    let at = start.saturating_add(self.first_notice_after);
                    self.agenda.put_no_later(&Matter::feedback(id), at);
                }
            }
            _ => {
                self.touched.insert(Matter::feedback(id));
            }
        }
    }

    fn plan_scan(&mut self) {
        let at = self.scan_not_before.max(Instant::now());
        self.scan_at.get_or_insert(at);
    }

    /// Plans when to examine each matter next, and returns the notices up to `turn`, in order of time, with the
    /// revisions of the streams of feedback.
    fn plan(&mut self, all: Vec<Examined>, turn: i64) -> (Vec<DueNotice>, BTreeMap<Matter, u64>) {
        let mut due = Vec::new();
        let mut revisions = BTreeMap::new();
        for Examined {
            matter,
            revision,
            mut kept,
            waits,
        } in all
        {
            kept.notices.retain(|it| !self.settled.contains(&it.id));
            // A notice that is recorded below changes the matter again.
            self.agenda.put(&matter, kept.wakes_at());
            match waits {
                true => self.waiting.insert(matter.clone()),
                false => self.waiting.remove(&matter),
            };
            for notice in kept.notices {
                if notice.occurred_at <= turn {
                    let matter = matter.clone();
                    due.push(DueNotice { matter, notice });
                }
            }
            if matches!(matter, Matter::Feedback(_)) {
                revisions.insert(matter, revision);
            }
        }
        due.sort_by(|a, b| {
            let by_time = a.notice.occurred_at.cmp(&b.notice.occurred_at);
            by_time.then_with(|| a.notice.id.cmp(&b.notice.id))
        });
        (due, revisions)
    }

    /// The revisions of the streams of the cases with a due notice, as the views at `position` know them. A case to which
    /// more was appended has none: the next round examines it again.
    async fn add_revisions(
        &self,
        due: &[DueNotice],
        revisions: &mut BTreeMap<Matter, u64>,
        position: Position,
    ) -> Result<(), Failure> {
        let cases = due.iter().map(|it| &it.matter);
        let cases: BTreeSet<&Matter> = cases.filter(|it| matches!(it, Matter::Case(_))).collect();
        for matter in cases {
            let last = ReadStream {
                stream: matter.stream(),
                from: None,
                direction: Direction::Backward,
                max: 1,
            };
            let last = self.keeper.store.read_stream(last).await?;
            if let Some(last) = last.first().filter(|it| it.position <= position) {
                revisions.insert(matter.clone(), last.revision.0);
            }
        }
        Ok(())
    }

    /// Records the due notices one after the other, at the revisions that the views show.
    async fn issue(
        &mut self,
        due: Vec<DueNotice>,
        mut revisions: BTreeMap<Matter, u64>,
        position: Position,
    ) -> Result<(), Failure> {
        self.add_revisions(&due, &mut revisions, position).await?;
        for DueNotice { matter, notice } in due {
            let Some(revision) = revisions.get_mut(&matter) else {
                continue;
            };
            self.pace.wait().await;
            if notice.occurred_at > self.keeper.recorder.now() {
                // The clock went back. The notice is due again later.
                continue;
            }
            let expected = Expected::Exact(Revision(*revision));
            match self.record(&matter, &notice, expected).await {
                Ok(Some(recorded)) => *revision = recorded.0,
                Ok(None) => self.settle(notice.id),
                Err(CommandError::Append(AppendError::WrongRevision { .. })) => {
                    // Another touchpoint was appended first; the next round examines the matter again.
                    revisions.remove(&matter);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Records a notice. Returns `None` if it must not be tried again.
    async fn record(
        &self,
        matter: &Matter,
        notice: &Notice,
        expected: Expected,
    ) -> Result<Option<Revision>, CommandError> {
        let recorder = &self.keeper.recorder;
        let stream = matter.stream();
        let touchpoint = notices::touchpoint(matter, notice);
        let recording = match recorder.prepare(touchpoint, Door::Live) {
            Ok(prepared) => recorder.append(prepared, expected),
            Err(error) => {
                tracing::error!(%stream, id = notice.id, %error, "obligation event is malformed");
                return Ok(None);
            }
        };
        match recording.await {
            Ok(outcome) => {
                let appended = outcome.appended.filter(|appended| !appended.replayed);
                Ok(appended.map(|appended| appended.revision))
            }
            Err(CommandError::IdReused { key, position, .. }) => {
                tracing::warn!(%stream, id = %key.id, %position, "obligation event was recorded by another process");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn settle(&mut self, id: String) {
        if self.settled.len() >= SETTLED {
            self.settled.clear();
        }
        self.settled.insert(id);
    }
}
