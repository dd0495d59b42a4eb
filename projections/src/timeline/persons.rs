//! Whose timeline it is: every id of one person, and when they held which vehicle.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{TimelineError, TimelineQuery};
use super::states::TimelineStates;
use crate::Validity;
use crate::person::PersonLookup;
use crate::person::holding::{HeldAs, Holding};
use crate::person::identity::person_ids;
use crate::person::ownership::held_by;

/// A time in which one person held a vehicle; of several ids at once, the one to name.
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
    /// By vehicle; apart from each other, in order.
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
        let held = held_by(states.ownership, validity, persons, &ids, query.as_of)?;
        let windows = held.into_iter();
        let windows = windows.map(|(vin, holdings)| (vin, apart(&holdings)));
        Ok(Self {
            ids,
            windows: windows.collect(),
        })
    }

    /// The time in which they held a vehicle at an instant.
    pub(super) fn held(&self, vin: &str, instant: i64) -> Option<&Window> {
        let mut windows = self.windows.get(vin).into_iter().flatten();
        windows.find(|it| it.from <= instant && it.until.is_none_or(|until| instant < until))
    }
}

/// Holdings of one vehicle as times that do not overlap, so that nothing is answered twice. Where they
/// did, the owner is named before the co-owner and the driver, then the smaller id.
fn apart(holdings: &[Holding]) -> Vec<Window> {
    let mut borders: BTreeSet<i64> = BTreeSet::new();
    for holding in holdings {
        borders.insert(holding.from);
        borders.extend(holding.until);
    }
    let mut windows: Vec<Window> = Vec::new();
    let ends = borders.iter().skip(1).copied().map(Some).chain([None]);
    for (from, until) in borders.iter().copied().zip(ends) {
        let there = holdings.iter().filter(|holding| holding.includes(from));
        let first: Option<(HeldAs, &String)> = there
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
