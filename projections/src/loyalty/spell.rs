//! Spells: from one acquisition of a person to their next one, or to their defection.

use super::acquired::{Acquired, Kind};
use super::makes::Make;

/// To what an owner came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// The same make.
    Same(Kind),
    /// Another one.
    Other,
    /// Another one, and it was said that they defected.
    Left,
    /// One of the two makes is not known.
    Undecided,
}

/// The end of a spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Return {
    pub at: i64,
    pub to: To,
}

/// A time with a car, until its owner is back in the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spell {
    /// Of the car acquired last.
    pub make: Make,
    /// When it was acquired; `None`: that is not known, only that somebody came back.
    pub since: Option<i64>,
    /// `None`: they are not back.
    pub end: Option<Return>,
}

/// The spells of a person, in order of time.
///
/// A return before which no car is known (somebody is said to have bought *again*, or to have gone; or comes back after
/// they went) has a spell of its own, of an unknown make and length. A first car is no return.
pub(super) fn spells(acquired: &[Acquired]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::with_capacity(acquired.len());
    let mut had_left = false;
    let mut last: Option<&Acquired> = None;
    for it in acquired {
        if it.left && !it.has_car && last.is_some_and(|last| is_told_again(last, it)) {
            continue;
        }
        last = Some(it);
        let open = spells.last_mut().filter(|spell| spell.end.is_none());
        let before = open.as_ref().map_or(Make::UNKNOWN, |spell| spell.make);
        let end = Some(Return {
            at: it.at,
            to: to(before, it),
        });
        if let Some(open) = open {
            open.end = end;
        } else if it.again.is_some() || it.left || had_left {
            spells.push(Spell {
                make: Make::UNKNOWN,
                since: None,
                end,
            });
        }
        had_left = it.left && !it.has_car;
        if it.has_car {
            spells.push(Spell {
                make: it.make,
                since: Some(it.at),
                end: None,
            });
        }
    }
    spells
}

/// Whether a defection without a car is the one before, or to the make that they acquired last.
fn is_told_again(last: &Acquired, defection: &Acquired) -> bool {
    let drives = last.has_car && defection.make.is_known() && defection.make == last.make;
    let same = last.left && (!last.has_car || !defection.make.is_known());
    drives || same
}

fn to(before: Make, it: &Acquired) -> To {
    if it.left {
        return To::Left;
    }
    match before.is_known() && it.make.is_known() {
        false => To::Undecided,
        true if before == it.make => To::Same(it.again.unwrap_or(Kind::NotTold)),
        true => To::Other,
    }
}
