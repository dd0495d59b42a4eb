//! The outcome that is owed, where a policy says so.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::course::{Reply, pauses};
use super::state::{Obligation, Ruled};
use crate::terms::Pause;

/// The resolution of an item, if its terms name one: from the start of the item, whatever was reopened.
pub(super) fn resolution(ruled: &Ruled<'_, '_>) -> Option<Obligation> {
    let course = ruled.course;
    let mut running = ruled.begin(Kind::Resolution, course.received?, 0)?;
    running.answer = course.resolved.map(|fact| {
        let said = [fact.actor_dealer, fact.dealer];
        let dealer = said.into_iter().find(|name| *name != 0).unwrap_or_default();
        Reply {
            fact,
            dealer,
            by_responsible: dealer == course.dealers.at(fact.occurred_at),
        }
    });
    if running.owed.term.pauses_on_owner {
        let spans = pauses(ruled.item, ruled.as_of).into_iter();
        running.pauses = spans.map(|(from, until)| Pause { from, until }).collect();
    }
    Some(ruled.end(running))
}
