//! Answers about policies: every version, and which is in force for whom and when.

use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Scope;
use ownerline_proto::v1::policy_published::Kind;

use super::{Place, Policies, PolicyStates, Supposed, TermsInForce, Version};
use crate::network::Network;
use crate::{AnswerError, Snapshots, Vantage, Viewer};

/// Which policies. Every condition that is set holds.
#[derive(Debug, Clone, Default)]
pub struct PolicyFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only for exactly this scope.
    pub scope: Option<Scope>,
}

/// The policy to look up.
#[derive(Debug, Clone)]
pub enum PolicyQuestion {
    /// The one in force.
    InForce {
        /// Of this kind; `None`: of that of the name.
        kind: Option<Kind>,
        /// Only of this name.
        name: Option<String>,
        /// For whom.
        scope: Scope,
        /// For what began then; `None`: at `as_of`.
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

/// A policy that was looked up.
#[derive(Debug, Clone)]
pub struct PolicyFound {
    /// The version.
    pub version: Arc<Version>,
    /// The market the dealer was in; empty if the question names no dealer or its market is not known.
    pub market: String,
}

/// Every version that counts from here, and the dealers as far as policies make a difference between them.
///
/// # Errors
/// If a state cannot be read.
pub fn policies(snapshots: &Snapshots<'_>, vantage: &Vantage<'_>) -> Result<Policies, AnswerError> {
    let states = PolicyStates::of(snapshots);
    Ok(Policies::load(states, vantage.as_of, vantage.known_at)?)
}

/// The SLAs in force for every dealer and instant, or what the question supposes for everybody.
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

/// Answers the versions that pass the filter, by name, then version: after the first `from`, at most `limit`.
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
    let seen = all.filter(|version| is_seen(vantage.viewer, version));
    let admitted = seen.filter(|version| filter.admits(version));
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
) -> Result<PolicyFound, AnswerError> {
    let policies = policies(snapshots, vantage)?;
    let found = question.find(&policies, snapshots, vantage)?;
    let seen = found.filter(|found| is_seen(vantage.viewer, &found.version));
    seen.ok_or_else(|| AnswerError::Unknown {
        what: "policy",
        id: question.label(),
    })
}

/// What one dealer agreed to is seen by whoever sees that dealer; the rest by everybody.
fn is_seen(viewer: &Viewer, version: &Version) -> bool {
    let scope = version.published.scope.as_ref();
    let dealer_id = scope.map_or("", |scope| scope.dealer_id.as_str());
    dealer_id.is_empty() || viewer.sees_dealer(dealer_id)
}

impl PolicyFilter {
    fn admits(&self, version: &Version) -> bool {
        let published = &version.published;
        let nobody = Scope::default();
        let scope = published.scope.as_ref().unwrap_or(&nobody);
        self.kind.is_none_or(|kind| published.kind() == kind)
            && self
                .name
                .as_ref()
                .is_none_or(|name| published.name == *name)
            && self.scope.as_ref().is_none_or(|wanted| scope == wanted)
    }
}

impl PolicyQuestion {
    /// How an error names it.
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
    ) -> Result<Option<PolicyFound>, AnswerError> {
        let (kind, name, scope, start) = match self {
            Self::Version { name, version } => {
                let found = policies.version(name, *version).cloned();
                return Ok(found.map(|version| PolicyFound {
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
        let found = policies.in_force(kind, name.as_deref(), place, start);
        Ok(found
            .cloned()
            .map(|version| PolicyFound { version, market }))
    }
}
