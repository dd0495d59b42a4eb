//! How much is run: bounded in count and in time.

use std::time::Duration;

use ownerline_load::Pace;

use super::args::BenchArgs;

/// A log as small as this is judged for nothing but what does not depend on its size.
const LEAST_JUDGED: u64 = 100_000;
/// The size that the bars speak of.
const FULL: u64 = 5_000_000;

/// How much is run.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Touchpoints in the log when it is measured.
    pub(super) events: u64,
    /// Touchpoints of one leg of the load.
    pub(super) leg: u64,
    /// Rounds of the bars that take turns with their yardstick.
    pub(super) rounds: u32,
    /// Calls of one round of unary records.
    pub(super) calls: usize,
    /// Timelines asked for at each size.
    pub(super) timelines: usize,
    /// Scores, and response times of one dealer, asked for.
    pub(super) questions: usize,
    /// Response times of the whole network asked for.
    pub(super) of_all: usize,
    /// Records at a steady pace.
    pub(super) paced: Pace,
    /// The longest that a server may take to open, or its views to be built.
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
            paced: Pace {
                rate: 5_000,
                length: Duration::from_secs(20),
                probe_every: 20,
            },
            // At a tenth of what the bars ask, and never less than two minutes.
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
            paced: Pace {
                rate: 500,
                length: Duration::from_secs(2),
                probe_every: 10,
            },
            patience: Duration::from_secs(60),
            quick: true,
        }
    }

    /// Whether anything is judged: not in a quick run, and not in a build that nobody would deploy.
    pub(super) fn judges(&self) -> bool {
        !self.quick && !cfg!(debug_assertions) && self.events >= LEAST_JUDGED
    }

    /// Whether what depends on the size of the log is judged.
    pub(super) fn judges_size(&self) -> bool {
        self.judges() && self.events >= FULL
    }
}
