//! What the fold remembers of a case to tell whether it is unfinished: open, or with a promise or task that nobody
//! settled, as far as anybody may have to look at it now, or had to earlier.
//!
//! It errs on one side only: a case that is not listed is closed and owes nothing. A case in which anything was corrected
//! or retracted, of which something is said to lie ahead, or that has very many promises, stays listed for good.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ownerline_proto::time::Instant;
use prost::Message;

use super::kind::CaseFactKind;
use super::row::CaseRow;
use super::tables::HEAD;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateRead, try_scan};
use crate::{Position, Recorded};

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
    /// When the last of the touchpoints that decide it occurred.
    #[prost(sfixed64, tag = "7")]
    last_at: i64,
    /// The position of the last of them in the log.
    #[prost(fixed64, tag = "8")]
    last_position: u64,
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
        self.last_at = match self.last_position {
            0 => at,
            _ => self.last_at.max(at),
        };
        self.last_position = recorded.position.0;
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

    /// Whether anybody may have had to look at the case as of an instant and as known at a position: what decides it has
    /// changed since then, or it is unfinished still.
    pub(super) fn may_be_unfinished_at(&self, as_of: Instant, known_at: Position) -> bool {
        self.is_unfinished() || self.last_at > as_of || self.last_position > known_at.0
    }
}

/// The key of the head of a case.
pub(super) fn head_key(case_id: &str) -> Vec<u8> {
    KeyWriter::table(HEAD).text(case_id).text("").finish()
}

/// The head of a case; `None` if no touchpoint is of its stream.
pub(super) fn head(state: &dyn StateRead, case_id: &str) -> Result<Option<Head>, StateError> {
    let bytes = state.get(&head_key(case_id))?;
    bytes.map(|bytes| decoded(&bytes)).transpose()
}

/// Visits the head of every case, in order of their ids.
pub(super) fn every_head(
    state: &dyn StateRead,
    mut visit: impl FnMut(&str, &Head),
) -> Result<(), StateError> {
    let start = [HEAD];
    let end = prefix_end(&start);
    try_scan(
        state,
        &start[..]..&*end,
        ScanOrder::Ascending,
        |key, value| {
            visit(KeyReader::table(key, HEAD)?.text()?, &decoded(value)?);
            Ok(ControlFlow::Continue(()))
        },
    )
}

fn decoded(bytes: &[u8]) -> Result<Head, StateError> {
    Head::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("head of a case: {error}"),
    })
}
