//! Repeats of one kind of line: the first of a second is a line, the others are counted and told in one line.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{Level, Metadata};

/// The kinds that are told apart within a second; all others are of one kind. Far more than calls have methods, codes
/// and reasons.
const MOST_KINDS: usize = 4_096;

/// A kind of line. All its words come from closed sets, never from a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The severity of its lines.
    pub level: Level,
    /// Their message, or their place in the source.
    pub line: &'static str,
    /// The method of the calls that they are about.
    pub method: Cow<'static, str>,
    /// The code of those calls.
    pub code: &'static str,
    /// The reason of that code.
    pub reason: Cow<'static, str>,
}

impl Kind {
    /// Lines with this message, whatever call they are about.
    #[must_use]
    pub fn of_line(level: Level, line: &'static str) -> Self {
        Self {
            level,
            line,
            method: Cow::Borrowed(""),
            code: "",
            reason: Cow::Borrowed(""),
        }
    }

    /// Lines from one place of the source.
    pub(super) fn of_place(place: &'static Metadata<'static>) -> Self {
        Self::of_line(*place.level(), place.name())
    }
}

/// The kinds of lines of the current second.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    kinds: Mutex<HashMap<Kind, Count>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    lines: u64,
    left_out: u64,
}

impl Repeats {
    /// Whether a line may be written that stands for `times` events, of which kind `most` lines are allowed in a second.
    /// If not, it is counted.
    pub(super) fn allow(&self, kind: Kind, most: u64, times: u64) -> bool {
        let mut kinds = self.kinds();
        let is_known = kinds.len() < MOST_KINDS || kinds.contains_key(&kind);
        let kind = if is_known {
            kind
        } else {
            Kind::of_line(kind.level, "of other kinds")
        };
        let count = kinds.entry(kind).or_default();
        let is_allowed = count.lines < most;
        if is_allowed {
            count.lines += 1;
        } else {
            count.left_out = count.left_out.saturating_add(times);
        }
        is_allowed
    }

    /// Ends the second: returns the kinds of which some were left out, and how many, and forgets all kinds.
    pub(super) fn end_second(&self) -> Vec<(Kind, u64)> {
        let kinds = std::mem::take(&mut *self.kinds());
        let mut told: Vec<_> = kinds
            .into_iter()
            .filter(|(_, count)| count.left_out > 0)
            .map(|(kind, count)| (kind, count.left_out))
            .collect();
        told.sort_by(|(one, _), (other, _)| one.order().cmp(&other.order()));
        told
    }

    /// Locks the kinds. No code panics while it holds the lock, so that a poisoned one is still consistent.
    fn kinds(&self) -> MutexGuard<'_, HashMap<Kind, Count>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    fn order(&self) -> (&str, &str, &str, &str) {
        (self.line, &self.method, self.code, &self.reason)
    }
}

/// Logs how many lines of each kind were left out.
pub(super) fn tell(left_out: Vec<(Kind, u64)>) {
    for (kind, count) in left_out {
        let line = kind.line;
        let word = |word| Some(word).filter(|word: &&str| !word.is_empty());
        let (method, code) = (word(&kind.method), word(kind.code));
        let reason = word(&kind.reason);
        match kind.level {
            Level::ERROR => {
                tracing::error!(line, method, code, reason, count, "more of the same");
            }
            Level::WARN => {
                tracing::warn!(line, method, code, reason, count, "more of the same");
            }
            _ => tracing::info!(line, method, code, reason, count, "more of the same"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(reason: &str) -> Kind {
        Kind {
            reason: Cow::Owned(reason.to_owned()),
            ..Kind::of_line(Level::INFO, "refused")
        }
    }

    #[test]
    fn the_first_of_a_kind_in_a_second_is_a_line_and_the_others_are_counted() {
        let repeats = Repeats::default();
        let allowed = |reason| repeats.allow(refused(reason), 1, 1);
        assert!(allowed("BUSY"));
        assert!(!allowed("BUSY") && !allowed("BUSY"));
        assert!(allowed("STOPPING"), "another kind");
        assert_eq!(repeats.end_second(), [(refused("BUSY"), 2)]);
        assert!(allowed("BUSY"), "another second");
        assert_eq!(repeats.end_second(), []);
    }

    #[test]
    fn a_line_that_stands_for_many_events_counts_them_all() {
        let repeats = Repeats::default();
        assert!(repeats.allow(refused("BUSY"), 1, 100));
        assert!(!repeats.allow(refused("BUSY"), 1, 70));
        assert!(!repeats.allow(refused("BUSY"), 1, 30));
        assert_eq!(repeats.end_second(), [(refused("BUSY"), 100)]);
    }

    #[test]
    fn more_kinds_than_there_can_be_take_no_more_memory() {
        let repeats = Repeats::default();
        for number in 0..2 * MOST_KINDS {
            repeats.allow(refused(&number.to_string()), 1, 1);
        }
        assert!(repeats.kinds().len() <= MOST_KINDS + 1);
        let others = Kind::of_line(Level::INFO, "of other kinds");
        let left_out = MOST_KINDS as u64 - 1;
        assert_eq!(repeats.end_second(), [(others, left_out)]);
    }
}
