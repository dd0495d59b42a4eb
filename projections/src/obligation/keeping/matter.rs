//! What the clock-keeper needs to know of a matter whose obligations it watches, be it a feedback or a case.

use ownerline_proto::time::Instant;

use super::super::levels::{IssuedEvent, issued_about};
use super::super::{FactKind, Item, ItemState, Obligation};
use super::notice::{Cause, Notice, NoticeKind, fact_of};
use crate::TouchpointKey;
use crate::obligation::terms::InForce;

/// The state of a matter as of an instant.
pub(super) struct Then {
    /// What is owed, or was.
    pub(super) obligations: Vec<Obligation>,
    /// The owner; empty if nobody is named.
    pub(super) owner_id: String,
    /// The vehicle; empty if none is named.
    pub(super) vin: String,
    /// The responsible dealer; empty where an event that names one would decide who was the first.
    pub(super) dealer_id: String,
}

impl Then {
    /// The same obligation in this state.
    pub(super) fn same(&self, obligation: &Obligation) -> Option<&Obligation> {
        let mut all = self.obligations.iter();
        all.find(|it| it.obligation_id == obligation.obligation_id)
    }

    /// A notice with the subjects of this state.
    pub(super) fn notice(
        &self,
        obligation: &Obligation,
        (id, occurred_at, event, share): (String, i64, NoticeKind, f64),
    ) -> Notice {
        Notice {
            id,
            occurred_at,
            event,
            share,
            obligation_id: obligation.obligation_id.clone(),
            episode: obligation.episode,
            kind: obligation.kind,
            policy: obligation.policy.clone(),
            due_at: obligation.outcome.due_at,
            opened_by: obligation.opened_by.clone(),
            subject_id: obligation.subject_id.clone(),
            owner_id: self.owner_id.clone(),
            vin: self.vin.clone(),
            dealer_id: self.dealer_id.clone(),
        }
    }
}

/// Something that was reported of a matter, not issued by the clock-keeper.
pub(super) struct Report {
    /// The touchpoint, as the cause of a revision.
    pub(super) cause: Cause,
    /// It takes something back that may have decided an outcome.
    pub(super) takes_back: bool,
    /// It takes the matter out of every figure.
    pub(super) excludes: bool,
}

/// A matter that obligations belong to.
pub(super) trait Matter {
    /// Its state as of an instant.
    fn then(&self, in_force: &dyn InForce, as_of: i64) -> Then;

    /// The events about its obligations that were issued.
    fn issued(&self) -> impl Iterator<Item = IssuedEvent<'_>> + Clone;

    /// What was reported and has occurred by an instant, in history order.
    fn reports(&self, until: Instant) -> Vec<Report>;

    /// Whether a touchpoint of it came by import; `None` if there is no such touchpoint.
    fn is_imported(&self, key: &TouchpointKey) -> Option<bool>;
}

impl Matter for Item {
    fn then(&self, in_force: &dyn InForce, as_of: i64) -> Then {
        let state = ItemState::at(self, in_force, as_of);
        Then::of_item(self, state)
    }

    fn issued(&self) -> impl Iterator<Item = IssuedEvent<'_>> + Clone {
        issued_about(self)
    }

    fn reports(&self, until: Instant) -> Vec<Report> {
        let reported = self.until(until).iter();
        let reported = reported.filter(|fact| fact.issued.is_none());
        let report = reported.map(|fact| Report {
            cause: Cause {
                key: self.key(fact),
                position: fact.position(),
                known_at: fact.recorded_at().max(fact.occurred_at),
            },
            takes_back: !fact.corrects_id.is_empty()
                || fact.takes_back_a_reply(self.facts())
                || matches!(
                    fact.kind(),
                    FactKind::Retracted | FactKind::Rejected | FactKind::CaseReopened
                ),
            excludes: fact.kind() == FactKind::Excluded,
        });
        report.collect()
    }

    fn is_imported(&self, key: &TouchpointKey) -> Option<bool> {
        fact_of(self, key).map(|fact| fact.imported)
    }
}

impl Then {
    /// The state of an item.
    pub(super) fn of_item(item: &Item, state: ItemState) -> Self {
        let received = state.received.as_ref();
        let feedback = received.and_then(|it| fact_of(item, &it.key));
        let names_dealer = feedback.is_some_and(|fact| fact.dealer != 0);
        Self {
            owner_id: received.map_or_else(String::new, |it| it.owner_id.clone()),
            vin: received.map_or_else(String::new, |it| it.vin.clone()),
            dealer_id: match names_dealer {
                true => state.dealer_id,
                false => String::new(),
            },
            obligations: state.obligations,
        }
    }
}
