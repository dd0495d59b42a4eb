//! A question about the timeline of one person, and its answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;
use thiserror::Error;

use crate::HistoryKey;
use crate::fold::corrections::Inherited;
use crate::fold::state::StateError;
use crate::person::identity::IdentityError;

/// Which way through the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimelineOrder {
    /// Descending history keys.
    #[default]
    NewestFirst,
    /// Ascending history keys.
    OldestFirst,
}

/// Which part of a timeline. Conditions of different fields all hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineFilter {
    /// Numbers of kinds, any of them; empty: every kind.
    pub kinds: BTreeSet<u32>,
    /// About this vehicle, as named or filled in.
    pub vin: Option<String>,
    /// Owed by this dealer, as named or filled in.
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
    /// What somebody with this visibility may see. DEALER leaves out INTERNAL (and unspecified), OWNER
    /// all but OWNER, and either what is only visible from an instant after `as_of`. Absent,
    /// unspecified or INTERNAL: everything.
    pub visible_to: Option<Visibility>,
}

/// A question about the timeline of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Whose: any id of theirs.
    pub owner_id: String,
    /// Which part.
    pub filter: TimelineFilter,
    /// Which way.
    pub order: TimelineOrder,
    /// As it was: what occurred at or before this instant, in nanoseconds since the Unix epoch.
    pub as_of: Instant,
    /// As it was known: what was recorded at or before this position.
    pub known_at: u64,
    /// Continue behind this place: the key of the last row of the page before.
    pub after: Option<HistoryKey>,
    /// At most this many rows. The caller bounds it.
    pub limit: usize,
}

/// One touchpoint of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// Its place in the log.
    pub position: u64,
    /// Its place in the history.
    pub key: HistoryKey,
    /// The number of its kind.
    pub kind: u32,
    /// Its owner: as named, or filled in from its stream, or the id under which the person held its
    /// vehicle when it occurred.
    pub owner_id: String,
    /// Its vehicle: as named, or filled in from its stream; empty if neither.
    pub vin: String,
    /// Its dealer: as named, or filled in from its stream; empty if neither.
    pub dealer_id: String,
    /// (source, id) of what it caused, as far as known and visible, in history order; at most
    /// [`super::MAX_EFFECTS`].
    pub effects: Vec<(String, String)>,
    /// Whether it counts, and if not, because of which; whoever may not see those is not told which.
    pub standing: RowStanding,
    /// It counts and reads less of the odometer than the reading of the car just before it.
    pub odometer_fell: bool,
}

/// Whether a touchpoint of a timeline counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Force {
    /// It does.
    #[default]
    InForce,
    /// Another counts in its place.
    Corrected,
    /// It was taken out.
    Retracted,
}

/// How a touchpoint of a timeline stands, as far as the one who asks may know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowStanding {
    /// Whether it counts.
    pub force: Force,
    /// (source, id) of what is in force in its place.
    pub corrected_by: Option<(String, String)>,
    /// (source, id) of what took it out.
    pub retracted_by: Option<(String, String)>,
    /// It names a touchpoint that it can neither correct nor retract.
    pub without_effect: bool,
    /// Of a correction: whom it names and who may see it, with what it inherits from what it corrects.
    pub inherited: Option<Arc<Inherited>>,
    /// (source, id) of what its chain of corrections began with, if another. For folds, not to be shown: whoever asks may
    /// not be allowed to see that touchpoint.
    pub first: Option<(String, String)>,
}

/// One page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelinePage {
    /// In the order asked.
    pub rows: Vec<TimelineRow>,
    /// Whether more follow.
    pub more: bool,
}

/// Why there is no page.
#[derive(Debug, Clone, Error)]
pub enum TimelineError {
    /// No touchpoint known at the asked position names the owner.
    #[error("no touchpoint known at position {known_at} names owner {owner_id:?}")]
    UnknownOwner {
        /// The owner.
        owner_id: String,
        /// The position.
        known_at: u64,
    },
    /// More ids hang together than are answered as one person.
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
