//! View `identity`: which ids are one person, as it was and as it was known.
//!
//! A link has no direction and no time of its own: of all statements about a pair of ids the last in history order wins,
//! for all time. A person is a connected component over the live links.
//!
//! | table | key | value |
//! |---|---|---|
//! | `e` | one id, the other id, history key; both ways | one byte: 1 linked, 0 unlinked |

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::v1::touchpoint::Payload;
use thiserror::Error;

use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{Position, Recorded, Validity};

static LINKS: HistoryTable<(), 2> = HistoryTable::new(VIEW.name, b'e');

/// The value of a row that links its ids.
const LINKED: &[u8] = &[1];

/// The most ids of one person in an answer.
pub const MAX_IDENTITIES: usize = 100;

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "identity",
    version: 2,
    kinds: Kinds::Named(&["owner_identity_linked", "owner_identity_unlinked"]),
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let (other, linked) = match &touchpoint.payload {
        Some(Payload::OwnerIdentityLinked(link)) => (link.other_owner_id.as_str(), true),
        Some(Payload::OwnerIdentityUnlinked(link)) => (link.other_owner_id.as_str(), false),
        _ => return Ok(()),
    };
    let subjects = touchpoint.subjects.as_ref();
    let owner = subjects.map_or("", |subjects| &subjects.owner_id);
    let tail = history_tail(recorded, &[owner, other])?;
    for (one, other) in [(owner, other), (other, owner)] {
        LINKS.put_bytes(state, [one, other], &tail, vec![u8::from(linked)]);
    }
    Ok(())
}

/// The reason why a person is not answered.
#[derive(Debug, Clone, Error)]
pub enum IdentityError {
    /// More ids are linked than are answered as one person.
    #[error("more than {limit} ids are linked to owner {owner_id:?}")]
    TooMany {
        /// The id of the question.
        owner_id: String,
        /// [`MAX_IDENTITIES`].
        limit: usize,
    },
    /// The state of the view cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Every id of the person with this id, itself included: the connected component over the live links that are in force as
/// known. Links hold for all time, whenever they were reported. At most [`MAX_IDENTITIES`].
///
/// # Errors
/// If there are more, or the state cannot be read.
pub fn person_ids(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_id: &str,
) -> Result<BTreeSet<String>, IdentityError> {
    let found = reached(state, validity, owner_id, MAX_IDENTITIES)?;
    if found.len() > MAX_IDENTITIES {
        return Err(IdentityError::TooMany {
            owner_id: owner_id.to_owned(),
            limit: MAX_IDENTITIES,
        });
    }
    Ok(found)
}

/// As [`person_ids`], however many ids are linked: for the other persons that an answer involves.
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn everyone_linked(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_id: &str,
) -> Result<BTreeSet<String>, StateError> {
    reached(state, validity, owner_id, usize::MAX)
}

/// The ids linked with an id, directly or not. The search ends as soon as there are more than the limit.
fn reached(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_id: &str,
    limit: usize,
) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::from([owner_id.to_owned()]);
    let mut waiting = vec![owner_id.to_owned()];
    while let Some(id) = waiting.pop() {
        for other in linked(state, validity, &id, limit)? {
            if found.insert(other.clone()) {
                waiting.push(other);
            }
            if found.len() > limit {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The persons of all ids that a live link ties to another.
#[derive(Debug, Clone, Default)]
pub struct Persons {
    /// Sorted.
    ids: Vec<String>,
    /// For each id, the place of the least id of the same person.
    least: Vec<usize>,
}

impl Persons {
    /// As [`person_ids`], for everybody, however many ids a person has. Reads every link once.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn of_all(state: &dyn StateRead, validity: &Validity<'_>) -> Result<Self, StateError> {
        // The ids with any link, sorted, and the pairs: the place of one id, and the other id.
        let mut ids: Vec<String> = Vec::new();
        let mut pairs: Vec<(usize, String, bool)> = Vec::new();
        LINKS.all().counted(state, validity, |_, link| {
            let [one, other] = link.texts;
            if ids.last().is_none_or(|last| last != one) {
                ids.push(one.to_owned());
            }
            // Every pair is stored both ways, and read once.
            if one < other {
                let (at, linked) = (ids.len() - 1, link.value == LINKED);
                match pairs.last_mut() {
                    // Later in history order comes later here, and wins.
                    Some((place, id, live)) if *place == at && id == other => *live = linked,
                    _ => pairs.push((at, other.to_owned(), linked)),
                }
            }
            Ok(())
        })?;
        let mut least: Vec<usize> = (0..ids.len()).collect();
        for (one, other, live) in pairs {
            if live && let Ok(other) = ids.binary_search(&other) {
                let (one, other) = (root(&mut least, one), root(&mut least, other));
                if let Some(place) = least.get_mut(one.max(other)) {
                    *place = one.min(other);
                }
            }
        }
        for place in 0..least.len() {
            root(&mut least, place);
        }
        Ok(Self { ids, least })
    }

    /// The least id of the person with this id; the id itself if no other is known.
    #[must_use]
    pub fn least<'i>(&'i self, id: &'i str) -> &'i str {
        let place = self.ids.binary_search_by(|it| it.as_str().cmp(id)).ok();
        let least = place.and_then(|place| self.least.get(place));
        let least = least.and_then(|least| self.ids.get(*least));
        least.map_or(id, String::as_str)
    }
}

/// The end of a chain of lesser places, which is shortened on the way.
fn root(least: &mut [usize], place: usize) -> usize {
    let mut end = place;
    while let Some(next) = least.get(end).filter(|next| **next != end) {
        end = *next;
    }
    let mut at = place;
    while let Some(next) = least.get_mut(at).filter(|next| **next != end) {
        at = std::mem::replace(next, end);
    }
    end
}

/// The ids that a live link ties to this one. The search ends with one more than the limit.
fn linked(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    owner_id: &str,
    limit: usize,
) -> Result<BTreeSet<String>, StateError> {
    let mut live = BTreeSet::new();
    let links = LINKS.under(&[owner_id]);
    links.counted_until_break(state, validity, |_, link| {
        let [_, other] = link.texts;
        // Later in history order comes later here, and wins.
        if link.value == LINKED {
            live.insert(other.to_owned());
        } else {
            live.remove(other);
        }
        Ok(if live.len() <= limit.saturating_add(1) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })?;
    Ok(live)
}

/// Every id that any touchpoint ever linked with this one or unlinked from it.
///
/// # Errors
/// If the state cannot be read.
pub fn neighbours(state: &dyn StateRead, owner_id: &str) -> Result<BTreeSet<String>, StateError> {
    let mut found = BTreeSet::new();
    LINKS.under(&[owner_id]).each(state, |link| {
        let [_, other] = link.texts;
        if !found.contains(other) {
            found.insert(other.to_owned());
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether any touchpoint known at a position links this id with another or unlinks it.
///
/// # Errors
/// If the state cannot be read.
pub fn is_named(
    state: &dyn StateRead,
    owner_id: &str,
    known_at: Position,
) -> Result<bool, StateError> {
    let links = LINKS.under(&[owner_id]).known_at(known_at);
    Ok(!links.is_empty(state)?)
}
