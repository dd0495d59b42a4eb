//! The resolution that is owed, if a policy demands one.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::FactKind;
use super::course::pauses;
use super::reply::Reply;
use super::running::{Obligation, Ruled};
use crate::calendar::Pause;

/// The resolution of an item, if its terms owe one: from the start of the item, whatever was reopened.
pub(super) fn resolution(ruled: &Ruled<'_, '_>) -> Option<Obligation> {
    let course = ruled.course;
    let running = ruled.begin(Kind::Resolution, course.received?, 0);
    let mut running = running.filter(|it| !it.owed.term.cases_only)?;
    running.known_by = course.resolved.map(|(_, known_by)| known_by);
    running.answer = course.resolved.map(|(fact, _)| match fact.kind() {
        // The owner belongs to no dealer's staff.
        FactKind::Confirmed => Reply {
            fact,
            dealer: fact.actor_dealer,
            by_responsible: true,
        },
        _ => course.dealers.reply(fact),
    });
    if running.owed.term.pauses_on_owner {
        let spans = pauses(ruled.item, ruled.as_of).into_iter();
        running.pauses = spans.map(|(from, until)| Pause { from, until }).collect();
    }
    Some(ruled.end(running))
}
