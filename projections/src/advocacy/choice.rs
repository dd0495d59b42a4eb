//! The choice of the model for a score: by the policies in force, or those that a what-if query supposes.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::Kind;
use ownerline_proto::v1::{LexiconPolicy, ScoringPolicy};

use super::{AdvocacyQuery, AdvocacyStates, Means, Model, owner_advocacy};
use crate::fold::state::StateError;
use crate::policy::{Place, Policies, Version, policies, scoring_with_defaults};
use crate::{AnswerError, Snapshots, Vantage};

/// Policies to suppose instead of those in force. They must be usable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SupposedModel {
    /// Weights, half-lives, strengths and k.
    pub scoring: Option<ScoringPolicy>,
    /// Themes.
    pub lexicon: Option<LexiconPolicy>,
}

impl SupposedModel {
    /// Whether it supposes anything.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.scoring.is_some() || self.lexicon.is_some()
    }

    fn is_whole(&self) -> bool {
        self.scoring.is_some() && self.lexicon.is_some()
    }
}

/// The policy version that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedPolicy {
    /// Its name.
    pub name: String,
    /// Its number.
    pub version: i32,
}

/// A model and the policies it is made from.
#[derive(Debug, Clone)]
pub struct ChosenModel {
    /// The model.
    pub model: Arc<Model>,
    /// The scoring policy; `None` if it was supposed.
    pub scoring: Option<AppliedPolicy>,
    /// The lexicon; `None` if it was supposed.
    pub lexicon: Option<AppliedPolicy>,
}

/// Chooses the model in force at `as_of` for the market of the owner, or else for the network. Supposed policies replace
/// those in force.
///
/// # Errors
/// If the owner is unknown, no usable policy is in force, or a state cannot be read.
pub fn choose(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    owner_id: &str,
    supposed: &SupposedModel,
) -> Result<ChosenModel, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let as_of = vantage.as_of;
    let of_network = choose_for(&policies, Place::NETWORK, as_of, supposed)?;
    let depends = policies
        .versions()
        .iter()
        .any(|version| is_of_a_market(version));
    if supposed.is_whole() || !depends {
        return Ok(of_network);
    }
    let query = AdvocacyQuery {
        owner_id: owner_id.to_owned(),
        as_of,
        known_at: vantage.known_at,
    };
    // The market of an owner does not depend on the model, so any model will do here.
    let states = AdvocacyStates::of(snapshots);
    let owner = owner_advocacy(states, &query, &of_network.model, &Means::none())?;
    let place = Place {
        dealer_id: "",
        market: &owner.background.market,
    };
    choose_for(&policies, place, as_of, supposed)
}

/// A model, and the market for which it is in force.
#[derive(Debug, Clone)]
pub struct MarketModel {
    /// The market; empty for all others.
    pub market: String,
    /// The model.
    pub chosen: ChosenModel,
}

/// Chooses the models in force for all persons: that of the network first, then those of markets with a model of their
/// own, by market.
///
/// # Errors
/// Those of [`choose`].
pub fn choose_all(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    supposed: &SupposedModel,
) -> Result<Vec<MarketModel>, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let as_of = vantage.as_of;
    let of_network = choose_for(&policies, Place::NETWORK, as_of, supposed)?;
    let versions = policies.versions().iter();
    let markets: BTreeSet<&str> = versions
        .filter(|version| is_of_a_market(version) && !supposed.is_whole())
        .filter_map(|version| version.published.scope.as_ref())
        .map(|scope| scope.market.as_str())
        .collect();
    let mut models = vec![MarketModel {
        market: String::new(),
        chosen: of_network,
    }];
    for market in markets {
        let place = Place {
            dealer_id: "",
            market,
        };
        let chosen = choose_for(&policies, place, as_of, supposed)?;
        let network = models.first().map(|model| model.chosen.model.digest());
        if network != Some(chosen.model.digest()) {
            models.push(MarketModel {
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

fn choose_for(
    policies: &Policies,
    place: Place<'_>,
    as_of: Instant,
    supposed: &SupposedModel,
) -> Result<ChosenModel, AnswerError> {
    let none_in_force = || StateError::Unreadable {
        reason: "no scoring policy or lexicon is in force, not even version 0".to_owned(),
    };
    let (scoring, scoring_policy) = match &supposed.scoring {
        Some(scoring) => (None, scoring),
        None => {
            let (version, body) = policies.scoring(place, as_of).ok_or_else(none_in_force)?;
            (Some(applied(version)), body)
        }
    };
    let (lexicon, lexicon_policy) = match &supposed.lexicon {
        Some(lexicon) => (None, lexicon),
        None => {
            let (version, body) = policies.lexicon(place, as_of).ok_or_else(none_in_force)?;
            (Some(applied(version)), body)
        }
    };
    let model = Model::new(&scoring_with_defaults(scoring_policy), lexicon_policy)?;
    Ok(ChosenModel {
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
