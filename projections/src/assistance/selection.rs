//! The turn-aways that count.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::Row;
use super::question::{AssistanceQuestion, Spot};
use super::read::Reader;
use super::solution::{Entry, Tie};
use crate::HistoryKey;
use crate::civil::CivilCalendar;
use crate::fold::state::StateError;
use crate::network::Network;
use crate::person::PersonLookup;

/// What counts, by a question.
pub(super) struct Filter<'f> {
    pub(super) question: &'f AssistanceQuestion,
    pub(super) network: &'f Network,
    pub(super) calendar: CivilCalendar,
}

impl Filter<'_> {
    /// Whether something counts.
    pub(super) fn selects(&mut self, spot: Spot<'_>) -> bool {
        self.question
            .selects(spot, self.network, &mut self.calendar)
    }

    /// Whether something may count of which only the dealer is known that it names itself, if any.
    pub(super) fn may_select(&self, dealer_id: &str, at: i64) -> bool {
        self.question.may_select(dealer_id, at, self.network)
    }

    /// The group in which it counts.
    pub(super) fn key(&mut self, spot: Spot<'_>) -> Option<String> {
        self.question.key(spot, self.network, &mut self.calendar)
    }
}

/// A turn-away that counts, before anything is known of what followed.
pub(super) struct Selected {
    pub(super) entry: Entry,
    pub(super) ties: BTreeSet<Tie>,
    pub(super) reason: i32,
    pub(super) safety: bool,
    pub(super) told_next_step: bool,
    pub(super) vehicle_brand: String,
}

/// The turn-aways that count.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) turn_aways: Vec<Selected>,
    /// Everything through which something may belong to one of them.
    pub(super) ties: BTreeSet<Tie>,
    /// The instants of the first and the last of them.
    pub(super) between: Option<(i64, i64)>,
    /// The visits with a turn-away that may have counted and is in force.
    refusing: BTreeSet<String>,
    /// By visit, turn-aways that do not count, in force or not.
    others: BTreeMap<String, Vec<HistoryKey>>,
}

impl Selection {
    /// Whether somebody was turned away in a visit, whether that counts or not.
    pub(super) fn refuses(&self, reader: &Reader<'_>, visit_id: &str) -> Result<bool, StateError> {
        if self.refusing.contains(visit_id) {
            return Ok(true);
        }
        for key in self.others.get(visit_id).into_iter().flatten() {
            if reader.counts(key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Selects the turn-aways that count.
pub(super) fn select(
    reader: &Reader<'_>,
    persons: &PersonLookup<'_>,
    filter: &mut Filter<'_>,
) -> Result<Selection, StateError> {
    let mut whose = reader.whose(persons);
    let mut selection = Selection::default();
    reader.turned_away(|visit_id, key, mut row| {
        if !filter.may_select(&row.dealer_id, key.occurred_at) {
            let others = selection.others.entry(visit_id.to_owned());
            others.or_default().push(key);
            return Ok(());
        }
        if !reader.is_in_force(&key, &mut row)? {
            return Ok(());
        }
        selection.refusing.insert(visit_id.to_owned());
        let Row {
            reason,
            safety,
            told_next_step,
            ..
        } = row;
        let mut entry = reader.entry(&mut whose, visit_id, key, row)?;
        let vehicle_brand = reader.brand(&entry.vin)?;
        let spot = Spot {
            dealer_id: &entry.dealer_id,
            brand: &vehicle_brand,
            at: entry.key.occurred_at,
        };
        if !filter.selects(spot) {
            return Ok(());
        }
        entry.persons = reader.persons(&mut whose, &entry)?;
        let same_defect = reader.same_defect(&entry.defect_id)?;
        let ties = entry.ties(&reader.chain(&entry.key)?, same_defect);
        selection.ties.extend(ties.iter().cloned());
        let at = entry.key.occurred_at;
        let (first, last) = selection.between.unwrap_or((at, at));
        selection.between = Some((first.min(at), last.max(at)));
        selection.turn_aways.push(Selected {
            entry,
            ties,
            reason,
            safety,
            told_next_step,
            vehicle_brand,
        });
        Ok(())
    })?;
    Ok(selection)
}
