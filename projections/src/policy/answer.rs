//! Answers about policies: their versions, and the one in force for a scope and an instant.

use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Scope;
use ownerline_proto::v1::policy_published::Kind;

use super::{Place, Policies, PolicyStates, Supposed, TermsInForce, Version};
use crate::network::Network;
use crate::{AnswerError, Snapshots, Vantage, Viewer};

/// A filter on policies. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct PolicyFilter {
    /// Policies of this kind.
    pub kind: Option<Kind>,
    /// Policies of this name.
    pub name: Option<String>,
    /// Policies for exactly this scope.
    pub scope: Option<Scope>,
}

/// The policy to look up.
#[derive(Debug, Clone)]
pub enum PolicyQuestion {
    /// The policy in force.
    InForce {
        /// Its kind; `None` for the kind of the name.
        kind: Option<Kind>,
        /// Only policies of this name.
        name: Option<String>,
        /// The dealer or market for which it is in force; empty for the network.
        scope: Scope,
        /// In force for matters that began then; `None` for `as_of`.
        start: Option<Instant>,
    },
    /// One version.
    Version {
        /// The name of the policy.
        name: String,
        /// The number of the version.
        version: i32,
    },
}

/// The answer about one policy.
#[derive(Debug, Clone)]
pub struct PolicyAnswer {
    /// The version.
    pub version: Arc<Version>,
    /// The market of the dealer; empty if the question names no dealer or the market is unknown.
    pub market: String,
}

/// Returns every version known at the vantage, and the dealers if any policy depends on them.
///
/// # Errors
/// If a state cannot be read.
pub fn policies(snapshots: &Snapshots<'_>, vantage: &Vantage<'_>) -> Result<Policies, AnswerError> {
    let states = PolicyStates::of(snapshots);
    Ok(Policies::load(states, vantage.as_of, vantage.known_at)?)
}

/// Returns the SLAs in force for every dealer and instant, or the supposed one, which applies to everybody.
///
/// # Errors
/// [`AnswerError::Supposed`] if the supposed policy cannot be applied; or a state cannot be read.
pub fn terms_in_force(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    what_if: Option<&Supposed>,
) -> Result<TermsInForce, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let supposed = what_if
        .map(|supposed| supposed.terms(&policies))
        .transpose();
    let supposed = supposed.map_err(|violations| AnswerError::Supposed { violations })?;
    Ok(supposed.unwrap_or_else(|| policies.terms()))
}

/// Answers the versions that pass the filter, by name, then version: skips `from` of them and returns at most `limit`.
///
/// # Errors
/// If a state cannot be read.
pub fn list(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    filter: &PolicyFilter,
    from: usize,
    limit: usize,
) -> Result<Vec<Arc<Version>>, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let all = policies.versions().iter();
    let visible = all.filter(|version| is_visible(vantage.viewer, version));
    let admitted = visible.filter(|version| filter.admits(version));
    Ok(admitted.skip(from).take(limit).cloned().collect())
}

/// Answers one policy.
///
/// # Errors
/// [`AnswerError::Unknown`] if there is none or the viewer may not see it; or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &PolicyQuestion,
) -> Result<PolicyAnswer, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let policy = question.find(&policies, snapshots, vantage)?;
    let visible = policy.filter(|policy| is_visible(vantage.viewer, &policy.version));
    visible.ok_or_else(|| AnswerError::Unknown {
        what: "policy",
        id: question.label(),
    })
}

/// Whether a viewer may see a version. Policies for one dealer are visible to viewers who may see that dealer, all others
/// to everybody.
fn is_visible(viewer: &Viewer, version: &Version) -> bool {
    let scope = version.published.scope.as_ref();
    let dealer_id = scope.map_or("", |scope| scope.dealer_id.as_str());
    dealer_id.is_empty() || viewer.sees_dealer(dealer_id)
}

impl PolicyFilter {
    fn admits(&self, version: &Version) -> bool {
        let published = &version.published;
        let network = Scope::default();
        let scope = published.scope.as_ref().unwrap_or(&network);
        self.kind.is_none_or(|kind| published.kind() == kind)
            && self
                .name
                .as_ref()
                .is_none_or(|name| published.name == *name)
            && self.scope.as_ref().is_none_or(|filter| scope == filter)
    }
}

impl PolicyQuestion {
    /// The name of the policy in an error.
    fn label(&self) -> String {
        match self {
            Self::Version { name, version } => format!("{name}@{version}"),
            Self::InForce {
                name: Some(name), ..
            } => name.clone(),
            Self::InForce { kind, .. } => kind.map_or("", |kind| kind.as_str_name()).to_owned(),
        }
    }

    fn find(
        &self,
        policies: &Policies,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
    ) -> Result<Option<PolicyAnswer>, AnswerError> {
        let (kind, name, scope, start) = match self {
            Self::Version { name, version } => {
                let version = policies.version(name, *version).cloned();
                return Ok(version.map(|version| PolicyAnswer {
                    version,
                    market: String::new(),
                }));
            }
            Self::InForce {
                kind,
                name,
                scope,
                start,
            } => (kind, name, scope, start.unwrap_or(vantage.as_of)),
        };
        let of_name = || name.as_ref().and_then(|name| policies.names(name).kind);
        let Some(kind) = kind.or_else(of_name) else {
            return Ok(None);
        };
        let mut market = scope.market.clone();
        if !scope.dealer_id.is_empty() {
            let validity = vantage.validity()?;
            let dealer_id = &scope.dealer_id;
            let state = PolicyStates::of(snapshots).network;
            let network = Network::load_dealer(state, &validity, vantage.as_of, dealer_id)?;
            let dealer = network.dealer(dealer_id, start.nearest());
            market = dealer
                .map(|dealer| dealer.market.clone())
                .unwrap_or_default();
        }
        let place = Place {
            dealer_id: &scope.dealer_id,
            market: &market,
        };
        let version = policies.in_force(kind, name.as_deref(), place, start);
        Ok(version
            .cloned()
            .map(|version| PolicyAnswer { version, market }))
    }
}
