//! The episodes of an item.

use super::course::{Course, Step};
use super::{Fact, Item};
use crate::TouchpointKey;

/// The time from a feedback, or its reopening, until it is reopened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// The key of the feedback or the reopening.
    pub opened_by: TouchpointKey,
    /// When that reached the centre.
    pub start: i64,
    /// The key and instant of its closing.
    pub closed: Option<(TouchpointKey, i64)>,
    /// The key and instant of the first reply that stops a clock, whoever gave it.
    pub first_reply: Option<(TouchpointKey, i64)>,
}

/// The episodes of a course.
pub(super) fn episodes(item: &Item, course: &Course<'_>) -> Vec<Episode> {
    let Some(received) = course.received else {
        return Vec::new();
    };
    let begun = |fact: &Fact| Episode {
        opened_by: item.key(fact),
        start: fact.received_at(),
        closed: None,
        first_reply: None,
    };
    let reference = |fact: &Fact| (item.key(fact), fact.occurred_at);
    let mut current = begun(received);
    let mut episodes = Vec::new();
    for step in &course.steps {
        match step {
            Step::Replied(reply) => {
                current
                    .first_reply
                    .get_or_insert_with(|| reference(reply.fact));
            }
            Step::Closed(fact) => current.closed = Some(reference(fact)),
            Step::Reopened(fact) => episodes.push(std::mem::replace(&mut current, begun(fact))),
            Step::OwnerMessage(_) | Step::NewQuestion(_) => {}
        }
    }
    episodes.push(current);
    episodes
}
