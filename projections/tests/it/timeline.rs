//! Cases of the timeline that a reader of the domain would ask about.

use ownerline_projections::Viewer;
use ownerline_projections::fold::state::{StateError, StateMap};
use ownerline_projections::timeline::{
    MAX_EFFECTS, TimelineError, TimelineFilter, TimelineOrder, TimelinePage, TimelineQuery, page,
};
use ownerline_projections::{Position, TouchpointKey};
use ownerline_proto::v1::{Subjects, Visibility};

use crate::history::{TestTouchpoint, World, folded, log};

fn query(owner: &str) -> TimelineQuery {
    TimelineQuery {
        owner_id: owner.to_owned(),
        filter: TimelineFilter::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 1_000.into(),
        known_at: Position(1_000),
        after: None,
        limit: 50,
    }
}

fn ask(state: &World, query: &TimelineQuery) -> Result<TimelinePage, TimelineError> {
    page(state.states(), &Viewer::unrestricted(), query)
}

fn ids(state: &World, query: &TimelineQuery) -> Vec<String> {
    let page = ask(state, query).unwrap();
    page.rows.into_iter().map(|row| row.key.id).collect()
}

fn order(id: &str, at: i64, about: impl FnOnce(&mut Subjects)) -> TestTouchpoint {
    TestTouchpoint::new("order_changed", id, at)
        .about(|subjects| subjects.order_id = "o1".to_owned())
        .about(about)
}

#[test]
fn missing_subjects_are_taken_from_the_first_touchpoint_of_the_stream_that_names_them() {
    let of_case = |said: TestTouchpoint| TestTouchpoint {
        kind: "case_note_added",
        ..said.about(|s| s.case_id = std::mem::take(&mut s.order_id))
    };
    let state = folded(&log(&[
        of_case(order("a", 10, |_| {})),
        of_case(order("b", 30, |s| {
            (s.owner_id, s.dealer_id) = ("ann".into(), "late".into())
        })),
        of_case(order("c", 20, |s| {
            (s.vin, s.dealer_id) = ("V1".into(), "early".into())
        })),
    ]));
    let rows = ask(&state, &query("ann")).unwrap().rows;
    let seen: Vec<_> = rows
        .iter()
        .map(|r| (&*r.key.id, &*r.owner_id, &*r.vin, &*r.dealer_id))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", "ann", "V1", "early"),
            ("c", "ann", "V1", "early"),
            ("b", "ann", "V1", "late"),
        ]
    );
}

#[test]
fn the_vehicle_of_an_order_is_the_one_assigned_when_the_touchpoint_occurred() {
    let assigned = |id: &str, at: i64, vin: &'static str| TestTouchpoint {
        kind: "vin_assigned",
        ..order(id, at, |s| s.vin = vin.into())
    };
    let state = folded(&log(&[
        order("placed", 10, |s| s.owner_id = "ann".into()),
        assigned("first", 20, "V1"),
        order("between", 25, |_| {}),
        assigned("second", 30, "V2"),
        order("after", 35, |_| {}),
    ]));
    let rows = ask(&state, &query("ann")).unwrap().rows;
    let vins: Vec<&str> = rows.iter().map(|r| &*r.vin).collect();
    assert_eq!(vins, ["", "V1", "V1", "V2", "V2"]);
}

#[test]
fn a_withdrawn_vehicle_no_longer_names_the_touchpoints_of_its_order() {
    let of_kind = |kind: &'static str, id: &str, at: i64, vin: &'static str| TestTouchpoint {
        kind,
        ..order(id, at, |s| s.vin = vin.into())
    };
    let state = folded(&log(&[
        order("placed", 10, |s| s.owner_id = "ann".into()),
        of_kind("vin_assigned", "first", 20, "V1"),
        of_kind("vin_withdrawn", "other", 25, "V2"),
        order("still", 28, |_| {}),
        of_kind("vin_withdrawn", "z", 30, "V1"),
        order("none", 32, |_| {}),
        // Reported as of one midnight: the one is taken away, then the other is given.
        of_kind("vin_assigned", "a", 40, "V3"),
        of_kind("vin_withdrawn", "b", 50, "V3"),
        of_kind("vin_assigned", "a2", 50, "V4"),
        order("last", 60, |_| {}),
        // Given and taken away at once.
        of_kind("vin_withdrawn", "c", 70, "V5"),
        of_kind("vin_assigned", "c2", 70, "V5"),
        order("bare", 80, |_| {}),
    ]));
    let rows = ask(&state, &query("ann")).unwrap().rows;
    let of = |id: &str| {
        let row = rows.iter().find(|row| &*row.key.id == id);
        row.map(|row| row.vin.clone()).unwrap_or_default()
    };
    let vins = ["still", "none", "last", "bare"].map(of);
    assert_eq!(vins, ["V1", "", "V4", ""]);
}

#[test]
fn late_knowledge_of_the_owner_brings_the_whole_stream_but_not_to_earlier_questions() {
    let state = folded(&log(&[
        order("first", 10, |_| {}),
        TestTouchpoint::new("news_sent", "news", 5).about(|s| s.owner_id = "ann".into()),
        order("named", 20, |s| s.owner_id = "ann".into()),
    ]));
    assert_eq!(ids(&state, &query("ann")), ["news", "first", "named"]);
    let known_before = TimelineQuery {
        known_at: Position(2),
        ..query("ann")
    };
    assert_eq!(ids(&state, &known_before), ["news"]);
    let as_it_was = TimelineQuery {
        as_of: 15.into(),
        ..query("ann")
    };
    assert_eq!(ids(&state, &as_it_was), ["news"]);
}

#[test]
fn a_stream_belongs_to_the_first_named_owner_and_others_keep_touchpoints_that_name_them() {
    let state = folded(&log(&[
        order("mine", 10, |s| s.owner_id = "ann".into()),
        order("theirs", 20, |s| s.owner_id = "ben".into()),
        order("open", 30, |_| {}),
    ]));
    assert_eq!(ids(&state, &query("ann")), ["mine", "open"]);
    assert_eq!(ids(&state, &query("ben")), ["theirs"]);
}

#[test]
fn nothing_is_filled_in_across_the_many_matters_of_a_vehicle() {
    let vehicle = |id: &str, at| {
        TestTouchpoint::new("odometer_read", id, at).about(|subjects| subjects.vin = "V1".into())
    };
    let state = folded(&log(&[
        vehicle("named", 1).about(|s| (s.owner_id, s.dealer_id) = ("ann".into(), "d1".into())),
        vehicle("unnamed", 2),
        vehicle("again", 3).about(|s| s.owner_id = "ann".into()),
    ]));
    assert_eq!(ids(&state, &query("ann")), ["named", "again"]);
    let rows = ask(&state, &query("ann")).unwrap().rows;
    assert_eq!(rows[1].dealer_id, "");
}

#[test]
fn an_owner_exists_from_the_first_position_that_names_them_at_any_instant() {
    let state = folded(&log(&[
        order("open", 1, |_| {}),
        TestTouchpoint::new("news_sent", "a", 500).about(|s| s.owner_id = "ann".into()),
    ]));
    let before_it_happened = TimelineQuery {
        as_of: 0.into(),
        ..query("ann")
    };
    assert_eq!(ids(&state, &before_it_happened), Vec::<String>::new());
    let before_it_was_known = TimelineQuery {
        known_at: Position(1),
        ..query("ann")
    };
    for (question, owner) in [(before_it_was_known, "ann"), (query("a\0b"), "a\0b")] {
        match ask(&state, &question) {
            Err(TimelineError::UnknownOwner { owner_id, .. }) => assert_eq!(owner_id, owner),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn effects_are_bounded_known_and_visible_to_who_asks() {
    let news = |id: &str, at| {
        TestTouchpoint::new("news_sent", id, at).about(|s| s.owner_id = "ann".into())
    };
    let mut said = vec![news("cause", 1)];
    let mut shown = news("shown", 2).caused_by("", "cause");
    shown.visibility = Visibility::Owner.into();
    said.push(shown);
    for n in 0..MAX_EFFECTS {
        said.push(news(&format!("effect{n:03}"), 3).caused_by("crm", "cause"));
    }
    said.push(news("elsewhere", 3).caused_by("dms", "cause"));
    said[0].visibility = Visibility::Owner.into();
    let state = folded(&log(&said));
    let effects = |query: &TimelineQuery| ask(&state, query).unwrap().rows[0].effects.clone();
    let all = effects(&query("ann"));
    assert_eq!(all.len(), MAX_EFFECTS);
    assert_eq!(all[0], TouchpointKey::new("crm", "shown"));
    assert_eq!(all[1].id, "effect000");
    let mut then = query("ann");
    then.known_at = Position(3);
    assert_eq!(effects(&then).len(), 2);
    then.as_of = 2.into();
    assert_eq!(effects(&then).len(), 1);
    let mut owner = query("ann");
    owner.filter.visible_to = Some(Visibility::Owner);
    assert_eq!(effects(&owner), [TouchpointKey::new("crm", "shown")]);
}

#[test]
fn a_damaged_row_is_reported_as_damaged() {
    let mut state = folded(&log(&[order("a", 1, |s| s.owner_id = "ann".into())]));
    let key = state
        .timeline
        .entries()
        .find(|(key, _)| key[0] == b'o')
        .unwrap()
        .0
        .to_vec();
    state.timeline.put(key, vec![0xff; 3]);
    match ask(&state, &query("ann")) {
        Err(TimelineError::State(StateError::Damaged { reason })) => {
            assert!(reason.contains("row of timeline, table o"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}
