//! The fill-in rule: owner, vehicle and dealer that a touchpoint does not name are those of the first
//! touchpoint of its stream, in history order, that names them. In order streams the vehicle is the one assigned at
//! `occurred_at`. What the clock-keeper issues only repeats others, and
//! a retraction only takes back: neither fills in anything.

use std::collections::BTreeMap;

use ownerline_proto::kind::Category;

use super::kinds::Kinds;
use super::matter::{MatterRows, Named};
use super::names::Names;
use crate::Validity;
use crate::assigned_car::AssignedCar;
use crate::fold::corrections::fill;
use crate::fold::state::{StateError, StateRead};
use ownerline_proto::time::Instant;

/// The subjects of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct StreamNames {
    /// The first of each that is named; for an order, without the vehicle.
    first: Names,
    /// For an order: the vehicle that it has; no other stream has one.
    assigned: Option<AssignedCar>,
}

impl StreamNames {
    fn vin_at(&self, instant: i64) -> &str {
        let assigned = self.assigned.as_ref();
        assigned.map_or(&self.first.vin, |assigned| assigned.at(instant))
    }
}

/// Fills in the subjects that touchpoints do not name, as of an instant and as known at a position, from the state of
/// [`timeline`](crate::timeline). Each stream is read once.
pub struct FilledIn<'s> {
    pub(super) rows: MatterRows<'s>,
    pub(super) kinds: Kinds,
    streams: BTreeMap<String, StreamNames>,
}

impl<'s> FilledIn<'s> {
    /// Fills in from what is in force and occurred at or before `as_of`.
    #[must_use]
    pub fn new(state: &'s dyn StateRead, validity: &'s Validity<'s>, as_of: Instant) -> Self {
        Self {
            rows: MatterRows {
                state,
                validity,
                as_of,
            },
            kinds: Kinds::new(),
            streams: BTreeMap::new(),
        }
    }

    /// The subjects of a touchpoint of this stream that occurred at this instant: those it names itself (`named`), the
    /// others filled in. A stream that is not about one matter (an owner's, a vehicle's) fills in nothing.
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

    /// The first subjects that a stream names. For an order the vehicle is always empty.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn first(&mut self, stream: &str) -> Result<&Names, StateError> {
        Ok(&self.of_stream(stream)?.first)
    }

    /// Whether the touchpoints of a stream are filled in alike here and there.
    pub(super) fn is_alike(
        &mut self,
        other: &mut FilledIn<'_>,
        stream: &str,
    ) -> Result<bool, StateError> {
        Ok(self.of_stream(stream)? == other.of_stream(stream)?)
    }

    fn of_stream(&mut self, stream: &str) -> Result<&StreamNames, StateError> {
        if !self.streams.contains_key(stream) {
            let read = self.read(stream)?;
            self.streams.insert(stream.to_owned(), read);
        }
        Ok(self.streams.entry(stream.to_owned()).or_default())
    }

    fn read(&self, stream: &str) -> Result<StreamNames, StateError> {
        let is_order = Category::of_stream(stream) == Some(Category::Order);
        let mut read = StreamNames {
            assigned: is_order.then(AssignedCar::default),
            ..StreamNames::default()
        };
        self.rows.named(stream, |Named { key, mut names }| {
            if !self.kinds.tells(names.kind) {
                return Ok(true);
            }
            if let Some(assigned) = &mut read.assigned {
                let vin = std::mem::take(&mut names.vin);
                if self.kinds.assigns(names.kind) {
                    assigned.assign(key.occurred_at, &vin);
                } else if self.kinds.withdraws(names.kind) {
                    assigned.withdraw(key.occurred_at, &vin);
                }
            }
            read.first.fill_from(&names);
            Ok(is_order || !read.first.is_complete())
        })?;
        Ok(read)
    }
}
