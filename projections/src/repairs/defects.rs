//! The defects of a car, across its visits and the ids that humans linked.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;

use super::attempts::RepairAttempts;
use super::facts::{Event, VisitFacts};
use super::status::{Defect, Flag, Visit};
use crate::fold::state::{StateError, StateRead};
use crate::vehicles::same_defect::{SameDefect, same_defect};
use crate::{HistoryKey, Validity};

/// What is known of one defect while the events are read.
#[derive(Default)]
struct Group {
    ids: BTreeSet<String>,
    visits: BTreeSet<usize>,
    attempts: RepairAttempts<usize>,
    safety: bool,
    last_report: Option<HistoryKey>,
    last_attempt: Option<(HistoryKey, bool)>,
}

/// Finds which ids are one defect. Each id is looked up once.
pub(super) struct Links<'s> {
    pub(super) vehicles: &'s dyn StateRead,
    pub(super) validity: &'s Validity<'s>,
    pub(super) as_of: Instant,
    /// The least id of the defect, by id.
    least: BTreeMap<String, String>,
}

impl<'s> Links<'s> {
    pub(super) fn new(
        vehicles: &'s dyn StateRead,
        validity: &'s Validity<'s>,
        as_of: Instant,
    ) -> Self {
        Self {
            vehicles,
            validity,
            as_of,
            least: BTreeMap::new(),
        }
    }

    /// The least id of the defect that an id names.
    fn least(&mut self, defect_id: &str, flags: &mut BTreeSet<Flag>) -> Result<&str, StateError> {
        if !self.least.contains_key(defect_id) {
            let SameDefect {
                ids,
                ignored_automatic,
            } = same_defect(self.vehicles, self.validity, self.as_of, defect_id)?;
            if ignored_automatic {
                flags.insert(Flag::AutomaticLinkIgnored);
            }
            let least = ids.first().cloned().unwrap_or_default();
            // Of more ids than are followed, each still finds its own way.
            self.least.insert(defect_id.to_owned(), least);
        }
        Ok(self.least.get(defect_id).map_or("", String::as_str))
    }

    /// Whether a notice that names a defect is about one with these ids.
    pub(super) fn is_about(&mut self, named: &str, defect: &Defect) -> Result<bool, StateError> {
        let mut unflagged = BTreeSet::new();
        let named = self.least(named, &mut unflagged)?.to_owned();
        match defect.ids.first() {
            Some(id) => Ok(self.least(id, &mut unflagged)? == named),
            None => Ok(false),
        }
    }
}

/// The defects, by their first visit.
pub(super) fn defects(
    facts: &BTreeMap<String, VisitFacts>,
    visits: &[Visit],
    links: &mut Links<'_>,
    flags: &mut BTreeSet<Flag>,
) -> Result<Vec<Defect>, StateError> {
    // By the least id; one without an id by its visit.
    let mut groups: BTreeMap<(String, Option<usize>), Group> = BTreeMap::new();
    for (place, visit) in visits.iter().enumerate() {
        let events = facts.get(&visit.visit_id).map(|it| &it.events);
        for (key, event) in events.into_iter().flatten() {
            let (Event::Reported { defect_id, .. } | Event::Attempted { defect_id, .. }) = event
            else {
                continue;
            };
            let of = if defect_id.is_empty() {
                flags.insert(Flag::UnnamedDefect);
                (String::new(), Some(place))
            } else {
                (links.least(defect_id, flags)?.to_owned(), None)
            };
            groups
                .entry(of)
                .or_default()
                .take(key, event, defect_id, place);
        }
    }
    let mut defects: Vec<Defect> = groups.into_values().map(Group::finish).collect();
    defects.sort_by(|a, b| (a.visits.first(), &a.ids).cmp(&(b.visits.first(), &b.ids)));
    Ok(defects)
}

impl Group {
    fn take(&mut self, key: &HistoryKey, event: &Event, defect_id: &str, visit: usize) {
        if !defect_id.is_empty() {
            self.ids.insert(defect_id.to_owned());
        }
        self.visits.insert(visit);
        match event {
            Event::Reported { safety, .. } => {
                self.safety |= safety;
                self.last_report = self.last_report.take().max(Some(key.clone()));
            }
            Event::Attempted { fixed, .. } => {
                self.attempts.tried_in(visit);
                let attempt = (key.clone(), *fixed);
                self.last_attempt = self.last_attempt.take().max(Some(attempt));
            }
            Event::DroppedOff { .. } | Event::PickedUp => {}
        }
    }

    fn finish(self) -> Defect {
        let fixed = self.last_attempt.is_some_and(|(at, fixed)| {
            fixed && self.last_report.is_none_or(|reported| reported < at)
        });
        Defect {
            ids: self.ids.into_iter().collect(),
            visits: self.visits.into_iter().collect(),
            attempts: self.attempts.into_visits(),
            safety: self.safety,
            fixed,
        }
    }
}
