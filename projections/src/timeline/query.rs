//! One page of the timeline of an owner: of the person they are, under every id they have.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;
use thiserror::Error;

use super::candidates::Candidate;
use super::effects::effects;
use super::fold::VIEW;
use super::horizon::Horizon;
use super::merge::Merge;
use super::persons::Person;
use super::rows::OWNED;
use crate::fold::corrections::{Inherited, Replacement, Standing, Validity};
use crate::fold::key::{KeyWriter, is_plain, position_of, prefix_end};
use crate::fold::state::{ScanOrder, StateError, try_scan};
use crate::person::identity::{self, IdentityError, is_named};
use crate::person::ownership;
use crate::person::{PersonLookup, Whose, WhoseStates};
use crate::vantage::{Snapshots, ViewState};
use crate::vehicles;
use crate::vehicles::odometer::{fell, may_read};
use crate::{HistoryKey, Viewer, corrections};

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

/// What a timeline is read from, all as of one commit.
#[derive(Clone, Copy)]
pub struct TimelineStates<'s> {
    /// Of [`timeline`](crate::timeline).
    pub timeline: ViewState<'s>,
    /// Of [`corrections`](crate::corrections).
    pub corrections: ViewState<'s>,
    /// Of [`identity`](crate::person::identity).
    pub identity: ViewState<'s>,
    /// Of [`ownership`](crate::person::ownership).
    pub ownership: ViewState<'s>,
    /// Of [`vehicles`](crate::vehicles).
    pub vehicles: ViewState<'s>,
}

impl<'s> TimelineStates<'s> {
    /// The views that a timeline is read from.
    pub const VIEWS: [&'static str; 5] = [
        VIEW.name,
        corrections::VIEW.name,
        identity::VIEW.name,
        ownership::VIEW.name,
        vehicles::VIEW.name,
    ];

    /// The states of [`Self::VIEWS`].
    #[must_use]
    pub fn of(snapshots: &Snapshots<'s>) -> Self {
        let [timeline, corrections, identity, ownership, vehicles] =
            Self::VIEWS.map(|view| snapshots.state(view));
        Self {
            timeline,
            corrections,
            identity,
            ownership,
            vehicles,
        }
    }
}

impl<'s> TimelineStates<'s> {
    /// Those that say whose a touchpoint is.
    #[must_use]
    pub fn whose(&self) -> WhoseStates<'s> {
        WhoseStates {
            timeline: self.timeline,
            ownership: self.ownership,
        }
    }
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

/// Answers one page of a timeline.
///
/// # Errors
/// If the owner is unknown at the asked position, too many ids are linked to theirs, or a state cannot be
/// read.
pub fn page(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    query: &TimelineQuery,
) -> Result<TimelinePage, TimelineError> {
    let validity = Validity::new(states.corrections, query.known_at)?;
    read(states, viewer, &validity, &Horizon::default(), query)
}

/// As [`page`], over a validity as known at the asked position, noting until when the answer holds.
pub(super) fn read(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    validity: &Validity<'_>,
    horizon: &Horizon,
    query: &TimelineQuery,
) -> Result<TimelinePage, TimelineError> {
    let unknown = || TimelineError::UnknownOwner {
        owner_id: query.owner_id.clone(),
        known_at: query.known_at,
    };
    if !is_plain(&query.owner_id) {
        return Err(unknown());
    }
    let persons = PersonLookup::new(states.identity, validity);
    let person = Person::read(states, validity, &persons, query)?;
    let mut asked = Asked {
        states,
        query,
        validity,
        horizon,
        viewer,
        person: &person,
        whose: Whose::new(states.whose(), validity, &persons, query.as_of),
    };
    let mut merge = Merge::start(&mut asked)?;
    let mut candidates = Vec::new();
    while candidates.len() <= query.limit {
        match merge.next(&mut asked)? {
            Some(candidate) => candidates.push(candidate),
            None => break,
        }
    }
    if candidates.is_empty() {
        let is_known = match viewer.sees_network() {
            true => exists(states, &query.owner_id, query.known_at)?,
            // Of somebody else's owners nothing is to be told, not even that they exist.
            false => sees_any(states, viewer, validity, query)?,
        };
        if !is_known {
            return Err(unknown());
        }
    }
    let more = candidates.len() > query.limit;
    candidates.truncate(query.limit);
    let mut rows = Vec::with_capacity(candidates.len());
    for Candidate { key, row, owner_id } in candidates {
        let names = asked.vin_and_dealer(&key, &row)?;
        let standing = validity.standing(&key.source, &key.id)?;
        let effects = effects(&asked, &key, &standing)?;
        let standing = shown(&key, standing, horizon, query);
        let odometer_fell = standing.force == Force::InForce
            && may_read(row.kind)
            && fell(states.vehicles, states.timeline, validity, &names.vin, &key)?;
        rows.push(TimelineRow {
            position: key.position,
            kind: row.kind,
            owner_id,
            vin: names.vin,
            dealer_id: names.dealer_id,
            effects,
            standing,
            odometer_fell,
            key,
        });
    }
    Ok(TimelinePage { rows, more })
}

/// What one answer is put together with.
pub(super) struct Asked<'q, 's> {
    pub(super) states: TimelineStates<'s>,
    pub(super) query: &'q TimelineQuery,
    pub(super) validity: &'s Validity<'s>,
    pub(super) horizon: &'q Horizon,
    pub(super) viewer: &'q Viewer,
    pub(super) person: &'q Person,
    pub(super) whose: Whose<'s>,
}

/// Whether a viewer of some dealers may see anything of the person, whatever part of the timeline is asked for.
fn sees_any(
    states: TimelineStates<'_>,
    viewer: &Viewer,
    validity: &Validity<'_>,
    query: &TimelineQuery,
) -> Result<bool, TimelineError> {
    let anything = TimelineQuery {
        filter: TimelineFilter::default(),
        after: None,
        limit: 1,
        ..query.clone()
    };
    if anything == *query {
        return Ok(false);
    }
    match read(states, viewer, validity, &Horizon::default(), &anything) {
        Ok(_) => Ok(true),
        Err(TimelineError::UnknownOwner { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How a touchpoint stands, as far as the one who asks may know.
fn shown(
    key: &HistoryKey,
    standing: Standing,
    horizon: &Horizon,
    query: &TimelineQuery,
) -> RowStanding {
    let told = |by: Option<Replacement>| {
        by.filter(|by| horizon.admits(by.sight, query))
            .map(|by| (by.key.source, by.key.id))
    };
    let first = standing.first();
    let first = first.map(|key| (key.source.clone(), key.id.clone()));
    let first = first.filter(|(source, id)| (source, id) != (&key.source, &key.id));
    let force = match (&standing.corrected_by, &standing.retracted_by) {
        (Some(_), _) => Force::Corrected,
        (None, Some(_)) => Force::Retracted,
        (None, None) => Force::InForce,
    };
    RowStanding {
        force,
        corrected_by: told(standing.corrected_by),
        retracted_by: told(standing.retracted_by),
        without_effect: standing.without_effect,
        inherited: standing.inherited,
        first,
    }
}

/// Whether any touchpoint known at the asked position names the owner, whenever it occurred.
pub(crate) fn exists(
    states: TimelineStates<'_>,
    owner_id: &str,
    known_at: u64,
) -> Result<bool, StateError> {
    if is_named(states.identity, owner_id, known_at)? {
        return Ok(true);
    }
    let prefix = KeyWriter::table(OWNED).text(owner_id).finish();
    let end = prefix_end(&prefix);
    let mut found = false;
    try_scan(
        states.timeline,
        &*prefix..&*end,
        ScanOrder::Ascending,
        |key, _| {
            found = position_of(key)? <= known_at;
            Ok(if found {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        },
    )?;
    Ok(found)
}
