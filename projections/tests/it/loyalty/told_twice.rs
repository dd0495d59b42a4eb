//! A fact reported more than once counts once.

use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{OrderCancelled, VehicleRegistered};

use super::{DAY, Story, counts, of_make};
use crate::history::TestTouchpoint;

fn ann() -> Story {
    Story::default().car(0, "ann", "A1", "Halden")
}

/// The counts of Halden, and the share not yet back after a year.
fn halden(story: &Story, day: i64) -> ([u64; 7], u64) {
    let halden = of_make(&story.world().on(day), "Halden");
    (counts(&halden), halden.same_brand_leased)
}

#[test]
fn an_order_its_handover_its_car_and_its_repurchase_are_one() {
    let story = ann()
        .placed(300, "ann", "o1", "Halden", 0)
        .again(301, "ann", "o1", Kind::Lease, "Halden")
        .handed(400, "ann", "o1", "A2")
        .car(401, "ann", "A2", "Halden");
    assert_eq!(halden(&story, 1_000), ([1, 2, 1, 1, 0, 0, 0], 1));
    // Whichever of them is missing, the rest tells one.
    for gone in ["order_placed", "repurchased", "handover_completed"] {
        let mut rest = Story(story.0.clone());
        rest.0.retain(|said| said.kind != gone);
        let (found, _) = halden(&rest, 1_000);
        assert_eq!(found, [1, 2, 1, 1, 0, 0, 0], "without {gone}");
    }
    let curve = of_make(&story.world().on(1_000), "Halden").curve;
    assert_eq!(
        (curve[0].at_risk, curve[0].not_returned),
        (1, Some(0.5)),
        "the earliest of them is when the owner was back"
    );
}

#[test]
fn a_repurchase_without_an_order_takes_the_first_car_of_its_make() {
    let story = ann()
        .again(300, "ann", "", Kind::Buy, "Halden")
        .car(350, "ann", "A2", "Sylt")
        .car(400, "ann", "A3", "Halden");
    let figures = story.world().on(1_000);
    assert_eq!(counts(&of_make(&figures, "Halden")), [1, 2, 0, 1, 1, 0, 0]);
    assert_eq!(counts(&of_make(&figures, "Sylt")), [1, 1, 1, 0, 0, 0, 0]);
    let filed_late =
        ann()
            .car(400, "ann", "A2", "Halden")
            .again(401, "ann", "", Kind::Buy, "Halden");
    assert_eq!(halden(&filed_late, 1_000).0, [1, 2, 1, 1, 0, 0, 0]);
    let another = ann()
        .car(400, "ann", "A2", "Halden")
        .again(600, "ann", "", Kind::Buy, "Halden");
    assert_eq!(halden(&another, 1_000).0, [1, 3, 1, 2, 0, 0, 0]);
}

#[test]
fn a_repurchase_whose_car_is_known_takes_no_other() {
    let story = ann()
        .placed(300, "ann", "o1", "Halden", 0)
        .order(
            310,
            "ann",
            "o1",
            "A2",
            Payload::VinAssigned(ownerline_proto::v1::VinAssigned {
                vin: "A2".to_owned(),
            }),
        )
        .again(301, "ann", "o1", Kind::Lease, "Halden")
        .car(350, "ann", "A9", "Halden");
    assert_eq!(halden(&story, 1_000).0, [1, 3, 1, 2, 0, 0, 0]);
}

#[test]
fn a_car_that_an_order_brought_is_taken_by_no_other_repurchase() {
    let story = ann()
        .again(200, "ann", "", Kind::Lease, "Halden")
        .placed(300, "ann", "o1", "Halden", 0)
        .handed(400, "ann", "o1", "A2")
        .car(401, "ann", "A2", "Halden");
    assert_eq!(halden(&story, 1_000), ([1, 3, 1, 2, 0, 0, 0], 1));
}

#[test]
fn a_repeated_order_changes_nothing_and_the_last_kind_counts() {
    let story = ann().again(300, "ann", "o1", Kind::Buy, "Halden").again(
        310,
        "ann",
        "o1",
        Kind::Lease,
        "Halden",
    );
    assert_eq!(halden(&story, 1_000), ([1, 2, 1, 1, 0, 0, 0], 1));
}

#[test]
fn a_defection_and_the_car_it_was_to_are_one() {
    let story = ann()
        .left(300, "ann", "Other")
        .car(330, "ann", "A2", "Other");
    let figures = story.world().on(1_000);
    assert_eq!(counts(&of_make(&figures, "Halden")), [1, 1, 0, 0, 0, 1, 0]);
    assert_eq!(counts(&of_make(&figures, "Other")), [1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn a_cancelled_order_brings_nobody_back_unless_the_car_came_afterwards() {
    let cancelled = || Payload::OrderCancelled(OrderCancelled::default());
    let story =
        ann()
            .placed(300, "ann", "o1", "Halden", 0)
            .order(310, "ann", "o1", "", cancelled());
    assert_eq!(halden(&story, 1_000).0, [1, 1, 1, 0, 0, 0, 0]);
    let given_back = ann()
        .placed(300, "ann", "o1", "Halden", 0)
        .handed(310, "ann", "o1", "")
        .order(320, "ann", "o1", "", cancelled());
    assert_eq!(halden(&given_back, 1_000).0, [1, 1, 1, 0, 0, 0, 0]);
    let came = ann()
        .placed(300, "ann", "o1", "Halden", 0)
        .order(310, "ann", "o1", "", cancelled())
        .handed(320, "ann", "o1", "");
    assert_eq!(halden(&came, 1_000).0, [1, 2, 1, 1, 0, 0, 0]);
}

#[test]
fn an_order_that_names_no_owner_belongs_to_its_repurchaser() {
    let story = ann()
        .placed(300, "", "o1", "Halden", 0)
        .handed(400, "", "o1", "A2")
        .again(301, "ann", "o1", Kind::Lease, "Halden");
    assert_eq!(halden(&story, 1_000), ([1, 2, 1, 1, 0, 0, 0], 1));
    let of_nobody = ann()
        .placed(300, "", "o1", "Halden", 0)
        .handed(400, "", "o1", "A2");
    assert_eq!(halden(&of_nobody, 1_000).0, [1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn merged_persons_do_not_double() {
    let apart = Story::default()
        .car(0, "ann", "A1", "Halden")
        .car(10, "ann2", "A1", "Halden")
        .again(400, "ann2", "o1", Kind::Lease, "Halden")
        .again(400, "ann", "o1", Kind::Lease, "Halden");
    assert_eq!(halden(&apart, 1_000).0, [2, 4, 2, 2, 0, 0, 0]);
    let link = TestTouchpoint::new("owner_identity_linked", "link", 500 * DAY)
        .about(|it| it.owner_id = "ann".to_owned())
        .linking("ann2");
    let merged = apart.says(link);
    assert_eq!(halden(&merged, 1_000), ([1, 2, 1, 1, 0, 0, 0], 1));
}

#[test]
fn a_car_reported_twice_for_one_owner_is_one_and_bought_back_is_another() {
    let acquired = |id: &str, day: i64| {
        TestTouchpoint::new("vehicle_acquired", id, day * DAY)
            .about(|it| it.vin = "A1".to_owned())
            .acquired("ann", true)
    };
    let twice = ann().says(acquired("again", 50));
    assert_eq!(halden(&twice, 1_000).0, [1, 1, 1, 0, 0, 0, 0]);
    let released = TestTouchpoint::new("vehicle_released", "released", 100 * DAY)
        .about(|it| it.vin = "A1".to_owned())
        .released("ann");
    let back = ann().says(released).says(acquired("again", 200));
    assert_eq!(halden(&back, 1_000).0, [1, 2, 1, 1, 0, 0, 0]);
    let drives = TestTouchpoint::new("vehicle_acquired", "drives", 50 * DAY)
        .about(|it| it.vin = "A1".to_owned())
        .acquired("ben", false);
    let with_driver = ann().says(drives);
    assert_eq!(halden(&with_driver, 1_000).0, [1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn the_make_of_a_handed_over_car_is_that_of_its_registration() {
    let registered = Payload::VehicleRegistered(VehicleRegistered {
        brand: "Halden".to_owned(),
        ..VehicleRegistered::default()
    });
    let story = ann().handed(400, "ann", "o1", "A2").says(
        TestTouchpoint::with_payload("registered", 400 * DAY, registered)
            .about(|it| it.vin = "A2".to_owned()),
    );
    assert_eq!(halden(&story, 1_000).0, [1, 2, 1, 1, 0, 0, 0]);
    let misspelt = Story(story.0.clone()).placed(300, "ann", "o1", "HALDEN", 0);
    assert_eq!(halden(&misspelt, 1_000).0, [1, 2, 1, 1, 0, 0, 0]);
}

#[test]
fn a_handover_reported_twice_is_the_first_unless_the_car_was_given_back() {
    let story = ann()
        .handed(400, "ann", "o1", "A2")
        .handed(430, "ann", "o1", "A2");
    let returned = |story: &Story, day: i64| halden(story, day).0[6];
    assert_eq!(returned(&story, 399), 0);
    let world = story.world();
    let mut query = world.asking(1_000);
    query.scope.until = Some(420 * DAY);
    assert_eq!(
        counts(&of_make(&world.asked(&query), "Halden"))[6],
        1,
        "its make is unknown"
    );
    let given_back = ann()
        .handed(400, "ann", "o1", "A2")
        .order(
            410,
            "ann",
            "o1",
            "",
            Payload::OrderCancelled(OrderCancelled::default()),
        )
        .handed(430, "ann", "o1", "A2");
    let world = given_back.world();
    query.known_at = world.head;
    assert_eq!(counts(&of_make(&world.asked(&query), "Halden"))[6], 0);
    assert_eq!(returned(&given_back, 1_000), 1);
}

#[test]
fn a_defection_reported_twice_is_one_also_when_its_car_is_known() {
    let gone = ann().left(300, "ann", "Sylt").left(310, "ann", "Sylt");
    let with_car = Story(gone.0.clone()).car(330, "ann", "A2", "Sylt");
    let by_order = ann()
        .placed(200, "ann", "o1", "Sylt", 0)
        .handed(400, "ann", "o1", "A2")
        .left(403, "ann", "Sylt");
    let nameless = Story(with_car.0.clone()).left(320, "ann", "");
    for (story, expected) in [
        (&with_car, [1, 1, 0, 0, 0, 1, 0]),
        (&nameless, [1, 1, 0, 0, 0, 1, 0]),
        (&by_order, [1, 1, 0, 0, 1, 0, 0]),
    ] {
        let figures = story.world().on(1_000);
        assert_eq!(counts(&of_make(&figures, "Halden")), expected);
        let sylt = counts(&of_make(&figures, "Sylt"));
        assert_eq!(
            sylt,
            [1, 1, 1, 0, 0, 0, 0],
            "nobody left for what they drive"
        );
    }
}

#[test]
fn a_repurchase_without_an_order_is_one_with_the_order_handed_over_about_then() {
    let handed = || {
        Story::default()
            .placed(0, "ann", "o1", "Halden", 0)
            .handed(120, "ann", "o1", "A1")
    };
    // One car, whose owner is said to have bought *again*: from what is not known.
    for day in [0, 117, 120, 150] {
        let story = handed().again(day, "ann", "", Kind::Buy, "Halden");
        let figures = story.world().on(1_000);
        assert_eq!(
            counts(&of_make(&figures, "Halden")),
            [1, 1, 1, 0, 0, 0, 0],
            "{day}"
        );
        assert_eq!(
            counts(&of_make(&figures, "")),
            [1, 0, 0, 0, 0, 0, 1],
            "{day}"
        );
    }
    // So it is with the order's id, with a car in place of the order, and with both tellings.
    let with_id = handed().again(117, "ann", "o1", Kind::Buy, "Halden");
    let by_car = Story::default()
        .again(117, "ann", "", Kind::Buy, "Halden")
        .car(120, "ann", "A1", "Halden");
    let both = handed().again(118, "ann", "o1", Kind::Buy, "Halden").again(
        117,
        "ann",
        "",
        Kind::Buy,
        "Halden",
    );
    for story in [with_id, by_car, both] {
        let figures = story.world().on(1_000);
        assert_eq!(counts(&of_make(&figures, "Halden")), [1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(counts(&of_make(&figures, "")), [1, 0, 0, 0, 0, 0, 1]);
    }
    // More than 31 days after the handover it is another one, and so it is of another make.
    for (day, make) in [(152, "Halden"), (117, "Sylt")] {
        let story = handed().again(day, "ann", "", Kind::Buy, make);
        let spells = story.world().on(1_000).total.spells;
        assert_eq!(spells, 2, "{day} {make}");
    }
}

#[test]
fn two_cars_bought_at_once_are_two_in_any_order_of_reports() {
    let story = ann()
        .placed(300, "ann", "o1", "Halden", 0)
        .placed(300, "ann", "o2", "Halden", 0)
        .handed(400, "ann", "o1", "A2")
        .handed(401, "ann", "o2", "A3")
        .again(399, "ann", "", Kind::Buy, "Halden")
        .again(402, "ann", "", Kind::Lease, "Halden");
    assert_eq!(halden(&story, 1_000).0, [1, 3, 1, 2, 0, 0, 0]);
}

#[test]
fn a_defection_before_the_handover_of_the_other_car_is_one_return_with_it() {
    let story = ann()
        .placed(300, "ann", "o1", "Sylt", 0)
        .left(397, "ann", "Sylt")
        .handed(400, "ann", "o1", "A2");
    let figures = story.world().on(1_000);
    assert_eq!(counts(&of_make(&figures, "Halden")), [1, 1, 0, 0, 0, 1, 0]);
    assert_eq!(counts(&of_make(&figures, "Sylt")), [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(counts(&of_make(&figures, "")), [0; 7]);
}
