//! The timeline against the model in plain code, on random histories.

use std::collections::BTreeSet;

use ownerline_projections::fold::state::{StateMap, StateRead};
use ownerline_projections::timeline::{
    TimelineError, TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery, TimelineRow, page,
};
use ownerline_projections::{Position, Viewer};
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::Visibility;
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, lives, log};
use crate::model;

fn maybe(names: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.15, prop::sample::select(names).prop_map(str::to_owned))
}

fn filters() -> impl Strategy<Value = TimelineFilter> {
    (
        (
            maybe(&["case_note_added", "order_changed"]),
            maybe(&["odometer_read", "order_changed", "work_performed"]),
            maybe(&["case-1", "visit-1", "order-1", "feedback-2"]),
        ),
        (maybe(&["V1", "V2"]), maybe(&["d1", "d2"])),
        (maybe(&["1"]), maybe(&["1"]), maybe(&["1"]), maybe(&["1"])),
        prop::option::weighted(0.2, 0_i64..12),
        prop::option::weighted(0.2, 0_i64..14),
        prop::option::of(0_i32..4),
    )
        .prop_map(
            |((kind, about_cases, stream), (vin, dealer_id), ids, from, until, visible_to)| {
                TimelineFilter {
                    kinds: numbers(kind),
                    kinds_about_cases: numbers(about_cases),
                    stream,
                    vin,
                    dealer_id,
                    order_id: ids.0,
                    case_id: ids.1,
                    visit_id: ids.2,
                    feedback_id: ids.3,
                    from,
                    until,
                    visible_to: visible_to.map(|v| Visibility::try_from(v).unwrap()),
                }
            },
        )
}

fn numbers(kind: Option<String>) -> BTreeSet<u32> {
    let kind = kind.map(|kind| Schema::get().kind_by_name(&kind).unwrap().number);
    kind.into_iter().collect()
}

fn queries() -> impl Strategy<Value = TimelineQuery> {
    (
        prop::sample::select(&["ann", "ben", "ann2", "eve"][..]),
        prop::option::weighted(0.6, filters()),
        any::<bool>(),
        prop_oneof![0_i64..13, Just(i64::MAX)],
        prop_oneof![(0_u64..42).prop_map(Position), Just(Position::MAX)],
    )
        .prop_map(|(owner, filter, newest, as_of, known_at)| TimelineQuery {
            owner_id: owner.to_owned(),
            filter: filter.unwrap_or_default(),
            order: if newest {
                TimelineOrder::NewestFirst
            } else {
                TimelineOrder::OldestFirst
            },
            as_of: as_of.into(),
            known_at,
            after: None,
            limit: 1_000,
        })
}

/// The rows of a page, `None` if the owner is unknown.
fn ask(state: &World, query: &TimelineQuery) -> Option<TimelinePage> {
    match page(state.states(), &Viewer::unrestricted(), query) {
        Ok(page) => Some(page),
        Err(TimelineError::UnknownOwner { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

fn rows(state: &World, query: &TimelineQuery) -> Option<Vec<TimelineRow>> {
    ask(state, query).map(|page| page.rows)
}

/// The part of an answer that does not depend on the order of arrival.
fn without_positions(rows: Option<Vec<TimelineRow>>) -> Option<Vec<TimelineRow>> {
    let mut rows = rows?;
    for row in &mut rows {
        row.position = Position::START;
        row.key.position = Position::START;
    }
    Some(rows)
}

fn shuffled() -> impl Strategy<Value = (Vec<TestTouchpoint>, Vec<TestTouchpoint>)> {
    lives().prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle()))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn the_view_answers_like_the_model(said in lives(), query in queries()) {
        let log = log(&said);
        let mut found = rows(&folded(&log), &query);
        for row in found.iter_mut().flatten() {
            row.standing.inherited = None;
        }
        prop_assert_eq!(found, model::timeline(&log, &query));
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_answer(both in shuffled(), mut query in queries()) {
        query.known_at = Position::MAX;
        let one = rows(&folded(&log(&both.0)), &query);
        let other = rows(&folded(&log(&both.1)), &query);
        prop_assert_eq!(without_positions(one), without_positions(other));
    }

    #[test]
    fn as_known_at_a_position_equals_folding_the_prefix(said in lives(), query in queries()) {
        let log = log(&said);
        let known = log.iter().take_while(|r| r.position <= query.known_at).count();
        let then = rows(&folded(&log[..known]), &TimelineQuery { known_at: Position::MAX, ..query.clone() });
        prop_assert_eq!(rows(&folded(&log), &query), then);
    }

    #[test]
    fn pages_of_any_size_make_up_the_whole(
        said in lives(), mut query in queries(), limit in 1_usize..7,
    ) {
        let state = folded(&log(&said));
        let whole = ask(&state, &query);
        query.limit = limit;
        let mut paged = Vec::new();
        while let Some(page) = ask(&state, &query) {
            prop_assert!(page.rows.len() <= limit);
            query.after = page.rows.last().map(|row| row.key.clone());
            paged.extend(page.rows);
            if !page.more {
                break;
            }
            prop_assert!(query.after.is_some());
        }
        if let Some(whole) = &whole {
            prop_assert!(!whole.more);
        }
        prop_assert_eq!(paged, whole.map(|page| page.rows).unwrap_or_default());
    }

    #[test]
    fn both_orders_mirror_each_other(said in lives(), mut query in queries()) {
        let state = folded(&log(&said));
        query.order = TimelineOrder::NewestFirst;
        let mut newest = rows(&state, &query);
        if let Some(newest) = &mut newest {
            newest.reverse();
        }
        query.order = TimelineOrder::OldestFirst;
        prop_assert_eq!(newest, rows(&state, &query));
    }

    #[test]
    fn the_same_log_gives_the_same_bytes(said in lives()) {
        let log = log(&said);
        prop_assert_eq!(folded(&log), folded(&log));
    }

    #[test]
    fn damaged_bytes_are_an_error_and_never_a_panic(
        said in lives(), query in queries(), at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12), cut in 0_usize..30, in_key: bool, which: u8,
    ) {
        let mut world = folded(&log(&said));
        let state = world.any_state(which);
        let keys: Vec<Vec<u8>> = state.entries().map(|(key, _)| key.to_vec()).collect();
        let key = keys[at.index(keys.len())].clone();
        if in_key {
            let value = state.get(&key).unwrap().unwrap_or_default();
            state.delete(&key);
            let mut key = key[..cut.min(key.len())].to_vec();
            key.extend(bytes);
            state.put(key, value);
        } else {
            state.put(key, bytes);
        }
        let _ = page(world.states(), &Viewer::unrestricted(), &query);
    }
}
