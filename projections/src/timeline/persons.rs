//! The person of a timeline: every id, and the times of holding each vehicle.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{TimelineError, TimelineQuery};
use super::states::TimelineStates;
use crate::Validity;
use crate::person::PersonLookup;
use crate::person::holding::{HeldAs, Holding};
use crate::person::identity::person_ids;
use crate::person::ownership::held_by;

/// A time in which one person held a vehicle, and the id to show for it if several ids held it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub from: i64,
    /// Exclusive; `None` if it has not ended.
    pub until: Option<i64>,
    pub owner_id: String,
}

/// One person, as it was and as it was known.
pub(super) struct Person {
    pub ids: BTreeSet<String>,
    /// By vehicle; ascending, without overlap.
    pub windows: BTreeMap<String, Vec<Window>>,
}

impl Person {
    pub(super) fn read(
        states: TimelineStates<'_>,
        validity: &Validity<'_>,
        persons: &PersonLookup<'_>,
        query: &TimelineQuery,
    ) -> Result<Self, TimelineError> {
        let ids = person_ids(states.identity, validity, &query.owner_id)?;
        let holdings = held_by(states.ownership, validity, persons, &ids, query.as_of)?;
        let windows = holdings.into_iter();
        let windows = windows.map(|(vin, holdings)| (vin, without_overlap(&holdings)));
        Ok(Self {
            ids,
            windows: windows.collect(),
        })
    }

    /// Returns the time of holding a vehicle that contains an instant.
    pub(super) fn held(&self, vin: &str, instant: i64) -> Option<&Window> {
        let mut windows = self.windows.get(vin).into_iter().flatten();
        windows.find(|window| {
            window.from <= instant && window.until.is_none_or(|until| instant < until)
        })
    }
}

/// Cuts the holdings of one vehicle into times that do not overlap, so that no row appears twice. Where they overlap,
/// the owner goes before the co-owner and the driver, then the smaller id.
fn without_overlap(holdings: &[Holding]) -> Vec<Window> {
    let mut borders: BTreeSet<i64> = BTreeSet::new();
    for holding in holdings {
        borders.insert(holding.from);
        borders.extend(holding.until);
    }
    let mut windows: Vec<Window> = Vec::new();
    let ends = borders.iter().skip(1).copied().map(Some).chain([None]);
    for (from, until) in borders.iter().copied().zip(ends) {
        let current = holdings.iter().filter(|holding| holding.includes(from));
        let first: Option<(HeldAs, &String)> = current
            .map(|holding| (holding.held_as, &holding.owner_id))
            .min();
        let Some((_, owner_id)) = first else { continue };
        match windows.last_mut() {
            Some(last) if last.until == Some(from) && last.owner_id == *owner_id => {
                last.until = until;
            }
            _ => windows.push(Window {
                from,
                until,
                owner_id: owner_id.clone(),
            }),
        }
    }
    windows
}
