//! Spells: the times from one acquisition of a person to the next one, or to the person's defection.

use super::acquired::{Acquisition, Kind};
use super::makes::Make;

/// The make that an owner came back for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReturnTo {
    /// The same make.
    Same(Kind),
    /// Another make.
    Other,
    /// Another make, reported as a defection.
    Left,
    /// One of the two makes is unknown.
    Undecided,
}

/// The end of a spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Return {
    pub at: i64,
    pub to: ReturnTo,
}

/// A time with a car, until its owner is back in the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spell {
    /// The make of the last acquired car.
    pub make: Make,
    /// When it was acquired; `None` if only the return is known.
    pub since: Option<i64>,
    /// The return; `None` if the owner is not back.
    pub end: Option<Return>,
}

/// Returns the spells of a person, in order of time.
///
/// A return without a known car before it (a repurchase, a defection, or any acquisition after a defection) has a spell
/// of its own, of an unknown make and length. A first car is no return.
pub(super) fn spells(acquisitions: &[Acquisition]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::with_capacity(acquisitions.len());
    let mut had_left = false;
    let mut last: Option<&Acquisition> = None;
    for next in acquisitions {
        let is_bare_defection = next.is_defection && !next.has_car;
        if is_bare_defection && last.is_some_and(|last| is_repeated(last, next)) {
            continue;
        }
        last = Some(next);
        let open = spells.last_mut().filter(|spell| spell.end.is_none());
        let before = open.as_ref().map_or(Make::UNKNOWN, |spell| spell.make);
        let end = Some(Return {
            at: next.at,
            to: return_to(before, next),
        });
        if let Some(open) = open {
            open.end = end;
        } else if next.repurchase.is_some() || next.is_defection || had_left {
            spells.push(Spell {
                make: Make::UNKNOWN,
                since: None,
                end,
            });
        }
        had_left = is_bare_defection;
        if next.has_car {
            spells.push(Spell {
                make: next.make,
                since: Some(next.at),
                end: None,
            });
        }
    }
    spells
}

/// Whether a defection without a car repeats the last acquisition: the same defection, or one to the make acquired last.
fn is_repeated(last: &Acquisition, defection: &Acquisition) -> bool {
    let drives = last.has_car && defection.make.is_known() && defection.make == last.make;
    let same = last.is_defection && (!last.has_car || !defection.make.is_known());
    drives || same
}

fn return_to(before: Make, next: &Acquisition) -> ReturnTo {
    if next.is_defection {
        return ReturnTo::Left;
    }
    match before.is_known() && next.make.is_known() {
        false => ReturnTo::Undecided,
        true if before == next.make => ReturnTo::Same(next.repurchase.unwrap_or(Kind::Unspecified)),
        true => ReturnTo::Other,
    }
}
