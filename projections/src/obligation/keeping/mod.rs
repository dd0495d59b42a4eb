//! What the clock-keeper has to say about an item, as known now, and when to look at it again: a pure
//! function, so that it does not matter when, how often or by whom it is asked.
//!
//! - A *level* is owed if the obligation was open at the level's own instant, by what had occurred until then
//!   and is known now; if that instant is not in the future, and not before the keeping began; and if no
//!   event says it yet under this policy and version. A reply that is told in time but late therefore stops
//!   what was not said before it came; what was said stays said.
//! - Nothing is owed for an imported feedback, or for what an imported touchpoint opened.
//! - An obligation that a withdrawn or bounced reply made meaningless (the message waits for the first reply
//!   again) is warned about as far as it ran.
//! - An outcome is *revised* if what was said last is no longer so: a breach that was none after all, one
//!   whose item does not count, or one that is one again. An answer behind the deadline is no revision of a
//!   breach, and neither is a closing: both leave it a miss. If nothing was said, because the obligation was
//!   met at its deadline, and it is missed now, that is a revision, too.
//! - What a revision names as its cause is what the outcome rests on (the answer, the exclusion), if that came
//!   after what was said last; else the policy, if another version rules now; else the last touchpoint that
//!   takes something back; else the last one. It occurred when its cause could be known.

mod revision;

pub(crate) use revision::is_missed;

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::named::level_id;
use super::{Fact, Item, ItemState, Level, Obligation, State, What, levels};
use crate::obligation::terms::InForce;

/// How many withdrawn or bounced replies of one item are looked behind.
const LOOKED_BEHIND: usize = 64;

/// What the clock-keeper stands on. Instants are in nanoseconds since the Unix epoch.
#[derive(Clone, Copy)]
pub struct Keeping<'k> {
    /// What is owed by when.
    pub in_force: &'k dyn InForce,
    /// How the policies became known.
    pub publications: &'k dyn Publications,
    /// When the keeping began: no level before is owed.
    pub since: i64,
    /// The present.
    pub now: i64,
}

/// How policies became known.
pub trait Publications {
    /// How a version of a policy did; `None` if it ships with the server.
    fn publication(&self, policy: &str, version: i32) -> Option<Cause>;
}

/// A touchpoint that made something known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// (source, id) of it.
    pub key: (String, String),
    /// Its place in the log.
    pub position: u64,
    /// From when on it counted: it had occurred and was recorded (nanoseconds since the Unix epoch).
    pub known_at: i64,
}

/// What an event says about an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// It runs out of time.
    Warned,
    /// It was not met in time.
    Breached,
    /// It ended otherwise than was said.
    Revised {
        /// What was said, or how it stood at the deadline.
        previous: String,
        /// How it stands.
        now: &'static str,
        /// What changed it: (source, id).
        because: (String, String),
    },
}

/// One event that is owed. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its id: whoever issues it, it is the same event.
    pub id: String,
    /// The level's own instant, or that from which the revision was known.
    pub occurred_at: i64,
    /// What it says.
    pub says: Says,
    /// The share of the budget.
    pub share: f64,
    /// The obligation.
    pub obligation_id: String,
    /// Its episode.
    pub episode: u32,
    /// What is owed.
    pub kind: Kind,
    /// The policy and its version.
    pub policy: (String, i32),
    /// By when it is owed; `None` while its clock stands still.
    pub due_at: Option<i64>,
    /// (source, id) of the touchpoint that opened it.
    pub opened_by: (String, String),
    /// Whom the feedback is from; empty if nobody said.
    pub owner_id: String,
    /// Which vehicle it is about; empty if nobody said.
    pub vin: String,
    /// Who was responsible at its instant; empty where the feedback itself names no dealer: an event that did
    /// would decide who was the first.
    pub dealer_id: String,
}

/// What is owed now, and when more may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// In due order.
    pub notices: Vec<Notice>,
    /// The next instant at which time alone may make something owed (nanoseconds since the Unix epoch).
    pub next: Option<i64>,
}

impl Kept {
    /// When there is something to do.
    #[must_use]
    pub fn wakes_at(&self) -> Option<i64> {
        let first = self.notices.first().map(|notice| notice.occurred_at);
        first.or(self.next)
    }

    fn wakes(&mut self, at: i64) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// What is owed about an item.
#[must_use]
pub fn kept(item: &Item, keeping: &Keeping<'_>) -> Kept {
    let state = ItemState::at(item, keeping.in_force, keeping.now);
    let behind = item.until(keeping.now.into()).len();
    let mut kept = Kept {
        notices: Vec::new(),
        next: item.facts().get(behind).map(|fact| fact.occurred_at),
    };
    if let Some(received) = &state.received
        && received.imported
    {
        return Kept::default();
    }
    for obligation in vanished(item, keeping, &state) {
        if is_live(item, &obligation) {
            keep_levels(item, keeping, &obligation, &mut kept);
        }
    }
    for obligation in &state.obligations {
        if is_live(item, obligation) {
            let breach_is_owed = keep_levels(item, keeping, obligation, &mut kept);
            if !breach_is_owed {
                revision::keep(item, keeping, &state, obligation, &mut kept);
            }
        }
    }
    kept.notices.sort_by(|a, b| {
        let by_time = a.occurred_at.cmp(&b.occurred_at);
        by_time.then_with(|| a.id.cmp(&b.id))
    });
    kept
}

/// Puts down the levels that are owed, and when the next one is. Answers whether the breach is among them.
fn keep_levels(
    item: &Item,
    keeping: &Keeping<'_>,
    obligation: &Obligation,
    kept: &mut Kept,
) -> bool {
    let (dealer_id, start) = (&obligation.dealer_at_start, obligation.start);
    let terms = keeping.in_force.terms(dealer_id, start);
    let Some(term) = terms.of(obligation.kind) else {
        return false;
    };
    let mut breach_is_owed = false;
    for level in levels(item, obligation, term) {
        let Some(at) = level.at else {
            continue;
        };
        // What ends at the deadline itself is in time.
        let from = at.saturating_add(i64::from(level.breach));
        if from > keeping.now {
            if obligation.outcome.state == State::Open {
                kept.wakes(from);
            }
            continue;
        }
        if at < keeping.since || level.issued {
            continue;
        }
        let then = ItemState::at(item, keeping.in_force, at);
        if is_open(&then, obligation) {
            breach_is_owed |= level.breach;
            let notice = level_notice(item, &then, obligation, &level, at);
            kept.notices.push(notice);
        }
    }
    breach_is_owed
}

fn is_open(state: &ItemState, obligation: &Obligation) -> bool {
    let found = same(state, obligation);
    found.is_some_and(|found| found.outcome.state == State::Open)
}

fn same<'s>(state: &'s ItemState, obligation: &Obligation) -> Option<&'s Obligation> {
    let mut all = state.obligations.iter();
    all.find(|it| it.obligation_id == obligation.obligation_id)
}

/// Obligations that were, until a reply was withdrawn or bounced.
fn vanished(item: &Item, keeping: &Keeping<'_>, now: &ItemState) -> Vec<Obligation> {
    let facts = item.until(keeping.now.into()).iter();
    let took_back =
        facts.filter(|it| matches!(it.what(), What::ReplyWithdrawn | What::ReplyBounced));
    let mut found: Vec<Obligation> = Vec::new();
    for fact in took_back.take(LOOKED_BEHIND) {
        let before = fact.occurred_at.saturating_sub(1);
        for obligation in ItemState::at(item, keeping.in_force, before).obligations {
            let is_known = |it: &Obligation| it.obligation_id == obligation.obligation_id;
            if !now.obligations.iter().any(is_known) && !found.iter().any(is_known) {
                found.push(obligation);
            }
        }
    }
    found
}

/// Whether what opened it was reported live.
fn is_live(item: &Item, obligation: &Obligation) -> bool {
    let opener = fact_of(item, &obligation.opened_by);
    opener.is_some_and(|fact| !fact.imported)
}

fn fact_of<'i>(item: &'i Item, (source, id): &(String, String)) -> Option<&'i Fact> {
    let mut facts = item.facts().iter();
    facts.find(|fact| fact.id == *id && item.text(fact.source) == source)
}

fn level_notice(
    item: &Item,
    then: &ItemState,
    obligation: &Obligation,
    level: &Level,
    at: i64,
) -> Notice {
    let says = if level.breach {
        Says::Breached
    } else {
        Says::Warned
    };
    let id = level_id(obligation, level.breach, level.share);
    notice(item, then, obligation, (id, at, says, level.share))
}

/// A notice with its subjects as of a state.
fn notice(
    item: &Item,
    state: &ItemState,
    obligation: &Obligation,
    (id, occurred_at, says, share): (String, i64, Says, f64),
) -> Notice {
    let received = state.received.as_ref();
    let feedback = received.and_then(|it| fact_of(item, &it.key));
    let names_dealer = feedback.is_some_and(|fact| fact.dealer != 0);
    Notice {
        id,
        occurred_at,
        says,
        share,
        obligation_id: obligation.obligation_id.clone(),
        episode: obligation.episode,
        kind: obligation.kind,
        policy: obligation.policy.clone(),
        due_at: obligation.outcome.due_at,
        opened_by: obligation.opened_by.clone(),
        owner_id: received.map_or_else(String::new, |it| it.owner_id.clone()),
        vin: received.map_or_else(String::new, |it| it.vin.clone()),
        dealer_id: match names_dealer {
            true => state.dealer_id.clone(),
            false => String::new(),
        },
    }
}
