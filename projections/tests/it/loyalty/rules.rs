//! Spells: owners who are back, for which make, and owners who are not.

use ownerline_projections::loyalty::{LoyaltyScope, MAKES};
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DeliveryDatePromised, OrderPlaced, OwnerRegistered, VinAssigned};

use super::{DAY, Story, counts, of_make};
use crate::history::TestTouchpoint;

#[test]
fn an_owner_who_is_not_back_is_censored_and_never_disloyal() {
    let story = Story::default()
        .car(0, "ann", "V1", "Halden")
        .car(400, "ann", "V2", "Halden")
        .car(0, "ben", "V3", "Halden");
    let figures = story.world().on(1_000);
    let halden = of_make(&figures, "Halden");
    assert_eq!(counts(&halden), [2, 3, 2, 1, 0, 0, 0]);
    let rate = halden.rate.unwrap();
    assert_eq!((rate.same_brand, rate.returns), (1, 1));
    // All are at risk in the first year; who is not back only leaves the risk.
    assert_eq!(halden.curve[0].at_risk, 3);
    assert_eq!(halden.curve[0].not_returned, Some(1.0));
    assert_eq!(halden.curve[1].not_returned, Some(0.666_667));
    assert_eq!(halden.curve[1].same_brand, Some(0.333_333));
    assert_eq!(halden.curve[1].other_brand, Some(0.0));
    let released = Story(story.0.clone()).says(
        TestTouchpoint::new("vehicle_released", "gone", 500 * DAY)
            .about(|it| it.vin = "V3".to_owned())
            .released("ben"),
    );
    assert_eq!(
        released.world().on(1_000),
        figures,
        "who gave a car away is not back"
    );
}

#[test]
fn a_return_is_counted_under_the_make_before_and_says_for_what() {
    let story = Story::default()
        .car(0, "ann", "A1", "Halden")
        .again(100, "ann", "o1", Kind::Lease, "Halden")
        .car(0, "ben", "B1", "Halden")
        .again(100, "ben", "o2", Kind::Buy, "Halden")
        .car(0, "cid", "C1", "Halden")
        .car(100, "cid", "C2", "Halden")
        .car(0, "dan", "D1", "Halden")
        .again(100, "dan", "o4", Kind::Buy, "Sylt")
        .car(0, "eve", "E1", "Halden")
        .left(100, "eve", "Other");
    let figures = story.world().on(200);
    let halden = of_make(&figures, "Halden");
    assert_eq!(counts(&halden), [5, 8, 3, 3, 1, 1, 0]);
    assert_eq!(
        [
            halden.same_brand_bought,
            halden.same_brand_leased,
            halden.same_brand_kind_not_told
        ],
        [1, 1, 1]
    );
    assert_eq!(counts(&of_make(&figures, "Sylt")), [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(
        counts(&of_make(&figures, "Other")),
        [0; 7],
        "reported, no car"
    );
    assert_eq!(counts(&figures.total), [5, 9, 4, 3, 1, 1, 0]);
    let names: Vec<_> = figures.groups.iter().map(|it| it.make.as_str()).collect();
    assert_eq!(names, ["Halden", "Sylt"]);
}

#[test]
fn few_returns_show_their_number_more_an_interval_many_the_rate() {
    let rate = |persons: usize| {
        let story = (0..persons).fold(Story::default(), |story, person| {
            let owner = format!("o{person}");
            let next = if person % 2 == 0 { "Halden" } else { "Sylt" };
            story.car(0, &owner, &format!("V{person}a"), "Halden").car(
                100,
                &owner,
                &format!("V{person}b"),
                next,
            )
        });
        let rate = of_make(&story.world().on(200), "Halden").rate.unwrap();
        assert_eq!(rate.returns, persons as u64);
        (rate.rate, rate.low.is_some(), rate.high.is_some())
    };
    assert_eq!(rate(9), (None, false, false));
    assert_eq!(rate(10), (None, true, true));
    assert_eq!(rate(29), (None, true, true));
    assert_eq!(rate(30), (Some(0.5), true, true));
}

#[test]
fn a_return_from_an_unknown_make_is_counted_and_enters_no_rate() {
    let story = Story::default()
        .again(100, "ann", "", Kind::Buy, "Halden")
        .left(100, "ben", "Other")
        .car(0, "cid", "C1", "")
        .car(100, "cid", "C2", "Halden")
        .car(0, "dan", "D1", "Halden")
        .car(100, "dan", "D2", "");
    let figures = story.world().on(200);
    let unknown = of_make(&figures, "");
    assert_eq!(counts(&unknown), [4, 2, 1, 0, 0, 1, 2]);
    assert_eq!((unknown.rate, unknown.median), (None, None));
    assert!(unknown.curve.is_empty());
    let halden = of_make(&figures, "Halden");
    assert_eq!(counts(&halden), [3, 3, 2, 0, 0, 0, 1]);
    assert_eq!(halden.rate.unwrap().returns, 0, "nobody knows for what");
    assert_eq!(figures.total, halden);
}

#[test]
fn the_first_car_is_no_return_and_a_defection_ends_what_was_before() {
    let story = Story::default()
        .car(0, "ann", "A1", "Halden")
        .left(100, "ann", "Other")
        .left(130, "ann", "Other")
        .car(900, "ann", "A2", "Halden");
    let figures = story.world().on(1_000);
    assert_eq!(
        counts(&of_make(&figures, "Halden")),
        [1, 2, 1, 0, 0, 1, 0],
        "gone once, though it was reported twice"
    );
    assert_eq!(
        counts(&of_make(&figures, "")),
        [1, 0, 0, 0, 0, 0, 1],
        "back from a make of which no car is known"
    );
}

#[test]
fn a_make_a_market_and_a_period_can_be_asked_for() {
    let market = |market: &str| {
        Payload::OwnerRegistered(OwnerRegistered {
            market: market.to_owned(),
            ..OwnerRegistered::default()
        })
    };
    let story = Story::default()
        .owner(0, "ann", market("de"))
        .owner(5, "ann", market("gb"))
        .owner(0, "ben", market("de"))
        .car(10, "ann", "A1", "Halden")
        .car(100, "ann", "A2", "Halden")
        .car(10, "ben", "B1", "Halden")
        .car(300, "ben", "B2", "Sylt");
    let world = story.world();
    let asking = |scope: LoyaltyScope| {
        let mut query = world.asking(1_000);
        query.scope = scope;
        world.asked(&query)
    };
    let gb = asking(LoyaltyScope {
        market: Some("gb".to_owned()),
        ..LoyaltyScope::default()
    });
    assert_eq!(counts(&gb.total), [1, 2, 1, 1, 0, 0, 0]);
    let sylt = asking(LoyaltyScope {
        make: Some("Sylt".to_owned()),
        ..LoyaltyScope::default()
    });
    assert_eq!(counts(&sylt.total), [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(sylt.groups.len(), 1);
    let early = asking(LoyaltyScope {
        from: Some(100 * DAY),
        until: Some(300 * DAY),
        ..LoyaltyScope::default()
    });
    assert_eq!(
        counts(&early.total),
        [2, 4, 2, 1, 0, 0, 0],
        "the later return is another period's"
    );
    assert_eq!(early.total.curve, world.on(1_000).total.curve);
    let nobody = asking(LoyaltyScope {
        make: Some("Nowhere".to_owned()),
        ..LoyaltyScope::default()
    });
    assert_eq!((counts(&nobody.total), nobody.groups.len()), ([0; 7], 0));
}

#[test]
fn corrections_and_retractions_count_from_their_own_position_on() {
    let story =
        Story::default()
            .car(0, "ann", "A1", "Halden")
            .again(400, "ann", "o1", Kind::Buy, "Halden");
    let before = story.world().on(1_000);
    let repurchase = story.0.last().unwrap().clone();
    let mut corrected = TestTouchpoint {
        id: "correction".to_owned(),
        ..repurchase.clone()
    }
    .correcting(&repurchase.id);
    corrected.payload = Some(Payload::Repurchased(ownerline_proto::v1::Repurchased {
        order_id: "o1".to_owned(),
        kind: Kind::Buy.into(),
        brand: "Sylt".to_owned(),
    }));
    let story = story.says(corrected);
    let after = story.world();
    let same = |figures| counts(&of_make(&figures, "Halden"))[3];
    assert_eq!((same(before.clone()), same(after.on(1_000))), (1, 0));
    let mut then = after.asking(1_000);
    then.known_at.0 -= 1;
    assert_eq!(after.asked(&then), before);
    let retraction = TestTouchpoint::new("touchpoint_retracted", "retraction", 410 * DAY)
        .about(|it| it.owner_id = "ann".to_owned())
        .retracting("crm", "correction");
    let retracted = story.says(retraction).world();
    assert_eq!(
        retracted.on(1_000),
        before,
        "what was corrected stands again"
    );
}

#[test]
fn too_many_makes_are_cut_off_and_the_answer_says_so() {
    let story = (0..=MAKES).fold(Story::default(), |story, number| {
        let make = format!("Make {number:05}");
        story.car(0, "ann", &format!("V{number}"), &make)
    });
    let figures = story.world().on(10);
    assert!(figures.groups_cut);
    assert_eq!(figures.groups.len(), MAKES);
    assert_eq!(figures.groups[MAKES - 1].make, "Make 09999");
    assert_eq!(figures.total.spells, MAKES as u64 + 1);
}

#[test]
fn acquisitions_of_one_instant_are_in_the_order_of_their_makes() {
    let pair = |sylt: &str, halden: &str| {
        let story = Story::default().car(10, "ben", sylt, "Sylt");
        story.car(10, "ben", halden, "Halden")
    };
    // Whatever was read of others before, and whichever number the cars have.
    for story in [
        pair("A1", "A2"),
        pair("A2", "A1"),
        pair("A1", "A2").again(5, "ann", "", Kind::Buy, "Sylt"),
    ] {
        let figures = story.world().on(1_000);
        let halden = counts(&of_make(&figures, "Halden"));
        assert_eq!(halden, [1, 1, 0, 0, 1, 0, 0], "left at once for the other");
        let sylt = of_make(&figures, "Sylt");
        assert_eq!(sylt.other_brand, 0);
    }
    // By whichever order they came.
    for (sylt, halden) in [("o1", "o2"), ("o2", "o1")] {
        let story = Story::default()
            .placed(1, "ben", sylt, "Sylt", 0)
            .placed(1, "ben", halden, "Halden", 0)
            .handed(10, "ben", sylt, "")
            .handed(10, "ben", halden, "");
        let figures = story.world().on(1_000);
        assert_eq!(counts(&of_make(&figures, "Halden")), [1, 1, 0, 0, 1, 0, 0]);
    }
}

#[test]
fn an_order_belongs_to_the_owner_that_its_touchpoints_name_first() {
    let promised = || Payload::DeliveryDatePromised(DeliveryDatePromised::default());
    let story = || {
        Story::default()
            .placed(0, "", "o1", "Halden", 0)
            .order(1, "ann", "o1", "", promised())
            .order(2, "ben", "o1", "", promised())
    };
    let nobody_named = story().handed(100, "", "o1", "").world().on(200);
    assert_eq!(
        counts(&of_make(&nobody_named, "Halden")),
        [1, 1, 1, 0, 0, 0, 0]
    );
    // It is ann's: her next car ends the spell; ben's does not.
    let of = |owner: &str, handed: &str| {
        let story = story().handed(100, handed, "o1", "");
        let story = story.car(150, owner, "A2", "Halden");
        counts(&of_make(&story.world().on(200), "Halden"))
    };
    assert_eq!(of("ann", ""), [1, 2, 1, 1, 0, 0, 0]);
    assert_eq!(of("ben", ""), [2, 2, 2, 0, 0, 0, 0]);
    // Whom the handover itself names is the owner.
    assert_eq!(of("ben", "ben"), [1, 2, 1, 1, 0, 0, 0]);
}

#[test]
fn the_car_of_an_order_is_the_one_assigned_or_handed_over() {
    let assigned = Payload::VinAssigned(VinAssigned {
        vin: "A1".to_owned(),
    });
    // A car named in passing is not the order's: the car of the same make that was assigned is.
    let placed = Payload::OrderPlaced(OrderPlaced {
        brand: "Halden".to_owned(),
        ..OrderPlaced::default()
    });
    let story = Story::default()
        .order(0, "ann", "o1", "A9", placed)
        .order(10, "ann", "o1", "A1", assigned)
        .handed(100, "ann", "o1", "")
        .car(100, "ann", "A1", "Halden");
    let figures = story.world().on(200);
    assert_eq!(counts(&of_make(&figures, "Halden")), [1, 1, 1, 0, 0, 0, 0]);
}
