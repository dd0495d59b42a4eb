//! What the fold remembers of a case to tell whether it is unfinished: open, or with a promise or task that nobody
//! settled, as far as anybody may have to look at it now.
//!
//! It errs on one side only: a case that is not listed is closed and owes nothing. A case in which anything was corrected
//! or retracted, of which something is said to lie ahead, or that has very many promises, stays listed for good.

use std::collections::BTreeMap;

use prost::Message;

use super::kind::CaseFactKind;
use super::row::CaseRow;
use crate::Recorded;

/// The most promises and tasks that are remembered; a case with more stays listed.
const MOST_PARTS: usize = 256;

/// What decides whether a case is unfinished. Instants are in nanoseconds since the Unix epoch.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Head {
    /// It stays listed whatever happens.
    #[prost(bool, tag = "1")]
    pub(super) stays: bool,
    /// When it was last opened or opened again.
    #[prost(sfixed64, optional, tag = "2")]
    opened_at: Option<i64>,
    /// When it was last closed.
    #[prost(sfixed64, optional, tag = "3")]
    closed_at: Option<i64>,
    /// Its promises and tasks that may be unsettled, by kind and id: when each was last made or assigned.
    #[prost(btree_map = "string, sfixed64", tag = "4")]
    made: BTreeMap<String, i64>,
    /// When each was last settled.
    #[prost(btree_map = "string, sfixed64", tag = "5")]
    settled: BTreeMap<String, i64>,
    /// It is listed as unfinished.
    #[prost(bool, tag = "6")]
    pub(super) listed: bool,
}

/// Whether a touchpoint of the stream of a case can change whether it is unfinished.
pub(super) fn bears(recorded: &Recorded, row: &CaseRow) -> bool {
    recorded.revision == 0
        || recorded.touchpoint.corrects.is_some()
        || recorded.occurred_at > recorded.recorded_at
        || matches!(
            row.kind(),
            CaseFactKind::CaseOpened
                | CaseFactKind::CaseClosed
                | CaseFactKind::CaseReopened
                | CaseFactKind::TouchpointRetracted
        )
        || part(row).is_some()
}

/// Its promise or task, and whether that is settled.
fn part(row: &CaseRow) -> Option<(String, bool)> {
    let (letter, settles) = match row.kind() {
        CaseFactKind::CommitmentMade => ('c', false),
        CaseFactKind::CommitmentKept
        | CaseFactKind::CommitmentBroken
        | CaseFactKind::CommitmentWithdrawn => ('c', true),
        CaseFactKind::TaskAssigned => ('t', false),
        CaseFactKind::TaskDone => ('t', true),
        _ => return None,
    };
    Some((format!("{letter}{}", row.subject_id), settles))
}

impl Head {
    /// Adds a touchpoint of the stream.
    pub(super) fn add(&mut self, recorded: &Recorded, row: &CaseRow) {
        let at = recorded.occurred_at;
        self.stays |= recorded.touchpoint.corrects.is_some()
            || row.kind() == CaseFactKind::TouchpointRetracted
            || at > recorded.recorded_at;
        let last = |known: Option<i64>| Some(known.map_or(at, |known| known.max(at)));
        match row.kind() {
            // An opening after a closing opens it again.
            CaseFactKind::CaseReopened | CaseFactKind::CaseOpened => {
                self.opened_at = last(self.opened_at);
            }
            CaseFactKind::CaseClosed => self.closed_at = last(self.closed_at),
            _ => {}
        }
        if let Some((part, settles)) = part(row) {
            self.settle(part, at, settles);
        }
    }

    fn settle(&mut self, part: String, at: i64, settles: bool) {
        let of_kind = match settles {
            true => &mut self.settled,
            false => &mut self.made,
        };
        let last = of_kind.entry(part.clone()).or_insert(at);
        *last = at.max(*last);
        if self.is_settled(&part) {
            self.made.remove(&part);
            self.settled.remove(&part);
        }
        if self.made.len() + self.settled.len() > MOST_PARTS {
            self.stays = true;
            self.made.clear();
            self.settled.clear();
        }
    }

    fn is_settled(&self, part: &str) -> bool {
        let made = self.made.get(part);
        made.is_some() && made <= self.settled.get(part)
    }

    /// Whether anybody may have to look at the case now.
    pub(super) fn is_unfinished(&self) -> bool {
        // At one instant a closing comes after an opening, but before a reopening.
        let is_closed = self.closed_at > self.opened_at;
        self.stays || !is_closed || !self.made.is_empty()
    }
}
