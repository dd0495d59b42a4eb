//! Which visits an answer needs, by their rows as they were written, before anything is looked up about them.

use std::collections::BTreeSet;

use super::fold::Row;
use super::question::AssistanceQuestion;
use super::solution::{BY_VEHICLE, Tie};
use crate::network::Network;
use crate::{HistoryKey, TouchpointKey};

/// What an answer needs of the help that was given.
pub(super) struct Wanted<'w> {
    pub(super) question: &'w AssistanceQuestion,
    pub(super) network: &'w Network,
    /// Everything through which something may belong to a turn-away that counts.
    pub(super) ties: &'w BTreeSet<Tie>,
    /// The instants of the first and the last turn-away that count; `None` if none does.
    pub(super) between: Option<(i64, i64)>,
}

impl Wanted<'_> {
    /// Whether a visit may count, or may have followed a turn-away. `written` are all rows of it, in force or not. What a
    /// correction does not say itself stands in another of them.
    pub(super) fn wants(&self, visit_id: &str, written: &[(HistoryKey, Row)]) -> bool {
        self.may_count(written) || self.may_follow(visit_id, written)
    }

    fn may_count(&self, written: &[(HistoryKey, Row)]) -> bool {
        written.iter().any(|(key, row)| {
            let at = key.occurred_at;
            row.step().helps() && self.question.may_select(&row.dealer_id, at, self.network)
        })
    }

    fn may_follow(&self, visit_id: &str, written: &[(HistoryKey, Row)]) -> bool {
        let Some((first, last)) = self.between else {
            return false;
        };
        let near = first..=last.saturating_add(BY_VEHICLE);
        let is_later = |(key, _): &(HistoryKey, Row)| key.occurred_at >= first;
        // The vehicle may be that of the visit.
        let may_be_near =
            |(key, row): &(HistoryKey, Row)| row.vin.is_empty() && near.contains(&key.occurred_at);
        written.iter().any(is_later)
            && (self.ties.contains(&Tie::Visit(visit_id.to_owned()))
                || written.iter().any(|(_, row)| self.is_tied(row))
                || written.iter().any(may_be_near))
    }

    /// Whether a row names something through which it may belong to a turn-away.
    fn is_tied(&self, row: &Row) -> bool {
        let named = |text: &String| (!text.is_empty()).then(|| text.clone());
        let cause = (!row.cause_id.is_empty()).then(|| TouchpointKey {
            source: row.cause_source.clone(),
            id: row.cause_id.clone(),
        });
        let mut ties = [
            named(&row.defect_id).map(Tie::Defect),
            named(&row.case_id).map(Tie::Case),
            named(&row.correlation_id).map(Tie::Correlation),
            named(&row.vin).map(Tie::Vehicle),
            cause.map(Tie::Cause),
        ]
        .into_iter()
        .flatten();
        ties.any(|tie| self.ties.contains(&tie))
    }
}
