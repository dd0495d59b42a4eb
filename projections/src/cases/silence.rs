//! The silence of a case: how long the owner heard nothing of the brand.

use super::course::CaseCourse;
use super::history::CaseHistory;

/// Gaps longer than this are listed.
pub(super) const LONG: i64 = 7 * 24 * 3_600 * 1_000_000_000;

/// A span without a word of the brand. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last word before it, or the beginning of the episode.
    pub from: i64,
    /// The next word, the end of the episode, or the instant of the question.
    pub until: i64,
    /// It goes on at the instant of the question.
    pub is_present: bool,
}

impl Gap {
    /// Its length in nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> i64 {
        self.until.saturating_sub(self.from)
    }
}

/// The silence of a case within its episodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Silence {
    /// The longest gap; of several, the first. `None` for a case that is not opened.
    pub longest: Option<Gap>,
    /// The gap that goes on, if an episode does.
    pub present: Option<Gap>,
    /// Each gap above 7 days, in their order.
    pub long: Vec<Gap>,
}

impl Silence {
    /// The silence of a case as of the instant of its history: gaps between touchpoints that name the case and are the word
    /// of the brand to the owner.
    #[must_use]
    pub fn of(history: &CaseHistory, course: &CaseCourse<'_>) -> Self {
        let (as_of, now) = (history.as_of, history.now);
        let owners = history.owners();
        let facts = history.facts.iter();
        let words = facts.filter_map(|fact| {
            let by_owner = history.is_by_owner(fact, &owners);
            fact.word_at(by_owner, as_of, now)
        });
        let mut words: Vec<i64> = words.collect();
        words.sort_unstable();
        let mut silence = Self::default();
        for episode in &course.episodes {
            let end = episode.until().unwrap_or_else(|| as_of.nearest());
            let end = end.max(episode.from);
            let within = words.iter().copied();
            let within = within.filter(|at| episode.from < *at && *at < end);
            let mut from = episode.from;
            for until in within.chain([end]) {
                silence.add(Gap {
                    from,
                    until,
                    is_present: until == end && episode.until().is_none(),
                });
                from = until;
            }
        }
        silence
    }

    fn add(&mut self, gap: Gap) {
        if self.longest.is_none_or(|it| it.nanos() < gap.nanos()) {
            self.longest = Some(gap);
        }
        if gap.is_present {
            self.present = Some(gap);
        }
        if gap.nanos() > LONG {
            self.long.push(gap);
        }
    }
}
