//! The members of a trace as a story: in history order, with the time between them.

use super::membership::Membership;
use super::reason::{TraceReason, reasons};
use super::touchpoint::Traced;
use crate::contacts::PackOfContact;
use crate::{HistoryKey, Position, TouchpointKey, Viewer};

/// The trace of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The first members, in history order.
    pub entries: Vec<TraceEntry>,
    /// The number of all members.
    pub total: usize,
    /// The number of those in force.
    pub in_force: usize,
    /// When the first and the last member in force occurred, in nanoseconds since the Unix epoch.
    pub period: Option<(i64, i64)>,
    /// Whether members are left out of the entries.
    pub is_cut: bool,
    /// Whether everything was searched. If not, there may be more members, anywhere in the history.
    pub is_complete: bool,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEntry {
    /// Its place in the history.
    pub key: HistoryKey,
    /// All the reasons why it belongs, by kind.
    pub reasons: Vec<TraceReason>,
    /// Whether it is in force.
    pub in_force: bool,
    /// The correction in force in its place.
    pub corrected_by: Option<TouchpointKey>,
    /// Its retraction.
    pub retracted_by: Option<TouchpointKey>,
    /// Whether it names a touchpoint that it can neither correct nor retract.
    pub without_effect: bool,
    /// Nanoseconds since the last member in force before it; `None` if there is none.
    pub since_previous: Option<i64>,
    /// The number of members before it in history order that the log took only after it: they had happened, and were not
    /// known.
    pub not_yet_known: usize,
    /// The context pack that whoever acted for the brand had been served for the person.
    pub pack: Option<PackOfContact>,
}

/// Arranges the members that a search found.
pub(super) fn trace(
    search: &Membership,
    limit: usize,
    is_complete: bool,
    viewer: &Viewer,
) -> Trace {
    let members = reasons(search).into_iter();
    let members = members.filter_map(|(at, reasons)| Some((search.found.get(at)?, reasons)));
    let mut members: Vec<(&Traced, Vec<TraceReason>)> = members.collect();
    members.sort_by(|(one, _), (other, _)| one.key.cmp(&other.key));
    let in_force = members.iter().filter(|(member, _)| member.is_in_force());
    let instants = in_force.map(|(member, _)| member.key.occurred_at);
    let instants: Vec<i64> = instants.collect();
    let mut arranged = Trace {
        total: members.len(),
        in_force: instants.len(),
        period: instants.first().copied().zip(instants.last().copied()),
        is_cut: members.len() > limit,
        is_complete,
        ..Trace::default()
    };
    let mut previous = None;
    let mut known: Vec<Position> = Vec::new();
    for (member, reasons) in members.into_iter().take(limit) {
        let key = &member.key;
        let before = known.partition_point(|position| *position < key.position);
        let not_yet_known = known.len() - before;
        known.insert(before, key.position);
        let shown = |key: TouchpointKey| {
            (viewer.sees_network() || search.index(&key).is_some()).then_some(key)
        };
        let standing = &member.standing;
        let [corrected_by, retracted_by] = [&standing.corrected_by, &standing.retracted_by]
            .map(|by| by.as_ref().map(|by| TouchpointKey::from(&by.key)));
        arranged.entries.push(TraceEntry {
            reasons,
            in_force: member.is_in_force(),
            corrected_by: corrected_by.and_then(shown),
            retracted_by: retracted_by.and_then(shown),
            without_effect: standing.without_effect,
            since_previous: previous.map(|at: i64| key.occurred_at.saturating_sub(at)),
            not_yet_known,
            pack: None,
            key: key.clone(),
        });
        if member.is_in_force() {
            previous = Some(key.occurred_at);
        }
    }
    arranged
}
