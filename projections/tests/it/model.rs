//! The timeline in plain code: a list of recorded touchpoints, filtered and sorted.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::TouchpointKey;
use ownerline_projections::timeline::{
    Force, RowStanding, TimelineOrder, TimelineQuery, TimelineRow,
};
use ownerline_projections::{HistoryKey, Recorded};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Visibility, actor};

use crate::life_model::Life;
use crate::standing_model::Known;
use crate::whose_model::WhoseModel;

fn subjects(recorded: &Recorded) -> Subjects {
    recorded.touchpoint.subjects.clone().unwrap_or_default()
}

pub(crate) fn key(recorded: &Recorded) -> HistoryKey {
    recorded.key()
}

/// The ids of the same defect, by the links that humans made in a history.
pub(crate) fn same_defect(history: &[Recorded], defect_id: &str) -> BTreeSet<String> {
    let mut pairs: BTreeMap<BTreeSet<&String>, bool> = BTreeMap::new();
    for r in history {
        let (one, other, holds) = match &r.touchpoint.payload {
            Some(Payload::DefectLinked(link)) => (&link.defect_id, &link.same_as, true),
            Some(Payload::DefectUnlinked(link)) => (&link.defect_id, &link.same_as, false),
            _ => continue,
        };
        let actor = r.touchpoint.actor.as_ref();
        let kind = actor.map_or(actor::Kind::Unspecified, |actor| actor.kind());
        if matches!(kind, actor::Kind::Unspecified | actor::Kind::Human) {
            pairs.insert([one, other].into(), holds);
        }
    }
    let mut all = BTreeSet::from([defect_id.to_owned()]);
    for _ in 0..10 {
        for pair in pairs.iter().filter(|(_, holds)| **holds).map(|it| it.0) {
            if pair.iter().any(|id| all.contains(*id)) {
                all.extend(pair.iter().map(|id| (*id).clone()));
            }
        }
    }
    all
}

/// What is known and has occurred, in history order, each with what it inherits.
struct Seen<'r> {
    history: Vec<Recorded>,
    known: Known<'r>,
    whose: WhoseModel,
    person: BTreeSet<String>,
}

/// The id under which a touchpoint belongs to the person.
fn belongs_to(seen: &Seen<'_>, recorded: &Recorded) -> Option<String> {
    seen.whose
        .belongs_to(recorded, &seen.person)
        .into_iter()
        .next()
}

/// Owner, vehicle and dealer of a touchpoint.
fn filled_in(seen: &Seen<'_>, recorded: &Recorded) -> [String; 3] {
    seen.whose.filled(recorded)
}

fn visible(recorded: &Recorded, query: &TimelineQuery) -> bool {
    let from = recorded
        .touchpoint
        .visible_from
        .as_ref()
        .map(time::nanos_clamped);
    let revealed = from.is_none_or(|from| from <= query.as_of);
    let visibility = recorded.touchpoint.visibility();
    match query.filter.visible_to {
        Some(Visibility::Owner) => revealed && visibility == Visibility::Owner,
        Some(Visibility::Dealer) => {
            revealed && [Visibility::Dealer, Visibility::Owner].contains(&visibility)
        }
        _ => true,
    }
}

fn other_id(recorded: &Recorded) -> &str {
    match &recorded.touchpoint.payload {
        Some(Payload::OwnerIdentityLinked(link)) => &link.other_owner_id,
        Some(Payload::OwnerIdentityUnlinked(link)) => &link.other_owner_id,
        _ => "",
    }
}

/// The whole timeline, without regard to the page; `None` if the owner is unknown.
pub(crate) fn timeline(log: &[Recorded], query: &TimelineQuery) -> Option<Vec<TimelineRow>> {
    let recorded = log.iter().filter(|r| r.position <= query.known_at);
    if !recorded
        .clone()
        .any(|r| subjects(r).owner_id == query.owner_id || other_id(r) == query.owner_id)
    {
        return None;
    }
    let recorded = recorded.filter(|r| r.occurred_at <= query.as_of);
    let known = log.iter().take_while(|r| r.position <= query.known_at);
    let known = &log[..known.count()];
    let standing = Known(known);
    let mut history: Vec<Recorded> = recorded.map(|r| standing.effective(r)).collect();
    history.sort_by_key(key);
    let seen = Seen {
        history,
        known: standing,
        person: Life::new(known, query.as_of.nearest()).person(&query.owner_id),
        whose: WhoseModel::new(known, query.as_of.nearest()),
    };
    let mut rows: Vec<TimelineRow> = seen
        .history
        .iter()
        .filter(|r| passes(&seen, r, query))
        .map(|r| row(&seen, r, query))
        .collect();
    if query.order == TimelineOrder::NewestFirst {
        rows.reverse();
    }
    Some(rows)
}

fn passes(seen: &Seen<'_>, recorded: &Recorded, query: &TimelineQuery) -> bool {
    let filter = &query.filter;
    let [_, vin, dealer] = filled_in(seen, recorded);
    let subjects = subjects(recorded);
    let is = |wanted: &Option<String>, found: &String| wanted.as_ref().is_none_or(|w| w == found);
    belongs_to(seen, recorded).is_some()
        && (filter.kinds.is_empty()
            || filter.kinds.contains(&recorded.kind.number)
            || (filter.kinds_about_cases.contains(&recorded.kind.number)
                && !subjects.case_id.is_empty()))
        && filter
            .stream
            .as_ref()
            .is_none_or(|stream| **stream == *recorded.stream)
        && is(&filter.vin, &vin)
        && is(&filter.dealer_id, &dealer)
        && is(&filter.order_id, &subjects.order_id)
        && is(&filter.case_id, &subjects.case_id)
        && is(&filter.visit_id, &subjects.visit_id)
        && is(&filter.feedback_id, &subjects.feedback_id)
        && filter.from.is_none_or(|from| recorded.occurred_at >= from)
        && filter
            .until
            .is_none_or(|until| recorded.occurred_at < until)
        && visible(recorded, query)
}

fn row(seen: &Seen<'_>, recorded: &Recorded, query: &TimelineQuery) -> TimelineRow {
    let [_, vin, dealer_id] = filled_in(seen, recorded);
    let raw = seen
        .known
        .0
        .iter()
        .find(|it| it.position == recorded.position);
    let raw = raw.unwrap();
    let chain: Vec<(&String, &String)> = (seen.known.chain(raw).into_iter())
        .map(|it| (&it.touchpoint.source, &it.touchpoint.id))
        .collect();
    let effects = seen.history.iter().filter(|effect| {
        let touchpoint = &effect.touchpoint;
        touchpoint.causation.as_ref().is_some_and(|cause| {
            let own = cause.source.is_empty();
            let source = if own {
                &touchpoint.source
            } else {
                &cause.source
            };
            chain.contains(&(source, &cause.id))
        }) && visible(effect, query)
    });
    TimelineRow {
        position: recorded.position,
        key: key(recorded),
        kind: recorded.kind.number,
        owner_id: belongs_to(seen, recorded).unwrap(),
        vin,
        dealer_id,
        effects: effects
            .map(|e| TouchpointKey::new(&e.touchpoint.source, &e.touchpoint.id))
            .take(100)
            .collect(),
        standing: standing(seen, raw, query),
        odometer_fell: odometer_fell(seen, recorded),
    }
}

/// The distance that an odometer showed.
fn metres(recorded: &Recorded) -> Option<i64> {
    match &recorded.touchpoint.payload {
        Some(Payload::OdometerRead(read)) => Some(read.distance_metres),
        _ => None,
    }
}

/// Whether it counts and shows less than the last reading of the same car before it that counts.
fn odometer_fell(seen: &Seen<'_>, recorded: &Recorded) -> bool {
    let counts = |r: &Recorded| {
        let mut raw = seen.known.0.iter();
        raw.any(|raw| raw.position == r.position && seen.known.in_force(raw))
    };
    let of_car = |r: &&Recorded| subjects(r).vin == subjects(recorded).vin && metres(r).is_some();
    let mut readings = seen.history.iter().filter(of_car);
    let before = readings.rfind(|r| key(r) < key(recorded) && counts(r));
    counts(recorded)
        && before.is_some_and(|before| metres(recorded) < metres(before))
        && metres(recorded).is_some()
}

fn standing<'r>(seen: &Seen<'r>, recorded: &'r Recorded, query: &TimelineQuery) -> RowStanding {
    let name_of = |by: Option<&Recorded>| {
        let by = seen.known.effective(by?);
        let by = Some(by).filter(|by| visible(by, query))?.touchpoint;
        Some(TouchpointKey::new(&by.source, &by.id))
    };
    let force = match seen.known.in_force(recorded) {
        true => Force::InForce,
        false if seen.known.corrected_by(recorded).is_some() => Force::Corrected,
        false => Force::Retracted,
    };
    RowStanding {
        force,
        corrected_by: name_of(seen.known.corrected_by(recorded)),
        retracted_by: name_of(seen.known.retracted_by(recorded)),
        without_effect: seen.known.without_effect(recorded),
        // Compared by what it says: whose the row is, and what about.
        inherited: None,
        first: seen.known.first(recorded),
    }
}
