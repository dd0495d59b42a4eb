//! Payloads whose fields contradict each other are refused, with every violation at once.

use ownerline_proto::v1::policy_published::{Body, Kind as PolicyKind};
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ConsentGiven, DeliveryDatePromised, DeliveryDateRevised, DeliveryWindowPlanned,
    ObligationBreached, OrderHeld, PolicyPublished, ProductionStage, ProductionStageReached,
    RecallPerformed, StagePhotographed, Subjects, TargetSet, TipsPolicy, Touchpoint, VinWithdrawn,
};

use super::{LIMITS, NOW, touchpoint};
use crate::command::prepare::prepare;
use crate::command::{CommandError, Door, RecorderLimits};
use crate::config::{Config, Schemes};

const VIN: &str = "1G4AH59H45G118341";

fn of_order(payload: Payload) -> Touchpoint {
    Touchpoint {
        subjects: Some(Subjects {
            order_id: "o1".to_owned(),
            vin: VIN.to_owned(),
            owner_id: "ann".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..touchpoint()
    }
}

/// The stream of an accepted touchpoint, or fields and reasons of the violations, sorted.
fn outcome(touchpoint: Touchpoint, limits: &RecorderLimits) -> Result<String, Vec<String>> {
    match prepare(touchpoint, Door::Live, NOW, limits) {
        Ok(prepared) => Ok(prepared.stream.to_string()),
        Err(CommandError::Malformed { violations }) => {
            let listed = violations.into_listed();
            let mut listed: Vec<String> = listed
                .map(|it| {
                    format!(
                        "{} {}",
                        it.field.trim_start_matches("touchpoint."),
                        it.reason
                    )
                })
                .collect();
            listed.sort();
            Err(listed)
        }
        Err(error) => panic!("{error}"),
    }
}

fn of(payload: Payload) -> Result<String, Vec<String>> {
    outcome(of_order(payload), &LIMITS)
}

#[track_caller]
fn refuses(payload: Payload, violations: &[&str]) {
    let violations = violations.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(of(payload), Err(violations));
}

#[test]
fn a_window_ends_on_its_first_day_or_later() {
    let windows = |date: &str, until_date: &str| {
        let (date, until_date) = (date.to_owned(), until_date.to_owned());
        [
            Payload::DeliveryWindowPlanned(DeliveryWindowPlanned {
                date: date.clone(),
                until_date: until_date.clone(),
                basis: "slot".to_owned(),
            }),
            Payload::DeliveryDatePromised(DeliveryDatePromised {
                date: date.clone(),
                until_date: until_date.clone(),
                ..DeliveryDatePromised::default()
            }),
            Payload::DeliveryDateRevised(DeliveryDateRevised {
                date,
                until_date,
                ..DeliveryDateRevised::default()
            }),
        ]
    };
    for (date, until_date) in [
        ("2025-05-10", ""),
        ("2025-05-10", "2025-05-10"),
        ("2025-05-10", "2026-01-01"),
    ] {
        for window in windows(date, until_date) {
            assert_eq!(of(window), Ok("order-o1".to_owned()));
        }
    }
    let names = [
        "delivery_window_planned",
        "delivery_date_promised",
        "delivery_date_revised",
    ];
    for (window, name) in windows("2025-05-10", "2025-05-09").into_iter().zip(names) {
        refuses(window, &[&format!("{name}.until_date DISAGREES")]);
    }
    // Every violation at once, and none about an order of dates that are no dates.
    for (window, name) in windows("2025-13-10", "tomorrow").into_iter().zip(names) {
        let fields = ["date", "until_date"].map(|field| format!("{name}.{field} FORMAT"));
        refuses(window, &fields.each_ref().map(String::as_str));
    }
}

#[test]
fn a_stage_is_named_or_has_a_code_of_the_plant() {
    let reached = |stage: i32, raw_code: &str| {
        Payload::ProductionStageReached(ProductionStageReached {
            stage,
            raw_code: raw_code.to_owned(),
            ..ProductionStageReached::default()
        })
    };
    let paint = ProductionStage::Paint.into();
    for (stage, code) in [(paint, ""), (0, "P300"), (paint, "P300")] {
        assert_eq!(of(reached(stage, code)), Ok("order-o1".to_owned()));
    }
    refuses(reached(0, ""), &["production_stage_reached.stage REQUIRED"]);
    refuses(
        reached(99, ""),
        &["production_stage_reached.stage UNKNOWN_VALUE"],
    );
}

#[test]
fn a_photograph_has_digest_and_kind_or_neither_and_a_safe_address() {
    let taken = |uri: &str, sha256: &str, media_type: &str| {
        Payload::StagePhotographed(StagePhotographed {
            stage: ProductionStage::Body.into(),
            uri: uri.to_owned(),
            sha256: sha256.to_owned(),
            media_type: media_type.to_owned(),
            caption: String::new(),
        })
    };
    let uri = "https://media.example/1.jpg";
    let digest = "0".repeat(64);
    assert!(of(taken(uri, "", "")).is_ok());
    assert!(of(taken(uri, &digest, "image/jpeg")).is_ok());
    refuses(
        taken(uri, &digest, ""),
        &["stage_photographed.media_type REQUIRED"],
    );
    refuses(
        taken("javascript:alert(1)", "", "image/jpeg"),
        &[
            "stage_photographed.sha256 REQUIRED",
            "stage_photographed.uri FORMAT",
        ],
    );
    refuses(taken("", "", ""), &["stage_photographed.uri REQUIRED"]);

    // http is a scheme like others: the configuration decides.
    let others = ["http://media.example/1.jpg", "Dealer-Media://order-1/1.jpg"];
    let mut limits = LIMITS;
    for uri in others {
        refuses(taken(uri, "", ""), &["stage_photographed.uri FORMAT"]);
    }
    limits.photograph_schemes = allowed("http, dealer-media");
    for uri in others {
        assert!(outcome(of_order(taken(uri, "", "")), &limits).is_ok());
    }
    limits.photograph_schemes = allowed("javascript, data");
    let script = of_order(taken("javascript://x/%0aalert(1)", "", ""));
    assert!(outcome(script, &limits).is_err());
}

fn allowed(schemes: &str) -> Schemes {
    let schemes = [("limits.photograph_schemes", schemes.into())];
    let config = Config::load(None, [], &schemes).expect("valid schemes");
    config.limits.photograph_schemes
}

#[test]
fn words_outside_the_closed_lists_are_refused() {
    let consent = |purpose: &str| {
        Payload::ConsentGiven(ConsentGiven {
            purpose: purpose.to_owned(),
        })
    };
    assert_eq!(of(consent("marketing")), Ok("owner-ann".to_owned()));
    refuses(consent("surveys"), &["consent_given.purpose UNKNOWN_VALUE"]);
    refuses(consent(""), &["consent_given.purpose REQUIRED"]);
    let target = |measure: &str| {
        Payload::TargetSet(TargetSet {
            name: "t".to_owned(),
            measure: measure.to_owned(),
            ..TargetSet::default()
        })
    };
    assert_eq!(of(target("NPS")), Ok("policy-t".to_owned()));
    refuses(target("sales"), &["target_set.measure UNKNOWN_VALUE"]);
}

#[test]
fn new_kinds_stand_in_the_streams_of_what_they_are_about() {
    let held = Payload::OrderHeld(OrderHeld {
        hold_id: "h1".to_owned(),
        reason: "part".to_owned(),
        expected_release: "2025-02-10".to_owned(),
    });
    assert_eq!(of(held), Ok("order-o1".to_owned()));
    refuses(
        Payload::OrderHeld(OrderHeld {
            expected_release: "soon".to_owned(),
            ..OrderHeld::default()
        }),
        &[
            "order_held.expected_release FORMAT",
            "order_held.hold_id REQUIRED",
        ],
    );
    let other = Payload::VinWithdrawn(VinWithdrawn {
        vin: "1M8GDM9AXKP042788".to_owned(),
    });
    refuses(other, &["subjects.vin DISAGREES"]);

    let performed = || {
        Payload::RecallPerformed(RecallPerformed {
            campaign: "R-17".to_owned(),
        })
    };
    let mut touchpoint = of_order(performed());
    assert_eq!(
        outcome(touchpoint.clone(), &LIMITS),
        Ok(format!("vehicle-{VIN}"))
    );
    if let Some(subjects) = &mut touchpoint.subjects {
        subjects.visit_id = "w1".to_owned();
    }
    assert_eq!(outcome(touchpoint, &LIMITS), Ok("visit-w1".to_owned()));
}

#[test]
fn what_the_clock_keeper_issues_stands_in_the_stream_of_what_is_owed() {
    let issued = |subjects: Subjects| {
        let payload = Payload::ObligationBreached(ObligationBreached {
            obligation_id: "b".to_owned(),
            kind: Owed::OrderProgress.into(),
            ..ObligationBreached::default()
        });
        let touchpoint = Touchpoint {
            subjects: Some(subjects),
            payload: Some(payload),
            ..touchpoint()
        };
        outcome(touchpoint, &LIMITS)
    };
    let mut subjects = Subjects {
        vin: VIN.to_owned(),
        owner_id: "ann".to_owned(),
        ..Subjects::default()
    };
    assert_eq!(issued(subjects.clone()), Ok(format!("vehicle-{VIN}")));
    for (set, stream) in [
        (
            (|it| &mut it.order_id) as fn(&mut Subjects) -> &mut String,
            "order-1",
        ),
        (|it| &mut it.case_id, "case-1"),
        (|it| &mut it.feedback_id, "feedback-1"),
    ] {
        "1".clone_into(set(&mut subjects));
        assert_eq!(issued(subjects.clone()), Ok(stream.to_owned()));
    }
}

#[test]
fn a_policy_about_tips_says_its_kind_and_positive_numbers() {
    let published = |kind: PolicyKind, tips: TipsPolicy| {
        Payload::PolicyPublished(PolicyPublished {
            name: "tips".to_owned(),
            kind: kind.into(),
            version: 1,
            effective_from: Some(ownerline_proto::time::timestamp(0)),
            body: Some(Body::Tips(tips)),
            ..PolicyPublished::default()
        })
    };
    let tips = TipsPolicy {
        cap: 4,
        days: 30,
        quiet_days: 30,
    };
    assert_eq!(
        of(published(PolicyKind::Tips, tips)),
        Ok("policy-tips".to_owned())
    );
    let tips = TipsPolicy {
        cap: -1,
        days: 367,
        quiet_days: 30,
    };
    refuses(
        published(PolicyKind::Survey, tips),
        &[
            "policy_published.kind DISAGREES",
            "policy_published.tips.cap RANGE",
            "policy_published.tips.days RANGE",
        ],
    );
}
