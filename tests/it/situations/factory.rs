//! The window into the factory: an owner waits for a car built to order. The plant repaints it, holds it, moves the date (once
//! told in time, once after the old date had passed), photographs it for a later day, and gives its VIN to another car.

use ownerline_proto::v1::order::{promise, step};
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::production_service_client::ProductionServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ContactMade, DealerRegistered, DeliveryDatePromised, DeliveryDateRevised, GetOrderRequest,
    HandoverCompleted, Order, OrderHeld, OrderHoldLifted, OrderPlaced, OrderState, OwnerNotified,
    ProductionStage, ProductionStageReached, StagePhotographed, Subjects, UpdateViewed,
    VinAssigned, VinWithdrawn, Visibility,
};
use tonic::Code;

use super::{Story, at, known_at};

const FIRST_VIN: &str = "1G4AH59H45G118341";
const SECOND_VIN: &str = "1M8GDM9AXKP042788";
/// When the story is over.
const LATER: &str = "2025-10-01T12:00:00Z";

fn text(text: &str) -> String {
    text.to_owned()
}

fn order() -> Subjects {
    Subjects {
        owner_id: text("owner-1"),
        order_id: text("order-1"),
        dealer_id: text("northgate"),
        ..Subjects::default()
    }
}

fn stage(stage: ProductionStage) -> Payload {
    Payload::ProductionStageReached(ProductionStageReached {
        stage: stage.into(),
        ..ProductionStageReached::default()
    })
}

async fn told() -> Story {
    let mut story = Story::begin().await;
    story.about(Subjects {
        dealer_id: text("northgate"),
        ..Subjects::default()
    });
    let dealer = DealerRegistered {
        name: text("northgate"),
        market: text("US"),
        time_zone: text("America/Los_Angeles"),
        brands: vec![text("Halcyra")],
    };
    story
        .tell("2020-01-01T12:00:00Z", Payload::DealerRegistered(dealer))
        .await;
    story.about(order()).by("northgate-desk", "", "northgate");
    let placed = OrderPlaced {
        commission_number: text("C-1"),
        sale_type: SaleType::New.into(),
        brand: text("Halcyra"),
        model: text("Roadster"),
        configuration: text("copper over tan"),
        ..OrderPlaced::default()
    };
    story
        .tell("2025-01-10T18:00:00Z", Payload::OrderPlaced(placed))
        .await;
    let promised = DeliveryDatePromised {
        date: text("2025-06-10"),
        until_date: text("2025-06-20"),
        basis: text("slot"),
    };
    story
        .tell(
            "2025-01-10T18:05:00Z",
            Payload::DeliveryDatePromised(promised),
        )
        .await;
    story.by("plant", "", "");
    assigned(&mut story, "2025-02-01T08:00:00Z", FIRST_VIN).await;
    for (when, reached) in [
        ("2025-02-03T08:00:00Z", ProductionStage::Body),
        ("2025-02-10T08:00:00Z", ProductionStage::Paint),
        ("2025-02-17T08:00:00Z", ProductionStage::Assembly),
    ] {
        story.tell(when, stage(reached)).await;
    }
    photographed(&mut story).await;
    reworked(&mut story).await;
    moved(&mut story).await;
    story
}

async fn assigned(story: &mut Story, when: &str, vin: &str) {
    let assigned = VinAssigned { vin: text(vin) };
    let subjects = Subjects {
        vin: text(vin),
        ..order()
    };
    story.about(subjects);
    story.tell(when, Payload::VinAssigned(assigned)).await;
    story.about(order());
}

/// A picture is taken that the owner is to see ten days later; the owner looks at it on the day after.
async fn photographed(story: &mut Story) {
    story.next.visible_from = Some(at("2025-02-28T08:00:00Z"));
    let photograph = StagePhotographed {
        stage: ProductionStage::Assembly.into(),
        uri: text("https://media.example/1.jpg"),
        caption: text("the copper roof"),
        ..StagePhotographed::default()
    };
    let picture = story
        .tell(
            "2025-02-18T08:00:00Z",
            Payload::StagePhotographed(photograph),
        )
        .await;
    story.next.visible_from = None;
    story.by("owner-1", "owner", "");
    let viewed = UpdateViewed {
        about: Some(picture),
    };
    story
        .tell("2025-03-01T20:00:00Z", Payload::UpdateViewed(viewed))
        .await;
    story.by("plant", "", "");
}

/// The quality gate sends the car back to paint, which only dealers see; a part is missing; the VIN goes to another car.
async fn reworked(story: &mut Story) {
    story
        .tell("2025-03-03T08:00:00Z", stage(ProductionStage::Quality))
        .await;
    story.unseen();
    story
        .tell("2025-03-04T08:00:00Z", stage(ProductionStage::Rework))
        .await;
    story
        .tell("2025-03-05T08:00:00Z", stage(ProductionStage::Paint))
        .await;
    story.seen();
    let held = OrderHeld {
        hold_id: text("h1"),
        reason: text("a part is missing"),
        expected_release: text("2025-04-01"),
    };
    story
        .tell("2025-03-10T08:00:00Z", Payload::OrderHeld(held))
        .await;
    let withdrawn = VinWithdrawn {
        vin: text(FIRST_VIN),
    };
    story.about(Subjects {
        vin: text(FIRST_VIN),
        ..order()
    });
    story
        .tell("2025-03-12T08:00:00Z", Payload::VinWithdrawn(withdrawn))
        .await;
    assigned(story, "2025-03-12T08:00:00Z", SECOND_VIN).await;
    // Nothing more is said for six weeks, until somebody calls.
    story.by("northgate-desk", "", "northgate");
    let called = ContactMade {
        agents: vec![text("northgate-desk")],
        proactive: true,
        ..ContactMade::default()
    };
    story
        .tell("2025-04-23T17:00:00Z", Payload::ContactMade(called))
        .await;
    story.by("plant", "", "");
    let lifted = OrderHoldLifted {
        hold_id: text("h1"),
    };
    story
        .tell("2025-04-24T08:00:00Z", Payload::OrderHoldLifted(lifted))
        .await;
}

/// The window moves, and the owner is told before the old one has passed; it moves again, and they are told after it.
async fn moved(story: &mut Story) {
    let revised = |date: &str, until: &str, owner_notified| {
        Payload::DeliveryDateRevised(DeliveryDateRevised {
            date: text(date),
            until_date: text(until),
            reason: text("the part"),
            owner_notified,
            ..DeliveryDateRevised::default()
        })
    };
    story
        .tell(
            "2025-05-01T08:00:00Z",
            revised("2025-07-10", "2025-07-20", true),
        )
        .await;
    let second = story
        .tell(
            "2025-07-19T08:00:00Z",
            revised("2025-08-05", "2025-08-05", false),
        )
        .await;
    let notified = OwnerNotified {
        about: Some(second),
        delivered: true,
    };
    // 22 July in Los Angeles.
    story
        .tell("2025-07-23T05:00:00Z", Payload::OwnerNotified(notified))
        .await;
    story
        .tell("2025-07-25T08:00:00Z", stage(ProductionStage::Quality))
        .await;
    story.about(Subjects {
        vin: text(SECOND_VIN),
        ..order()
    });
    let handed_over = HandoverCompleted {
        vin: text(SECOND_VIN),
    };
    story
        .tell(
            "2025-08-08T20:00:00Z",
            Payload::HandoverCompleted(handed_over),
        )
        .await;
}

async fn asked(story: &Story, request: GetOrderRequest) -> Result<Order, tonic::Status> {
    let mut client = ProductionServiceClient::new(story.server.channel());
    let answer = client.get_order(request).await?.into_inner();
    Ok(answer.order.unwrap())
}

async fn seen_by(story: &Story, visible_to: Visibility, when: &str) -> Order {
    let request = GetOrderRequest {
        name: text("order-1"),
        as_of: Some(at(when)),
        visible_to: visible_to.into(),
        ..GetOrderRequest::default()
    };
    asked(story, request).await.unwrap()
}

fn stages(order: &Order) -> Vec<(ProductionStage, step::Kind)> {
    let steps = order.steps.iter();
    steps.map(|it| (it.stage(), it.kind())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dealer_sees_the_rework_and_the_owner_is_not_told_that_anything_was_skipped() {
    let story = told().await;
    let dealer = seen_by(&story, Visibility::Dealer, LATER).await;
    use ProductionStage::{Assembly, Body, Paint, Quality, Rework};
    use step::Kind::{Again, Back, On, ToldAgain};
    assert_eq!(
        stages(&dealer),
        [
            (Body, On),
            (Paint, On),
            (Assembly, On),
            (Quality, On),
            (Rework, step::Kind::Rework),
            (Paint, Back),
            (Quality, Again),
        ]
    );
    let owner = seen_by(&story, Visibility::Owner, LATER).await;
    assert_eq!(
        stages(&owner),
        [
            (Body, On),
            (Paint, On),
            (Assembly, On),
            (Quality, On),
            (Quality, ToldAgain),
        ]
    );
    // The marriage of body and drivetrain was told to nobody; the rework is hidden, not skipped.
    let skipped = |order: &Order| -> Vec<ProductionStage> {
        order
            .steps
            .iter()
            .flat_map(|it| it.skipped().collect::<Vec<_>>())
            .collect()
    };
    assert_eq!(skipped(&owner), skipped(&dealer));
    assert_eq!(skipped(&owner).last(), Some(&ProductionStage::Marriage));
    assert_eq!(owner.state(), OrderState::HandedOver);
    assert!(owner.flags.is_empty());
    assert_eq!(owner.configuration, "copper over tan");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_moves_is_told_in_time_once_and_once_too_late() {
    let story = told().await;
    let order = seen_by(&story, Visibility::Owner, LATER).await;
    let promises = order.promises.iter().map(|it| {
        let window = it.window.clone().unwrap();
        (
            it.kind(),
            window.until_date,
            it.slip_days,
            it.notice_lead_days,
            it.told_in_time,
        )
    });
    use promise::Kind::{MovedLater, Promised};
    assert_eq!(
        promises.collect::<Vec<_>>(),
        [
            (Promised, text("2025-06-20"), 0, None, None),
            (MovedLater, text("2025-07-20"), 30, Some(50), Some(true)),
            (MovedLater, text("2025-08-05"), 16, Some(-2), Some(false)),
        ]
    );
    assert_eq!(order.promises[1].told_by(), promise::ToldBy::Revision);
    assert_eq!(order.promises[2].told_by(), promise::ToldBy::Notice);
    let delivery = order.delivery.unwrap();
    assert_eq!(
        (delivery.revisions, delivery.moved, delivery.shrunk),
        (2, 2, 0)
    );
    assert_eq!(
        (delivery.slip_days, delivery.slip_days_against_tightest),
        (46, 46)
    );
    // Handed over on 8 August, three days after the last day.
    assert_eq!((delivery.overdue_days, delivery.slipped), (3, true));
    // On the evening of 20 July in Los Angeles nobody has told the owner of the second move, and there is still time.
    let then = seen_by(&story, Visibility::Owner, "2025-07-21T04:00:00Z").await;
    assert_eq!(then.promises[2].told_in_time, None);
    let next_day = seen_by(&story, Visibility::Owner, "2025-07-21T08:00:00Z").await;
    assert_eq!(next_day.promises[2].told_in_time, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_not_there_before_its_day() {
    let story = told().await;
    let before = seen_by(&story, Visibility::Owner, "2025-02-28T07:59:59Z").await;
    assert_eq!(before.photographs, []);
    let then = seen_by(&story, Visibility::Owner, "2025-02-28T08:00:00Z").await;
    assert_eq!(then.photographs[0].caption, "the copper roof");
    assert_eq!(then.photographs[0].viewed_at, None);
    // The reveal is a word to the owner.
    assert_eq!(
        then.silence.unwrap().last_word_at,
        Some(at("2025-02-28T08:00:00Z"))
    );
    let viewed = seen_by(&story, Visibility::Owner, "2025-03-02T08:00:00Z").await;
    assert_eq!(
        viewed.photographs[0].viewed_at,
        Some(at("2025-03-01T20:00:00Z"))
    );
    let plant = seen_by(&story, Visibility::Internal, "2025-02-18T08:00:00Z").await;
    assert_eq!(plant.photographs.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_an_alarm_after_fourteen_days_for_everybody_who_asks() {
    let story = told().await;
    for role in [Visibility::Owner, Visibility::Dealer, Visibility::Internal] {
        let within = seen_by(&story, role, "2025-03-26T08:00:00Z").await;
        let silence = within.silence.unwrap();
        assert_eq!(silence.age.unwrap().seconds, 14 * 86_400);
        assert!(!silence.alarm);
        let beyond = seen_by(&story, role, "2025-03-26T08:00:01Z").await;
        assert!(beyond.silence.unwrap().alarm);
        assert!(beyond.held);
        let called = seen_by(&story, role, "2025-04-23T17:00:00Z").await;
        let silence = called.silence.unwrap();
        assert!(!silence.alarm);
        // From 5 May to the second move on 19 July it is longer.
        assert_eq!(silence.longest.unwrap().seconds, 42 * 86_400 + 9 * 3_600);
    }
    let over = seen_by(&story, Visibility::Owner, LATER).await;
    let silence = over.silence.unwrap();
    assert_eq!((silence.age, silence.alarm), (None, false));
    assert_eq!(silence.longest.unwrap().seconds, 79 * 86_400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_found_by_any_vin_it_had_and_only_by_its_owner() {
    let story = told().await;
    let by = |name: &str, owner_id: &str| {
        let request = GetOrderRequest {
            name: text(name),
            owner_id: text(owner_id),
            as_of: Some(at(LATER)),
            ..GetOrderRequest::default()
        };
        asked(&story, request)
    };
    for name in [FIRST_VIN, SECOND_VIN, "C-1", "order-1"] {
        assert_eq!(by(name, "owner-1").await.unwrap().order_id, "order-1");
    }
    let vins = by(FIRST_VIN, "").await.unwrap().vins;
    assert_eq!(vins[0].until, Some(at("2025-03-12T08:00:00Z")));
    assert_eq!((vins[1].name.as_str(), vins[1].until), (SECOND_VIN, None));
    let stranger = by("order-1", "owner-2").await.unwrap_err();
    assert_eq!(stranger.code(), Code::NotFound);
    let nothing = by("C-2", "").await.unwrap_err();
    assert_eq!(nothing.code(), Code::NotFound);
}

/// As of each step, and as known then, the order stands as it does as of that step when everything is known: nothing was told
/// late.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_is_answered_as_it_was_and_as_it_was_known() {
    let story = told().await;
    // The first step registers the dealer.
    for (when, position) in story.steps.iter().skip(1) {
        for role in [Visibility::Owner, Visibility::Dealer] {
            let request = GetOrderRequest {
                name: text("order-1"),
                as_of: Some(*when),
                visible_to: role.into(),
                ..GetOrderRequest::default()
            };
            let known = GetOrderRequest {
                known_at: known_at(position),
                ..request.clone()
            };
            let as_known = asked(&story, known).await.unwrap();
            let mut as_it_was = asked(&story, request).await.unwrap();
            // The VIN is assigned anew at the instant at which the former one is withdrawn.
            if as_known.vins.len() < as_it_was.vins.len() {
                as_it_was.vins.clone_from(&as_known.vins);
                as_it_was.vin.clone_from(&as_known.vin);
            }
            assert_eq!(as_known, as_it_was);
        }
    }
}
