//! The fill-in rule (DOMAIN §4): owner, vehicle and dealer that a touchpoint does not name are those of the first
//! touchpoint of its stream, in history order, that names them. In order streams the vehicle is the one assigned at
//! `occurred_at` (law/orders 12).

use std::collections::BTreeMap;

use ownerline_proto::kind::Category;
use ownerline_proto::v1::Subjects;
use prost::Message;

use super::kinds::Kinds;
use super::matter::{Named, named};
use crate::Validity;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::{StateError, StateRead};
use ownerline_proto::time::Instant;

/// Whom a touchpoint names, or whom a stream is about. What is not named is empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Names {
    /// The owner.
    #[prost(string, tag = "1")]
    pub owner_id: String,
    /// The vehicle.
    #[prost(string, tag = "2")]
    pub vin: String,
    /// The dealer.
    #[prost(string, tag = "3")]
    pub dealer_id: String,
    /// The number of the kind of the touchpoint; 0 of a stream.
    #[prost(uint32, tag = "4")]
    pub(crate) kind: u32,
}

impl Names {
    /// What the subjects of a touchpoint of a kind with this number name.
    pub(crate) fn of(subjects: &Subjects, kind: u32) -> Self {
        Self {
            owner_id: subjects.owner_id.clone(),
            vin: subjects.vin.clone(),
            dealer_id: subjects.dealer_id.clone(),
            kind,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.owner_id.is_empty() && self.vin.is_empty() && self.dealer_id.is_empty()
    }

    fn is_complete(&self) -> bool {
        !self.owner_id.is_empty() && !self.vin.is_empty() && !self.dealer_id.is_empty()
    }

    /// Takes what is still absent from another.
    fn fill_from(&mut self, other: &Self) {
        fill(&mut self.owner_id, &other.owner_id);
        fill(&mut self.vin, &other.vin);
        fill(&mut self.dealer_id, &other.dealer_id);
    }
}

impl Inherits for Names {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
        fill(&mut self.vin, &inherited.subjects.vin);
        fill(&mut self.dealer_id, &inherited.subjects.dealer_id);
    }
}

/// Whom one stream is about.
#[derive(Debug, Clone, Default)]
struct OfStream {
    /// Of an order, without the vehicle.
    first: Names,
    /// Of an order: from which instant (nanoseconds since the Unix epoch) on which vehicle it is; empty: none. In
    /// the order of the instants.
    assigned: Vec<(i64, String)>,
}

impl OfStream {
    fn vin_at(&self, instant: i64) -> &str {
        let later = self.assigned.partition_point(|(from, _)| *from <= instant);
        let last = later.checked_sub(1).and_then(|at| self.assigned.get(at));
        last.map_or(&self.first.vin, |(_, vin)| vin)
    }
}

/// Fills in what touchpoints do not name, as it was at an instant and as known at a position, from the state of
/// [`timeline`](crate::timeline). Streams that were looked up are kept.
pub struct FilledIn<'s> {
    pub(super) state: &'s dyn StateRead,
    pub(super) validity: &'s Validity<'s>,
    pub(super) as_of: Instant,
    pub(super) kinds: Kinds,
    known: BTreeMap<String, OfStream>,
}

impl<'s> FilledIn<'s> {
    /// By what is in force and occurred at or before `as_of`.
    #[must_use]
    pub fn new(state: &'s dyn StateRead, validity: &'s Validity<'s>, as_of: Instant) -> Self {
        Self {
            state,
            validity,
            as_of,
            kinds: Kinds::new(),
            known: BTreeMap::new(),
        }
    }

    /// Whom a touchpoint of this stream that occurred at this instant is about: as `named`, else filled in. Streams
    /// that are not of one matter (an owner's, a vehicle's) fill in nothing.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn fill(
        &mut self,
        stream: &str,
        occurred_at: i64,
        mut named: Names,
    ) -> Result<Names, StateError> {
        let is_one_matter = Category::of_stream(stream).is_some_and(Category::is_one_matter);
        if is_one_matter && !named.is_complete() {
            let of_stream = self.of_stream(stream)?;
            let vin = of_stream.vin_at(occurred_at);
            fill(&mut named.vin, vin);
            named.fill_from(&of_stream.first);
        }
        Ok(named)
    }

    /// Whom the first touchpoints of a stream name. Of an order this never says which vehicle it is.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn first(&mut self, stream: &str) -> Result<&Names, StateError> {
        Ok(&self.of_stream(stream)?.first)
    }

    fn of_stream(&mut self, stream: &str) -> Result<&OfStream, StateError> {
        if !self.known.contains_key(stream) {
            let found = self.read(stream)?;
            self.known.insert(stream.to_owned(), found);
        }
        Ok(self.known.entry(stream.to_owned()).or_default())
    }

    fn read(&self, stream: &str) -> Result<OfStream, StateError> {
        let is_order = Category::of_stream(stream) == Some(Category::Order);
        let mut found = OfStream::default();
        named(self, stream, |Named { key, mut names }| {
            if is_order {
                let vin = std::mem::take(&mut names.vin);
                let now = found.assigned.last().map(|(_, vin)| vin.as_str());
                let (assigns, withdraws) = (
                    self.kinds.assigns(names.kind) && !vin.is_empty(),
                    self.kinds.withdraws(names.kind) && now == Some(&vin),
                );
                if assigns {
                    found.assigned.push((key.occurred_at, vin));
                } else if withdraws {
                    found.assigned.push((key.occurred_at, String::new()));
                }
            }
            found.first.fill_from(&names);
            Ok(is_order || !found.first.is_complete())
        })?;
        Ok(found)
    }
}
