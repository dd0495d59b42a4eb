//! Policies: every version, and which is in force for whom and when.

use std::sync::Arc;

use blake3::Hash;
use ownerline_projections::fold::state::StateError;
use ownerline_projections::network::{self, Network};
use ownerline_projections::policy;
use ownerline_projections::policy::{Place, Policies, PolicyStates, Version};
use ownerline_projections::{Validity, corrections};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::Scope;
use ownerline_proto::v1::policy_published::Kind;

use super::basis::{Basis, Bounds};
use super::error::ViewFault;
use super::timeline::Asked;
use super::token::Pinned;
use super::{QueryError, Timelines, views};
use crate::store::Position;

/// What policies are read from.
const VIEWS: [&str; 3] = [
    policy::VIEW.name,
    network::VIEW.name,
    corrections::VIEW.name,
];

/// Policies of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;

/// Which policies.
#[derive(Debug, Clone, Default)]
pub struct PolicyFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only for exactly this scope.
    pub scope: Option<Scope>,
}

/// A list that is asked for.
#[derive(Debug, Clone)]
pub struct PolicyListAsk {
    /// Which.
    pub filter: PolicyFilter,
    /// As of and as known when.
    pub bounds: Bounds,
    /// Policies of the page.
    pub page_size: Option<usize>,
    /// From the page before.
    pub token: Option<String>,
    /// What a token is bound to.
    pub query: Hash,
}

/// One page.
#[derive(Debug, Clone)]
pub struct PolicyPage {
    /// By name, then version.
    pub versions: Vec<Arc<Version>>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
    /// What it stands on.
    pub stand: PolicyStand,
}

/// Which policy is asked for.
#[derive(Debug, Clone)]
pub enum PolicyWanted {
    /// What is in force.
    InForce {
        /// Of this kind; `None`: of that of the name.
        kind: Option<Kind>,
        /// Only of this name.
        name: Option<String>,
        /// For whom.
        scope: Scope,
        /// For what began then; `None`: at as_of.
        start: Option<Instant>,
    },
    /// One version.
    Version {
        /// Of this policy.
        name: String,
        /// Its number.
        version: i32,
    },
}

/// One policy.
#[derive(Debug, Clone)]
pub struct PolicyAnswer {
    /// Which.
    pub version: Arc<Version>,
    /// The market the dealer was in; empty if none was asked for or is known.
    pub market: String,
    /// What it stands on.
    pub stand: PolicyStand,
}

/// What an answer stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyStand {
    /// Nothing recorded behind it counts.
    pub known_at: Position,
    /// Nothing that occurred after it counts (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// Reads policies.
#[derive(Clone)]
pub struct PolicyReads {
    /// The parts that every read stands on.
    pub timelines: Timelines,
}

/// What was read in one snapshot, and what it stands on.
struct Answered<T> {
    basis: Basis,
    found: T,
}

impl PolicyReads {
    /// One page of policies.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(&self, ask: PolicyListAsk) -> Result<PolicyPage, QueryError> {
        let limit = self.timelines.page_entries;
        let size = ask.page_size.unwrap_or(DEFAULT_PAGE.min(limit));
        if size > limit {
            return Err(QueryError::PageTooLarge { given: size, limit });
        }
        let (key, epoch) = (&self.timelines.key, self.timelines.store.epoch());
        let pinned = match &ask.token {
            Some(token) => Some(key.open_token(token, epoch, &ask.query)?),
            None => None,
        };
        // What shipped has no position, so a page ends at its place in the list, which is pinned.
        let from = pinned.map_or(0, |pinned| {
            usize::try_from(pinned.last.0).unwrap_or(usize::MAX)
        });
        let filter = ask.filter;
        let answered = self
            .read(&ask.bounds, pinned, move |policies, _, _| {
                let all = policies.versions().iter();
                let found = all.filter(|version| filter.admits(version));
                Ok(found.skip(from).take(size + 1).cloned().collect::<Vec<_>>())
            })
            .await?;
        let Answered { basis, mut found } = answered;
        let more = found.len() > size;
        found.truncate(size);
        let next = more.then(|| {
            let pinned = Pinned {
                known_at: basis.known_at,
                as_of: basis.as_of,
                last: Position(from.saturating_add(size) as u64),
                stale: basis.may_be_stale,
            };
            key.seal(epoch, &ask.query, pinned)
        });
        Ok(PolicyPage {
            versions: found,
            next,
            stand: self.stand(basis),
        })
    }

    /// One policy.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if there is none.
    pub async fn get(
        &self,
        wanted: PolicyWanted,
        bounds: Bounds,
    ) -> Result<PolicyAnswer, QueryError> {
        let unknown = QueryError::Unknown {
            what: "policy",
            id: wanted.called(),
        };
        let answered = self
            .read(&bounds, None, move |policies, states, basis| {
                wanted.found(policies, states, basis)
            })
            .await?;
        let (version, market) = answered.found.ok_or(unknown)?;
        Ok(PolicyAnswer {
            version,
            market,
            stand: self.stand(answered.basis),
        })
    }

    /// Every policy that counts now, standing at least on `at_least`.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn now(&self, at_least: Position) -> Result<Policies, QueryError> {
        let bounds = Bounds {
            at_least: Some(at_least),
            // Also what is told a little ahead of the clock is published already.
            as_of: Some(Instant::MAX),
            ..Bounds::default()
        };
        let read = self.read(&bounds, None, |policies, _, _| Ok(policies.clone()));
        Ok(read.await?.found)
    }

    /// Reads policies in one snapshot of the views.
    async fn read<T: Send + 'static>(
        &self,
        bounds: &Bounds,
        pinned: Option<Pinned>,
        find: impl FnOnce(&Policies, PolicyStates<'_>, Basis) -> Result<T, StateError> + Send + 'static,
    ) -> Result<Answered<T>, QueryError> {
        let (reached, asked) = self.timelines.basis(bounds, pinned).await?;
        self.timelines.wait_for(VIEWS, reached).await?;
        let projector = self.timelines.projector.clone();
        let answered = tokio::task::spawn_blocking(move || {
            let snapshots = projector.snapshots(VIEWS).map_err(unreadable)?;
            let basis = Asked::standing_on(asked, views::reached(&snapshots));
            let [policies, network, corrections] = &snapshots;
            let states = PolicyStates {
                policies,
                network,
                corrections,
            };
            let known_at = basis.known_at.0;
            let loaded = Policies::load(states, basis.as_of, known_at).map_err(unreadable)?;
            let found = find(&loaded, states, basis).map_err(unreadable)?;
            Ok(Answered { basis, found })
        });
        answered.await.map_err(unreadable)?
    }

    fn stand(&self, basis: Basis) -> PolicyStand {
        PolicyStand {
            known_at: basis.known_at,
            as_of: basis.as_of,
            stale: basis.is_stale(&self.timelines.store),
        }
    }
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

impl PolicyWanted {
    /// How it is called where there is none.
    fn called(&self) -> String {
        match self {
            Self::Version { name, version } => format!("{name}@{version}"),
            Self::InForce {
                name: Some(name), ..
            } => name.clone(),
            Self::InForce { kind, .. } => kind.map_or("", |kind| kind.as_str_name()).to_owned(),
        }
    }

    fn found(
        &self,
        policies: &Policies,
        states: PolicyStates<'_>,
        basis: Basis,
    ) -> Result<Option<(Arc<Version>, String)>, StateError> {
        let (kind, name, scope, start) = match self {
            Self::Version { name, version } => {
                let found = policies.version(name, *version).cloned();
                return Ok(found.map(|version| (version, String::new())));
            }
            Self::InForce {
                kind,
                name,
                scope,
                start,
            } => (kind, name, scope, start.unwrap_or(basis.as_of)),
        };
        let of_name = || name.as_ref().and_then(|name| policies.names(name).kind);
        let Some(kind) = kind.or_else(of_name) else {
            return Ok(None);
        };
        let mut market = scope.market.clone();
        if !scope.dealer_id.is_empty() {
            let validity = Validity::new(states.corrections, basis.known_at.0)?;
            let dealer_id = &scope.dealer_id;
            let network = Network::load_dealer(states.network, &validity, basis.as_of, dealer_id)?;
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
        Ok(found.cloned().map(|version| (version, market)))
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable(error: impl ViewFault) -> QueryError {
    QueryError::of_view(policy::VIEW.name, &error)
}
