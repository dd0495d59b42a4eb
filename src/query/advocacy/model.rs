//! Which model a score is formed by: the policies in force, or those of the question.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_projections::advocacy::{AdvocacyQuery, Means, Model};
use ownerline_projections::policy::{Place, Policies, Version, completed};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::Kind;
use ownerline_proto::v1::{LexiconPolicy, ScoringPolicy};

use super::person;
use super::snapshots::{Snapshots, unreadable};
use crate::query::QueryError;
use crate::query::basis::Basis;

/// Policies of the question, instead of those in force.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelAsk {
    /// Weights, half-lives, strengths and k.
    pub scoring: Option<ScoringPolicy>,
    /// Themes.
    pub lexicon: Option<LexiconPolicy>,
}

impl ModelAsk {
    pub(super) fn is_any(&self) -> bool {
        self.scoring.is_some() || self.lexicon.is_some()
    }

    fn is_whole(&self) -> bool {
        self.scoring.is_some() && self.lexicon.is_some()
    }
}

/// A version that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedPolicy {
    /// Its name.
    pub name: String,
    /// Its number.
    pub version: i32,
}

/// A model and where it comes from.
pub(super) struct Chosen {
    pub(super) model: Arc<Model>,
    pub(super) scoring: Option<AppliedPolicy>,
    pub(super) lexicon: Option<AppliedPolicy>,
}

/// What is in force at `as_of` for the market of the owner, or else for the network, with what the question
/// brings along in its place.
pub(super) fn choose(
    views: &Snapshots,
    owner_id: &str,
    basis: Basis,
    ask: ModelAsk,
) -> Result<Chosen, QueryError> {
    let (as_of, known_at) = (basis.as_of, basis.known_at.0);
    let policies = Policies::load(views.policies(), as_of, known_at).map_err(unreadable)?;
    let of_network = chosen(&policies, Place::NETWORK, as_of, &ask)?;
    let depends = policies.versions().iter().any(|it| is_of_a_market(it));
    if ask.is_whole() || !depends {
        return Ok(of_network);
    }
    let query = AdvocacyQuery {
        owner_id: owner_id.to_owned(),
        as_of,
        known_at,
    };
    // Where somebody belongs does not depend on any model.
    let owner = person(views, &query, &of_network.model, &Means::none())?;
    let place = Place {
        dealer_id: "",
        market: &owner.background.market,
    };
    chosen(&policies, place, as_of, &ask)
}

/// A model, and for whom it is in force.
pub(super) struct OfMarket {
    /// Empty: everybody else.
    pub(super) market: String,
    pub(super) chosen: Chosen,
}

/// As [`choose`], for everybody: the model of the network first, then of each market that has another, in their
/// order.
pub(super) fn choose_all(
    views: &Snapshots,
    basis: Basis,
    ask: &ModelAsk,
) -> Result<Vec<OfMarket>, QueryError> {
    let (as_of, known_at) = (basis.as_of, basis.known_at.0);
    let policies = Policies::load(views.policies(), as_of, known_at).map_err(unreadable)?;
    let of_network = chosen(&policies, Place::NETWORK, as_of, ask)?;
    let versions = policies.versions().iter();
    let markets: BTreeSet<&str> = versions
        .filter(|it| is_of_a_market(it) && !ask.is_whole())
        .filter_map(|it| it.published.scope.as_ref())
        .map(|scope| scope.market.as_str())
        .collect();
    let mut models = vec![OfMarket {
        market: String::new(),
        chosen: of_network,
    }];
    for market in markets {
        let place = Place {
            dealer_id: "",
            market,
        };
        let chosen = chosen(&policies, place, as_of, ask)?;
        let network = models.first().map(|it| it.chosen.model.digest());
        if network != Some(chosen.model.digest()) {
            models.push(OfMarket {
                market: market.to_owned(),
                chosen,
            });
        }
    }
    Ok(models)
}

fn is_of_a_market(version: &Version) -> bool {
    let published = &version.published;
    let scope = published.scope.as_ref();
    matches!(published.kind(), Kind::Scoring | Kind::Lexicon)
        && version.flaw.is_none()
        && scope.is_some_and(|scope| !scope.market.is_empty())
}

fn chosen(
    policies: &Policies,
    place: Place<'_>,
    as_of: Instant,
    ask: &ModelAsk,
) -> Result<Chosen, QueryError> {
    let nothing = || unreadable("no scoring policy or lexicon is in force, not even version 0");
    let (scoring, scoring_policy) = match &ask.scoring {
        Some(scoring) => (None, scoring),
        None => {
            let (version, body) = policies.scoring(place, as_of).ok_or_else(nothing)?;
            (Some(applied(version)), body)
        }
    };
    let (lexicon, lexicon_policy) = match &ask.lexicon {
        Some(lexicon) => (None, lexicon),
        None => {
            let (version, body) = policies.lexicon(place, as_of).ok_or_else(nothing)?;
            (Some(applied(version)), body)
        }
    };
    let model = Model::new(&completed(scoring_policy), lexicon_policy).map_err(unreadable)?;
    Ok(Chosen {
        model: Arc::new(model),
        scoring,
        lexicon,
    })
}

fn applied(version: &Version) -> AppliedPolicy {
    AppliedPolicy {
        name: version.published.name.clone(),
        version: version.published.version,
    }
}
