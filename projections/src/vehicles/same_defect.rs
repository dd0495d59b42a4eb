//! Which defects are the same: those of one id, and those of ids that a human linked. Stored by the view
//! [`vehicles`](super), and asked by every read model.
//!
//! - A link counts if a human made it: one by a system, a bot or the car itself does not. Nor does such an unlinking.
//! - Of the links and unlinkings of one pair of defects, the last in history order decides.
//! - Links connect: what is the same as one of two linked defects is the same as the other.
//!
//! | table | key | value |
//! |---|---|---|
//! | `l` | one defect, the other, history key of the link or unlinking; both ways | `Row` |

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Touchpoint, actor};
use prost::Message;

use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, history_tail};
use crate::{Recorded, Validity};

static LINKS: HistoryTable<Row, 2> = HistoryTable::new("vehicles", LINK_TABLE);
/// The table of links, for those who read it whole.
pub(crate) const LINK_TABLE: u8 = b'l';

/// The most ids that are followed as one defect.
const MAX_SAME: usize = 1_000;

/// A link or an unlinking.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
struct Row {
    /// It says that the two are not the same.
    #[prost(bool, tag = "1")]
    unlinks: bool,
    /// No human made it, so that it does not count.
    #[prost(bool, tag = "2")]
    is_automatic: bool,
}

/// What a touchpoint says of two defects.
struct Said<'t> {
    one: &'t str,
    other: &'t str,
    row: Row,
}

impl<'t> Said<'t> {
    /// `None` if the touchpoint says nothing of the kind.
    fn by(touchpoint: &'t Touchpoint) -> Option<Self> {
        let (one, other, unlinks) = match touchpoint.payload.as_ref()? {
            Payload::DefectLinked(it) => (&it.defect_id, &it.same_as, false),
            Payload::DefectUnlinked(it) => (&it.defect_id, &it.same_as, true),
            _ => return None,
        };
        let actor = touchpoint.actor.as_ref();
        let actor = actor.map_or(actor::Kind::Unspecified, |actor| actor.kind());
        let by_human = matches!(actor, actor::Kind::Unspecified | actor::Kind::Human);
        (one != other).then_some(Self {
            one,
            other,
            row: Row {
                unlinks,
                is_automatic: !by_human,
            },
        })
    }

    /// Both ways.
    fn ways(&self) -> [(&'t str, &'t str); 2] {
        [(self.one, self.other), (self.other, self.one)]
    }
}

/// Stores what a touchpoint says of two defects, if anything.
pub(super) fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some(said) = Said::by(&recorded.touchpoint) else {
        return Ok(());
    };
    let tail = history_tail(recorded, &[said.one, said.other])?;
    for (one, other) in said.ways() {
        LINKS.put(state, [one, other], &tail, &said.row);
    }
    Ok(())
}

/// The ids of one defect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SameDefect {
    /// The ids: at most 1,000.
    pub ids: BTreeSet<String>,
    /// A link or an unlinking that no human made was ignored.
    pub ignored_automatic: bool,
}

/// Returns the ids of the same defect as this one, itself included, by the links in force that occurred at or before
/// `as_of`. `state` is that of the view `vehicles`.
///
/// # Errors
/// If the state cannot be read.
pub fn same_defect(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    defect_id: &str,
) -> Result<SameDefect, StateError> {
    let mut ignored_automatic = false;
    let ids = connected(defect_id, |id| {
        let mut linked: BTreeMap<String, bool> = BTreeMap::new();
        LINKS.under(&[id]).each(state, |entry| {
            let key = entry.key()?;
            if key.occurred_at > as_of || !validity.counts(&key)? {
                return Ok(());
            }
            let row = entry.row()?;
            if row.is_automatic {
                ignored_automatic = true;
            } else {
                let [_, other] = entry.texts;
                linked.insert(other.to_owned(), !row.unlinks);
            }
            Ok(())
        })?;
        Ok(still_linked(&linked))
    })?;
    Ok(SameDefect {
        ids,
        ignored_automatic,
    })
}

/// The least id of [`same_defect`].
///
/// # Errors
/// If the state cannot be read.
pub(crate) fn least_same(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    defect_id: &str,
) -> Result<String, StateError> {
    let mut same = same_defect(state, validity, as_of, defect_id)?;
    Ok(same.ids.pop_first().unwrap_or_default())
}

/// Two defects of which a human says that they are, or are not, the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefectLink {
    one: String,
    other: String,
    is_same: bool,
}

impl DefectLink {
    /// The link or unlinking of a touchpoint; `None` if it has none, or no human made it.
    pub(crate) fn of(touchpoint: &Touchpoint) -> Option<Self> {
        let said = Said::by(touchpoint).filter(|it| !it.row.is_automatic)?;
        Some(Self {
            one: said.one.to_owned(),
            other: said.other.to_owned(),
            is_same: !said.row.unlinks,
        })
    }
}

/// The links that a reader of touchpoints has seen, by the same rule. `O` is their place in the history.
#[derive(Debug, Clone)]
pub(crate) struct SeenLinks<O> {
    /// The last one of each pair, by each defect of the pair.
    by_defect: BTreeMap<String, BTreeMap<String, (O, bool)>>,
}

impl<O> Default for SeenLinks<O> {
    fn default() -> Self {
        Self {
            by_defect: BTreeMap::new(),
        }
    }
}

impl<O: Ord + Clone> SeenLinks<O> {
    /// Adds the link of a touchpoint in force, in any order.
    pub(crate) fn add(&mut self, place: &O, link: &DefectLink) {
        for (one, other) in [(&link.one, &link.other), (&link.other, &link.one)] {
            let linked = self.by_defect.entry(one.clone()).or_default();
            let new = (place.clone(), link.is_same);
            let last = linked.entry(other.clone()).or_insert_with(|| new.clone());
            if last.0 < new.0 {
                *last = new;
            }
        }
    }

    /// The defects that are linked with this one directly.
    pub(crate) fn linked(&self, defect_id: &str) -> Vec<String> {
        let others = self.by_defect.get(defect_id).into_iter().flatten();
        let linked = others.filter(|(_, (_, is_same))| *is_same);
        linked.map(|(other, _)| other.clone()).collect()
    }

    /// The ids of the same defect as this one, itself included.
    pub(crate) fn same_defect(&self, defect_id: &str) -> BTreeSet<String> {
        let linked = |id: &str| Ok::<_, std::convert::Infallible>(self.linked(id));
        match connected(defect_id, linked) {
            Ok(ids) => ids,
        }
    }
}

fn still_linked(linked: &BTreeMap<String, bool>) -> Vec<String> {
    let still = linked.iter().filter(|(_, holds)| **holds);
    still.map(|(id, _)| id.clone()).collect()
}

/// Every id that links connect with this one, itself included.
fn connected<E>(
    defect_id: &str,
    mut linked: impl FnMut(&str) -> Result<Vec<String>, E>,
) -> Result<BTreeSet<String>, E> {
    let mut found = BTreeSet::from([defect_id.to_owned()]);
    let mut next = vec![defect_id.to_owned()];
    while let Some(id) = next.pop() {
        for other in linked(&id)? {
            if found.len() < MAX_SAME && found.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    Ok(found)
}
