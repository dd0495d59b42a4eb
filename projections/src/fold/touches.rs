//! The names that each touchpoint of a commit touches, so that whoever has a [`Footprint`] finds those that may change
//! their answer.

use std::collections::BTreeSet;

use ownerline_proto::kind::Category;

use crate::fold::footprint::{Footprint, Name, touched};
use crate::{Position, Recorded};

/// A touchpoint that may change an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touching {
    /// Its place in the log.
    pub position: Position,
    /// When it happened, in nanoseconds since the Unix epoch.
    pub occurred_at: i64,
}

/// A touchpoint of the commit.
#[derive(Debug, Clone, Copy)]
struct Touchpoint {
    touching: Touching,
    /// The names that stand for it: its key, and its stream if that is of one matter.
    stands_for: [u64; 2],
}

/// The names that each touchpoint of a commit touches.
#[derive(Debug, Clone, Default)]
pub struct Touches {
    /// In position order.
    touchpoints: Vec<Touchpoint>,
    /// Names, and the index of the touchpoint that touches each. Sorted once [`Self::finish`] was called.
    names: Vec<(u64, u32)>,
}

impl Touches {
    /// Adds the next touchpoint.
    pub fn add(&mut self, recorded: &Recorded) {
        let index = u32::try_from(self.touchpoints.len()).unwrap_or(u32::MAX);
        touched(recorded, |name| self.names.push((name.bits(), index)));
        let touchpoint = &recorded.touchpoint;
        let key = Name::Touchpoint(&touchpoint.source, &touchpoint.id).bits();
        let category = Category::of_stream(&recorded.stream);
        let stream = match category.is_some_and(Category::is_one_matter) {
            true => Name::Stream(&recorded.stream).bits(),
            false => key,
        };
        self.touchpoints.push(Touchpoint {
            touching: Touching {
                position: recorded.position,
                occurred_at: recorded.occurred_at,
            },
            stands_for: [key, stream],
        });
    }

    /// Sorts the names, after the last touchpoint.
    pub fn finish(&mut self) {
        self.names.sort_unstable();
        self.names.dedup();
        self.names.shrink_to_fit();
    }

    /// The number of touchpoints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.touchpoints.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.touchpoints.is_empty()
    }

    /// The touchpoints recorded after a position that may change the answer with this footprint, in position order. What
    /// they stand for is added to the footprint until it [settles](Footprint::settle), because a later touchpoint may
    /// change the answer through them alone.
    pub fn touching(&self, footprint: &mut Footprint, after: Position) -> Vec<Touching> {
        let mut found: BTreeSet<u32> = BTreeSet::new();
        match footprint.few(self.names.len()) {
            Some(names) => {
                for name in names {
                    found.extend(self.touchpoints_named(name));
                }
            }
            None => {
                let touch = self.names.iter();
                let touch = touch.filter(|(name, _)| footprint.is_touched_by(*name));
                found.extend(touch.map(|(_, index)| index));
            }
        }
        let mut waiting: Vec<u32> = found.iter().copied().collect();
        while let Some(index) = waiting.pop() {
            let Some(touchpoint) = self.touchpoint(index) else {
                continue;
            };
            if touchpoint.touching.position <= after {
                continue;
            }
            for name in touchpoint.stands_for {
                footprint.add_since(name);
                let others = self.touchpoints_named(name);
                waiting.extend(others.filter(|other| found.insert(*other)));
            }
        }
        let found = found.into_iter();
        let found = found.filter_map(|index| self.touchpoint(index));
        let found = found.map(|touchpoint| touchpoint.touching);
        found.filter(|touching| touching.position > after).collect()
    }

    fn touchpoint(&self, index: u32) -> Option<&Touchpoint> {
        let index = usize::try_from(index).ok()?;
        self.touchpoints.get(index)
    }

    fn touchpoints_named(&self, name: u64) -> impl Iterator<Item = u32> {
        let first = self.names.partition_point(|(other, _)| *other < name);
        let from = self.names.get(first..).unwrap_or_default().iter();
        from.take_while(move |(other, _)| *other == name)
            .map(|(_, index)| *index)
    }
}
