//! The size of a run, bounded in count and in time.

use std::time::Duration;

use ownerline_load::Pace;

use super::args::BenchArgs;

/// The least size of a log for which any bar is judged.
const LEAST_JUDGED: u64 = 100_000;
/// The least size of a log for which bars that depend on its size are judged.
const FULL: u64 = 5_000_000;

/// The pieces of feedback of the large owner for which its bars are judged, and of a quick run.
const WHALE_ITEMS: u64 = 20_000;
const WHALE_QUICK: u64 = 1_000;

/// The size of a run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The touchpoints in the log when it is measured.
    pub(super) events: u64,
    /// The touchpoints of one leg of the load.
    pub(super) leg: u64,
    /// The rounds of bars that alternate with their yardstick.
    pub(super) rounds: u32,
    /// The calls of one round of `Record`.
    pub(super) calls: usize,
    /// The timelines queried at each size.
    pub(super) timelines: usize,
    /// The queries for advocacy scores, and for response times of one dealer.
    pub(super) questions: usize,
    /// The queries for response times of the whole network.
    pub(super) of_all: usize,
    /// The pieces of feedback of the large owner, of ten touchpoints each.
    pub(super) whale_items: u64,
    /// The queries for the newest page of the large owner.
    pub(super) whale_questions: usize,
    /// The packs of the large owner.
    pub(super) whale_packs: usize,
    /// The changes of the large owner that a watch waits for.
    pub(super) whale_changes: u64,
    /// The pace of records at a steady rate.
    pub(super) paced: Pace,
    /// The longest time for a server to open or its views to be built.
    pub(super) patience: Duration,
    quick: bool,
}

impl Plan {
    pub(super) fn of(args: &BenchArgs) -> Self {
        if args.quick {
            return Self::quick();
        }
        Self {
            events: args.events,
            leg: (args.events / 20).min(100_000),
            rounds: 3,
            calls: 40_000,
            timelines: 10_000,
            questions: 10_000,
            of_all: 50,
            whale_items: (args.events / 25).clamp(WHALE_QUICK, WHALE_ITEMS),
            whale_questions: 1_000,
            whale_packs: 100,
            whale_changes: 100,
            paced: Pace {
                rate: 5_000,
                length: Duration::from_secs(20),
                probe_every: 20,
            },
            // A tenth of the speed that the bars ask for, and at least two minutes.
            patience: Duration::from_secs(120 + args.events / 8_000),
            quick: false,
        }
    }

    fn quick() -> Self {
        Self {
            events: 10_000,
            leg: 500,
            rounds: 1,
            calls: 2_000,
            timelines: 200,
            questions: 200,
            of_all: 5,
            whale_items: WHALE_QUICK,
            whale_questions: 20,
            whale_packs: 5,
            whale_changes: 5,
            paced: Pace {
                rate: 500,
                length: Duration::from_secs(2),
                probe_every: 10,
            },
            patience: Duration::from_secs(60),
            quick: true,
        }
    }

    /// Whether bars are judged: not in a quick run, and not in a debug build.
    pub(super) fn judges(&self) -> bool {
        !self.quick && !cfg!(debug_assertions) && self.events >= LEAST_JUDGED
    }

    /// Whether the bars of the large owner are judged.
    pub(super) fn judges_whale(&self) -> bool {
        self.judges() && self.whale_items >= WHALE_ITEMS
    }

    /// Whether bars that depend on the size of the log are judged.
    pub(super) fn judges_size(&self) -> bool {
        self.judges() && self.events >= FULL
    }
}
