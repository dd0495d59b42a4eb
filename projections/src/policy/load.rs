//! All versions of all policies, loaded into memory for one query.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::Kind;

use super::version::{Flaw, Publication, Version};
use super::{check, shipped};
use crate::TouchpointKey;
use crate::fold::state::StateError;
use crate::network::{self, Network};
use crate::policy::decide::PolicyNames;
use crate::policy::fold::{VIEW, rows};
use crate::vantage::{Snapshots, ViewState};
use crate::{Position, Validity, corrections};

/// The view states that policies are read from.
#[derive(Clone, Copy)]
pub struct PolicyStates<'s> {
    /// The state of [`policies`](crate::policy).
    pub policies: ViewState<'s>,
    /// The state of [`network`](crate::network).
    pub network: ViewState<'s>,
    /// The state of [`corrections`](crate::corrections).
    pub corrections: ViewState<'s>,
}

impl<'s> PolicyStates<'s> {
    /// The views that policies are read from.
    pub const VIEWS: [&'static str; 3] = [VIEW.name, network::VIEW.name, corrections::VIEW.name];

    /// The states of [`Self::VIEWS`].
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        let [policies, network, corrections] = Self::VIEWS.map(|view| snapshots.state(view));
        Self {
            policies,
            network,
            corrections,
        }
    }
}

/// Every version, as it was at an instant and as known at a position, and the dealers if any policy depends on them.
#[derive(Debug, Clone)]
pub struct Policies {
    /// By name, then version, then in history order.
    versions: Vec<Arc<Version>>,
    /// By name: all version numbers ever used, including those of retracted publications.
    numbers: BTreeMap<String, BTreeSet<i32>>,
    /// Dealers with their markets; empty if no policy is for a market.
    network: Network,
}

impl Policies {
    /// Loads the versions published at or before `as_of` and in force as known at a position, and those that ship with the
    /// server.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn load(
        states: PolicyStates<'_>,
        as_of: Instant,
        known_at: Position,
    ) -> Result<Self, StateError> {
        let validity = Validity::new(states.corrections, known_at)?;
        let Publications {
            mut versions,
            numbers,
            received,
        } = Publications::read(states.policies, &validity, as_of, known_at)?;
        for publication in versions
            .iter_mut()
            .filter_map(|version| version.publication.as_mut())
        {
            // A corrected publication counts as received when the first of its chain was.
            let key = &publication.key;
            let standing = validity.standing(&key.source, &key.id)?;
            let first = standing.first().map(TouchpointKey::from);
            if let Some(received_at) = first.and_then(|first| received.get(&first)) {
                publication.received_at = *received_at;
            }
        }
        mark_flaws(&mut versions);
        let mut versions: Vec<Arc<Version>> = versions.into_iter().map(Arc::new).collect();
        versions.extend(shipped().iter().cloned());
        versions.sort_by(|a, b| {
            let order =
                |version: &Version| (version.published.name.clone(), version.published.version);
            order(a).cmp(&order(b)).then(a.place().cmp(&b.place()))
        });
        let for_markets = versions.iter().any(|version| {
            let scope = version.published.scope.as_ref();
            scope.is_some_and(|scope| !scope.market.is_empty())
        });
        let network = if for_markets {
            Network::load(states.network, &validity, as_of)?
        } else {
            Network::default()
        };
        Ok(Self {
            versions,
            numbers,
            network,
        })
    }

    /// Returns the policies that ship with the server, as if nothing were published.
    #[must_use]
    pub fn shipped_only() -> Self {
        Self {
            versions: shipped().to_vec(),
            numbers: BTreeMap::new(),
            network: Network::default(),
        }
    }

    /// Every version, by name, then version, then in history order; also those that are never in force.
    #[must_use]
    pub fn versions(&self) -> &[Arc<Version>] {
        &self.versions
    }

    /// Returns one version of a policy. If several publications claim it, the rightful one.
    #[must_use]
    pub fn version(&self, name: &str, version: i32) -> Option<&Arc<Version>> {
        let claims =
            |it: &&Arc<Version>| it.published.name == name && it.published.version == version;
        let mut claimants = self.versions.iter().filter(claims);
        let is_rightful = |it: &&Arc<Version>| matches!(it.flaw, None | Some(Flaw::Unusable(_)));
        claimants
            .clone()
            .find(is_rightful)
            .or_else(|| claimants.next())
    }

    /// Returns the facts about a name that decide about a publication.
    #[must_use]
    pub fn names(&self, name: &str) -> PolicyNames {
        let rightful = |it: &&Arc<Version>| !matches!(it.flaw, Some(Flaw::OtherKind(_)));
        let mut of_name = self.versions.iter().filter(|it| it.published.name == name);
        let usable = self.versions.iter().filter(|it| it.flaw.is_none());
        let calendars = usable.filter(|it| it.published.kind() == Kind::Calendar);
        PolicyNames {
            kind: of_name.find(rightful).map(|it| it.published.kind()),
            versions: self.numbers.get(name).cloned().unwrap_or_default(),
            calendars: calendars.map(|it| it.published.name.clone()).collect(),
        }
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }
}

/// The publications known at a position, before their flaws are marked.
struct Publications {
    /// Publications by `as_of` that are in force, by name, then in history order.
    versions: Vec<Version>,
    /// By name: all version numbers ever used, including those of retracted publications.
    numbers: BTreeMap<String, BTreeSet<i32>>,
    /// When each publication was received, by its source and id.
    received: BTreeMap<TouchpointKey, i64>,
}

impl Publications {
    fn read(
        state: ViewState<'_>,
        validity: &Validity<'_>,
        as_of: Instant,
        known_at: Position,
    ) -> Result<Self, StateError> {
        let mut publications = Self {
            versions: Vec::new(),
            numbers: BTreeMap::new(),
            received: BTreeMap::new(),
        };
        rows(state, |key, row| {
            let Some(published) = row.published else {
                return Ok(());
            };
            if key.position > known_at {
                return Ok(());
            }
            let numbers = publications
                .numbers
                .entry(published.name.clone())
                .or_default();
            numbers.insert(published.version);
            let touchpoint = TouchpointKey::from(&key);
            publications.received.insert(touchpoint, row.received_at);
            if key.occurred_at <= as_of && validity.counts(&key)? {
                let from = published.effective_from.as_ref();
                publications.versions.push(Version {
                    effective_from: from.map_or(Instant::MIN, Instant::from),
                    flaw: None,
                    published,
                    publication: Some(Publication {
                        key,
                        revision: row.revision,
                        received_at: row.received_at,
                        recorded_at: row.recorded_at,
                    }),
                });
            }
            Ok(())
        })?;
        Ok(publications)
    }
}

/// Marks the flaws of versions that are never in force. `versions` is sorted by name, then in history order.
fn mark_flaws(versions: &mut [Version]) {
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for version in shipped() {
        kinds.insert(version.published.name.clone(), version.published.kind());
    }
    let mut taken: BTreeSet<(String, i32)> = BTreeSet::new();
    for version in versions {
        let (name, kind) = (&version.published.name, version.published.kind());
        let rightful = *kinds.entry(name.clone()).or_insert(kind);
        version.flaw = if rightful != kind {
            Some(Flaw::OtherKind(rightful))
        } else if !taken.insert((name.clone(), version.published.version)) {
            Some(Flaw::VersionTaken)
        } else {
            let mut problems = check(&version.published);
            problems.extend(super::check::number(&version.published));
            (!problems.is_empty()).then_some(Flaw::Unusable(problems))
        };
    }
}
