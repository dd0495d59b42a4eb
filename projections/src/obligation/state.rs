//! Everything about one item as of an instant.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::feedback_excluded;

use super::course::{Course, Flag};
use super::dealers::Segment;
use super::episode::{Episode, episodes};
use super::resolution::resolution;
use super::running::{Obligation, Ruled};
use super::walk::replies;
use super::{Fact, Item};
use crate::TouchpointKey;
use crate::obligation::terms::InForce;

/// The feedback itself. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The key of the touchpoint.
    pub key: TouchpointKey,
    /// When it occurred, as told.
    pub occurred_at: i64,
    /// When it reached the centre: the clocks start.
    pub start: i64,
    /// The owner; empty if nobody is named.
    pub owner_id: String,
    /// The vehicle; empty if none is named.
    pub vin: String,
    /// The survey it answers; empty if none.
    pub survey: String,
    /// 0-10.
    pub score: Option<i32>,
    /// The channel by which the owner gave it: a number of `Channel`.
    pub channel: i32,
    /// It came by import.
    pub imported: bool,
}

/// Everything about one item as of an instant. Nothing in it depends on the order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    /// The item.
    pub feedback_id: String,
    /// The feedback itself; `None` if the item is held: other facts of it are known, but the feedback is not.
    pub received: Option<Received>,
    /// The responsible dealers one after the other, from the start on. Empty while it is held.
    pub dealers: Vec<Segment>,
    /// The responsible dealer; empty if none was named.
    pub dealer_id: String,
    /// Why and since when it does not count.
    pub excluded: Option<(feedback_excluded::Reason, i64)>,
    /// The episodes, the first one first.
    pub episodes: Vec<Episode>,
    /// The obligations, in the order in which they began.
    pub obligations: Vec<Obligation>,
    /// The reports that had no effect, each with its key, sorted.
    pub flags: Vec<(Flag, TouchpointKey)>,
}

impl ItemState {
    /// The state as of an instant.
    #[must_use]
    pub fn at(item: &Item, in_force: &dyn InForce, as_of: impl Into<Instant>) -> Self {
        let as_of = as_of.into();
        let course = Course::of(item, as_of);
        let ruled = Ruled {
            item,
            course: &course,
            in_force,
            as_of,
        };
        let mut obligations = replies(&ruled);
        obligations.extend(resolution(&ruled));
        obligations.sort_by_key(|it| (it.start, it.kind, it.episode));
        let flags = course.flags.iter();
        let mut flags: Vec<_> = flags.map(|(flag, fact)| (*flag, item.key(fact))).collect();
        flags.sort();
        Self {
            feedback_id: item.feedback_id.clone(),
            received: course.received.map(|fact| received(item, fact, as_of)),
            dealers: course.received.map_or_else(Vec::new, |fact| {
                course.dealers.segments(fact.received_at(), item)
            }),
            dealer_id: item.text(course.dealers.at(as_of.nearest())).to_owned(),
            excluded: course
                .excluded
                .map(|fact| (fact.excluded_because(), fact.occurred_at)),
            episodes: episodes(item, &course),
            obligations,
            flags,
        }
    }
}

fn received(item: &Item, fact: &Fact, as_of: Instant) -> Received {
    let subjects = item.subjects(as_of);
    Received {
        key: item.key(fact),
        occurred_at: fact.occurred_at,
        start: fact.received_at(),
        owner_id: subjects.owner_id.to_owned(),
        vin: subjects.vin.to_owned(),
        survey: item.text(fact.survey).to_owned(),
        score: fact.score,
        channel: fact.channel,
        imported: fact.imported,
    }
}
