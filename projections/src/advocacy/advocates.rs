//! The query for the advocates among all persons, and for the distribution of scores.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::census::Bands;
use super::means::Means;
use super::model::Model;
use super::standing::{PersonScore, person_scores};
use super::states::AdvocacyStates;
use crate::Position;
use crate::fold::state::StateError;
use crate::stats::rounded;
use ownerline_proto::time::Instant;

/// A model with the brand means computed with it.
#[derive(Debug, Clone)]
pub struct Measure {
    /// The model.
    pub model: Arc<Model>,
    /// The brand means.
    pub means: Means,
}

/// The models for all persons, by market.
#[derive(Debug, Clone)]
pub struct Measures {
    /// For every market without an entry in `by_market`.
    pub network: Measure,
    /// For markets that have a model of their own.
    pub by_market: BTreeMap<String, Measure>,
}

impl Measures {
    /// Returns the model for persons of a market.
    #[must_use]
    pub fn of(&self, market: &str) -> &Measure {
        self.by_market.get(market).unwrap_or(&self.network)
    }
}

/// The dimension to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdvocatesBy {
    /// The dealer in the person's background.
    Dealer,
    /// The market.
    Market,
}

/// A query about many persons.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvocatesQuery {
    /// The dimension to group by.
    pub group_by: Option<AdvocatesBy>,
    /// Only persons of this dealer; empty for any.
    pub dealer_id: String,
    /// Only persons of this market; empty for any.
    pub market: String,
    /// The least confidence of a listed person.
    pub least_confidence: f64,
    /// At most this many are listed.
    pub limit: usize,
    /// As it was: everything that occurred at or before this instant.
    pub as_of: Instant,
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advocates {
    /// The scores of all matching persons.
    pub total: Bands,
    /// The same by dealer or market; the empty key is for persons without one.
    pub groups: BTreeMap<String, Bands>,
    /// The highest scores first (rounded to 1e-6, as answered), then the highest confidence, then the least id.
    pub listed: Vec<PersonScore>,
    /// The number of persons with enough confidence to be listed.
    pub eligible: u64,
    /// Every dealer of a background, if the query names one.
    pub dealers: BTreeSet<String>,
    /// Every market of a background, if the query names one.
    pub markets: BTreeSet<String>,
}

impl Advocates {
    fn add(&mut self, query: &AdvocatesQuery, person: PersonScore) {
        let background = &person.background;
        for (filter, value, values) in [
            (&query.dealer_id, &background.dealer_id, &mut self.dealers),
            (&query.market, &background.market, &mut self.markets),
        ] {
            if !filter.is_empty() && !value.is_empty() && !values.contains(value) {
                values.insert(value.clone());
            }
        }
        let fits = |filter: &str, value: &str| filter.is_empty() || filter == value;
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
            // Keeps few more in memory than the limit.
            if self.listed.len() >= 1_024 + 2 * query.limit {
                self.cut(query.limit);
            }
        }
    }

    fn cut(&mut self, limit: usize) {
        // Compares the rounded figures, as the answer shows them.
        let place = |person: &PersonScore| {
            let score = person.score.unwrap_or_default();
            (rounded(score), rounded(person.confidence))
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

/// Answers the distribution of scores and the persons with the highest ones. Scores are those of
/// [`super::owner_advocacy`] with the model of the person's market. Reads all evidence once per model.
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
        if models.iter().all(|other| other.model.digest() != digest) {
            models.push(measure);
        }
    }
    let mut advocates = Advocates::default();
    let AdvocatesQuery {
        as_of, known_at, ..
    } = query;
    for Measure { model, means } in models {
        person_scores(states, model, means, *as_of, *known_at, |person| {
            let of_market = &measures.of(&person.background.market).model;
            if of_market.digest() == model.digest() {
                advocates.add(query, person);
            }
        })?;
    }
    advocates.cut(query.limit);
    Ok(advocates)
}
