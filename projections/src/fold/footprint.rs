//! The names that an answer depends on, and those that a touchpoint touches. As long as the two have no name in common,
//! the touchpoint cannot change the answer. The reverse does not hold: a common name may leave the answer as it was.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ownerline_proto::v1::TouchpointRef;
use ownerline_proto::v1::touchpoint::Payload;

use crate::Recorded;

/// The most names that a footprint holds; beyond it, every touchpoint touches the answer.
pub const MAX_NAMES: usize = 16_384;

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

/// The names that an answer depends on, at most [`MAX_NAMES`] of them (8 bytes each).
#[derive(Debug, Clone, Default)]
pub struct Footprint {
    names: Vec<u64>,
    sorted: bool,
    everything: bool,
}

impl Footprint {
    /// Adds a name that the answer depends on.
    pub fn add(&mut self, name: Name<'_>) {
        if self.everything {
            return;
        }
        self.names.push(name.bits());
        self.sorted = false;
        // Repeats are common, so duplicates are dropped only when there might be too many names.
        if self.names.len() > 2 * MAX_NAMES {
            self.sort();
            if self.names.len() > MAX_NAMES {
                self.depend_on_everything();
            }
        }
    }

    /// Drops all names; from now on every touchpoint touches the answer.
    pub fn depend_on_everything(&mut self) {
        *self = Self {
            everything: true,
            ..Self::default()
        };
    }

    /// Sorts the names; [`Self::is_touched_by`] needs them sorted.
    pub fn sort(&mut self) {
        self.names.sort_unstable();
        self.names.dedup();
        self.names.shrink_to_fit();
        self.sorted = true;
    }

    /// Whether the answer depends on any of these names. `names` must be sorted; an unsorted footprint answers yes.
    #[must_use]
    pub fn is_touched_by(&self, names: &[u64]) -> bool {
        if self.everything || !self.sorted {
            return true;
        }
        let (few, many) = if self.names.len() < names.len() {
            (self.names.as_slice(), names)
        } else {
            (names, self.names.as_slice())
        };
        few.iter().any(|name| many.binary_search(name).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Footprint {
        let mut footprint = Footprint::default();
        for name in names {
            footprint.add(Name::Owner(name));
        }
        footprint.sort();
        footprint
    }

    #[test]
    fn a_footprint_is_touched_by_its_own_names_only() {
        let footprint = of(&["a", "b", "a"]);
        let others = [Name::Vehicle("a"), Name::Stream("b"), Name::Owner("c")];
        let mut others = others.map(|name| name.bits());
        others.sort_unstable();
        assert!(!footprint.is_touched_by(&others));
        assert!(footprint.is_touched_by(&[Name::Owner("b").bits()]));
        assert!(!footprint.is_touched_by(&[]));
    }

    #[test]
    fn an_unsorted_or_overfull_footprint_is_touched_by_everything() {
        let mut unsorted = Footprint::default();
        unsorted.add(Name::Owner("a"));
        assert!(unsorted.is_touched_by(&[1]));
        let mut much = Footprint::default();
        for number in 0..=2 * MAX_NAMES {
            much.add(Name::Owner(&number.to_string()));
        }
        much.sort();
        assert!(much.is_touched_by(&[1]));
        assert!(
            much.names.is_empty(),
            "no names are stored beyond the limit"
        );
    }
}
