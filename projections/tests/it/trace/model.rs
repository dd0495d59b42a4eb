//! A plain search over a whole history: the rule as it reads, without an index.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::{Position, Recorded, TouchpointKey};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::trace_reason::Kind;

use super::references::references_by_schema;
use crate::standing_model::Known;

/// The reasons of each member, without those through which it belongs.
pub(super) type Members = BTreeMap<TouchpointKey, BTreeSet<(Kind, String)>>;

/// A touchpoint and all that the rule asks about it.
struct Item<'r> {
    key: TouchpointKey,
    recorded: &'r Recorded,
    /// With inherited subjects.
    effective: Recorded,
    in_force: bool,
    chain: Vec<TouchpointKey>,
    named: Vec<TouchpointKey>,
    beside: Vec<TouchpointKey>,
}

fn key(recorded: &Recorded) -> TouchpointKey {
    TouchpointKey::new(&recorded.touchpoint.source, &recorded.touchpoint.id)
}

impl<'r> Item<'r> {
    fn of(known: &Known<'r>, recorded: &'r Recorded) -> Self {
        let touchpoint = &recorded.touchpoint;
        let payload = references_by_schema(touchpoint);
        let named = touchpoint.causation.iter().chain(&payload);
        let named = named.map(|it| TouchpointKey::of_reference(it, &touchpoint.source));
        let by = [known.corrected_by(recorded), known.retracted_by(recorded)];
        let chain: Vec<TouchpointKey> = known.chain(recorded).into_iter().map(key).collect();
        Self {
            key: key(recorded),
            effective: known.effective(recorded),
            in_force: known.in_force(recorded),
            named: named.collect(),
            beside: by
                .into_iter()
                .flatten()
                .map(key)
                .chain(chain.clone())
                .collect(),
            chain,
            recorded,
        }
    }

    fn subject(&self, which: &str) -> String {
        let subjects = self
            .effective
            .touchpoint
            .subjects
            .clone()
            .unwrap_or_default();
        match which {
            "case" => subjects.case_id,
            "visit" => subjects.visit_id,
            "feedback" => subjects.feedback_id,
            _ => subjects.defect_id,
        }
    }

    fn names(&self, other: &Self) -> bool {
        self.named.iter().any(|named| other.chain.contains(named))
    }

    fn link(&self) -> Option<(BTreeSet<String>, bool)> {
        let touchpoint = &self.recorded.touchpoint;
        let kind = touchpoint.actor.as_ref().map(|it| it.kind());
        if matches!(
            kind,
            Some(ActorKind::System | ActorKind::Bot | ActorKind::Vehicle)
        ) {
            return None;
        }
        match &touchpoint.payload {
            Some(Payload::DefectLinked(it)) => {
                Some(([it.defect_id.clone(), it.same_as.clone()].into(), true))
            }
            Some(Payload::DefectUnlinked(it)) => {
                Some(([it.defect_id.clone(), it.same_as.clone()].into(), false))
            }
            _ => None,
        }
    }
}

/// The members of the trace of a case; `None` if nothing known names it.
pub(super) fn members(
    log: &[Recorded],
    case_id: &str,
    known_at: Position,
    as_of: i64,
) -> Option<Members> {
    let known: Vec<Recorded> = log
        .iter()
        .filter(|it| it.position <= known_at)
        .cloned()
        .collect();
    let known = Known(&known);
    let everything: Vec<Item<'_>> = known.0.iter().map(|it| Item::of(&known, it)).collect();
    let named = everything.iter().any(|it| it.subject("case") == case_id);
    let mut items = everything;
    items.retain(|it| {
        let served = matches!(
            it.recorded.touchpoint.payload,
            Some(Payload::ContextPackServed(_))
        );
        it.recorded.occurred_at <= as_of && !served
    });
    items.sort_by(|one, other| Known::history(one.recorded).cmp(&Known::history(other.recorded)));
    named.then(|| of_items(&items, case_id))
}

fn of_items(items: &[Item<'_>], case_id: &str) -> Members {
    let core: Vec<&Item<'_>> = items
        .iter()
        .filter(|it| it.in_force && it.subject("case") == case_id)
        .collect();
    let feedback = core.iter().flat_map(|it| {
        let origin = match &it.recorded.touchpoint.payload {
            Some(Payload::CaseOpened(opened)) => opened.origin_feedback_id.clone(),
            _ => String::new(),
        };
        [it.subject("feedback"), origin]
    });
    let feedback = named(feedback);
    let defects = same(items, named(core.iter().map(|it| it.subject("defect"))));
    let naming_visits = items.iter().filter(|it| {
        it.in_force && (it.subject("case") == case_id || defects.contains(&it.subject("defect")))
    });
    let visits = named(naming_visits.map(|it| it.subject("visit")));
    let correlations = core
        .iter()
        .map(|it| it.recorded.touchpoint.correlation_id.clone());
    let correlations = named(correlations);
    let causes = reached(items, &core, |from, to| from.names(to));
    let effects = reached(items, &core, |from, to| to.names(from));
    let mut members = Members::new();
    for (at, item) in items.iter().enumerate() {
        let stream = &*item.recorded.stream;
        let correlation = &item.recorded.touchpoint.correlation_id;
        let defect = item.subject("defect");
        let in_stream = |category: &str, ids: &BTreeSet<String>| {
            let id = stream.strip_prefix(category).unwrap_or_default();
            ids.contains(id).then(|| id.to_owned())
        };
        let core = item.subject("case") == case_id;
        let reasons = [
            core.then_some((Kind::Case, String::new())),
            in_stream("feedback-", &feedback).map(|id| (Kind::Feedback, id)),
            defects.contains(&defect).then_some((Kind::Defect, defect)),
            in_stream("visit-", &visits).map(|id| (Kind::Visit, id)),
            causes.contains(&at).then_some((Kind::Cause, String::new())),
            effects
                .contains(&at)
                .then_some((Kind::Effect, String::new())),
            correlations
                .contains(correlation)
                .then_some((Kind::Correlation, correlation.clone())),
        ];
        let reasons: BTreeSet<_> = reasons.into_iter().flatten().collect();
        if !reasons.is_empty() {
            members.insert(item.key.clone(), reasons);
        }
    }
    add_beside(items, &mut members);
    members
}

/// Adds what stands beside members, until nothing is added.
fn add_beside(items: &[Item<'_>], members: &mut Members) {
    loop {
        let beside = items.iter().filter(|it| members.contains_key(&it.key));
        let beside: BTreeSet<TouchpointKey> = beside.flat_map(|it| it.beside.clone()).collect();
        let known = items.iter().map(|it| &it.key);
        let added: Vec<TouchpointKey> = known
            .filter(|key| beside.contains(key) && !members.contains_key(key))
            .cloned()
            .collect();
        if added.is_empty() {
            return;
        }
        for key in added {
            members.insert(key, [(Kind::Replacement, String::new())].into());
        }
    }
}

fn named(ids: impl Iterator<Item = String>) -> BTreeSet<String> {
    ids.filter(|id| !id.is_empty()).collect()
}

/// These defects and all that links connect with them.
fn same(items: &[Item<'_>], mut defects: BTreeSet<String>) -> BTreeSet<String> {
    let mut last: BTreeMap<BTreeSet<String>, bool> = BTreeMap::new();
    for item in items.iter().filter(|it| it.in_force) {
        last.extend(item.link());
    }
    loop {
        let linked = last.iter().filter(|(_, is_same)| **is_same);
        let linked = linked.filter(|(pair, _)| !pair.is_disjoint(&defects));
        let more: Vec<String> = linked.flat_map(|(pair, _)| pair.clone()).collect();
        let before = defects.len();
        defects.extend(more);
        if defects.len() == before {
            return defects;
        }
    }
}

/// The indexes of what is reached from the core; only touchpoints in force lead on.
fn reached(
    items: &[Item<'_>],
    core: &[&Item<'_>],
    leads: impl Fn(&Item<'_>, &Item<'_>) -> bool,
) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    loop {
        let onward = items.iter().enumerate().filter(|(at, it)| {
            let is_core = core.iter().any(|core| core.key == it.key);
            it.in_force && (is_core || found.contains(at))
        });
        let onward: Vec<&Item<'_>> = onward.map(|(_, it)| it).collect();
        let more = items
            .iter()
            .enumerate()
            .filter(|(at, it)| !found.contains(at) && onward.iter().any(|from| leads(from, it)));
        let more: Vec<usize> = more.map(|(at, _)| at).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
