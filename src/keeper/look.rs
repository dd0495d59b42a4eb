//! Examines feedback and cases by the views: which notices are due, and when to examine each next.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use ownerline_projections::cases::{self, CaseReader, CaseStates, every_case};
use ownerline_projections::feedback::{feedback_of_case, inbox, items, load};
use ownerline_projections::fold::state::StateError;
use ownerline_projections::obligation::{
    Cause, Item, Keeping, NoticesDue, Publications, notices_due, notices_due_of_case,
};
use ownerline_projections::person::PersonLookup;
use ownerline_projections::policy::{Policies, PolicyStates, TermsInForce};
use ownerline_projections::{Snapshots, Validity};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;

use super::failure::Failure;
use super::matter::Matter;
use super::start::Starts;
use crate::projector::{ProjectorHandle, Required, ViewSnapshot};
use crate::store::Position;

/// The views that the keeper reads: those of an inbox.
pub(super) const VIEWS: [&str; 9] = inbox::VIEWS;

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
#[derive(Clone)]
pub(super) struct When {
    /// The instants at which obligations were first kept.
    pub(super) starts: Arc<Starts>,
    /// The current instant.
    pub(super) now: i64,
}

impl When {
    fn keeping<'k>(&self, rules: &'k Rules) -> Keeping<'k> {
        Keeping {
            in_force: &rules.terms,
            publications: rules,
            since: self.starts.feedback,
            now: self.now,
        }
    }
}

/// What to examine.
pub(super) struct Wanted {
    pub(super) matters: BTreeSet<Matter>,
    /// The rules, if they have not changed since the last examination.
    pub(super) rules: Option<Arc<Rules>>,
}

/// An examined feedback or case.
pub(super) struct Examined {
    pub(super) matter: Matter,
    /// The last revision of the stream of a feedback.
    pub(super) revision: u64,
    pub(super) kept: NoticesDue,
    /// It is a case that waits for its owner.
    pub(super) waits: bool,
}

/// The result of an examination.
pub(super) struct Examination {
    /// The position of the views.
    pub(super) position: Position,
    pub(super) rules: Arc<Rules>,
    pub(super) examined: Vec<Examined>,
}

/// Examines matters as of the views, which must have reached `head`: the wanted ones, and the feedback that wanted cases
/// name. Blocks.
pub(super) fn examine(
    projector: &ProjectorHandle,
    head: Position,
    wanted: Wanted,
    when: &When,
) -> Result<Examination, Failure> {
    let views = Views::of(projector, head)?;
    let validity = views.validity()?;
    let rules = match wanted.rules {
        Some(rules) => rules,
        None => Arc::new(views.rules()?),
    };
    let mut matters = wanted.matters.clone();
    for matter in &wanted.matters {
        if let Matter::Case(case_id) = matter {
            let named = feedback_of_case(views.feedback(), case_id)?;
            matters.extend(named.iter().map(|id| Matter::feedback(id)));
        }
    }
    let snapshots = views.snapshots();
    let looking = Looking::new(&snapshots, &validity, &rules, when);
    let persons = PersonLookup::new(looking.states.timeline.identity, &validity);
    let mut examined = Vec::with_capacity(matters.len());
    for matter in matters {
        examined.push(looking.examine(matter, &persons)?);
    }
    let position = views.position();
    drop(snapshots);
    Ok(Examination {
        position,
        rules,
        examined,
    })
}

/// What matters are examined by.
struct Looking<'l> {
    states: CaseStates<'l>,
    validity: &'l Validity<'l>,
    keeping: Keeping<'l>,
    when: &'l When,
}

impl<'l> Looking<'l> {
    fn new(
        snapshots: &Snapshots<'l>,
        validity: &'l Validity<'l>,
        rules: &'l Rules,
        when: &'l When,
    ) -> Self {
        Self {
            states: CaseStates::of(snapshots),
            validity,
            keeping: when.keeping(rules),
            when,
        }
    }

    fn examine(&self, matter: Matter, persons: &PersonLookup<'_>) -> Result<Examined, StateError> {
        let (mut revision, mut kept, mut waits) = (0, NoticesDue::default(), false);
        match &matter {
            Matter::Feedback(feedback_id) => {
                let item = load(self.states.feedback, self.validity, feedback_id)?;
                if let Some(item) = item {
                    revision = Item::last_revision(&item);
                    kept = notices_due(&item, &self.keeping);
                }
            }
            Matter::Case(case_id) => (kept, waits) = self.case(case_id, persons)?,
        }
        Ok(Examined {
            matter,
            revision,
            kept,
            waits,
        })
    }

    /// What is due about a case, and whether it waits for its owner.
    fn case(
        &self,
        case_id: &str,
        persons: &PersonLookup<'_>,
    ) -> Result<(NoticesDue, bool), StateError> {
        let now = self.keeping.now.into();
        let reader = CaseReader::new(self.states, self.validity, persons, now);
        let Some(history) = reader.history(case_id)? else {
            return Ok((NoticesDue::default(), false));
        };
        let course = cases::CaseCourse::of(&history);
        let waits = course.last().is_some_and(|last| last.paused().is_some());
        let since = |kind| self.when.starts.cases.get(&kind).copied();
        let kept = notices_due_of_case(&history, &self.keeping, since);
        Ok((kept, waits))
    }
}

/// The result of examining everything.
pub(super) struct Scan {
    /// The position of the views.
    pub(super) position: Position,
    pub(super) rules: Arc<Rules>,
    /// What is open, each with the instant at which to examine it next.
    pub(super) wakes: Vec<(Matter, i64)>,
    /// The cases that wait for their owners.
    pub(super) waiting: BTreeSet<Matter>,
}

/// Examines everything as of the views, which must have reached `head`. Blocks for some seconds per million items of
/// feedback, and about a minute per million cases.
pub(super) fn scan(
    projector: &ProjectorHandle,
    head: Position,
    when: &When,
) -> Result<Scan, Failure> {
    let views = Views::of(projector, head)?;
    let rules = Arc::new(views.rules()?);
    let validity = views.validity()?;
    let snapshots = views.snapshots();
    let looking = Looking::new(&snapshots, &validity, &rules, when);
    let mut wakes = Vec::new();
    items(views.feedback(), &validity, &mut |item| {
        if let Some(at) = notices_due(&item, &looking.keeping).wakes_at() {
            wakes.push((Matter::feedback(&item.feedback_id), at));
        }
        ControlFlow::Continue(())
    })?;
    let persons = PersonLookup::new(looking.states.timeline.identity, &validity);
    let mut waiting = BTreeSet::new();
    every_case(looking.states.cases, |case_id| {
        let (kept, waits) = looking.case(case_id, &persons)?;
        let matter = Matter::case(case_id);
        wakes.extend(kept.wakes_at().map(|at| (matter.clone(), at)));
        if waits {
            waiting.insert(matter);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let position = views.position();
    drop(snapshots);
    Ok(Scan {
        position,
        rules,
        wakes,
        waiting,
    })
}

/// The views as of one commit.
struct Views([ViewSnapshot; 9]);

impl Views {
    fn of(projector: &ProjectorHandle, head: Position) -> Result<Self, Failure> {
        Ok(Self(projector.snapshots(VIEWS, Required::Now(head))?))
    }

    fn snapshots(&self) -> Snapshots<'_> {
        let named = VIEWS.into_iter().zip(&self.0);
        named.fold(Snapshots::default(), |snapshots, (name, view)| {
            snapshots.with(name, view, view.position())
        })
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
        let [_, corrections, policies, network, ..] = &self.0;
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
