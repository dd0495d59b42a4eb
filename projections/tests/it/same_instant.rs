//! Touchpoints at one instant, as with dates without a time: kinds decide the order, never the spelling of ids.

use std::collections::BTreeSet;

use ownerline_projections::TouchpointKey;
use ownerline_projections::obligation::ItemState;
use ownerline_projections::person::PersonLookup;
use ownerline_projections::person::holding::HeldAs;
use ownerline_projections::person::ownership::holders;
use ownerline_projections::timeline::{TimelineFilter, TimelineOrder, TimelineQuery, page};
use ownerline_projections::{Position, Rank, Viewer};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseAcknowledged, CaseClosed, CaseOpened, CasePausedOnOwner, CaseReopened, CaseResolved,
    CaseResumed, DefectReported, FeedbackClosed, FeedbackReopened, ProductionStageReached,
    RepairAttempted, VehicleDroppedOff, VehiclePickedUp,
};
use proptest::prelude::*;

use crate::cases::cases;
use crate::feedback::touchpoints::{self, FeedbackTouchpoint};
use crate::history::{TestTouchpoint, folded, log};

fn car(id: &str, at: i64) -> TestTouchpoint {
    TestTouchpoint::new("odometer_read", id, at).about(|it| it.vin = "V1".to_owned())
}

fn held(said: &[TestTouchpoint], instant: i64) -> BTreeSet<(HeldAs, String)> {
    let world = folded(&log(said));
    let validity = world.validity(Position(100));
    let persons = PersonLookup::new(&world.identity, &validity);
    let found = holders(&world.ownership, &validity, &persons, "V1", instant).unwrap();
    found
        .into_iter()
        .map(|it| (it.held_as, it.owner_id))
        .collect()
}

fn holder(held_as: HeldAs, owner_id: &str) -> BTreeSet<(HeldAs, String)> {
    BTreeSet::from([(held_as, owner_id.to_owned())])
}

#[test]
fn a_lease_that_ends_on_the_day_its_driver_buys_the_car_leaves_her_the_car() {
    for (released, bought) in [("1", "2"), ("2", "1")] {
        let said = [
            car("0", 10).acquired("ann", false),
            car(released, 20).released("ann"),
            car(bought, 20).acquired("ann", true),
        ];
        assert_eq!(held(&said, 30), holder(HeldAs::Owner, "ann"), "{released}");
    }
}

#[test]
fn a_release_reported_twice_ends_only_the_earlier_holding() {
    for ids in [["1", "2", "3"], ["3", "2", "1"], ["2", "3", "1"]] {
        let said = [
            car("0", 10).acquired("ann", true),
            car(ids[0], 20).released("ann"),
            car(ids[1], 20).released("ann"),
            car(ids[2], 20).acquired("ann", false),
        ];
        assert_eq!(held(&said, 30), holder(HeldAs::Driver, "ann"), "{ids:?}");
    }
}

#[test]
fn a_release_at_the_instant_of_an_acquisition_follows_it() {
    for (released, acquired) in [("1", "2"), ("2", "1")] {
        let said = [
            car("0", 10).acquired("ben", true),
            car(released, 20).released("ann"),
            car(acquired, 20).acquired("ann", true),
        ];
        // She ended his time, and had no time of her own.
        assert_eq!(held(&said, 30), BTreeSet::new(), "{released}");
        assert_eq!(held(&said, 15), holder(HeldAs::Owner, "ben"), "{released}");
    }
}

#[test]
fn a_feedback_closed_and_reopened_at_one_instant_is_open() {
    for (closed, reopened) in [("1", "2"), ("2", "1")] {
        let history = [
            touchpoints::received(0),
            touchpoints::closed(closed, 5),
            touchpoints::reopened(reopened, 5),
        ];
        let state = touchpoints::state(&history, 10);
        assert_eq!(state.episodes.len(), 2, "{closed}");
        assert!(state.episodes[1].closed.is_none(), "{closed}");
        assert!(state.flags.is_empty(), "{:?}", state.flags);
    }
}

/// Payloads of one instant, each of another rank, with the number of the stream they are in.
fn payloads() -> Vec<(u8, Payload)> {
    vec![
        (0, Payload::VehicleDroppedOff(VehicleDroppedOff::default())),
        (0, Payload::DefectReported(DefectReported::default())),
        (0, Payload::RepairAttempted(RepairAttempted::default())),
        (0, Payload::VehiclePickedUp(VehiclePickedUp::default())),
        (1, Payload::CaseOpened(CaseOpened::default())),
        (1, Payload::CaseAcknowledged(CaseAcknowledged::default())),
        (1, Payload::CaseResumed(CaseResumed::default())),
        (1, Payload::CaseResolved(CaseResolved::default())),
        (1, Payload::CaseClosed(CaseClosed::default())),
        (1, Payload::CaseReopened(CaseReopened::default())),
        (2, stage(9)),
        (2, stage(5)),
        (2, stage(0)),
    ]
}

fn stage(stage: i32) -> Payload {
    Payload::ProductionStageReached(ProductionStageReached {
        stage,
        raw_code: "r".to_owned(),
        ..ProductionStageReached::default()
    })
}

fn named(names: &[(usize, usize)]) -> Vec<TestTouchpoint> {
    let said = payloads().into_iter().zip(names);
    said.map(|((stream, payload), (source, id))| {
        let mut said = TestTouchpoint::with_payload(&format!("{id}"), 7, payload).about(|it| {
            it.owner_id = "ann".to_owned();
            let stream_id = match stream {
                0 => &mut it.visit_id,
                1 => &mut it.case_id,
                _ => &mut it.order_id,
            };
            "s".clone_into(stream_id);
        });
        said.source = format!("s{source}");
        said
    })
    .collect()
}

/// The payloads of the timeline, oldest first.
fn timeline(said: &[TestTouchpoint]) -> Vec<Option<Payload>> {
    let log = log(said);
    let world = folded(&log);
    let query = TimelineQuery {
        owner_id: "ann".to_owned(),
        filter: TimelineFilter::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 100.into(),
        known_at: Position(100),
        after: None,
        limit: 100,
    };
    let page = page(world.states(), &Viewer::unrestricted(), &query).unwrap();
    let payload = |position: Position| {
        let at = usize::try_from(position.0).unwrap() - 1;
        log[at].touchpoint.payload.clone()
    };
    page.rows.iter().map(|row| payload(row.position)).collect()
}

/// A feedback with a case, everything at one instant but the feedback and a later look.
fn item(names: &[(usize, usize)]) -> ItemState {
    let case = |payload| FeedbackTouchpoint::new("", 5, payload).of_case("c1");
    let opened = CaseOpened {
        origin_feedback_id: "f".to_owned(),
        ..CaseOpened::default()
    };
    let mut history = vec![
        FeedbackTouchpoint::new("", 5, Payload::FeedbackClosed(FeedbackClosed::default())),
        FeedbackTouchpoint::new("", 5, Payload::FeedbackReopened(FeedbackReopened {})),
        touchpoints::message("", 5),
        touchpoints::reply("", 5),
        case(Payload::CaseOpened(opened)),
        case(Payload::CasePausedOnOwner(CasePausedOnOwner {})),
        case(Payload::CaseResolved(CaseResolved::default())),
        case(Payload::CaseReopened(CaseReopened::default())),
    ];
    let (source, _) = names[8];
    for (touchpoint, (source, id)) in history.iter_mut().zip(names) {
        touchpoint.touchpoint.source = format!("s{source}");
        touchpoint.touchpoint.id = format!("i{id}");
    }
    history.push(touchpoints::received(0));
    history.push(touchpoints::reply("later", 6));
    let mut state = touchpoints::state(&history, 100);
    assert!(source < usize::MAX);
    // Only the names may differ.
    for episode in &mut state.episodes {
        episode.opened_by = nameless();
        episode.closed = episode.closed.take().map(|(_, at)| (nameless(), at));
        let first = episode.first_reply.take();
        episode.first_reply = first.map(|(_, at)| (nameless(), at));
    }
    state
}

fn names() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let sources = prop::collection::vec(0_usize..3, 13);
    let ids = Just((0_usize..13).collect::<Vec<_>>()).prop_shuffle();
    (sources, ids).prop_map(|(sources, ids)| sources.into_iter().zip(ids).collect())
}

#[test]
fn payloads_of_these_tests_are_of_different_ranks_in_each_stream() {
    let plain: Vec<(usize, usize)> = (0..13).map(|id| (0, id)).collect();
    let log = log(&named(&plain));
    let ranks: BTreeSet<(&str, Rank)> = log.iter().map(|it| (&*it.stream, it.rank())).collect();
    assert_eq!(ranks.len(), log.len());
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn other_sources_and_ids_of_one_instant_change_no_timeline(names in names()) {
        let plain: Vec<(usize, usize)> = (0..13).map(|id| (0, id)).collect();
        prop_assert_eq!(timeline(&named(&names)), timeline(&named(&plain)));
    }

    #[test]
    fn other_sources_and_ids_of_one_instant_change_no_obligation(names in names()) {
        let plain: Vec<(usize, usize)> = (0..13).map(|id| (0, id)).collect();
        let (one, other) = (item(&names), item(&plain));
        prop_assert_eq!(one.episodes, other.episodes);
        let outcomes = |state: &[ownerline_projections::obligation::Obligation]| {
            state.iter().map(|it| (it.kind, it.episode, it.outcome)).collect::<Vec<_>>()
        };
        prop_assert_eq!(outcomes(&one.obligations), outcomes(&other.obligations));
    }
}

fn nameless() -> TouchpointKey {
    TouchpointKey::new("", "")
}
