//! Examines items by the views: which notices are due, and when to examine each item next.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use ownerline_projections::feedback::{self, feedback_of_case, items, load};
use ownerline_projections::fold::state::StateError;
use ownerline_projections::network;
use ownerline_projections::obligation::{
    Cause, Item, Keeping, NoticesDue, Publications, notices_due,
};
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates, TermsInForce};
use ownerline_projections::{Validity, corrections};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;

use super::failure::Failure;
use crate::projector::{ProjectorHandle, Required, ViewSnapshot};
use crate::store::Position;

/// The views that the keeper reads.
pub(super) const VIEWS: [&str; 4] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

/// The rules in force, with their publications.
pub(super) struct Rules {
    policies: Policies,
    terms: TermsInForce,
    /// The shortest time, in nanoseconds, from the start of an obligation to its first level.
    pub(super) first_notice_after: i64,
    /// Whether a rule is for a market, so that a dealer who changes markets may come under another one.
    pub(super) for_markets: bool,
}

impl Rules {
    fn of(policies: Policies) -> Self {
        let published = policies.versions().iter().map(|it| &it.published);
        let slas = published.clone().filter_map(|it| match &it.body {
            Some(Body::Sla(sla)) => Some(&sla.obligations),
            _ => None,
        });
        // What cases owe begins with other touchpoints than feedback.
        let of_feedback = slas.flatten().filter(|owed| {
            matches!(
                owed.kind(),
                Owed::FirstReply | Owed::NextReply | Owed::Resolution
            )
        });
        let steps = of_feedback.map(|owed| {
            let budget = owed.budget_seconds.saturating_mul(1_000_000_000);
            let shares = owed.warning_shares.iter().copied();
            // Business time never passes faster than elapsed time; the cast saturates.
            (budget as f64 * shares.fold(1.0, f64::min)) as i64
        });
        let first_notice_after = steps.min().unwrap_or_default().max(0);
        let mut scopes = published.filter_map(|it| it.scope.as_ref());
        let for_markets = scopes.any(|scope| !scope.market.is_empty());
        Self {
            terms: policies.terms(),
            policies,
            first_notice_after,
            for_markets,
        }
    }
}

impl Publications for Rules {
    fn publication(&self, policy: &str, version: i32) -> Option<Cause> {
        let version = self.policies.version(policy, version)?;
        let publication = version.publication.as_ref()?;
        let key = &publication.key;
        Some(Cause {
            key: key.into(),
            position: key.position,
            known_at: publication.recorded_at.max(key.occurred_at),
        })
    }
}

/// The time of an examination, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy)]
pub(super) struct When {
    /// The instant at which obligations were first kept.
    pub(super) since: i64,
    /// The current instant.
    pub(super) now: i64,
}

impl When {
    fn notices_due(self, item: &Item, rules: &Rules) -> NoticesDue {
        let keeping = Keeping {
            in_force: &rules.terms,
            publications: rules,
            since: self.since,
            now: self.now,
        };
        notices_due(item, &keeping)
    }
}

/// The items to examine.
pub(super) struct Wanted {
    pub(super) feedback: BTreeSet<Arc<str>>,
    /// The cases whose feedback to examine.
    pub(super) cases: BTreeSet<String>,
    /// The rules, if they have not changed since the last examination.
    pub(super) rules: Option<Arc<Rules>>,
}

/// An examined item.
pub(super) struct Examined {
    pub(super) feedback_id: Arc<str>,
    /// The last revision of its stream.
    pub(super) revision: u64,
    pub(super) kept: NoticesDue,
}

/// The result of an examination.
pub(super) struct Examination {
    pub(super) rules: Arc<Rules>,
    pub(super) items: Vec<Examined>,
}

/// Examines items as of the views, which must have reached `head`. Blocks.
pub(super) fn examine(
    projector: &ProjectorHandle,
    head: Position,
    wanted: Wanted,
    when: When,
) -> Result<Examination, Failure> {
    let views = Views::of(projector, head)?;
    let validity = views.validity()?;
    let rules = match wanted.rules {
        Some(rules) => rules,
        None => Arc::new(views.rules()?),
    };
    let mut feedback = wanted.feedback;
    for case_id in &wanted.cases {
        let named = feedback_of_case(views.feedback(), case_id)?;
        feedback.extend(named.into_iter().map(Arc::from));
    }
    let mut examined = Vec::with_capacity(feedback.len());
    for feedback_id in feedback {
        let item = load(views.feedback(), &validity, &feedback_id)?;
        examined.push(Examined {
            feedback_id,
            revision: item.as_ref().map_or(0, Item::last_revision),
            kept: item.map_or_else(NoticesDue::default, |item| when.notices_due(&item, &rules)),
        });
    }
    Ok(Examination {
        rules,
        items: examined,
    })
}

/// The result of examining all items.
pub(super) struct Scan {
    /// The position of the views.
    pub(super) position: Position,
    pub(super) rules: Arc<Rules>,
    /// The feedback ids of open items, each with the instant at which to examine it next.
    pub(super) wakes: Vec<(String, i64)>,
}

/// Examines all items as of the views, which must have reached `head`. Blocks for some seconds per million items.
pub(super) fn scan(
    projector: &ProjectorHandle,
    head: Position,
    when: When,
) -> Result<Scan, Failure> {
    let views = Views::of(projector, head)?;
    let rules = Arc::new(views.rules()?);
    let mut wakes = Vec::new();
    items(views.feedback(), &views.validity()?, &mut |item| {
        if let Some(at) = when.notices_due(&item, &rules).wakes_at() {
            wakes.push((item.feedback_id, at));
        }
        ControlFlow::Continue(())
    })?;
    Ok(Scan {
        position: views.position(),
        rules,
        wakes,
    })
}

/// The views as of one commit.
struct Views([ViewSnapshot; 4]);

impl Views {
    fn of(projector: &ProjectorHandle, head: Position) -> Result<Self, Failure> {
        Ok(Self(projector.snapshots(VIEWS, Required::Now(head))?))
    }

    fn feedback(&self) -> &ViewSnapshot {
        let [feedback, ..] = &self.0;
        feedback
    }

    fn position(&self) -> Position {
        let reached = self.0.iter().map(ViewSnapshot::position).min();
        reached.unwrap_or_default()
    }

    fn validity(&self) -> Result<Validity<'_>, StateError> {
        let [_, corrections, ..] = &self.0;
        Validity::new(corrections, self.position())
    }

    fn rules(&self) -> Result<Rules, StateError> {
        let [_, corrections, policies, network] = &self.0;
        let states = PolicyStates {
            policies,
            network,
            corrections,
        };
        // A policy that was recorded slightly ahead of the clock counts as published.
        let policies = Policies::load(states, Instant::MAX, self.position())?;
        Ok(Rules::of(policies))
    }
}
