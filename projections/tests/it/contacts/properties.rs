//! Contacts of random histories: against a plain search over everything that is known; the order of arrival does not
//! matter; and what was known at a position is what a log knows that ends there.

use std::collections::BTreeSet;

use ownerline_projections::contacts::{
    ContactFilter, ContactsQuestion, FollowUp, FoundContact, Irrelevance, answer,
};
use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::v1::Subjects;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use proptest::prelude::*;

use super::{HOUR, contact, served};
use crate::cases::cases;
use crate::history::{TestTouchpoint, answered, change_of_life, history_of, log, shuffled};
use crate::life_model::Life;
use crate::model::key;
use crate::standing_model::Known;
use crate::whose_model::WhoseModel;

/// Instants so far apart that some packs are too old.
const STEP: i64 = 8 * HOUR;

const VISIT_KINDS: [&str; 6] = [
    "vehicle_dropped_off",
    "vehicle_picked_up",
    "assistance_declined",
    "repair_attempted",
    "resolved_elsewhere",
    "work_performed",
];

fn name(names: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(names)
}

/// Somebody is contacted, or a pack is served.
fn approach() -> impl Strategy<Value = TestTouchpoint> {
    let who = (
        name(&["", "a1", "a2"]),
        name(&["", "a2", "a3"]),
        name(&["", "d1"]),
    );
    let about = (
        name(&["ann", "ben", "ann2"]),
        name(&["", "d1", "d2"]),
        name(&["", "1", "2"]),
    );
    (
        0_i64..12,
        who,
        about,
        name(&["", "", "desk"]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(at, (actor, agent, of), (owner, dealer, visit), desk, serves, proactive)| {
                let agents: &[&str] = if agent.is_empty() { &[] } else { &[agent] };
                let mut said = match serves {
                    true => served("", at * STEP, owner, actor),
                    false => contact("", at * STEP, owner, agents).by(actor, ActorKind::Human),
                };
                if let Some(Payload::ContactMade(made)) = &mut said.payload {
                    made.proactive = proactive;
                }
                if let Some(actor) = &mut said.actor {
                    actor.dealer_id = of.to_owned();
                }
                said.operated_by = desk;
                said.about(|it| {
                    it.dealer_id = dealer.to_owned();
                    it.visit_id = visit.to_owned();
                })
            },
        )
}

fn visit() -> impl Strategy<Value = TestTouchpoint> {
    let about = (
        name(&["1", "2", "3"]),
        name(&["", "ann", "ben"]),
        name(&["", "V1"]),
    );
    (0_i64..12, name(&VISIT_KINDS), about).prop_map(|(at, kind, (visit, owner, vin))| {
        TestTouchpoint::new(kind, "", at * STEP).about(|it| {
            it.visit_id = visit.to_owned();
            it.owner_id = owner.to_owned();
            it.vin = vin.to_owned();
        })
    })
}

fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![5 => approach(), 3 => visit(), 2 => change_of_life()];
    history_of(said.boxed())
}

/// What is expected of a contact: its id, its pack, and why it made no sense.
type Expected = (
    String,
    Option<(String, i64, bool)>,
    Vec<Irrelevance>,
    String,
);

fn subjects(recorded: &Recorded) -> &Subjects {
    recorded.touchpoint.subjects.as_ref().unwrap()
}

/// The actors, dealers and vendor of a touchpoint.
fn party(recorded: &Recorded) -> (BTreeSet<String>, BTreeSet<String>, String) {
    let actor = recorded.touchpoint.actor.clone().unwrap_or_default();
    let mut actors = BTreeSet::from([actor.id]);
    if let Some(Payload::ContactMade(made)) = &recorded.touchpoint.payload {
        actors.extend(made.agents.iter().cloned());
    }
    let dealers = [actor.dealer_id, subjects(recorded).dealer_id.clone()];
    let mut dealers = BTreeSet::from(dealers);
    for set in [&mut actors, &mut dealers] {
        set.remove("");
    }
    (actors, dealers, recorded.touchpoint.operated_by.clone())
}

/// The contacts in force that a filter selects, newest first.
fn expected(known: &[Recorded], as_of: i64, filter: &ContactFilter) -> Vec<Expected> {
    let model = WhoseModel::new(known, as_of);
    let life = Life::new(known, as_of);
    let mut found = Vec::new();
    for it in model.history() {
        let Some(Payload::ContactMade(made)) = &it.touchpoint.payload else {
            continue;
        };
        let (actors, dealers, desk) = party(it);
        let person = life.person(&subjects(it).owner_id);
        let is = |wanted: &Option<String>, names: &BTreeSet<String>| {
            wanted.as_ref().is_none_or(|wanted| names.contains(wanted))
        };
        if !is(&filter.owner_id, &person)
            || !is(&filter.dealer_id, &dealers)
            || !is(&filter.agent_id, &actors)
            || !is(&filter.operated_by, &BTreeSet::from([desk.clone()]))
        {
            continue;
        }
        let servings = model.history().iter().filter(|serving| {
            &*serving.kind.name == "context_pack_served"
                && person.contains(&subjects(serving).owner_id)
                && serving.occurred_at <= it.occurred_at
                && it.occurred_at - serving.occurred_at <= 24 * HOUR
        });
        let servings: Vec<&Recorded> = servings.collect();
        let own = servings
            .iter()
            .rev()
            .find(|serving| !party(serving).0.is_disjoint(&actors));
        let alike = servings.iter().rev().find(|serving| {
            let (_, theirs, operated_by) = party(serving);
            !theirs.is_disjoint(&dealers) || !desk.is_empty() && desk == operated_by
        });
        let pack = own.or(alike).map(|serving| {
            let age = it.occurred_at - serving.occurred_at;
            (serving.touchpoint.id.clone(), age, own.is_some())
        });
        let (irrelevant, last) = match made.proactive && !subjects(it).visit_id.is_empty() {
            true => judged(known, it),
            false => Default::default(),
        };
        found.push((it.touchpoint.id.clone(), pack, irrelevant, last));
    }
    found.reverse();
    found
}

/// Why a follow-up made no sense, and the person's last visit: as a log that ends with the contact answers.
fn judged(known: &[Recorded], contact: &Recorded) -> (Vec<Irrelevance>, String) {
    let standing = Known(known);
    let own = known
        .iter()
        .find(|it| it.position == contact.position)
        .unwrap();
    let chain = standing.chain(own);
    let reported = chain.iter().map(|it| it.position).min().unwrap();
    let then: Vec<Recorded> = known
        .iter()
        .filter(|it| it.position <= reported)
        .cloned()
        .collect();
    let model = WhoseModel::new(&then, contact.occurred_at);
    let person = Life::new(&then, contact.occurred_at).person(&subjects(contact).owner_id);
    let of = |visit: &str| -> Vec<&Recorded> {
        let stream = format!("visit-{visit}");
        let of_visit = model.history().iter().filter(|it| *it.stream == *stream);
        of_visit
            .filter(|it| VISIT_KINDS.contains(&&*it.kind.name))
            .collect()
    };
    let named = of(&subjects(contact).visit_id);
    if named.is_empty() {
        return (vec![Irrelevance::NeverHappened], String::new());
    }
    let last = |kind: &str| {
        named
            .iter()
            .rev()
            .find(|it| &*it.kind.name == kind)
            .copied()
    };
    let mut why = Vec::new();
    let out = last("vehicle_picked_up").map(|it| it.occurred_at);
    if let Some(dropped) = last("vehicle_dropped_off")
        && out.is_none_or(|out| out < dropped.occurred_at)
    {
        why.push(Irrelevance::StillGoingOn);
    }
    let after = ["repair_attempted", "resolved_elsewhere"].map(|kind| last(kind).map(key));
    if let Some(declined) = last("assistance_declined")
        && after
            .iter()
            .all(|it| it.as_ref().is_none_or(|it| *it < key(declined)))
    {
        why.push(Irrelevance::Refused);
    }
    let visits = ["1", "2", "3"].into_iter().filter(|visit| {
        let first = of(visit).first().copied();
        first.is_some_and(|first| !model.belongs_to(first, &person).is_empty())
    });
    let newest = visits.max_by_key(|visit| key(of(visit).last().unwrap()));
    let newest = newest.filter(|it| *it != subjects(contact).visit_id);
    why.extend(newest.map(|_| Irrelevance::NotLast));
    (why, newest.unwrap_or_default().to_owned())
}

fn told(found: &FoundContact) -> Expected {
    let pack = found.pack.as_ref();
    let pack = pack.map(|it| (it.key.id.clone(), it.age, it.same_actor));
    let follow_up = found.follow_up.clone().unwrap_or_default();
    let irrelevant = follow_up.irrelevant.into_iter().collect();
    (
        found.key.id.clone(),
        pack,
        irrelevant,
        follow_up.last_visit_id,
    )
}

fn filter(by: usize) -> ContactFilter {
    let mut filter = ContactFilter::default();
    match by {
        1 => filter.owner_id = Some("ann".to_owned()),
        2 => filter.dealer_id = Some("d1".to_owned()),
        3 => filter.agent_id = Some("a2".to_owned()),
        4 => filter.operated_by = Some("desk".to_owned()),
        5 => {
            filter.agent_id = Some("a2".to_owned());
            filter.dealer_id = Some("d1".to_owned());
        }
        _ => {}
    }
    filter
}

/// Everything that is answered, without positions, which depend on the order of arrival. Follow-ups are judged by what was
/// known when they were reported, so they depend on it, too: `with_follow_ups` leaves their verdicts in.
fn everything(
    said: &[TestTouchpoint],
    known_at: usize,
    as_of: i64,
    question: &ContactsQuestion,
    with_follow_ups: bool,
) -> String {
    let log = log(said);
    let viewer = Viewer::unrestricted();
    let position = Position(known_at as u64);
    let found = answered(&log, position, as_of, &viewer, |snapshots, vantage| {
        answer(snapshots, vantage, question)
    });
    // What nobody names is refused.
    let Ok(mut found) = found else {
        return "refused".to_owned();
    };
    for it in &mut found.contacts {
        it.key.position = Position::START;
        if let Some(pack) = &mut it.pack {
            pack.key.position = Position::START;
        }
        if !with_follow_ups {
            it.follow_up = it.follow_up.take().map(|_| FollowUp::default());
        }
    }
    if !with_follow_ups {
        found.totals.irrelevant.successes = 0;
        found.totals.by_reason.clear();
    }
    format!("{found:?}")
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        said in histories(), seed in any::<u64>(), as_of in 0_i64..13, by in 0_usize..6,
        limit in 1_usize..40,
    ) {
        let question = ContactsQuestion { filter: filter(by), limit, ..ContactsQuestion::default() };
        let other = shuffled(&said, seed);
        let (known, as_of) = (said.len(), as_of * STEP);
        let there = everything(&other, known, as_of, &question, false);
        prop_assert_eq!(everything(&said, known, as_of, &question, false), there);
    }

    #[test]
    fn as_known_at_a_position_is_what_a_log_knows_that_ends_there(
        said in histories(), until in any::<prop::sample::Index>(), as_of in 0_i64..13,
        by in 0_usize..6, limit in 1_usize..40,
    ) {
        let question = ContactsQuestion { filter: filter(by), limit, ..ContactsQuestion::default() };
        let (until, as_of) = (until.index(said.len() + 1), as_of * STEP);
        let there = everything(&said[..until], until, as_of, &question, true);
        prop_assert_eq!(everything(&said, until, as_of, &question, true), there);
    }

    #[test]
    fn contacts_are_those_that_a_plain_search_finds(
        said in histories(),
        as_of in 0_i64..13,
        known in 1_usize..41,
        by in 0_usize..6,
        limit in 1_usize..40,
    ) {
        let log = log(&said);
        let known_at = known.min(log.len());
        let filter = filter(by);
        let question = ContactsQuestion { filter: filter.clone(), limit, ..ContactsQuestion::default() };
        let viewer = Viewer::unrestricted();
        let position = Position(known_at as u64);
        let found = answered(&log, position, as_of * STEP, &viewer, |snapshots, vantage| {
            answer(snapshots, vantage, &question)
        });
        let right = expected(&log[..known_at], as_of * STEP, &filter);
        // What nobody names is refused; then there is nothing to find.
        let Ok(found) = found else {
            prop_assert!(right.is_empty());
            return Ok(());
        };
        let told: Vec<Expected> = found.contacts.iter().map(told).collect();
        prop_assert_eq!(&told[..], &right[..right.len().min(limit)]);
        prop_assert_eq!(found.more, right.len() > limit);
        let totals = &found.totals;
        prop_assert_eq!(totals.with_pack.n, right.len() as u64);
        let with = right.iter().filter(|it| it.1.is_some()).count();
        prop_assert_eq!(totals.with_pack.successes, with as u64);
        let irrelevant = right.iter().filter(|it| !it.2.is_empty()).count();
        prop_assert_eq!(totals.irrelevant.successes, irrelevant as u64);
    }
}
