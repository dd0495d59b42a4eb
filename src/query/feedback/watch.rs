//! Watching an inbox: what changed since the last look, by what was recorded and by time passing.
//!
//! Of each obligation that was answered 32 bytes are kept: its name and a digest of what was said of it,
//! without what changes with every instant. A look is taken when something of any feedback, case, policy or
//! dealer was recorded, though not more often than [`REST`] allows; and at the next instant at which time alone changes
//! something. In between nothing is read.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ownerline_projections::Viewer;
use ownerline_projections::feedback::inbox::{Inbox, Owed, Turns, look};
use ownerline_projections::fold::footprint::Name;
use ownerline_projections::fold::reach::Reach;
use ownerline_projections::policy::terms_in_force;
use ownerline_proto::time;

use super::reads::FeedbackReads;
use super::size::owed_bytes;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Basis;
use crate::query::error::QueryError;
use crate::query::needs::INBOX;
use crate::query::watching::{LookAt, Rest, WatchFrom, WatchPace, Watching, Woken};

/// Changes of one step at most.
const STEP_CHANGES: usize = 256;
/// At least 50 ms between two looks, which keep a fifth of a core busy at most.
const REST: Rest = Rest {
    least: Duration::from_millis(50),
    times: 4,
};
/// Streams of these categories can change an inbox.
const CATEGORIES: [&str; 4] = ["feedback", "case", "policy", "dealer"];
/// Streams of this category can, too, while a case waits for its owner: the owner calls, or turns out to be somebody known.
const OWNER: &str = "owner";

/// One change of an inbox.
#[derive(Debug, Clone)]
pub enum InboxChange {
    /// It is owed now.
    Added(Owed),
    /// It stands differently now.
    Revised(Owed),
    /// It is not in the inbox any more: the name of the obligation.
    Removed(String),
}

/// More bytes than the name of an obligation takes.
const NAME_BYTES: usize = 64;

impl InboxChange {
    /// The most bytes that a message needs for it.
    fn most_bytes(&self) -> usize {
        match self {
            Self::Added(owed) | Self::Revised(owed) => owed_bytes(owed),
            Self::Removed(_) => NAME_BYTES,
        }
    }
}

/// Some changes, and the basis of the inbox with them.
#[derive(Debug, Clone)]
pub struct InboxStep {
    /// By the name of the obligation; empty if nothing changed for a while.
    pub changes: Vec<InboxChange>,
    /// What the inbox reflects once the changes are complete.
    pub basis: Basis,
    /// More changes up to the same basis follow.
    pub more: bool,
}

/// The first 16 bytes of the digest of an obligation, by its name.
type Digests = BTreeMap<u128, u128>;

/// A running watch. Dropping it ends it.
pub struct InboxWatch {
    watching: Watching,
    inbox: Inbox,
    /// What the watcher knows, or will know once `pending` is told.
    known: Digests,
    /// Changes that did not fit the step before.
    pending: VecDeque<InboxChange>,
    /// Nothing was told yet.
    silent: bool,
}

/// The result of one look.
struct Looked {
    digests: Digests,
    changes: Vec<InboxChange>,
    turns: Turns,
}

impl FeedbackReads {
    /// Begins to watch.
    ///
    /// # Errors
    /// If a position lies behind the end of the log, or the views do not reach it in time.
    pub async fn watch(
        &self,
        inbox: Inbox,
        from: WatchFrom,
        pace: WatchPace,
        viewer: &Viewer,
    ) -> Result<InboxWatch, QueryError> {
        let watching = Watching::begin(&self.reads, INBOX, viewer, from, pace, REST).await?;
        let mut watch = InboxWatch {
            watching,
            inbox,
            known: Digests::new(),
            pending: VecDeque::new(),
            silent: true,
        };
        if let Some(basis) = watch.watching.basis() {
            // Only the views can say again what was answered then.
            let (_, looked) = watch.look(Some(basis)).await?;
            watch.known = looked.digests;
        }
        Ok(watch)
    }
}

impl InboxWatch {
    /// The next step: at once for the first, then when something changed or was silent for long enough.
    ///
    /// # Errors
    /// If a view cannot be read or has stopped; the watch is over then.
    pub async fn next(&mut self) -> Result<InboxStep, QueryError> {
        loop {
            if !self.pending.is_empty() {
                return Ok(self.step());
            }
            if !self.silent && self.watching.wait().await? == Woken::BySilence {
                let basis = self.watching.still();
                return Ok(InboxStep {
                    changes: Vec::new(),
                    basis,
                    more: false,
                });
            }
            let (basis, looked) = self.look(None).await?;
            self.known = looked.digests;
            self.watching.complete(basis, reach(looked.turns));
            self.pending.extend(looked.changes);
            if self.pending.is_empty() && self.silent {
                return Ok(self.step());
            }
        }
    }

    /// The changes that fit one step.
    fn step(&mut self) -> InboxStep {
        self.silent = false;
        self.watching.tells();
        let mut budget = AnswerBudget::of_message();
        let fitting = self.pending.iter().take(STEP_CHANGES);
        let fitting = fitting.take_while(|change| budget.takes(change.most_bytes()));
        let fit = fitting.count();
        InboxStep {
            changes: self.pending.drain(..fit).collect(),
            basis: self.watching.basis().unwrap_or_default(),
            more: !self.pending.is_empty(),
        }
    }

    /// Looks at the inbox as it stands now, or stood on a basis, and compares it with what the watcher knows.
    async fn look(&mut self, then: Option<Basis>) -> Result<(Basis, Looked), QueryError> {
        let inbox = self.inbox.clone();
        let mut before = self.known.clone();
        let at = then.map_or(LookAt::Now, LookAt::Again);
        let looked = self.watching.look(at, move |snapshots, vantage| {
            let terms = terms_in_force(snapshots, vantage, None)?;
            let (mut digests, mut changes) = (Digests::new(), Vec::new());
            let turns = look(snapshots, vantage, &inbox, &terms, |owed| {
                let name = name(&owed);
                let digest = digest(&owed, vantage.as_of);
                digests.insert(name, digest);
                match before.remove(&name) {
                    Some(same) if same == digest => {}
                    _ if then.is_some() => {}
                    Some(_) => changes.push(InboxChange::Revised(owed)),
                    None => changes.push(InboxChange::Added(owed)),
                }
            })?;
            let gone = before.into_keys().map(|name| format!("{name:032x}"));
            changes.extend(gone.map(InboxChange::Removed));
            Ok(Looked {
                digests,
                changes,
                turns,
            })
        });
        looked.await
    }
}

/// What can change an inbox.
fn reach(turns: Turns) -> Reach {
    let mut reach = Reach::default();
    for category in CATEGORIES {
        reach.footprint.add(Name::Category(category));
    }
    if turns.waits_for_owner {
        reach.footprint.add(Name::Category(OWNER));
    }
    if let Some(instant) = turns.first {
        reach.turns.add_unknown(instant);
    }
    reach
}

/// The name of an obligation is 32 hexadecimal digits.
fn name(owed: &Owed) -> u128 {
    let name = &owed.detail.obligation.obligation_id;
    u128::from_str_radix(name, 16).unwrap_or_default()
}

/// Of everything that is said about an obligation, but for what changes with every instant.
fn digest(owed: &Owed, as_of: time::Instant) -> u128 {
    let mut still = owed.detail.obligation.clone();
    if still.outcome.ended_at.is_none() {
        still.outcome.spent = 0;
        still.outcome.share = 0.0;
    }
    let said = format!(
        "{still:?} {:?} {:?} {} {:?} {} {:?}",
        owed.detail.levels,
        owed.detail.remarks,
        owed.detail.levels_come(as_of),
        owed.owner_id,
        owed.channel,
        owed.survey,
    );
    let hash = blake3::hash(said.as_bytes());
    let (first, _) = hash
        .as_bytes()
        .split_first_chunk()
        .unwrap_or((&[0; 16], &[]));
    u128::from_le_bytes(*first)
}
