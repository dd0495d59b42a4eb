//! The census: the distribution of all scores, and the expectation for a person from the scores of peers.

use std::collections::BTreeMap;

use super::background::Background;
use super::means::Means;
use super::model::Model;
use super::standing::person_scores;
use super::states::AdvocacyStates;
use crate::Position;
use crate::fold::state::StateError;
use crate::stats::{Interval, Proportion, Scale, ScaleSums, Shown, Z_95};
use ownerline_proto::time::Instant;

/// The least number of peers for an expectation.
pub const MIN_PEERS: u64 = 10;

/// The bands, each from its first score up to below its second; 100 is in the last.
pub const BANDS: [(f64, f64); 5] = [
    (0.0, 20.0),
    (20.0, 40.0),
    (40.0, 60.0),
    (60.0, 80.0),
    (80.0, 100.0),
];

/// The scores of several persons, added up in the order of their least ids.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peers {
    /// The number of scores.
    pub n: u64,
    /// The mean.
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

    /// The standard deviation (n − 1); `None` for fewer than two.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        let free = self.n.checked_sub(1).filter(|free| *free > 0)?;
        Some(libm::sqrt(self.squares / free as f64))
    }

    /// The 95 % interval of the mean, within 0 and 100, by `Scale::mean_interval`; `None` for fewer than [`MIN_PEERS`].
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

/// A distribution of scores.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bands {
    /// The number of persons in each band: below 20 (against the brand), below 40 (critical), below 60 (neither), below
    /// 80 (favourable), and up to 100 (advocates).
    pub counts: [u64; 5],
    /// The number of persons with insufficient evidence for a score; neither `counts` nor `scores` include them.
    pub insufficient: u64,
    /// The scores.
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

    /// The mean of the scores, if there are enough to publish it.
    #[must_use]
    pub fn mean(&self) -> Shown {
        Shown::new(
            self.scores.n,
            self.scores.interval(),
            Some(self.scores.mean),
        )
    }

    /// The share of persons in each band, in the order of [`BANDS`], if there are enough to publish it.
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

/// The scores of all persons at an instant, as known at a position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Census {
    /// Of all persons.
    pub all: Bands,
    /// By the dealer of [`Background`]; the empty key is for persons without one.
    pub by_dealer: BTreeMap<String, Bands>,
    /// By market; the empty key is for persons without one.
    pub by_market: BTreeMap<String, Bands>,
    /// By tier and tier of the previous brand, where both are known.
    pub by_step: BTreeMap<(String, String), Peers>,
}

/// The expectation for a person. It is shown beside the score, never instead of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The tier of the person and of the peers.
    pub tier: String,
    /// The tier of the previous brand. The step is from there to `tier`.
    pub prior_tier: String,
    /// The peers: all persons of the same step with a score, including this one.
    pub peers: Peers,
    /// The distance of the score above the peers' mean, in standard deviations; `None` for fewer than [`MIN_PEERS`] or if
    /// all peers have the same score.
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
            .filter(|deviation| *deviation > 1e-9 && peers.n >= MIN_PEERS);
        Some(Expectation {
            tier: step.0,
            prior_tier: step.1,
            peers,
            z: deviation.map(|deviation| (score - peers.mean) / deviation),
        })
    }
}

/// Scores every person known to the view. Reads all evidence once and holds it in memory: some hundred bytes for each
/// piece and person. The census at the start of a month, as known then and with the means of that month, never changes
/// and may be cached by (model, month); expectations are read from it.
///
/// # Errors
/// If a state cannot be read.
pub fn census(
    states: AdvocacyStates<'_>,
    model: &Model,
    means: &Means,
    as_of: Instant,
    known_at: Position,
) -> Result<Census, StateError> {
    let mut census = Census::default();
    person_scores(states, model, means, as_of, known_at, |person| {
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
