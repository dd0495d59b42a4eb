//! The instants at which time alone changes an answer, and which touchpoints turn at each: what occurs then, or is
//! revealed then.

use std::collections::BTreeSet;

use crate::Position;

/// The most touchpoints whose turn is awaited one by one.
pub const MAX_TURNS: usize = 1_000;

/// The next turns of an answer. Instants are nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turns {
    /// At most [`MAX_TURNS`].
    known: BTreeSet<(i64, Position)>,
    /// From this instant on there are more.
    more_from: Option<i64>,
    /// Something turns at these instants, without telling what.
    unknown: BTreeSet<i64>,
}

/// The result of a search for what has turned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    /// These touchpoints; perhaps none.
    Touchpoints(BTreeSet<Position>),
    /// Something that is not told.
    Something,
}

impl Turns {
    /// A touchpoint turns at an instant.
    pub fn add(&mut self, instant: i64, position: Position) {
        self.known.insert((instant, position));
        // Those that have no room are found by whoever looks at everything at the first of them.
        while self.known.len() > MAX_TURNS
            && let Some((last, _)) = self.known.pop_last()
        {
            self.more_from = Some(self.more_from.map_or(last, |from| from.min(last)));
        }
    }

    /// Something turns at an instant, and whoever looks at anything looks at everything.
    pub fn add_unknown(&mut self, instant: i64) {
        self.unknown.insert(instant);
        while self.unknown.len() > MAX_TURNS {
            // The last stays: then at the latest everything is seen.
            let last = self.unknown.pop_last();
            self.unknown.pop_last();
            self.unknown.extend(last);
        }
    }

    /// Adds the turns of another.
    pub fn extend(&mut self, other: Self) {
        for (instant, position) in other.known {
            self.add(instant, position);
        }
        for instant in other.unknown {
            self.add_unknown(instant);
        }
        self.more_from = [self.more_from, other.more_from]
            .into_iter()
            .flatten()
            .min();
    }

    /// The next instant at which something turns.
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        let known = self.known.first().map(|(instant, _)| *instant);
        [known, self.unknown.first().copied(), self.more_from]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns what has turned at or before an instant.
    #[must_use]
    pub fn turned(&self, by: i64) -> Turned {
        let unknown = [self.unknown.first().copied(), self.more_from];
        if unknown.into_iter().flatten().any(|first| first <= by) {
            return Turned::Something;
        }
        let turned = self.known.iter().take_while(|(instant, _)| *instant <= by);
        Turned::Touchpoints(turned.map(|(_, position)| *position).collect())
    }

    /// Forgets what has turned at or before an instant.
    pub fn forget(&mut self, by: i64) {
        self.known.retain(|(instant, _)| *instant > by);
        self.unknown.retain(|instant| *instant > by);
        self.more_from = self.more_from.filter(|from| *from > by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_order_and_are_forgotten() {
        let mut turns = Turns::default();
        turns.add(7, Position(1));
        turns.add(5, Position(2));
        turns.add_unknown(9);
        assert_eq!(turns.next(), Some(5));
        let both = Turned::Touchpoints([Position(1), Position(2)].into());
        assert_eq!(turns.turned(8), both);
        assert_eq!(turns.turned(9), Turned::Something);
        turns.forget(7);
        assert_eq!(turns.next(), Some(9));
        turns.forget(9);
        assert_eq!(turns.next(), None);
    }

    #[test]
    fn no_turn_is_lost_when_there_are_too_many() {
        let mut turns = Turns::default();
        let count = i64::try_from(MAX_TURNS).unwrap() + 10;
        for instant in (0..count).rev() {
            turns.add(instant, Position(1));
        }
        assert_eq!(turns.known.len(), MAX_TURNS);
        turns.forget(count - 11);
        assert_eq!(turns.next(), Some(count - 10));
        assert_eq!(turns.turned(count - 10), Turned::Something);
    }
}
