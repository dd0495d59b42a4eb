//! Reads turn-aways and help once, with the subjects that are named or filled in: of help, only those of visits that the
//! answer may need.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;

use super::fold::{FEEDBACK, GOODWILL, Goodwill, HELP, Row, Step, TURNED_AWAY, VIEW};
use super::solution::Entry;
use super::wanted::Wanted;
use crate::fold::corrections::Inherits;
use crate::fold::state::StateError;
use crate::person::{Claim, Names, PersonLookup, Whose};
use crate::timeline::TimelineStates;
use crate::vehicles::same_defect::same_defect;
use crate::{HistoryKey, Snapshots, TouchpointKey, Validity, vehicles};

/// Reads the rows that count from a standpoint.
pub(super) struct Reader<'s> {
    snapshots: &'s Snapshots<'s>,
    validity: &'s Validity<'s>,
    as_of: Instant,
    /// Brands by vehicle, looked up on demand.
    brands: RefCell<BTreeMap<String, String>>,
}

/// The help that was given in one visit, in history order.
#[derive(Default)]
pub(super) struct Visit {
    pub(super) visit_id: String,
    pub(super) entries: Vec<Entry>,
    /// A repair failed.
    pub(super) has_failed: bool,
}

impl<'s> Reader<'s> {
    pub(super) fn new(
        snapshots: &'s Snapshots<'s>,
        validity: &'s Validity<'s>,
        as_of: Instant,
    ) -> Self {
        Self {
            snapshots,
            validity,
            as_of,
            brands: RefCell::default(),
        }
    }

    /// Resolves owners, vehicles and dealers that are not named. Each stream is read once.
    pub(super) fn whose<'p>(&'p self, persons: &'p PersonLookup<'p>) -> Whose<'p> {
        let states = TimelineStates::of(self.snapshots).whose();
        Whose::new(states, self.validity, persons, self.as_of)
    }

    /// Visits every turn-away as it was written, in force or not.
    pub(super) fn turned_away(
        &self,
        mut visit: impl FnMut(&str, HistoryKey, Row) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let state = self.snapshots.state(VIEW.name);
        TURNED_AWAY.all().each(state, |entry| {
            let [visit_id] = entry.texts;
            visit(visit_id, entry.key()?, entry.row()?)
        })
    }

    /// Whether a touchpoint is in force.
    pub(super) fn counts(&self, key: &HistoryKey) -> Result<bool, StateError> {
        Ok(key.occurred_at <= self.as_of && self.validity.counts(key)?)
    }

    /// Whether a touchpoint is in force. If so, its row is filled in from the touchpoint that it corrects.
    pub(super) fn is_in_force(
        &self,
        key: &HistoryKey,
        row: &mut impl Inherits,
    ) -> Result<bool, StateError> {
        let counts = self.counts(key)?;
        if counts {
            self.validity.inherit(key, row)?;
        }
        Ok(counts)
    }

    /// Visits the help of every visit that has any and that is wanted, which is asked with the rows as they were written.
    /// Persons are left out: most is tied to nothing.
    pub(super) fn help(
        &self,
        whose: &mut Whose<'_>,
        wanted: &Wanted<'_>,
        mut visit: impl FnMut(Visit, &mut Whose<'_>) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let state = self.snapshots.state(VIEW.name);
        let (mut visit_id, mut written) = (String::new(), Vec::new());
        HELP.all().each(state, |entry| {
            let [next] = entry.texts;
            if visit_id != next {
                let before = std::mem::replace(&mut visit_id, next.to_owned());
                self.of_visit(whose, wanted, before, &mut written, &mut visit)?;
            }
            written.push((entry.key()?, entry.row()?));
            Ok(())
        })?;
        self.of_visit(whose, wanted, visit_id, &mut written, &mut visit)
    }

    /// Visits the help of one visit, unless it is not wanted. Takes the rows.
    fn of_visit(
        &self,
        whose: &mut Whose<'_>,
        wanted: &Wanted<'_>,
        visit_id: String,
        written: &mut Vec<(HistoryKey, Row)>,
        visit: &mut impl FnMut(Visit, &mut Whose<'_>) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        if !wanted.wants(&visit_id, written) {
            written.clear();
            return Ok(());
        }
        let mut of_visit = Visit {
            visit_id,
            ..Visit::default()
        };
        for (key, mut row) in written.drain(..) {
            if !self.is_in_force(&key, &mut row)? {
                continue;
            }
            of_visit.has_failed |= row.step() == Step::NotFixed;
            let entry = self.entry(whose, &of_visit.visit_id, key, row)?;
            of_visit.entries.push(entry);
        }
        match of_visit.entries.is_empty() {
            true => Ok(()),
            false => visit(of_visit, whose),
        }
    }

    /// The ids of the same defect as this one, by the links of humans.
    pub(super) fn same_defect(&self, defect_id: &str) -> Result<BTreeSet<String>, StateError> {
        if defect_id.is_empty() {
            return Ok(BTreeSet::new());
        }
        let state = self.snapshots.state(vehicles::VIEW.name);
        Ok(same_defect(state, self.validity, self.as_of, defect_id)?.ids)
    }

    /// An entry with its owner, vehicle and dealer filled in, and without its persons.
    pub(super) fn entry(
        &self,
        whose: &mut Whose<'_>,
        visit_id: &str,
        key: HistoryKey,
        row: Row,
    ) -> Result<Entry, StateError> {
        let step = row.step();
        let named_owner = row.owner_id.clone();
        let names = Names {
            owner_id: row.owner_id,
            vin: row.vin,
            dealer_id: row.dealer_id,
            ..Names::default()
        };
        let stream = format!("visit-{visit_id}");
        let filled = whose.filled().fill(&stream, key.occurred_at, names)?;
        let cause = TouchpointKey {
            source: row.cause_source,
            id: row.cause_id,
        };
        Ok(Entry {
            key,
            visit_id: visit_id.to_owned(),
            step,
            named_owner,
            owner_id: filled.owner_id,
            vin: filled.vin,
            dealer_id: filled.dealer_id,
            defect_id: row.defect_id,
            case_id: row.case_id,
            correlation_id: row.correlation_id,
            cause: (!cause.id.is_empty()).then_some(cause),
            persons: BTreeSet::new(),
        })
    }

    /// The persons to whom an entry belongs.
    pub(super) fn persons(
        &self,
        whose: &mut Whose<'_>,
        entry: &Entry,
    ) -> Result<BTreeSet<String>, StateError> {
        let names = Names {
            owner_id: entry.named_owner.clone(),
            vin: entry.vin.clone(),
            ..Names::default()
        };
        let stream = format!("visit-{}", entry.visit_id);
        let at = entry.key.occurred_at;
        let claimants = whose.of(&stream, at, &names, Claim::AnyHolder)?;
        Ok(claimants.into_iter().map(|it| it.person).collect())
    }

    /// Visits all goodwill as it was written, in force or not.
    pub(super) fn goodwill(
        &self,
        mut visit: impl FnMut(HistoryKey, Goodwill) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let state = self.snapshots.state(VIEW.name);
        GOODWILL
            .all()
            .each(state, |entry| visit(entry.key()?, entry.row()?))
    }

    /// The feedback of which the touchpoint in force names a visit.
    pub(super) fn feedback(&self, visit_id: &str) -> Result<BTreeSet<String>, StateError> {
        let state = self.snapshots.state(VIEW.name);
        let mut found = BTreeSet::new();
        let rows = FEEDBACK
            .under(&[visit_id])
            .known_at(self.validity.known_at());
        rows.each(state, |entry| {
            let [_, feedback_id] = entry.texts;
            let key = entry.key()?;
            let standing = self.validity.standing(&key.source, &key.id)?;
            // A correction that names no visit inherits it, and has no row of its own.
            let names_it = match &standing.corrected_by {
                None => standing.retracted_by.is_none() && key.occurred_at <= self.as_of,
                Some(by) => {
                    let by = &by.key;
                    let inherited = self.validity.standing(&by.source, &by.id)?.inherited;
                    inherited.is_some_and(|it| it.subjects.visit_id == visit_id)
                        && by.occurred_at <= self.as_of
                }
            };
            if names_it {
                found.insert(feedback_id.to_owned());
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The brand of a vehicle; empty if not known.
    pub(super) fn brand(&self, vin: &str) -> Result<String, StateError> {
        if vin.is_empty() {
            return Ok(String::new());
        }
        if let Some(brand) = self.brands.borrow().get(vin) {
            return Ok(brand.clone());
        }
        let state = self.snapshots.state(vehicles::VIEW.name);
        let vehicle = vehicles::vehicle(state, self.validity, vin, self.as_of)?;
        let brand = vehicle.unwrap_or_default().brand;
        let mut brands = self.brands.borrow_mut();
        brands.insert(vin.to_owned(), brand.clone());
        Ok(brand)
    }

    /// The touchpoints of the chain of corrections of one, itself among them.
    pub(super) fn chain(&self, key: &HistoryKey) -> Result<Vec<TouchpointKey>, StateError> {
        let chain = self.validity.standing(&key.source, &key.id)?.chain;
        let mut keys: Vec<TouchpointKey> = chain.iter().map(TouchpointKey::from).collect();
        if keys.is_empty() {
            keys.push(key.into());
        }
        Ok(keys)
    }
}
