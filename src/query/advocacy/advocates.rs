//! Who the advocates are, and how scores are distributed: everybody by the model of their market.

use std::collections::BTreeMap;
use std::sync::Arc;

use ownerline_projections::Viewer;
use ownerline_projections::advocacy::{
    Advocates, AdvocatesBy, AdvocatesQuery, Measure, Measures, advocates,
};

use super::model::{Chosen, OfMarket, choose_all};
use super::snapshots::{Snapshots, VIEWS, unreadable};
use super::{AdvocacyReads, AppliedPolicy, ModelAsk, blocking};
use crate::query::QueryError;
use crate::query::basis::{Basis, Bounds, KnownAt};
use crate::query::nearest::unknown;

/// Models in force at once at most: the evidence of everybody is read once for each.
const MODELS: usize = 16;

/// What is asked about many persons.
#[derive(Debug, Clone)]
pub struct AdvocatesAsk {
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
    /// As of and as known when.
    pub bounds: Bounds,
    /// What if: policies instead of those in force, for everybody. They must be usable.
    pub model: ModelAsk,
}

/// Which model was applied to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketModel {
    /// The market; empty: everybody else.
    pub market: String,
    /// The scoring policy; `None`: the one of the question.
    pub scoring: Option<AppliedPolicy>,
    /// The lexicon; `None`: the one of the question.
    pub lexicon: Option<AppliedPolicy>,
}

/// The answer and what it stands on.
#[derive(Debug, Clone)]
pub struct AdvocatesAnswer {
    /// Who they are.
    pub advocates: Arc<Advocates>,
    /// By which models: that of the network first.
    pub models: Vec<MarketModel>,
    /// The start of the month of the means, in nanoseconds since the Unix epoch.
    pub means_at: Option<i64>,
    /// What it stands on.
    pub basis: Basis,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// One question, with everything that its answer follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listing([u8; 32]);

impl Listing {
    fn of(query: &AdvocatesQuery, measures: &Measures) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        let group_by = match query.group_by {
            None => 0,
            Some(AdvocatesBy::Dealer) => 1,
            Some(AdvocatesBy::Market) => 2,
        };
        add(&[group_by]);
        add(query.dealer_id.as_bytes());
        add(query.market.as_bytes());
        add(&query.least_confidence.to_le_bytes());
        add(&(query.limit as u64).to_le_bytes());
        add(&query.as_of.nanos().to_le_bytes());
        add(&query.known_at.to_le_bytes());
        let mut add_measure = |measure: &Measure| {
            add(&measure.model.digest());
            // The means follow from the model, the month, and the rest.
            add(&measure.means.month.unwrap_or(i64::MIN).to_le_bytes());
        };
        add_measure(&measures.network);
        for measure in measures.by_market.values() {
            add_measure(measure);
        }
        for market in measures.by_market.keys() {
            add(market.as_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }
}

impl AdvocacyReads {
    /// How scores are distributed, and who has the highest.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn advocates(&self, ask: AdvocatesAsk) -> Result<AdvocatesAnswer, QueryError> {
        let (reached, asked) = self.timelines.basis(&ask.bounds, None).await?;
        self.timelines.wait_for(VIEWS, reached).await?;
        let (projector, model) = (self.timelines.projector.clone(), ask.model.clone());
        let (views, basis, models) = blocking(move || {
            let views = Snapshots::of(&projector)?;
            let basis = asked.standing_on(views.reached());
            let models = choose_all(&views, basis, &model)?;
            Ok((Arc::new(views), basis, models))
        })
        .await?;
        if models.len() > MODELS {
            return Err(QueryError::TooManyModels {
                given: models.len(),
                limit: MODELS,
            });
        }
        let bounds = (ask.bounds.known_at, basis);
        let (measures, applied) = self.measures(&views, bounds, models, &ask.model).await?;
        let query = AdvocatesQuery {
            group_by: ask.group_by,
            dealer_id: ask.dealer_id,
            market: ask.market,
            least_confidence: ask.least_confidence,
            limit: ask.limit,
            as_of: basis.as_of,
            known_at: basis.known_at.0,
        };
        let means_at = measures.network.means.month;
        let listing = Listing::of(&query, &measures);
        let (dealer_id, market) = (query.dealer_id.clone(), query.market.clone());
        let compute = move || {
            let viewer = Viewer::Unrestricted;
            let found = advocates(views.advocacy(), &viewer, &query, &measures);
            found.map(Arc::new).map_err(unreadable)
        };
        let advocates: Arc<Advocates> = self.lists.get(listing, compute).await?;
        for (field, what, name, known) in [
            ("dealer_id", "dealer", dealer_id, &advocates.dealers),
            ("market", "market", market, &advocates.markets),
        ] {
            if !name.is_empty() && !known.contains(&name) {
                return Err(unknown(
                    field,
                    what,
                    &name,
                    known.iter().map(String::as_str),
                ));
            }
        }
        Ok(AdvocatesAnswer {
            advocates,
            models: applied,
            means_at,
            basis,
            stale: basis.is_stale(&self.timelines.store),
        })
    }

    /// Every model with its means, one after the other: each may keep a core busy.
    async fn measures(
        &self,
        views: &Arc<Snapshots>,
        (known_at, basis): (KnownAt, Basis),
        models: Vec<OfMarket>,
        ask: &ModelAsk,
    ) -> Result<(Measures, Vec<MarketModel>), QueryError> {
        let (mut network, mut by_market, mut applied) = (None, BTreeMap::new(), Vec::new());
        for OfMarket { market, chosen } in models {
            let Chosen {
                model,
                scoring,
                lexicon,
            } = chosen;
            let month = self.month(known_at, basis, &model).await?;
            let kept = self.kept(month, ask.is_any());
            let means = kept.means(views, &model, month).await?;
            applied.push(MarketModel {
                market: market.clone(),
                scoring,
                lexicon,
            });
            let measure = Measure { model, means };
            match network {
                None => network = Some(measure),
                Some(_) => {
                    by_market.insert(market, measure);
                }
            }
        }
        let network = network.ok_or_else(|| unreadable("no model is in force"))?;
        Ok((Measures { network, by_market }, applied))
    }
}
