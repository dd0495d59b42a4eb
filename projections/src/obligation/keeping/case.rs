//! The events that are due about one case, as known now: see the rules of [keeping](super), and besides:
//!
//! - Each kind of obligation of a case is kept from a start of its own, because it may be owed by cases that are older than
//!   the keeping of its kind. Levels before that are shown and never issued.
//! - Nothing is due for an obligation that an imported touchpoint opened.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::super::case::{issued_about, obligations};
use super::super::levels::IssuedEvent;
use super::due::add_notices;
use super::matter::{Matter, Report, Then};
use super::notice::{Cause, Keeping, NoticesDue};
use crate::TouchpointKey;
use crate::cases::{CaseCourse, CaseFactKind, CaseHistory, Place, dealers};
use crate::obligation::terms::InForce;

/// The events that are due about a case. `history` is of now, and `since` says from when on levels of a kind are issued:
/// never, if it says nothing.
#[must_use]
pub fn notices_due_of_case(
    history: &CaseHistory,
    keeping: &Keeping<'_>,
    since: impl Fn(Kind) -> Option<i64>,
) -> NoticesDue {
    let state = history.then(keeping.in_force, keeping.now);
    let mut due = NoticesDue {
        notices: Vec::new(),
        next: history.turns_at,
    };
    add_notices(history, keeping, &state, since, &mut due);
    due.sort();
    due
}

impl Matter for CaseHistory {
    fn then(&self, in_force: &dyn InForce, as_of: i64) -> Then {
        let until = self.until(as_of.into());
        let dealers = dealers(&until, &CaseCourse::of(&until));
        let names_dealer = until
            .opening()
            .is_some_and(|opening| !opening.row.dealer_id.is_empty());
        let dealer_id = dealers.last().filter(|_| names_dealer);
        Then {
            obligations: obligations(&until, in_force),
            owner_id: until.owners().first().cloned().unwrap_or_default(),
            vin: until.vin().to_owned(),
            dealer_id: dealer_id.map_or_else(String::new, |span| span.dealer_id.clone()),
        }
    }

    fn issued(&self) -> impl Iterator<Item = IssuedEvent<'_>> + Clone {
        issued_about(self)
    }

    fn reports(&self, until: Instant) -> Vec<Report> {
        let reported = self.facts.iter().filter(|fact| {
            let is_of_case = fact.place != Place::Owner && fact.row.issued.is_none();
            is_of_case && fact.at() <= until
        });
        let report = reported.map(|fact| Report {
            cause: Cause {
                key: fact.touchpoint(),
                position: fact.position(),
                known_at: fact.recorded_at.max(fact.at()),
            },
            takes_back: fact.first != fact.touchpoint()
                || matches!(
                    fact.kind(),
                    CaseFactKind::TouchpointRetracted
                        | CaseFactKind::ResolutionRejected
                        | CaseFactKind::CaseReopened
                ),
            excludes: false,
        });
        report.collect()
    }

    fn is_imported(&self, key: &TouchpointKey) -> Option<bool> {
        let mut facts = self.facts.iter();
        let fact = facts.find(|fact| fact.key.source == key.source && fact.key.id == key.id)?;
        Some(fact.imported)
    }
}
