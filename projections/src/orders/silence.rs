//! The silence of an order: how long the owner heard nothing.
//!
//! It is the owner's silence, whoever asks. It runs from the first touchpoint of the order, or from where the order went on
//! after a cancellation, to the handover or the cancellation; nothing pauses it.

use super::course::OrderCourse;
use super::fact::OrderFact;
use super::history::OrderHistory;

/// The longest silence that gives no alarm, in nanoseconds: 14 days.
pub const LONG: i64 = 14 * 86_400 * 1_000_000_000;

/// A word to the owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word<'h> {
    /// The touchpoint.
    pub fact: &'h OrderFact,
    /// When the owner heard it: when it happened, or was revealed; in nanoseconds since the Unix epoch.
    pub told_at: i64,
    /// When the centre could know that, not before.
    pub known_at: i64,
}

/// The words to the owner of an order, in the order in which they were heard.
#[must_use]
pub fn words(history: &OrderHistory) -> Vec<Word<'_>> {
    let seen_at = history.seen_at();
    let facts = history.facts.iter();
    let words = facts.filter(|fact| fact.is_word(history.is_by_owner(fact), seen_at));
    let words = words.map(|fact| {
        let told_at = fact.visible_at();
        Word {
            fact,
            told_at,
            known_at: told_at.max(fact.known_from),
        }
    });
    let as_of = history.as_of.nearest();
    let mut words: Vec<Word<'_>> = words.filter(|word| word.told_at <= as_of).collect();
    words.sort_by(|a, b| (a.told_at, &a.fact.key).cmp(&(b.told_at, &b.fact.key)));
    words
}

/// The silence of an order. Lengths are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Silence {
    /// When the owner last heard a word, in nanoseconds since the Unix epoch.
    pub last_word_at: Option<i64>,
    /// How long ago that is, or the beginning if there was no word since; `None` for an order that ended.
    pub age: Option<i64>,
    /// The age as the centre knew it.
    pub age_as_known: Option<i64>,
    /// The longest gap, the running one included.
    pub longest: i64,
    /// The longest gap as the centre knew it.
    pub longest_as_known: i64,
}

impl Silence {
    /// Reads a history with its whole course, what the owner may not see included.
    #[must_use]
    pub fn of(history: &OrderHistory, course: &OrderCourse<'_>) -> Self {
        let words = words(history);
        let as_of = history.as_of.nearest();
        let told: Vec<i64> = words.iter().map(|word| word.told_at).collect();
        let known = words.iter().map(|word| word.known_at);
        let mut known: Vec<i64> = known.filter(|at| *at <= as_of).collect();
        known.sort_unstable();
        let mut silence = Self {
            last_word_at: told.last().copied(),
            ..Self::default()
        };
        for stretch in &course.stretches {
            let (from, end) = (stretch.from.at(), stretch.until.map(OrderFact::at));
            let (longest, age) = gaps(&told, from, end, as_of);
            silence.longest = silence.longest.max(longest);
            silence.age = age;
            let (longest, age) = gaps(&known, from, end, as_of);
            silence.longest_as_known = silence.longest_as_known.max(longest);
            silence.age_as_known = age;
        }
        silence
    }

    /// Whether the owner has heard nothing for too long.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        self.age.is_some_and(|age| age > LONG)
    }
}

/// The longest gap between sorted instants within a stretch, and the length of the last one if the stretch goes on.
fn gaps(words: &[i64], from: i64, end: Option<i64>, as_of: i64) -> (i64, Option<i64>) {
    let until = end.unwrap_or(as_of).max(from);
    let within = words.iter().copied();
    let within = within.filter(|at| from < *at && *at <= until);
    let (mut longest, mut last) = (0, from);
    for at in within {
        longest = longest.max(at.saturating_sub(last));
        last = at;
    }
    let running = until.saturating_sub(last);
    (longest.max(running), end.is_none().then_some(running))
}
