//! The rules that the schema declares, each with values that break it.

use super::*;
use crate::time::timestamp;
use crate::v1::expected_revision::Expectation;
use crate::v1::touchpoint::Payload;
use crate::v1::{
    CaseClosed, CaseOpened, DealerRegistered, DealerReplied, ExpectedRevision, FeedbackReceived,
    HandoverCompleted, IntegritySignalRaised, ObligationWarned, OdometerRead, OrderPlaced,
    PolicyPublished, SlaPolicy, TouchpointRef, VehicleAcquired, VinAssigned, policy_published,
    sla_policy,
};

fn with(payload: Payload) -> Touchpoint {
    Touchpoint {
        payload: Some(payload),
        ..valid()
    }
}

#[test]
fn a_valid_touchpoint_has_no_violation() {
    assert_eq!(wrong(&valid()), []);
}

#[test]
fn required_fields_are_named() {
    assert_eq!(
        wrong(&Touchpoint::default()),
        expected([
            ("id", "REQUIRED"),
            ("source", "REQUIRED"),
            ("occurred_at", "REQUIRED"),
            ("payload", "REQUIRED"),
        ])
    );
    assert_eq!(
        wrong(&with(Payload::DealerReplied(DealerReplied::default()))),
        expected([("dealer_replied.kind", "REQUIRED")])
    );
    let policy = with(Payload::PolicyPublished(PolicyPublished::default()));
    let paths: Vec<String> = wrong(&policy).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        ["name", "kind", "effective_from", "body"].map(|it| format!("policy_published.{it}"))
    );
}

#[test]
fn a_reference_needs_an_id_but_no_source() {
    let mut touchpoint = valid();
    touchpoint.causation = Some(TouchpointRef::default());
    touchpoint.corrects = Some(TouchpointRef {
        id: "1".to_owned(),
        ..TouchpointRef::default()
    });
    assert_eq!(wrong(&touchpoint), expected([("causation.id", "REQUIRED")]));
}

#[test]
fn a_field_given_twice_counts_as_its_last() {
    let mut bytes = valid().encode_to_vec();
    // `id` again, and empty.
    bytes.extend([0x0a, 0]);
    assert_eq!(Touchpoint::decode(bytes.as_slice()).unwrap().id, "");
    assert_eq!(
        wrong_bytes("ownerline.v1.Touchpoint", &bytes),
        expected([("id", "REQUIRED")])
    );
}

#[test]
fn revision_zero_is_an_expectation() {
    let check = |expectation| {
        let message = ExpectedRevision { expectation };
        wrong_bytes("ownerline.v1.ExpectedRevision", &message.encode_to_vec())
    };
    assert_eq!(check(Some(Expectation::Revision(0))), []);
    assert_eq!(check(None), expected([("expectation", "REQUIRED")]));
}

#[test]
fn bounds_are_inclusive() {
    let score = |score| {
        wrong(&with(Payload::FeedbackReceived(FeedbackReceived {
            score: Some(score),
            ..FeedbackReceived::default()
        })))
    };
    assert_eq!(score(0), []);
    assert_eq!(score(10), []);
    for outside in [-1, 11, i32::MIN, i32::MAX] {
        assert_eq!(
            score(outside),
            expected([("feedback_received.score", "RANGE")])
        );
    }
    let odometer = |distance_metres| {
        wrong(&with(Payload::OdometerRead(OdometerRead {
            distance_metres,
        })))
    };
    assert_eq!(odometer(i64::MAX), []);
    assert_eq!(
        odometer(-1),
        expected([("odometer_read.distance_metres", "RANGE")])
    );
}

#[test]
fn numbers_are_finite() {
    let signal = |statistic, p_value| {
        wrong(&with(Payload::IntegritySignalRaised(
            IntegritySignalRaised {
                test: "drift".to_owned(),
                statistic,
                p_value,
                ..IntegritySignalRaised::default()
            },
        )))
    };
    assert_eq!(signal(-3.5, 1.0), []);
    assert_eq!(
        signal(f64::NAN, 1.1),
        expected([
            ("integrity_signal_raised.statistic", "RANGE"),
            ("integrity_signal_raised.p_value", "RANGE"),
        ])
    );
    assert_eq!(
        signal(f64::INFINITY, f64::NEG_INFINITY).len(),
        2,
        "infinite is not finite"
    );
}

#[test]
fn enums_have_only_their_values() {
    let mut touchpoint = with(Payload::ObligationWarned(ObligationWarned {
        obligation_id: "o".to_owned(),
        kind: 99,
        ..ObligationWarned::default()
    }));
    touchpoint.channel = 99;
    touchpoint.visibility = -1;
    assert_eq!(
        wrong(&touchpoint),
        expected([
            ("channel", "UNKNOWN_VALUE"),
            ("visibility", "UNKNOWN_VALUE"),
            ("obligation_warned.kind", "UNKNOWN_VALUE"),
        ])
    );
}

#[test]
fn lists_are_bounded_and_their_items_named() {
    let closed = |items: usize| {
        wrong(&with(Payload::CaseClosed(CaseClosed {
            unmet_requests: vec!["an answer".to_owned(); items],
        })))
    };
    assert_eq!(closed(50), []);
    assert_eq!(
        closed(51),
        expected([("case_closed.unmet_requests", "TOO_MANY")])
    );
    let dealer = with(Payload::DealerRegistered(DealerRegistered {
        brands: vec!["fine".to_owned(), "x".repeat(257), "a\nb".to_owned()],
        ..DealerRegistered::default()
    }));
    assert_eq!(
        wrong(&dealer),
        expected([
            ("dealer_registered.brands[1]", "TOO_LONG"),
            ("dealer_registered.brands[2]", "CHARACTERS"),
        ])
    );
    let answers = (0..201).map(|n| (n.to_string(), "5".to_owned())).collect();
    let feedback = with(Payload::FeedbackReceived(FeedbackReceived {
        answers,
        ..FeedbackReceived::default()
    }));
    assert_eq!(
        wrong(&feedback),
        expected([("feedback_received.answers", "TOO_MANY")])
    );
}

#[test]
fn an_entry_of_a_map_is_named_by_its_key() {
    let answers = [
        ("x", "\u{1}"),
        ("q\"1\n", "5"),
        ("", "\u{1}"),
        ("fine", "5"),
    ];
    let answers = answers.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let feedback = with(Payload::FeedbackReceived(FeedbackReceived {
        answers: answers.into(),
        ..FeedbackReceived::default()
    }));
    let checked = Schema::get().check(
        "ownerline.v1.Touchpoint",
        &feedback.encode_to_vec(),
        "",
        Limits::default(),
    );
    let mut fields: Vec<_> = checked.violations.iter().map(|it| &*it.field).collect();
    fields.sort_unstable();
    let expected = [r#"answers[""]"#, r#"answers["x"]"#];
    assert_eq!(
        fields,
        expected.map(|entry| format!("feedback_received.{entry}"))
    );
}

#[test]
fn packed_numbers_are_counted_and_named_one_by_one() {
    let sla = |warning_shares: Vec<f64>| {
        wrong(&with(Payload::PolicyPublished(PolicyPublished {
            name: "sla".to_owned(),
            kind: 1,
            version: 1,
            effective_from: Some(timestamp(0)),
            body: Some(policy_published::Body::Sla(SlaPolicy {
                obligations: vec![sla_policy::Obligation {
                    kind: 1,
                    budget_seconds: 86_400,
                    warning_shares,
                    ..sla_policy::Obligation::default()
                }],
            })),
            ..PolicyPublished::default()
        })))
    };
    assert_eq!(sla(vec![0.5; 10]), []);
    let path = "policy_published.sla.obligations[0].warning_shares";
    assert_eq!(sla(vec![0.5; 11]), expected([(path, "TOO_MANY")]));
    assert_eq!(
        sla(vec![0.5, 0.75, 1.5]),
        expected([(&*format!("{path}[2]"), "RANGE")])
    );
}

#[test]
fn timestamps_have_the_range_of_protobuf() {
    let at = |seconds, nanos| {
        let occurred_at = Some(pbjson_types::Timestamp { seconds, nanos });
        wrong(&Touchpoint {
            occurred_at,
            ..valid()
        })
    };
    assert_eq!(at(-62_135_596_800, 0), []);
    assert_eq!(at(253_402_300_799, 999_999_999), []);
    for (seconds, nanos) in [
        (-62_135_596_801, 0),
        (253_402_300_800, 0),
        (0, -1),
        (0, 1_000_000_000),
        (i64::MIN, i32::MIN),
    ] {
        assert_eq!(at(seconds, nanos), expected([("occurred_at", "RANGE")]));
    }
}

#[test]
fn text_is_bounded_by_its_limit_in_characters() {
    let opened = |subject: String| {
        wrong(&with(Payload::CaseOpened(CaseOpened {
            subject,
            ..CaseOpened::default()
        })))
    };
    assert_eq!(opened("ü".repeat(10_000)), []);
    assert_eq!(
        opened("ü".repeat(10_001)),
        expected([("case_opened.subject", "TOO_LONG")])
    );
    assert_eq!(
        opened("\u{0}".to_owned()),
        expected([("case_opened.subject", "CHARACTERS")])
    );
    assert_eq!(opened("two\nlines\tand a tab".to_owned()), []);
}

#[test]
fn bytes_that_are_not_utf_8_are_malformed() {
    let mut bytes = valid().encode_to_vec();
    bytes.extend([0x42, 2, 0xff, 0xfe]);
    assert_eq!(
        wrong_bytes("ownerline.v1.Touchpoint", &bytes),
        expected([("operated_by", "MALFORMED")])
    );
}

#[test]
fn what_must_agree_with_a_subject_is_handed_back() {
    let agreements = |payload| {
        let encoded = with(payload).encode_to_vec();
        let checked =
            Schema::get().check("ownerline.v1.Touchpoint", &encoded, "t", Limits::default());
        let agreements = checked.agreements.into_iter();
        agreements
            .map(|agreement| (agreement.field, agreement.subject, agreement.value))
            .collect::<Vec<_>>()
    };
    let vin = "11111111111111111".to_owned();
    assert_eq!(
        agreements(Payload::VinAssigned(VinAssigned { vin: vin.clone() })),
        [("t.vin_assigned.vin".to_owned(), "vin".to_owned(), vin)]
    );
    assert_eq!(
        agreements(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: "o-1".to_owned(),
            role: 1
        })),
        [(
            "t.vehicle_acquired.owner_id".to_owned(),
            "owner_id".to_owned(),
            "o-1".to_owned()
        )]
    );
    let handover = Payload::HandoverCompleted(HandoverCompleted::default());
    assert_eq!(agreements(handover), []);
}

#[test]
fn everything_wrong_is_told_at_once_with_exact_paths() {
    let mut touchpoint = with(Payload::OrderPlaced(OrderPlaced {
        commission_number: "no spaces".to_owned(),
        sale_type: 7,
        amount: Some(crate::v1::Money {
            minor_units: 1,
            currency: "eur".to_owned(),
        }),
        ..OrderPlaced::default()
    }));
    touchpoint.id = String::new();
    touchpoint.traceparent = "00-0".to_owned();
    if let Some(subjects) = &mut touchpoint.subjects {
        subjects.vin = "IOQ".to_owned();
        subjects.owner_id = "ö".to_owned();
    }
    let mut violations = wrong(&touchpoint);
    violations.sort();
    assert_eq!(
        violations,
        expected([
            ("id", "REQUIRED"),
            ("order_placed.amount.currency", "FORMAT"),
            ("order_placed.commission_number", "CHARACTERS"),
            ("order_placed.sale_type", "UNKNOWN_VALUE"),
            ("subjects.owner_id", "CHARACTERS"),
            ("subjects.vin", "CHARACTERS"),
            ("traceparent", "FORMAT"),
        ])
    );
}

#[test]
fn of_one_list_the_first_violations_are_listed_and_all_are_counted() {
    let payload = Payload::DealerRegistered(DealerRegistered {
        brands: vec!["\n".to_owned(); 1_000],
        ..DealerRegistered::default()
    });
    let encoded = with(payload).encode_to_vec();
    let checked = Schema::get().check("ownerline.v1.Touchpoint", &encoded, "", Limits::default());
    // Besides them, there are too many.
    assert_eq!(checked.violations.iter().count(), 21);
    assert_eq!(checked.violations.total(), 1_001);
}
