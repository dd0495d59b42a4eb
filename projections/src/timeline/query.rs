//! The query for a page of the timeline of one person, and its answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;
use thiserror::Error;

use super::rows::passing_kinds;
use crate::fold::corrections::Inherited;
use crate::fold::state::StateError;
use crate::person::identity::IdentityError;
use crate::{HistoryKey, Position, TouchpointKey};

/// The direction of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimelineOrder {
    /// Descending history keys.
    #[default]
    NewestFirst,
    /// Ascending history keys.
    OldestFirst,
}

/// The part of a timeline. Conditions of different fields must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineFilter {
    /// Numbers of kinds, any of which matches; empty for every kind.
    pub kinds: BTreeSet<u32>,
    /// Numbers of kinds that match as well where a touchpoint is about a case. Without effect if every kind matches.
    pub kinds_about_cases: BTreeSet<u32>,
    /// In this one-matter stream.
    pub stream: Option<String>,
    /// About this vehicle, as named or filled in.
    pub vin: Option<String>,
    /// Of this dealer, as named or filled in.
    pub dealer_id: Option<String>,
    /// About this order.
    pub order_id: Option<String>,
    /// About this case.
    pub case_id: Option<String>,
    /// About this visit.
    pub visit_id: Option<String>,
    /// About this feedback.
    pub feedback_id: Option<String>,
    /// Occurred at or after, in nanoseconds since the Unix epoch.
    pub from: Option<i64>,
    /// Occurred before, in nanoseconds since the Unix epoch.
    pub until: Option<i64>,
    /// Visible at this level. DEALER leaves out INTERNAL (and unspecified), OWNER leaves out all but OWNER, and both
    /// leave out touchpoints that become visible only after `as_of`, or after the question is asked. Absent, unspecified or INTERNAL: everything.
    pub visible_to: Option<Visibility>,
}

/// A query for a page of the timeline of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Any id of the person.
    pub owner_id: String,
    /// The part of the timeline.
    pub filter: TimelineFilter,
    /// The direction.
    pub order: TimelineOrder,
    /// As it was: everything that occurred at or before this instant.
    pub as_of: Instant,
    /// As it was known: everything recorded at or before this position.
    pub known_at: Position,
    /// Continue after this key: that of the last row of the previous page.
    pub after: Option<HistoryKey>,
    /// At most this many rows. The caller bounds it.
    pub limit: usize,
}

impl TimelineFilter {
    /// Whether touchpoints of [passing kinds](passing_kinds) that name no case may match.
    pub(super) fn admits_passing(&self) -> bool {
        self.kinds.is_empty() || !self.kinds.is_disjoint(passing_kinds())
    }
}

/// One touchpoint of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// Its place in the log.
    pub position: Position,
    /// Its history key.
    pub key: HistoryKey,
    /// The number of its kind.
    pub kind: u32,
    /// Its owner: as named, filled in from its stream, or the id under which the person held its vehicle when it
    /// occurred.
    pub owner_id: String,
    /// Its vehicle: as named, or filled in from its stream; empty if neither.
    pub vin: String,
    /// Its dealer: as named, or filled in from its stream; empty if neither.
    pub dealer_id: String,
    /// The key of its known and visible effects, in history order; at most [`super::MAX_EFFECTS`].
    pub effects: Vec<TouchpointKey>,
    /// Whether it is in force, and if not, which touchpoint is the reason, unless the viewer may not see that one.
    pub standing: RowStanding,
    /// Whether it is in force and its odometer reading is less than the previous one of the car.
    pub odometer_fell: bool,
}

/// Whether a touchpoint of a timeline is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Force {
    /// It is in force.
    #[default]
    InForce,
    /// A correction is in force in its place.
    Corrected,
    /// It was retracted.
    Retracted,
}

/// The standing of a touchpoint of a timeline, as far as the viewer may know it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowStanding {
    /// Whether it is in force.
    pub force: Force,
    /// The key of the correction in force in its place.
    pub corrected_by: Option<TouchpointKey>,
    /// The key of its retraction.
    pub retracted_by: Option<TouchpointKey>,
    /// Whether it names a touchpoint that it can neither correct nor retract.
    pub without_effect: bool,
    /// The subjects and the sight of a correction, inherited ones included.
    pub inherited: Option<Arc<Inherited>>,
    /// The key of the first touchpoint of its chain of corrections, if that is another. Not to be shown: the
    /// viewer may not be allowed to see that touchpoint.
    pub first: Option<TouchpointKey>,
}

/// One page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelinePage {
    /// In the order of the query.
    pub rows: Vec<TimelineRow>,
    /// Whether more follow.
    pub more: bool,
}

/// Why there is no page.
#[derive(Debug, Clone, Error)]
pub enum TimelineError {
    /// No touchpoint known at the position of the query names the owner.
    #[error("no touchpoint known at position {known_at} names owner {owner_id:?}")]
    UnknownOwner {
        /// The owner.
        owner_id: String,
        /// The position.
        known_at: Position,
    },
    /// More ids are linked than one person may have.
    #[error("more than {limit} ids are linked to owner {owner_id:?}")]
    TooManyIdentities {
        /// The owner.
        owner_id: String,
        /// [`crate::person::identity::MAX_IDENTITIES`].
        limit: usize,
    },
    /// The state of a view cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<IdentityError> for TimelineError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::TooMany { owner_id, limit } => {
                Self::TooManyIdentities { owner_id, limit }
            }
            IdentityError::State(error) => Self::State(error),
        }
    }
}
