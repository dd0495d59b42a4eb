//! The clock-keeper of the real server, killed and drained at random instants while feedback comes in, promises are made
//! in cases, and the deadlines of both pass. `OWNERLINE_KEEPER_RESTARTS` sets how often (default 6; the long run is 100).
//! `OWNERLINE_SEED` repeats a run as far as the machine's scheduler allows:
//!
//! ```sh
//! OWNERLINE_KEEPER_RESTARTS=100 cargo test --test it -- --nocapture keeper::
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use ownerline::runtime::{Clock as _, SystemClock};
use ownerline_projections::obligation::terms::CASE_KINDS;
use ownerline_proto::time;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CommitmentKept, CommitmentMade, DealerReplied, Origin, PolicyPublished, RecordedTouchpoint,
    SlaPolicy, Subjects, SubscribeRequest, Touchpoint, dealer_replied,
};

use crate::load::{instant, verified};
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{Dice, asked_for, feedback, seed};

const SECOND: i64 = 1_000_000_000;
const BUDGET: i64 = 2 * SECOND;
const SHARES: [f64; 3] = [0.5, 0.75, 0.9];
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(300);
/// One start for feedback, and one for each kind that cases owe.
const STARTS: usize = 1 + CASE_KINDS.len();
/// Feedback and promises of one lifetime of the server, at most.
const A_LIFE: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn across_restarts_each_obligation_kind_and_level_has_exactly_one_event() {
    let restarts = asked_for("OWNERLINE_KEEPER_RESTARTS", 6);
    let seed = seed();
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut clients = Clients::default();
    let served = begun(directory.path()).await;
    let remote = served.remote().await;
    remote.record(two_seconds()).await.unwrap();
    // Their time runs out like that of the others, but they came by import.
    let history = feedback("owner-1", "imported", time_now() / SECOND);
    remote.import(vec![history, promise("imported")]).await;
    served.kill();
    for _ in 0..restarts {
        let served = start(directory.path());
        let remote = served.remote().await;
        let end = instant(&mut dice);
        let kill = dice.below(2) == 0;
        let ended = async {
            // Nothing is waited for here: the instant at random is the experiment.
            tokio::time::sleep(end).await;
            tokio::task::spawn_blocking(move || match kill {
                true => served.kill(),
                false => assert_eq!(served.terminate(), Some(0)),
            })
            .await
            .unwrap();
        };
        tokio::join!(ended, clients.record_until_ended(&remote, &mut dice));
    }
    let served = start(directory.path());
    let remote = served.remote().await;
    clients.all_arrive(&remote).await;
    let log = followed(&remote, Log::is_complete).await;
    log.holds();
    assert_eq!(served.terminate(), Some(0));
    // Another start finds nothing to say.
    let served = start(directory.path());
    let remote = served.remote().await;
    let more = feedback("owner-1", "last", time_now() / SECOND);
    remote.record(more).await.unwrap();
    let again = followed(&remote, Log::is_complete).await;
    again.holds();
    assert_eq!(again.events.len(), log.events.len() + 4);
    assert_eq!(served.terminate(), Some(0));
    verified(directory.path());
    eprintln!(
        "{restarts} restarts, {} feedback items and promises, {} answered or kept, {} events, none twice",
        again.begun.len(),
        again.replies.len(),
        again.events.len()
    );
}

fn start(data: &Path) -> Served {
    Served::start_with(data, &[("OWNERLINE_KEEPER_ENABLED", "true")])
}

/// The first start, once the log says that obligations are kept.
async fn begun(data: &Path) -> Served {
    let served = start(data);
    let remote = served.remote().await;
    followed(&remote, |log| log.starts == STARTS).await;
    served
}

fn time_now() -> i64 {
    SystemClock.now()
}

/// A first reply within two seconds, and promises by their dates.
fn two_seconds() -> Touchpoint {
    let owed = |kind: Owed, budget_seconds| Obligation {
        kind: kind.into(),
        budget_seconds,
        warning_shares: SHARES.to_vec(),
        ..Obligation::default()
    };
    let first_reply = owed(Owed::FirstReply, BUDGET / SECOND);
    let promises = owed(Owed::Commitment, 0);
    Touchpoint {
        id: "sla".to_owned(),
        source: "//headquarters".to_owned(),
        occurred_at: Some(time::timestamp(time_now())),
        payload: Some(Payload::PolicyPublished(PolicyPublished {
            name: "sla".to_owned(),
            kind: Kind::Sla.into(),
            version: 1,
            effective_from: Some(time::timestamp(0)),
            body: Some(Body::Sla(SlaPolicy {
                obligations: vec![first_reply, promises],
            })),
            ..PolicyPublished::default()
        })),
        ..Touchpoint::default()
    }
}

/// Who writes, and does not know of everything whether it arrived.
#[derive(Default)]
struct Clients {
    made: usize,
    unsure: Option<Touchpoint>,
    /// Feedback that somebody may still reply to, and cases with a promise that somebody may still keep.
    open: Vec<Open>,
}

enum Open {
    Feedback(String),
    Case(String),
}

impl Clients {
    async fn record_until_ended(&mut self, remote: &Remote, dice: &mut Dice) {
        for _ in 0..A_LIFE {
            let next = match self.unsure.take() {
                Some(unsure) => unsure,
                None => self.next(dice),
            };
            if remote.record(next.clone()).await.is_err() {
                self.unsure = Some(next);
                return;
            }
        }
    }

    async fn all_arrive(&mut self, remote: &Remote) {
        if let Some(unsure) = self.unsure.take() {
            remote.record(unsure).await.unwrap();
        }
    }

    fn next(&mut self, dice: &mut Dice) -> Touchpoint {
        self.made += 1;
        let id = self.made.to_string();
        if !self.open.is_empty() && dice.below(4) == 0 {
            return match self.open.swap_remove(dice.below(self.open.len())) {
                Open::Feedback(feedback_id) => reply(&id, &feedback_id),
                Open::Case(case_id) => kept(&id, &case_id),
            };
        }
        if dice.below(3) == 0 {
            self.open.push(Open::Case(format!("c-{id}")));
            return promise(&id);
        }
        self.open.push(Open::Feedback(format!("f-{id}")));
        let mut touchpoint = feedback("owner-1", &id, 0);
        touchpoint.occurred_at = Some(time::timestamp(time_now()));
        touchpoint
    }
}

fn reply(id: &str, feedback_id: &str) -> Touchpoint {
    let mut touchpoint = feedback("owner-1", id, 0);
    touchpoint.occurred_at = Some(time::timestamp(time_now()));
    touchpoint.subjects.as_mut().unwrap().feedback_id = feedback_id.to_owned();
    touchpoint.payload = Some(Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        ..DealerReplied::default()
    }));
    touchpoint
}

/// A promise in a case of its own, to be kept within two seconds.
fn promise(id: &str) -> Touchpoint {
    let now = time_now();
    let made = CommitmentMade {
        commitment_id: "call".to_owned(),
        due_at: Some(time::timestamp(now + BUDGET)),
        ..CommitmentMade::default()
    };
    Touchpoint {
        occurred_at: Some(time::timestamp(now)),
        ..of_case(id, &format!("c-{id}"), Payload::CommitmentMade(made))
    }
}

fn kept(id: &str, case_id: &str) -> Touchpoint {
    let commitment_id = "call".to_owned();
    let kept = Payload::CommitmentKept(CommitmentKept { commitment_id });
    of_case(id, case_id, kept)
}

fn of_case(id: &str, case_id: &str, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: format!("of-case-{id}"),
        occurred_at: Some(time::timestamp(time_now())),
        subjects: Some(Subjects {
            case_id: case_id.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..feedback("owner-1", id, 0)
    }
}

/// The facts of the log, by feedback or case.
#[derive(Default)]
struct Log {
    starts: usize,
    /// When the time of each live one began.
    begun: BTreeMap<String, i64>,
    imported: BTreeSet<String>,
    /// When each was answered or kept, as told and as recorded.
    replies: BTreeMap<String, (i64, i64)>,
    /// The instant of each event: feedback or case, what it says, level in thousandths.
    events: BTreeMap<(String, &'static str, i64), i64>,
}

fn nanos(timestamp: Option<pbjson_types::Timestamp>) -> i64 {
    time::nanos_clamped(&timestamp.unwrap())
}

impl Log {
    fn take(&mut self, recorded: RecordedTouchpoint) {
        let touchpoint = recorded.touchpoint.unwrap();
        let subjects = touchpoint.subjects.unwrap_or_default();
        // One of the two is empty.
        let id = subjects.feedback_id + &subjects.case_id;
        let occurred_at = nanos(touchpoint.occurred_at);
        let (says, level) = match touchpoint.payload.unwrap() {
            Payload::ObligationKeepingStarted(_) => {
                self.starts += 1;
                return;
            }
            Payload::FeedbackReceived(_) | Payload::CommitmentMade(_)
                if touchpoint.origin == i32::from(Origin::Imported) =>
            {
                self.imported.insert(id);
                return;
            }
            Payload::FeedbackReceived(_) => {
                self.begun.insert(id, nanos(touchpoint.received_at));
                return;
            }
            Payload::CommitmentMade(_) => {
                self.begun.insert(id, occurred_at);
                return;
            }
            Payload::DealerReplied(_) | Payload::CommitmentKept(_) => {
                let times = (occurred_at, nanos(recorded.recorded_at));
                self.replies.insert(id, times);
                return;
            }
            Payload::ObligationWarned(it) => ("warned", it.level),
            Payload::ObligationBreached(it) => ("breached", it.level),
            Payload::ObligationOutcomeRevised(it) => ("revised", it.level),
            _ => return,
        };
        assert_eq!(touchpoint.source, "//ownerline/clock-keeper");
        assert_eq!(touchpoint.origin, i32::from(Origin::Live));
        // A thousandth of a level is a level of its own.
        let key = (id, says, (level * 1_000.0).round() as i64);
        let before = self.events.insert(key.clone(), occurred_at);
        assert_eq!(before, None, "{key:?} is said twice");
    }

    /// Levels that there must be: of what was open at their instants, and was not answered before they could
    /// be said.
    fn owed(&self) -> BTreeMap<(String, &'static str, i64), i64> {
        let mut owed = BTreeMap::new();
        for (id, start) in &self.begun {
            let answered = self.replies.get(id).map(|(occurred_at, _)| *occurred_at);
            for (says, level, at) in levels(*start) {
                if answered.is_none_or(|answered| at < answered) {
                    owed.insert((id.clone(), says, level), at);
                }
            }
        }
        owed
    }

    /// Everything that is owed is there, and nothing is open any more.
    fn is_complete(&self) -> bool {
        self.owed().keys().all(|key| self.events.contains_key(key))
    }

    fn holds(&self) {
        assert_eq!(self.starts, STARTS);
        assert!(!self.imported.is_empty());
        let owed = self.owed();
        for (key, at) in &owed {
            assert_eq!(self.events.get(key), Some(at), "{key:?}");
        }
        for (key, at) in &self.events {
            let (id, says, _) = key;
            assert!(!self.imported.contains(id), "{key:?} was imported");
            if owed.contains_key(key) {
                continue;
            }
            // A reply that was on its way, when it was said that there is none.
            let (occurred_at, recorded_at) = self.replies[id];
            let on_its_way = occurred_at..=recorded_at.max(occurred_at);
            assert!(
                *says == "revised" || on_its_way.contains(at),
                "{key:?} at {at}"
            );
        }
    }
}

/// The kind of notice, the level in thousandths, and the instant.
fn levels(start: i64) -> impl Iterator<Item = (&'static str, i64, i64)> {
    let warnings = SHARES.into_iter().map(move |share| {
        let at = start + (BUDGET as f64 * share).round() as i64;
        ("warned", (share * 1_000.0).round() as i64, at)
    });
    warnings.chain([("breached", 1_000, start + BUDGET)])
}

/// Follows the log from its beginning until it holds the awaited touchpoint.
async fn followed(remote: &Remote, enough: impl Fn(&Log) -> bool) -> Log {
    let mut log = Log::default();
    let following = async {
        let request = SubscribeRequest::default();
        let opened = remote.touchpoints().subscribe(request).await.unwrap();
        let mut answers = opened.into_inner();
        let mut caught_up = false;
        while !(caught_up && enough(&log)) {
            let answer = answers.message().await.unwrap().expect("it goes on");
            match answer.item.unwrap() {
                Item::Batch(batch) => batch.touchpoints.into_iter().for_each(|it| log.take(it)),
                Item::CaughtUp(_) => caught_up = true,
                Item::Checkpoint(_) => {}
            }
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, following).await;
    assert!(in_time.is_ok(), "it does not come: {:?}", log.missing());
    log
}

impl Log {
    fn missing(&self) -> Vec<(String, &'static str, i64)> {
        let owed = self.owed().into_keys();
        owed.filter(|key| !self.events.contains_key(key)).collect()
    }
}
