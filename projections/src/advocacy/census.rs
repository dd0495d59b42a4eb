//! The scores of everybody: how they are distributed, and what is to be expected of whom.

use std::collections::BTreeMap;

use super::background::Background;
use super::means::Means;
use super::model::Model;
use super::standing::standings;
use super::states::AdvocacyStates;
use crate::fold::state::StateError;
use crate::stats::{Interval, Proportion, Scale, ScaleSums, Shown, Z_95};
use ownerline_proto::time::Instant;

/// With fewer peers nothing is expected of anybody.
pub const MIN_PEERS: u64 = 10;

/// The bands: each from the first score on, up to below the second; 100 is in the last.
pub const BANDS: [(f64, f64); 5] = [
    (0.0, 20.0),
    (20.0, 40.0),
    (40.0, 60.0),
    (60.0, 80.0),
    (80.0, 100.0),
];

/// Several scores, added up in the order of the persons' least ids.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peers {
    /// How many.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// The sum of squared distances from the mean (Welford).
    squares: f64,
}

impl Peers {
    fn add(&mut self, score: f64) {
        self.n += 1;
        let before = score - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (score - self.mean);
    }

    /// Their standard deviation (n − 1); `None` for fewer than two.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let free = self.n.checked_sub(1).filter(|free| *free > 0)?;
        Some(libm::sqrt(self.squares / free as f64))
    }

    /// The 95 % interval of the mean, within 0 and 100: that of `Scale::mean_interval`; `None` for fewer
    /// than [`MIN_PEERS`].
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let n = self.n as f64;
        let sums = ScaleSums {
            n: self.n,
            sum: n * self.mean,
            squares: self.squares + n * self.mean * self.mean,
        };
        let interval = Scale::continuous(0.0, 100.0).mean_interval(&sums, Z_95);
        interval.filter(|_| self.n >= MIN_PEERS)
    }
}

/// How scores are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bands {
    /// How many persons in each band: below 20 (against the brand), below 40 (critical), below 60 (neither),
    /// below 80 (favourable), and up to 100 (advocates).
    pub counts: [u64; 5],
    /// How many persons have no score for want of evidence; no band counts them, nor do `scores`.
    pub insufficient: u64,
    /// Their scores.
    pub scores: Peers,
}

impl Bands {
    pub(super) fn add(&mut self, score: Option<f64>) {
        let Some(score) = score else {
            self.insufficient += 1;
            return;
        };
        let above = BANDS.iter().skip(1);
        let band = above.filter(|(from, _)| score >= *from).count();
        if let Some(count) = self.counts.get_mut(band) {
            *count += 1;
        }
        self.scores.add(score);
    }

    /// The mean of the scores, as far as it may be told of so few.
    #[must_use]
    pub fn mean(&self) -> Shown {
        Shown::new(
            self.scores.n,
            self.scores.interval(),
            Some(self.scores.mean),
        )
    }

    /// The share of persons in each band, in the order of [`BANDS`], as far as it may be told of so few.
    #[must_use]
    pub fn shares(&self) -> [Shown; 5] {
        self.counts.map(|successes| {
            let share = Proportion {
                successes,
                n: self.scores.n,
            };
            share.shown(Z_95)
        })
    }
}

/// The scores of everybody at an instant, as known at a position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Census {
    /// Of all persons.
    pub all: Bands,
    /// By the dealer of [`Background`]; empty: none is known.
    pub by_dealer: BTreeMap<String, Bands>,
    /// By market; empty: none is known.
    pub by_market: BTreeMap<String, Bands>,
    /// By tier and tier of the brand before, where both are known.
    pub by_step: BTreeMap<(String, String), Peers>,
}

/// What was to be expected of a person, beside their score, never instead of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Their tier, and that of their peers.
    pub tier: String,
    /// The tier of the brand before: from there to `tier` is the step.
    pub prior_tier: String,
    /// The peers: everybody of the same tier and step with a score, themselves included.
    pub peers: Peers,
    /// How many standard deviations the score is above the peers' mean; `None` for fewer than [`MIN_PEERS`]
    /// or peers without difference.
    pub z: Option<f64>,
}

impl Census {
    /// What was to be expected of this person; `None` if their tier or that of their brand before is not
    /// known, or they have no score.
    #[must_use]
    pub fn expectation(&self, person: &Background, score: Option<f64>) -> Option<Expectation> {
        let score = score?;
        if person.tier.is_empty() || person.prior_tier.is_empty() {
            return None;
        }
        let step = (person.tier.clone(), person.prior_tier.clone());
        let peers = self.by_step.get(&step).copied().unwrap_or_default();
        let deviation = peers
            .deviation()
            .filter(|it| *it > 1e-9 && peers.n >= MIN_PEERS);
        Some(Expectation {
            tier: step.0,
            prior_tier: step.1,
            peers,
            z: deviation.map(|deviation| (score - peers.mean) / deviation),
        })
    }
}

/// Scores everybody of whom the view knows anything. Reads all evidence once and keeps it while it does: some
/// hundred bytes for each piece and person. With the means of a month, at its start and as known then, it never
/// changes, and may be kept under (model, month); that is what expectations are read from.
///
/// # Errors
/// If a state cannot be read.
pub fn census(
    states: AdvocacyStates<'_>,
    model: &Model,
    means: &Means,
    as_of: Instant,
    known_at: u64,
) -> Result<Census, StateError> {
    let mut census = Census::default();
    standings(states, model, means, as_of, known_at, |person| {
        let (score, person) = (person.score, person.background);
        census.all.add(score);
        let of_dealer = census.by_dealer.entry(person.dealer_id);
        of_dealer.or_default().add(score);
        let of_market = census.by_market.entry(person.market);
        of_market.or_default().add(score);
        if let Some(score) = score
            && !person.tier.is_empty()
            && !person.prior_tier.is_empty()
        {
            let step = (person.tier, person.prior_tier);
            census.by_step.entry(step).or_default().add(score);
        }
    })?;
    Ok(census)
}
