//! Tests: every kind has a headline, and some are compared with the expected text.

use ownerline_proto::redaction::redact;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::{self, dealer_replied, order_placed};
use pbjson_types::Timestamp;
use proptest::prelude::*;
use prost::Message;

use super::*;

fn line(name: &str, payload: Payload) -> String {
    let touchpoint = Touchpoint {
        payload: Some(payload),
        ..Touchpoint::default()
    };
    let kind = kind::of_encoded(&touchpoint.encode_to_vec()).unwrap();
    assert_eq!(&*kind.name, name);
    headline(&touchpoint, FieldClasses::ALL)
}

/// What somebody reads who may not read one class.
fn without(class: FieldClass, mut touchpoint: Touchpoint) -> String {
    let readable = FieldClasses::ALL.without(FieldClasses::NONE.with(class));
    redact(&mut touchpoint, readable);
    headline(&touchpoint, readable)
}

/// Returns a touchpoint whose payload is an empty message of this kind.
fn empty(number: u32) -> Touchpoint {
    let mut bytes = Vec::new();
    prost::encoding::encode_key(
        number,
        prost::encoding::WireType::LengthDelimited,
        &mut bytes,
    );
    bytes.push(0);
    Touchpoint::decode(bytes.as_slice()).unwrap()
}

fn feedback(verbatim: &str) -> String {
    let payload = v1::FeedbackReceived {
        score: Some(9),
        verbatim: verbatim.to_owned(),
        ..Default::default()
    };
    line("feedback_received", Payload::FeedbackReceived(payload))
}

#[test]
fn every_kind_has_a_line_even_without_facts() {
    for kind in Schema::get().kinds() {
        let touchpoint = empty(kind.number);
        assert!(touchpoint.payload.is_some(), "{}", kind.name);
        let line = headline(&touchpoint, FieldClasses::ALL);
        assert!(line.chars().count() > 5, "{}: {line:?}", kind.name);
        assert!(!line.contains("  ") && line.trim() == line, "{line:?}");
        assert!(!line.ends_with(':') && !line.contains("()"), "{line:?}");
    }
}

#[test]
fn a_touchpoint_of_an_unknown_kind_has_no_line() {
    assert_eq!(headline(&Touchpoint::default(), FieldClasses::ALL), "");
}

#[test]
fn a_line_leaves_out_what_its_reader_may_not_read() {
    let feedback = Touchpoint {
        payload: Some(Payload::FeedbackReceived(v1::FeedbackReceived {
            score: Some(2),
            verbatim: "never again".to_owned(),
            ..Default::default()
        })),
        ..Touchpoint::default()
    };
    let read = |class| without(class, feedback.clone());
    let whole = "Feedback received: 2 of 10, \"never again\"";
    assert_eq!(read(FieldClass::Id), whole);
    assert_eq!(read(FieldClass::Words), "Feedback received: 2 of 10");
    assert_eq!(
        read(FieldClass::Score),
        "Feedback received: \"never again\""
    );
    assert_eq!(read(FieldClass::Fact), "");
    let linked = v1::OwnerIdentityLinked {
        other_owner_id: "ann2".to_owned(),
    };
    let linked = Touchpoint {
        payload: Some(Payload::OwnerIdentityLinked(linked)),
        ..Touchpoint::default()
    };
    assert_eq!(without(FieldClass::Id, linked), "Owner identity linked");
}

#[test]
fn every_kind_has_a_line_without_any_class() {
    for kind in Schema::get().kinds() {
        let others = FieldClass::ALL.into_iter();
        for class in others.filter(|it| *it != FieldClass::Fact) {
            let line = without(class, empty(kind.number));
            let told = format!("{} without {}: {line:?}", kind.name, class.as_str());
            assert!(line.chars().count() > 5, "{told}");
            assert!(line.trim() == line && !line.ends_with(':'), "{told}");
        }
    }
}

#[test]
fn feedback_shows_score_and_the_owners_words() {
    assert_eq!(feedback(""), "Feedback received: 9 of 10");
    assert_eq!(
        feedback("Lovely\n  people"),
        "Feedback received: 9 of 10, \"Lovely people\""
    );
    let long = "ä".repeat(81);
    let shortened = format!("Feedback received: 9 of 10, \"{}…\"", "ä".repeat(80));
    assert_eq!(feedback(&long), shortened);
    assert!(!feedback(&"ä".repeat(80)).contains('…'));
}

#[test]
fn lines_read_well() {
    let reply = v1::DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        ..Default::default()
    };
    assert_eq!(
        line("dealer_replied", Payload::DealerReplied(reply)),
        "Dealer replied (human)"
    );
    let order = v1::OrderPlaced {
        brand: "Arden".to_owned(),
        model: "Six".to_owned(),
        sale_type: order_placed::SaleType::New.into(),
        ..Default::default()
    };
    assert_eq!(
        line("order_placed", Payload::OrderPlaced(order)),
        "Order placed: Arden Six"
    );
    let stage = v1::ProductionStageReached {
        stage: v1::ProductionStage::Paint.into(),
        ..Default::default()
    };
    assert_eq!(
        line(
            "production_stage_reached",
            Payload::ProductionStageReached(stage)
        ),
        "Production reached PAINT"
    );
    let promise = v1::CommitmentMade {
        text: "call back".to_owned(),
        due_at: Some(Timestamp {
            seconds: 1_740_830_400,
            nanos: 0,
        }),
        ..Default::default()
    };
    assert_eq!(
        line("commitment_made", Payload::CommitmentMade(promise)),
        "Promise made: \"call back\" (due 2025-03-01 12:00 UTC)"
    );
    let goodwill = v1::GoodwillGranted {
        value_minor: 123_405,
        currency: "GBP".to_owned(),
        reason: "third visit".to_owned(),
    };
    assert_eq!(
        line("goodwill_granted", Payload::GoodwillGranted(goodwill)),
        "Goodwill granted (GBP 1234.05): third visit"
    );
}

#[test]
fn money_follows_the_minor_units_of_its_currency() {
    assert_eq!(text::money(-5, "EUR"), "EUR -0.05");
    assert_eq!(text::money(1500, "JPY"), "JPY 1500");
    assert_eq!(text::money(1500, "KWD"), "KWD 1.500");
}

proptest! {
    #[test]
    fn any_words_stay_in_one_bounded_line(words in any::<String>()) {
        let line = feedback(&words);
        prop_assert!(!line.is_empty());
        prop_assert!(line.chars().all(|c| !c.is_control()));
        prop_assert!(line.chars().count() <= 28 + 83);
    }

    #[test]
    fn a_shortened_text_keeps_its_limit(words in any::<String>(), limit in 1_usize..20) {
        let line = text::one_line(&words, limit);
        prop_assert!(line.chars().count() <= limit + 1);
    }
}

#[test]
fn lines_about_orders_say_windows_holds_and_codes() {
    let revised = v1::DeliveryDateRevised {
        previous: "2025-05-10".to_owned(),
        date: "2025-05-12".to_owned(),
        until_date: "2025-05-20".to_owned(),
        basis: "schedule".to_owned(),
        reason: "a part".to_owned(),
        owner_notified: false,
    };
    let planned = v1::DeliveryWindowPlanned {
        date: "2025-05-10".to_owned(),
        until_date: "2025-05-10".to_owned(),
        ..Default::default()
    };
    let held = v1::OrderHeld {
        hold_id: "h1".to_owned(),
        reason: "quality".to_owned(),
        expected_release: "2025-02-10".to_owned(),
    };
    let code = v1::ProductionStageReached {
        raw_code: "X710".to_owned(),
        ..Default::default()
    };
    let moved = v1::OrderReassigned {
        from_dealer_id: "d1".to_owned(),
        to_dealer_id: "d2".to_owned(),
    };
    let withdrawn = v1::VinWithdrawn {
        vin: "1G4AH59H45G118341".to_owned(),
    };
    let performed = v1::RecallPerformed {
        campaign: "R-17".to_owned(),
    };
    for (kind, payload, expected) in [
        (
            "delivery_date_revised",
            Payload::DeliveryDateRevised(revised),
            "Delivery moved from 2025-05-10 to 2025-05-12 – 2025-05-20 (schedule, owner not told): a part",
        ),
        (
            "delivery_window_planned",
            Payload::DeliveryWindowPlanned(planned),
            "Delivery planned for 2025-05-10",
        ),
        (
            "order_held",
            Payload::OrderHeld(held),
            "Order held (until about 2025-02-10): quality",
        ),
        (
            "order_hold_lifted",
            Payload::OrderHoldLifted(v1::OrderHoldLifted::default()),
            "Hold of the order lifted",
        ),
        (
            "production_stage_reached",
            Payload::ProductionStageReached(code),
            "Production reported the plant's code: X710",
        ),
        (
            "order_reassigned",
            Payload::OrderReassigned(moved),
            "Order reassigned from d1 to d2",
        ),
        (
            "vin_withdrawn",
            Payload::VinWithdrawn(withdrawn),
            "VIN withdrawn: 1G4AH59H45G118341",
        ),
        (
            "recall_performed",
            Payload::RecallPerformed(performed),
            "Recall performed: R-17",
        ),
    ] {
        assert_eq!(line(kind, payload), expected);
    }
}
