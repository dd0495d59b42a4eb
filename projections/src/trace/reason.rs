//! Why a touchpoint belongs to a trace.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::trace_reason::Kind;

use super::membership::Membership;
use super::touchpoint::Traced;
use crate::TouchpointKey;

/// One reason why a touchpoint belongs to a trace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TraceReason {
    /// The kind of reason.
    pub kind: Kind,
    /// The feedback, defect, visit or correlation id that it shares with the case; empty for other kinds.
    pub id: String,
    /// The touchpoint through which it belongs: the first that names a cause, the first that an effect names, or the
    /// one beside which a replacement stands.
    pub through: Option<TouchpointKey>,
}

impl TraceReason {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            id: String::new(),
            through: None,
        }
    }

    fn sharing(kind: Kind, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::of(kind)
        }
    }

    fn through(kind: Kind, touchpoint: &Traced) -> Self {
        Self {
            through: Some(TouchpointKey::from(&touchpoint.key)),
            ..Self::of(kind)
        }
    }
}

/// Every member, by its index among the touchpoints found, with all its reasons.
pub(super) fn reasons(search: &Membership) -> BTreeMap<usize, Vec<TraceReason>> {
    let found = search.found.iter().enumerate();
    let reasons = found.map(|(at, touchpoint)| (at, reasons_of(search, touchpoint)));
    let mut reasons: BTreeMap<usize, Vec<TraceReason>> =
        reasons.filter(|(_, reasons)| !reasons.is_empty()).collect();
    let replacements = beside(search, reasons.keys().copied());
    for (at, other) in replacements {
        reasons
            .entry(at)
            .or_insert_with(|| vec![TraceReason::through(Kind::Replacement, other)]);
    }
    reasons
}

fn reasons_of(search: &Membership, touchpoint: &Traced) -> Vec<TraceReason> {
    let mut reasons = Vec::new();
    if search.is_core(touchpoint) {
        reasons.push(TraceReason::of(Kind::Case));
    }
    let subjects = &touchpoint.subjects;
    let of_stream = search.streams.get(&touchpoint.stream);
    let of_stream = of_stream.and_then(|stream| stream.split_once('-'));
    if let Some(("feedback", id)) = of_stream {
        reasons.push(TraceReason::sharing(Kind::Feedback, id));
    }
    if search.defects.contains(&subjects.defect_id) {
        let reason = TraceReason::sharing(Kind::Defect, &subjects.defect_id);
        reasons.push(reason);
    }
    if let Some(("visit", id)) = of_stream {
        reasons.push(TraceReason::sharing(Kind::Visit, id));
    }
    if search
        .causes
        .contains(&TouchpointKey::from(&touchpoint.key))
    {
        let naming = first_naming(search, touchpoint);
        reasons.push(naming.map_or_else(
            || TraceReason::of(Kind::Cause),
            |naming| TraceReason::through(Kind::Cause, naming),
        ));
    }
    let named = touchpoint.references.iter();
    let origins = named.filter_map(|named| search.found.get(*search.origins.get(named)?));
    if let Some(origin) = origins.min_by(|one, other| one.key.cmp(&other.key)) {
        reasons.push(TraceReason::through(Kind::Effect, origin));
    }
    let correlation_id = &touchpoint.correlation_id;
    if search.correlations.contains(correlation_id) {
        reasons.push(TraceReason::sharing(Kind::Correlation, correlation_id));
    }
    reasons
}

/// The first touchpoint, in history order, that makes this one a cause by naming its chain.
fn first_naming<'s>(search: &'s Membership, touchpoint: &Traced) -> Option<&'s Traced> {
    let chain = touchpoint.chain();
    let naming = chain.iter().flat_map(|key| search.naming(key));
    let naming = naming.filter_map(|at| search.found.get(*at));
    let naming = naming.filter(|naming| {
        let key = TouchpointKey::from(&naming.key);
        naming.is_in_force() && (search.is_core(naming) || search.causes.contains(&key))
    });
    naming.min_by(|one, other| one.key.cmp(&other.key))
}

/// What stands beside members, directly or not: the rest of their chains of corrections, and what took the place of one.
/// With each the touchpoint beside which it stands.
fn beside(search: &Membership, members: impl Iterator<Item = usize>) -> Vec<(usize, &Traced)> {
    let mut waiting: Vec<usize> = members.collect();
    let mut passed: BTreeSet<usize> = waiting.iter().copied().collect();
    let mut beside = Vec::new();
    while let Some(member) = waiting.pop() {
        let Some(member) = search.found.get(member) else {
            continue;
        };
        for key in member.chain().into_iter().chain(member.replacements()) {
            if let Some(at) = search.index(&key)
                && passed.insert(at)
            {
                beside.push((at, member));
                waiting.push(at);
            }
        }
    }
    beside
}
