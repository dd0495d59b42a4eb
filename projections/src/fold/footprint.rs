//! The names that an answer depends on, and those that a touchpoint touches. As long as the two have no name in common,
//! the touchpoint cannot change the answer. The reverse does not hold: a common name may leave the answer as it was.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ownerline_proto::v1::TouchpointRef;
use ownerline_proto::v1::touchpoint::Payload;

use crate::Recorded;

/// The most names that a footprint holds, 8 bytes each; beyond it, every touchpoint touches the answer.
pub const MAX_NAMES: usize = 1 << 20;
/// Names that are added to a sorted footprint wait until there are so many.
const MAX_ADDED: usize = 1_024;
/// So many of them may stay unsorted once an answer is given.
const MAX_SETTLED: usize = 64;

/// A name through which a touchpoint can change an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name<'n> {
    /// An id of an owner.
    Owner(&'n str),
    /// A vehicle.
    Vehicle(&'n str),
    /// A stream.
    Stream(&'n str),
    /// Any stream of a category, which is the part of its name before the first `-`.
    Category(&'n str),
    /// A case.
    Case(&'n str),
    /// The key of a touchpoint.
    Touchpoint(&'n str, &'n str),
}

impl Name<'_> {
    /// A 64-bit hash, stable within one process. A collision costs one needless look.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// Visits the names that a touchpoint touches: its subjects, its stream, itself, and what it refers to.
pub fn touched(recorded: &Recorded, mut touch: impl FnMut(Name<'_>)) {
    let touchpoint = &recorded.touchpoint;
    let own = touchpoint.source.as_str();
    touch(Name::Stream(&recorded.stream));
    let category = recorded.stream.split('-').next();
    touch(Name::Category(category.unwrap_or_default()));
    touch(Name::Touchpoint(own, &touchpoint.id));
    if let Some(subjects) = &touchpoint.subjects {
        if !subjects.owner_id.is_empty() {
            touch(Name::Owner(&subjects.owner_id));
        }
        if !subjects.vin.is_empty() {
            touch(Name::Vehicle(&subjects.vin));
        }
        if !subjects.case_id.is_empty() {
            touch(Name::Case(&subjects.case_id));
        }
    }
    let retracts = match &touchpoint.payload {
        Some(Payload::OwnerIdentityLinked(link)) => {
            touch(Name::Owner(&link.other_owner_id));
            None
        }
        Some(Payload::OwnerIdentityUnlinked(link)) => {
            touch(Name::Owner(&link.other_owner_id));
            None
        }
        Some(Payload::VehicleAcquired(acquired)) => {
            touch(Name::Owner(&acquired.owner_id));
            None
        }
        Some(Payload::VehicleReleased(released)) => {
            touch(Name::Owner(&released.owner_id));
            None
        }
        Some(Payload::TouchpointRetracted(retracted)) => retracted.r#ref.as_ref(),
        _ => None,
    };
    let references = [&touchpoint.causation, &touchpoint.corrects].map(Option::as_ref);
    for TouchpointRef { source, id } in references.into_iter().chain([retracts]).flatten() {
        touch(Name::Touchpoint(
            if source.is_empty() { own } else { source },
            id,
        ));
    }
}

/// The names that an answer depends on, at most [`MAX_NAMES`] of them.
#[derive(Debug, Clone, Default)]
pub struct Footprint {
    /// Sorted, without repeats.
    names: Vec<u64>,
    /// Names added since, in any order.
    added: Vec<u64>,
    /// The names of touchpoints that touched the answer since it was given: whatever names one of these touches it, too.
    since: BTreeSet<u64>,
    everything: bool,
}

impl Footprint {
    /// Adds a name that the answer depends on.
    pub fn add(&mut self, name: Name<'_>) {
        if self.everything {
            return;
        }
        self.added.push(name.bits());
        // Repeats are common, so duplicates are dropped only when there are many names.
        if self.added.len() >= MAX_ADDED.max(self.names.len()) {
            self.sort();
        }
    }

    /// Adds the name of a touchpoint that touched the answer, until [`Self::settle`].
    pub(super) fn add_since(&mut self, bits: u64) {
        self.since.insert(bits);
    }

    /// Forgets what touched the answer: it is given anew, and its names are added.
    pub fn settle(&mut self) {
        self.since.clear();
        if self.added.len() > MAX_SETTLED {
            self.sort();
        }
    }

    /// Drops all names; from now on every touchpoint touches the answer.
    pub fn depend_on_everything(&mut self) {
        *self = Self {
            everything: true,
            ..Self::default()
        };
    }

    /// Whether every touchpoint touches the answer.
    #[must_use]
    pub fn depends_on_everything(&self) -> bool {
        self.everything
    }

    /// The number of names that it holds, repetitions included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len() + self.added.len()
    }

    /// Whether the answer depends on nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && !self.everything
    }

    /// Whether the answer depends on a name.
    #[must_use]
    pub fn contains(&self, name: Name<'_>) -> bool {
        self.holds(name.bits())
    }

    /// Every name that touches the answer, at most so many; `None` if there are more, or every name does.
    pub(super) fn few(&self, most: usize) -> Option<impl Iterator<Item = u64>> {
        let all = self.len() + self.since.len();
        (all <= most && !self.everything).then(|| {
            let names = self.names.iter().chain(&self.added);
            names.chain(&self.since).copied()
        })
    }

    /// Whether a name touches the answer.
    pub(super) fn is_touched_by(&self, bits: u64) -> bool {
        self.holds(bits) || self.since.contains(&bits)
    }

    fn holds(&self, bits: u64) -> bool {
        self.everything || self.names.binary_search(&bits).is_ok() || self.added.contains(&bits)
    }

    fn sort(&mut self) {
        self.names.append(&mut self.added);
        // The stable sort is quick with what is sorted already.
        self.names.sort();
        self.names.dedup();
        if self.names.len() > MAX_NAMES {
            self.depend_on_everything();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footprint_holds_what_was_added_and_nothing_else() {
        let mut footprint = Footprint::default();
        for number in 0..3 * MAX_ADDED {
            footprint.add(Name::Owner(&number.to_string()));
        }
        for number in 0..3 * MAX_ADDED {
            let name = number.to_string();
            assert!(footprint.contains(Name::Owner(&name)));
            assert!(!footprint.contains(Name::Vehicle(&name)));
        }
        assert!(!footprint.contains(Name::Owner("another")));
    }

    #[test]
    fn repeats_take_no_room() {
        let mut footprint = Footprint::default();
        for _ in 0..10 * MAX_ADDED {
            footprint.add(Name::Owner("ann"));
        }
        assert!(footprint.len() <= 2 * MAX_ADDED, "{}", footprint.len());
    }

    #[test]
    fn an_overfull_footprint_is_touched_by_everything_and_holds_no_names() {
        let mut footprint = Footprint::default();
        for number in 0..=2 * MAX_NAMES {
            footprint.add(Name::Owner(&number.to_string()));
        }
        assert!(footprint.depends_on_everything());
        assert!(footprint.contains(Name::Stream("any")));
        assert_eq!(footprint.len(), 0);
    }
}
