//! The question: who are the advocates, and how are scores distributed?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::census::Bands;
use super::means::Means;
use super::model::Model;
use super::standing::{Standing, standings};
use super::states::AdvocacyStates;
use crate::fold::state::StateError;
use crate::stats::rounded;
use ownerline_proto::time::Instant;

/// A model with the means of the brand under it.
#[derive(Debug, Clone)]
pub struct Measure {
    /// The model.
    pub model: Arc<Model>,
    /// The means under it.
    pub means: Means,
}

/// Who is scored by which model.
#[derive(Debug, Clone)]
pub struct Measures {
    /// Everybody whose market is not named.
    pub network: Measure,
    /// By market, where it is another.
    pub by_market: BTreeMap<String, Measure>,
}

impl Measures {
    /// The one for persons of a market.
    #[must_use]
    pub fn of(&self, market: &str) -> &Measure {
        self.by_market.get(market).unwrap_or(&self.network)
    }
}

/// What a distribution tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdvocatesBy {
    /// The dealer of the background.
    Dealer,
    /// The market.
    Market,
}

/// A question about many persons.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvocatesQuery {
    /// What the distribution tells apart.
    pub group_by: Option<AdvocatesBy>,
    /// Only persons of this dealer; empty: of any.
    pub dealer_id: String,
    /// Only persons of this market; empty: of any.
    pub market: String,
    /// Who is listed has at least this confidence.
    pub least_confidence: f64,
    /// How many are listed at most.
    pub limit: usize,
    /// As it was at this instant, in nanoseconds since the Unix epoch.
    pub as_of: Instant,
    /// As it was known at this position.
    pub known_at: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advocates {
    /// The scores of everybody asked for.
    pub total: Bands,
    /// The same by dealer or market; empty key: none is known.
    pub groups: BTreeMap<String, Bands>,
    /// The highest scores first, as answered to 1e-6, then the highest confidence, then the least id.
    pub listed: Vec<Standing>,
    /// How many could be listed.
    pub eligible: u64,
    /// Every dealer of a background, if one is asked for.
    pub dealers: BTreeSet<String>,
    /// Every market of a background, if one is asked for.
    pub markets: BTreeSet<String>,
}

impl Advocates {
    fn take(&mut self, query: &AdvocatesQuery, person: Standing) {
        let background = &person.background;
        for (asked, its, met) in [
            (&query.dealer_id, &background.dealer_id, &mut self.dealers),
            (&query.market, &background.market, &mut self.markets),
        ] {
            if !asked.is_empty() && !its.is_empty() && !met.contains(its) {
                met.insert(its.clone());
            }
        }
        let fits = |asked: &str, its: &str| asked.is_empty() || asked == its;
        if !fits(&query.dealer_id, &background.dealer_id)
            || !fits(&query.market, &background.market)
        {
            return;
        }
        self.total.add(person.score);
        let key = match query.group_by {
            Some(AdvocatesBy::Dealer) => Some(&background.dealer_id),
            Some(AdvocatesBy::Market) => Some(&background.market),
            None => None,
        };
        if let Some(key) = key {
            if !self.groups.contains_key(key) {
                self.groups.insert(key.clone(), Bands::default());
            }
            if let Some(bands) = self.groups.get_mut(key) {
                bands.add(person.score);
            }
        }
        if person.score.is_some() && person.confidence >= query.least_confidence {
            self.eligible += 1;
            self.listed.push(person);
            // Never many more in memory than are asked for.
            if self.listed.len() >= 1_024 + 2 * query.limit {
                self.cut(query.limit);
            }
        }
    }

    fn cut(&mut self, limit: usize) {
        // As they are answered.
        let place = |it: &Standing| {
            let score = it.score.unwrap_or_default();
            (rounded(score), rounded(it.confidence))
        };
        self.listed.sort_by(|a, b| {
            let (a_place, b_place) = (place(a), place(b));
            let by_score = b_place.0.total_cmp(&a_place.0);
            let by_confidence = b_place.1.total_cmp(&a_place.1);
            let by_id = || a.owner_id.cmp(&b.owner_id);
            by_score.then(by_confidence).then_with(by_id)
        });
        self.listed.truncate(limit);
    }
}

/// Answers how scores are distributed and who has the highest. Each person is scored as by
/// [`super::owner_advocacy`] with the measure of their market. Reads all evidence once for every model.
///
/// # Errors
/// If a state cannot be read.
pub fn advocates(
    states: AdvocacyStates<'_>,
    query: &AdvocatesQuery,
    measures: &Measures,
) -> Result<Advocates, StateError> {
    let mut models: Vec<&Measure> = Vec::new();
    for measure in std::iter::once(&measures.network).chain(measures.by_market.values()) {
        let digest = measure.model.digest();
        if models.iter().all(|it| it.model.digest() != digest) {
            models.push(measure);
        }
    }
    let mut advocates = Advocates::default();
    let AdvocatesQuery {
        as_of, known_at, ..
    } = query;
    for Measure { model, means } in models {
        standings(states, model, means, *as_of, *known_at, |person| {
            let of_market = &measures.of(&person.background.market).model;
            if of_market.digest() == model.digest() {
                advocates.take(query, person);
            }
        })?;
    }
    advocates.cut(query.limit);
    Ok(advocates)
}
