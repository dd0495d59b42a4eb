//! The timeline of a person: under every id, and of vehicles while the person held them.

use ownerline_projections::person::identity::MAX_IDENTITIES;
use ownerline_projections::person::{Claim, Names, PersonLookup, Whose, WhoseStates};
use ownerline_projections::timeline::{
    TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow, page,
};
use ownerline_projections::{Position, Viewer};
use ownerline_proto::v1::Visibility;
use ownerline_proto::v1::vehicle_acquired::Role;

use crate::history::{TestTouchpoint, World, folded, log};

fn query(owner: &str, known_at: Position) -> TimelineQuery {
    TimelineQuery {
        owner_id: owner.to_owned(),
        filter: TimelineFilter::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 1_000.into(),
        known_at,
        after: None,
        limit: 1_000,
    }
}

fn rows(world: &World, query: &TimelineQuery) -> Vec<TimelineRow> {
    match page(world.states(), &Viewer::unrestricted(), query) {
        Ok(page) => page.rows,
        Err(TimelineError::UnknownOwner { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

fn ids(world: &World, owner: &str, known_at: Position) -> Vec<String> {
    let rows = rows(world, &query(owner, known_at));
    rows.into_iter().map(|row| row.key.id).collect()
}

fn vehicle(id: &str, at: i64) -> TestTouchpoint {
    TestTouchpoint::new("odometer_read", id, at).about(|subjects| subjects.vin = "V1".to_owned())
}

fn visit(id: &str, at: i64) -> TestTouchpoint {
    TestTouchpoint::new("work_performed", id, at)
        .about(|subjects| subjects.visit_id = "1".to_owned())
}

fn news(id: &str, at: i64, owner: &str) -> TestTouchpoint {
    TestTouchpoint::new("news_sent", id, at).about(|subjects| subjects.owner_id = owner.to_owned())
}

#[test]
fn a_feedback_of_which_nothing_counts_then_is_shown_to_who_held_its_car() {
    let edited = |id: &str, at: i64, owner: &str| {
        TestTouchpoint::new("feedback_edited", id, at).about(|subjects| {
            subjects.feedback_id = "1".to_owned();
            subjects.vin = "V1".to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let world = folded(&log(&[
        vehicle("a", 5).acquired("ann", true),
        edited("1", 10, ""),
        // Counts from its own instant on, and what it corrects never again.
        edited("2", 50, "ben").correcting("1"),
    ]));
    let mut before = query("ann", Position(3));
    before.as_of = 20.into();
    let shown: Vec<_> = rows(&world, &before)
        .into_iter()
        .map(|row| row.key.id)
        .collect();
    assert_eq!(shown, ["a", "1"]);
    assert_eq!(ids(&world, "ben", Position(3)), ["1", "2"]);
}

#[test]
fn a_retracted_feedback_about_a_car_is_not_shown_to_who_bought_the_car_before_the_retraction() {
    let of_item = |kind: &'static str, id: &str, at: i64| {
        TestTouchpoint::new(kind, id, at).about(|subjects| {
            subjects.feedback_id = "1".to_owned();
            subjects.vin = "V1".to_owned();
        })
    };
    let world = folded(&log(&[
        vehicle("a", 5).acquired("ann", true),
        of_item("feedback_edited", "words", 10),
        vehicle("b", 20).acquired("ben", true),
        of_item("touchpoint_retracted", "back", 25).retracting("crm", "words"),
    ]));
    assert_eq!(ids(&world, "ann", Position(4)), ["a", "words", "back"]);
    assert_eq!(ids(&world, "ben", Position(4)), ["b"]);
}

#[test]
fn a_retraction_in_a_visit_does_not_say_that_the_car_came() {
    let of_visit = |kind: &'static str, id: &str, at: i64| TestTouchpoint {
        kind,
        ..visit(id, at).about(|subjects| subjects.vin = "V1".to_owned())
    };
    let world = folded(&log(&[
        vehicle("a", 5).acquired("ann", true),
        of_visit("appointment_booked", "booked", 10),
        of_visit("appointment_cancelled", "cancelled", 11),
        vehicle("b", 20).acquired("ben", true),
        of_visit("touchpoint_retracted", "back", 25).retracting("crm", "cancelled"),
    ]));
    assert_eq!(
        ids(&world, "ann", Position(5)),
        ["a", "booked", "cancelled", "back"]
    );
    assert_eq!(ids(&world, "ben", Position(5)), ["b"]);
}

#[test]
fn subjects_repeated_by_the_clock_keeper_fill_in_nothing() {
    let of_item = |kind: &'static str, id: &str, at: i64, owner: &str| {
        TestTouchpoint::new(kind, id, at).about(|subjects| {
            subjects.feedback_id = "1".to_owned();
            subjects.owner_id = owner.to_owned();
        })
    };
    let world = folded(&log(&[
        of_item("feedback_received", "received", 10, ""),
        of_item("feedback_edited", "edited", 11, "ann"),
        of_item("obligation_warned", "warned", 12, "ann"),
        of_item("", "taken back", 13, "").retracting("", "edited"),
    ]));
    assert_eq!(
        ids(&world, "ann", Position(3)),
        ["received", "edited", "warned"]
    );
    assert_eq!(ids(&world, "ann", Position(4)), ["edited", "warned"]);
}

#[test]
fn neither_owner_sees_the_time_of_the_other() {
    let world = folded(&log(&[
        vehicle("of nobody", 5),
        vehicle("ann's", 15),
        vehicle("at the border", 20),
        vehicle("ben's", 25),
        vehicle("a", 10).acquired("ann", true),
        vehicle("b", 20).acquired("ben", true),
    ]));
    assert_eq!(ids(&world, "ann", Position(6)), ["a", "ann's"]);
    assert_eq!(
        ids(&world, "ben", Position(6)),
        ["b", "at the border", "ben's"]
    );
    let row = &rows(&world, &query("ann", Position(6)))[1];
    assert_eq!((&*row.owner_id, &*row.vin), ("ann", "V1"));
    // Before the sale was known, what came after it was ann's.
    assert_eq!(
        ids(&world, "ann", Position(5)),
        ["a", "ann's", "at the border", "ben's"]
    );
    assert!(ids(&world, "ben", Position(5)).is_empty());
}

#[test]
fn owner_and_driver_both_see_the_vehicle() {
    let world = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        vehicle("e", 20).acquired("eve", false),
        vehicle("before", 15),
        vehicle("both", 25),
        vehicle("r", 30).released("eve"),
        vehicle("after", 35),
    ]));
    assert_eq!(
        ids(&world, "ann", Position(6)),
        ["a", "before", "both", "after"]
    );
    assert_eq!(ids(&world, "eve", Position(6)), ["e", "both", "r"]);
}

#[test]
fn a_car_acquired_under_one_id_is_released_under_another_of_the_person() {
    let world = folded(&log(&[
        vehicle("a", 10).acquired("crm~ann", true),
        vehicle("r", 20).released("dms~ann"),
        vehicle("of the next", 25),
        news("link", 12, "crm~ann").linking("dms~ann"),
    ]));
    for id in ["crm~ann", "dms~ann"] {
        assert_eq!(ids(&world, id, Position(4)), ["a", "link", "r"]);
    }
    assert_eq!(ids(&world, "crm~ann", Position(3)), ["a", "of the next"]);
}

#[test]
fn a_visit_belongs_as_a_whole_to_the_one_who_brought_the_car() {
    let world = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        visit("in", 15).about(|subjects| subjects.vin = "V1".to_owned()),
        vehicle("b", 20).acquired("ben", true),
        visit("fixed", 25),
        visit("named", 30).about(|subjects| subjects.owner_id = "eve".to_owned()),
    ]));
    assert_eq!(ids(&world, "ann", Position(5)), ["a", "in", "fixed"]);
    assert_eq!(ids(&world, "ben", Position(5)), ["b"]);
    // What another said in it is theirs alone.
    assert_eq!(ids(&world, "eve", Position(5)), ["named"]);
}

#[test]
fn a_visit_booked_before_a_sale_is_of_who_brings_the_car_without_the_words_of_who_booked() {
    let booked = TestTouchpoint::new("appointment_booked", "booked", 15).about(|subjects| {
        subjects.visit_id = "1".to_owned();
        subjects.vin = "V1".to_owned();
        subjects.owner_id = "ann".to_owned();
    });
    let said = [
        vehicle("a", 10).acquired("ann", true),
        booked,
        TestTouchpoint {
            kind: "appointment_cancelled",
            ..visit("moved", 16)
        },
        vehicle("b", 20).acquired("ben", true),
        visit("in", 25).about(|subjects| subjects.vin = "V1".to_owned()),
        visit("out", 30),
    ];
    let world = folded(&log(&said));
    assert_eq!(ids(&world, "ann", Position(4)), ["a", "booked", "moved"]);
    assert_eq!(ids(&world, "ben", Position(4)), ["b"]);
    assert_eq!(ids(&world, "ann", Position(6)), ["a", "booked"]);
    assert_eq!(ids(&world, "ben", Position(6)), ["moved", "b", "in", "out"]);
}

#[test]
fn the_booker_brought_the_car_if_they_or_nobody_holds_it() {
    let booked = TestTouchpoint::new("appointment_booked", "booked", 15).about(|subjects| {
        subjects.visit_id = "1".to_owned();
        subjects.owner_id = "cleo".to_owned();
    });
    let came = visit("in", 25).about(|subjects| subjects.vin = "V1".to_owned());
    let of_nobody = folded(&log(&[booked.clone(), came.clone()]));
    assert_eq!(ids(&of_nobody, "cleo", Position(2)), ["booked", "in"]);
    let shared = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        vehicle("c", 11).acquired_as("cleo2", Role::CoOwner),
        news("link", 12, "cleo").linking("cleo2"),
        booked,
        came,
    ]));
    assert_eq!(
        ids(&shared, "cleo", Position(5)),
        ["c", "link", "booked", "in"]
    );
    assert_eq!(ids(&shared, "ann", Position(5)), ["a"]);
}

#[test]
fn a_co_owner_who_left_under_another_id_sees_nothing_more_and_a_sale_ends_the_others() {
    let world = folded(&log(&[
        vehicle("a", 10).acquired("ann", true),
        vehicle("c", 11).acquired_as("cleo", Role::CoOwner),
        vehicle("d", 12).acquired("dan", false),
        news("link", 13, "cleo").linking("dms~cleo"),
        vehicle("left", 20).released("dms~cleo"),
        vehicle("alert", 25),
        vehicle("sold", 30).acquired("ben", true),
        vehicle("that day", 30),
    ]));
    assert_eq!(ids(&world, "ann", Position(8)), ["a", "alert"]);
    assert_eq!(ids(&world, "cleo", Position(8)), ["c", "link", "left"]);
    assert_eq!(ids(&world, "dan", Position(8)), ["d", "alert"]);
    assert_eq!(ids(&world, "ben", Position(8)), ["sold", "that day"]);
}

#[test]
fn a_correction_that_names_no_owner_stays_with_the_corrected_one() {
    let alert = TestTouchpoint::new("odometer_read", "1", 15).about(|subjects| {
        subjects.vin = "V1".to_owned();
        subjects.owner_id = "eve".to_owned();
    });
    let mended = vehicle("2", 16).correcting("1");
    let noted = visit("3", 17).about(|subjects| {
        subjects.owner_id = "eve".to_owned();
        subjects.vin = "V1".to_owned();
    });
    let said = [
        vehicle("a", 10).acquired("ann", true),
        alert,
        mended,
        noted,
        visit("4", 18).correcting("3"),
        visit("first", 5).about(|subjects| subjects.owner_id = "ann".to_owned()),
    ];
    let forwards = folded(&log(&said));
    let mut said = said;
    said.reverse();
    for world in [forwards, folded(&log(&said))] {
        assert_eq!(ids(&world, "eve", Position(6)), ["1", "2", "3", "4"]);
        assert_eq!(ids(&world, "ann", Position(6)), ["first", "a"]);
    }
}

#[test]
fn a_mended_caption_reveals_nothing_before_its_time_and_hides_nothing_after() {
    let mut planned = news("1", 10, "ann");
    (planned.visibility, planned.visible_from) = (Visibility::Owner.into(), Some(50));
    let mended = news("2", 11, "ann").correcting("1");
    let mut moved = news("3", 12, "ann").correcting("2");
    moved.visible_from = Some(40);
    let world = folded(&log(&[planned, mended, moved]));
    let seen = |as_of: i64, known_at| {
        let mut query = query("ann", known_at);
        query.as_of = as_of.into();
        query.filter.visible_to = Some(Visibility::Owner);
        let rows = rows(&world, &query).into_iter();
        rows.map(|row| row.key.id).collect::<Vec<_>>()
    };
    assert!(seen(39, Position(3)).is_empty());
    assert_eq!(seen(40, Position(3)), ["3"]);
    assert_eq!(seen(50, Position(3)), ["1", "2", "3"]);
    assert_eq!(seen(50, Position(2)), ["1", "2"]);
    assert!(seen(49, Position(2)).is_empty());
}

#[test]
fn a_reference_to_any_correction_of_a_cause_is_an_effect_of_the_whole_chain() {
    let world = folded(&log(&[
        news("1", 10, "ann"),
        news("2", 11, "ann").correcting("1"),
        news("3", 12, "ann").correcting("2"),
        news("of first", 20, "ann").caused_by("crm", "1"),
        news("of last", 21, "ann").caused_by("crm", "3"),
    ]));
    for row in rows(&world, &query("ann", Position(5))).iter().take(3) {
        let effects: Vec<&str> = row.effects.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(effects, ["of first", "of last"], "{}", row.key.id);
    }
}

#[test]
fn one_person_under_several_ids_is_one_timeline_without_doubles() {
    let world = folded(&log(&[
        news("1", 1, "ann"),
        news("2", 2, "ann2"),
        vehicle("3", 3).acquired("ann", true),
        vehicle("4", 4).acquired("ann2", false),
        vehicle("5", 5),
        news("6", 6, "ann").linking("ann2"),
    ]));
    for id in ["ann", "ann2"] {
        assert_eq!(ids(&world, id, Position(6)), ["1", "2", "3", "4", "5", "6"]);
    }
    assert_eq!(ids(&world, "ann2", Position(5)), ["2", "4", "5"]);
    let owners = rows(&world, &query("ann2", Position(6)));
    let owners: Vec<&str> = owners.iter().map(|row| row.owner_id.as_str()).collect();
    assert_eq!(owners, ["ann", "ann2", "ann", "ann2", "ann", "ann"]);
}

#[test]
fn an_id_that_only_a_link_names_exists_and_too_many_are_refused() {
    let mut said = vec![news("1", 500, "ann").linking("ann2")];
    let world = folded(&log(&said));
    let before_it_happened = TimelineQuery {
        as_of: 10.into(),
        ..query("ann2", Position(1))
    };
    let found = page(world.states(), &Viewer::unrestricted(), &before_it_happened);
    assert!(found.unwrap().rows.is_empty());
    for number in 0..MAX_IDENTITIES {
        said.push(news(&format!("n{number}"), 1, "ann").linking(&number.to_string()));
    }
    let world = folded(&log(&said));
    let refused = page(
        world.states(),
        &Viewer::unrestricted(),
        &query("ann", Position(1_000)),
    );
    assert!(matches!(
        refused,
        Err(TimelineError::TooManyIdentities { .. })
    ));
}

#[test]
fn the_owner_of_a_touchpoint_that_names_nobody_depends_on_the_claim() {
    let world = folded(&log(&[
        vehicle("a", 1).acquired("ann", true),
        vehicle("d", 2).acquired("dan", false),
        vehicle("o", 3),
    ]));
    let validity = world.validity(Position::MAX);
    let persons = PersonLookup::new(&world.identity, &validity);
    let states = WhoseStates {
        timeline: &world.timeline,
        ownership: &world.ownership,
    };
    let mut whose = Whose::new(states, &validity, &persons, 10.into());
    let mut car = Names::default();
    car.vin = "V1".to_owned();
    let mut claimants = |names: &Names, claim: Claim| -> Vec<String> {
        let found = whose.of("vehicle-V1", 3, names, claim).unwrap();
        found.into_iter().map(|it| it.person).collect()
    };
    assert_eq!(claimants(&car, Claim::AnyHolder), ["ann", "dan"]);
    assert_eq!(claimants(&car, Claim::Payer), ["ann"]);
    assert!(claimants(&car, Claim::Named).is_empty());
    let mut named = car;
    named.owner_id = "dan".to_owned();
    for claim in [Claim::AnyHolder, Claim::Payer, Claim::Named] {
        assert_eq!(claimants(&named, claim), ["dan"]);
    }
}
