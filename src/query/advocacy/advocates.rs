//! Who the advocates are, and how scores are distributed: everybody by the model of their market.

use std::collections::BTreeMap;
use std::sync::Arc;

use ownerline_projections::advocacy::{
    AdvocacyStates, Advocates, AdvocatesBy, AdvocatesQuery, ChosenModel, MarketModel, Measure,
    Measures, SupposedModel, advocates, choose_all,
};
use ownerline_projections::network::unknown_name;
use ownerline_projections::{AnswerError, Viewer};

use super::listing::Listing;
use super::owner::AdvocacyReads;
use crate::query::basis::{Answer, Bounds, KnownAt};
use crate::query::error::QueryError;
use crate::query::needs::ADVOCACY;
use crate::query::reads::Stand;

/// Models in force at once at most: the evidence of everybody is read once for each.
const MODELS: usize = 16;

/// A question about many persons.
#[derive(Debug, Clone, Default)]
pub struct AdvocatesQuestion {
    /// The dimension of the distribution.
    pub group_by: Option<AdvocatesBy>,
    /// Only persons of this dealer; empty: of any.
    pub dealer_id: String,
    /// Only persons of this market; empty: of any.
    pub market: String,
    /// Who is listed has at least this confidence.
    pub least_confidence: f64,
    /// How many are listed at most.
    pub limit: usize,
    /// Policies to suppose instead of those in force, for everybody.
    pub supposed: SupposedModel,
}

/// The advocates, and the models they are scored by.
#[derive(Debug, Clone)]
pub struct AdvocatesAnswer {
    /// Who they are.
    pub advocates: Arc<Advocates>,
    /// The model of the network first, then those of markets.
    pub models: Vec<MarketModel>,
    /// The start of the month of the means, in nanoseconds since the Unix epoch.
    pub means_at: Option<i64>,
}

impl AdvocacyReads {
    /// How scores are distributed, and who has the highest.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn advocates(
        &self,
        question: AdvocatesQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<AdvocatesAnswer>, QueryError> {
        let stand = self.reads.stand(ADVOCACY, bounds, viewer).await?;
        let supposed = question.supposed.clone();
        let models = stand.ask(move |snapshots, vantage| {
            if !vantage.viewer.sees_network() {
                return Err(AnswerError::OutOfScope { what: "a score" });
            }
            choose_all(snapshots, vantage, &supposed)
        });
        let models = models.await?;
        if models.len() > MODELS {
            return Err(QueryError::TooManyModels {
                given: models.len(),
                limit: MODELS,
            });
        }
        let is_supposed = question.supposed.is_any();
        let measures = self.measures(&stand, bounds.known_at, &models, is_supposed);
        let measures = measures.await?;
        let query = AdvocatesQuery {
            group_by: question.group_by,
            dealer_id: question.dealer_id,
            market: question.market,
            least_confidence: question.least_confidence,
            limit: question.limit,
            as_of: stand.basis.as_of,
            known_at: stand.basis.known_at,
        };
        let means_at = measures.network.means.month;
        let listing = Listing::of(&query, &measures);
        let names = [
            ("dealer_id", "dealer", query.dealer_id.clone()),
            ("market", "market", query.market.clone()),
        ];
        let counted = stand.clone();
        let compute = move || {
            counted.compute(&|| false, |snapshots, _| {
                let states = AdvocacyStates::of(snapshots);
                let found = advocates(states, &query, &measures)?;
                Ok(Arc::new(found))
            })
        };
        let advocates: Arc<Advocates> = self.lists.get(listing, compute).await?;
        let [dealers, markets] = [&advocates.dealers, &advocates.markets];
        for ((field, what, name), known) in names.into_iter().zip([dealers, markets]) {
            if !name.is_empty() && !known.contains(&name) {
                let known = known.iter().map(String::as_str);
                let error = unknown_name(field, what, &name, known);
                return Err(QueryError::of_answer("advocacy", error));
            }
        }
        let found = AdvocatesAnswer {
            advocates,
            models,
            means_at,
        };
        Ok(self.reads.answer(stand.basis, found))
    }

    /// Every model with its means, one after the other: each may keep a core busy.
    async fn measures(
        &self,
        stand: &Stand,
        known_at: KnownAt,
        models: &[MarketModel],
        is_supposed: bool,
    ) -> Result<Measures, QueryError> {
        let (mut network, mut by_market) = (None, BTreeMap::new());
        for MarketModel { market, chosen } in models {
            let ChosenModel { model, .. } = chosen;
            let month = self.month(known_at, stand.basis, model).await?;
            let everybody = self.cached_for(month, is_supposed);
            let means = everybody.means(stand, model, month).await?;
            let measure = Measure {
                model: model.clone(),
                means,
            };
            match network {
                None => network = Some(measure),
                Some(_) => {
                    by_market.insert(market.clone(), measure);
                }
            }
        }
        let nothing = || QueryError::of_view("advocacy", &"no model is in force");
        let network = network.ok_or_else(nothing)?;
        Ok(Measures { network, by_market })
    }
}
