//! The answers that count: with which value, in which group, and for which dealer.

use std::collections::BTreeMap;

use ownerline_projections::Position;
use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::time;
use ownerline_proto::v1::integrity_review_decided::Decision;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::survey_policy::Question;
use ownerline_proto::v1::survey_policy::question::Kind as Measured;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    FeedbackReassigned, IntegrityReviewDecided, IntegritySignalRaised, OrderPlaced,
    PolicyPublished, SurveyPolicy, TouchpointRef, VehicleRegistered,
};

use super::*;

fn answering(feedback: &str, survey: &str, answers: &[(&str, &str)]) -> FeedbackTouchpoint {
    let answers = answers.iter();
    let answers = answers.map(|(question, answer)| ((*question).to_owned(), (*answer).to_owned()));
    let answers: BTreeMap<String, String> = answers.collect();
    feedback_with(feedback, 5, |it| {
        it.answers = answers;
        it.survey = survey.to_owned();
    })
}

/// The survey `after-service`, which asks three questions of its own.
fn survey() -> FeedbackTouchpoint {
    let question = |id: &str, kind: Measured, min: i32, max: i32| Question {
        id: id.to_owned(),
        kind: kind.into(),
        min,
        max,
    };
    let questions = vec![
        question("friends", Measured::Nps, 0, 10),
        question("staff", Measured::Csat, 1, 7),
        question("time", Measured::Ces, 1, 7),
        question("again", Measured::Csat, 1, 7),
    ];
    let published = PolicyPublished {
        name: "after-service".to_owned(),
        kind: Kind::Survey.into(),
        version: 1,
        effective_from: Some(time::timestamp(0)),
        body: Some(Body::Survey(SurveyPolicy { questions })),
        ..PolicyPublished::default()
    };
    let touchpoints = FeedbackTouchpoint::new("policy", 0, Payload::PolicyPublished(published));
    touchpoints.of("")
}

/// The survey `after-visit`, which asks for satisfaction alone.
fn survey_of_satisfaction() -> FeedbackTouchpoint {
    let published = PolicyPublished {
        name: "after-visit".to_owned(),
        kind: Kind::Survey.into(),
        version: 1,
        effective_from: Some(time::timestamp(0)),
        body: Some(Body::Survey(SurveyPolicy {
            questions: vec![Question {
                id: "staff".to_owned(),
                kind: Measured::Csat.into(),
                min: 1,
                max: 7,
            }],
        })),
        ..PolicyPublished::default()
    };
    let touchpoints =
        FeedbackTouchpoint::new("satisfaction", 0, Payload::PolicyPublished(published));
    touchpoints.of("")
}

#[test]
fn a_survey_that_asks_no_question_of_nps_contributes_none() {
    let scored = |feedback: &str, survey: &str| {
        feedback_with(feedback, 5, |it| {
            it.score = Some(9);
            survey.clone_into(&mut it.survey);
        })
    };
    let touchpoints = [
        survey_of_satisfaction(),
        answering("f1", "after-visit", &[("staff", "7")]),
        scored("f2", "after-visit"),
        // Nobody published this one: the survey that ships holds, and it asks.
        scored("f3", "other"),
    ];
    let groups = world(&touchpoints).groups(GroupBy::Survey);
    assert_eq!(nps(&groups["after-visit"]).n, 0);
    assert_eq!(groups["after-visit"].received, 2);
    let csat = groups["after-visit"].scores.as_ref().unwrap();
    assert_eq!(csat.csat.as_ref().unwrap().n, 1);
    assert_eq!(nps(&groups["other"]).n, 1);
}

fn raised(id: &str, hour: i64, evidence: &str) -> FeedbackTouchpoint {
    let payload = Payload::IntegritySignalRaised(IntegritySignalRaised {
        test: "burst".to_owned(),
        evidence: vec![TouchpointRef {
            id: evidence.to_owned(),
            source: String::new(),
        }],
        ..IntegritySignalRaised::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
        .of("")
        .at_dealer("d1")
}

fn decided(id: &str, hour: i64, signal: &str) -> FeedbackTouchpoint {
    let payload = Payload::IntegrityReviewDecided(IntegrityReviewDecided {
        signal_id: signal.to_owned(),
        decision: Decision::Dismissed.into(),
        ..IntegrityReviewDecided::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
        .of("")
        .at_dealer("d1")
}

#[test]
fn below_ten_answers_there_is_their_number_alone_and_below_thirty_no_point() {
    let of = |count: usize| *nps(&world(&many("d1", count, 9)).total());
    let (few, more, enough) = (of(9), of(29), of(30));
    assert_eq!((few.n, few.point, few.low, few.high), (9, None, None, None));
    assert_eq!((more.n, more.point), (29, None));
    assert!(more.low.is_some() && more.high.is_some());
    assert_eq!(enough.point, Some(100.0));
    // Adjusted Wald: 30.75 promoters, 1.5 passives and 0.75 detractors of 33.
    let (p, d) = (30.75_f64 / 33.0, 0.75_f64 / 33.0);
    let error = ((p + d - (p - d) * (p - d)) / 33.0).sqrt();
    let low = 100.0 * (p - d - 1.959_963_984_540_054 * error);
    assert!((enough.low.unwrap() - low).abs() < 1e-6);
}

#[test]
fn an_excluded_item_is_left_out_of_the_scores_and_shown_beside_them_with_its_reason() {
    let mut touchpoints = many("d1", 31, 9);
    touchpoints.push(score("x", 1, 0));
    touchpoints.push(excluded("out", 7).of("x"));
    let world = world(&touchpoints);
    let total = world.total();
    assert_eq!((nps(&total).n, nps(&total).point), (31, Some(100.0)));
    let beside = with_excluded(&total);
    assert_eq!((beside.n, beside.point), (32, Some(93.75)));
    assert_eq!((total.received, total.excluded), (32, 1));
    let reasons: Vec<_> = total.excluded_by_reason.iter().collect();
    assert_eq!((reasons[0].reason, reasons[0].items), (1, 1));
    let before = world.ask(&Asking {
        as_of: 6 * HOUR,
        ..Asking::default()
    });
    assert_eq!((nps(&before.0).n, before.0.excluded), (32, 0));
}

#[test]
fn an_undecided_signal_flags_its_evidence_and_removes_nothing() {
    let mut touchpoints = many("d1", 30, 9);
    touchpoints.push(raised("s", 4, "d1-9-3/received"));
    touchpoints.push(raised("again", 4, "d1-9-3/received"));
    let flagged = world(&touchpoints).total();
    assert_eq!((flagged.flagged, flagged.integrity_flag), (1, true));
    assert_eq!(nps(&flagged).n, 30);
    touchpoints.push(decided("r", 5, "s"));
    touchpoints.push(decided("r2", 5, "again"));
    let decided = world(&touchpoints);
    assert_eq!(
        (decided.total().flagged, decided.total().integrity_flag),
        (0, false)
    );
    let before = decided.ask(&Asking {
        as_of: 4 * HOUR,
        ..Asking::default()
    });
    assert_eq!(before.0.flagged, 1);
}

#[test]
fn a_signal_keeps_naming_an_item_whose_score_was_corrected() {
    let touchpoints = [score("f", 1, 10), raised("s", 3, "f/received"), {
        let mut corrected = score("f", 1, 4).correcting("f/received");
        corrected.touchpoint.id = "better".to_owned();
        corrected
    }];
    assert_eq!(world(&touchpoints).total().flagged, 1);
}

#[test]
fn a_correction_replaces_a_score_and_a_retracted_feedback_does_not_count() {
    let mut touchpoints = many("d1", 29, 9);
    touchpoints.push(score("f", 1, 10));
    let mut corrected = score("f", 2, 0).correcting("f/received");
    corrected.touchpoint.id = "better".to_owned();
    touchpoints.push(corrected);
    let world_then = world(&touchpoints);
    let total = world_then.total();
    assert_eq!(nps(&total).n, 30);
    assert!((nps(&total).point.unwrap() - 100.0 * 28.0 / 30.0).abs() < 1e-6);
    let before = world_then.ask(&Asking {
        known_at: Position(30),
        ..Asking::default()
    });
    assert_eq!(nps(&before.0).point, Some(100.0));
    touchpoints.push(retracted("gone", 3, "better").of("f"));
    // What a retracted correction had corrected stands again.
    assert_eq!(nps(&world(&touchpoints).total()).point, Some(100.0));
    touchpoints.push(retracted("gone too", 3, "f/received").of("f"));
    assert_eq!(nps(&world(&touchpoints).total()).n, 29);
}

#[test]
fn a_second_feedback_in_a_stream_does_not_change_the_score() {
    let mut second = score("f", 9, 10);
    second.touchpoint.id = "second".to_owned();
    let mut touchpoints = many("d1", 29, 9);
    touchpoints.extend([score("f", 1, 0), second]);
    let total = world(&touchpoints).total();
    assert_eq!((total.received, nps(&total).n), (30, 30));
    assert!((nps(&total).point.unwrap() - 100.0 * 28.0 / 30.0).abs() < 1e-6);
}

#[test]
fn a_reassigned_feedback_stays_with_the_dealer_it_is_about() {
    let touchpoints = [score("f", 3, 0), reassigned("m", 4, "d2").of("f")];
    let groups = world(&touchpoints).groups(GroupBy::Dealer);
    assert_eq!(nps(&groups["d1"]).n, 1);
    assert!(!groups.contains_key("d2"));
    // Whenever it was reported.
    let late = [
        score("f", 3, 0).arrived(20),
        reassigned("m", 4, "d2").of("f"),
    ];
    let groups = world(&late).groups(GroupBy::Dealer);
    assert_eq!(nps(&groups["d1"]).n, 1);
    assert!(!groups.contains_key("d2"));
    let before = [score("f", 3, 0), reassigned("m", 2, "d2").of("f")];
    let groups = world(&before).groups(GroupBy::Dealer);
    assert_eq!(nps(&groups["d2"]).n, 1);
}

#[test]
fn the_first_dealer_had_a_feedback_that_was_reassigned_whoever_replies() {
    let moved = Payload::FeedbackReassigned(FeedbackReassigned {
        from_dealer_id: "d1".to_owned(),
        to_dealer_id: "d2".to_owned(),
    });
    let touchpoints = [
        score("f", 3, 0).at_dealer(""),
        FeedbackTouchpoint::new("m", 4, moved).of("f").at_dealer(""),
        reply("r", 5).of("f").at_dealer("d2"),
    ];
    for known in [2, 3] {
        let groups = world(&touchpoints[..known]).groups(GroupBy::Dealer);
        assert_eq!(nps(&groups["d1"]).n, 1);
        assert!(!groups.contains_key("d2"));
    }
}

#[test]
fn the_questions_are_those_of_the_survey_of_that_name_else_of_the_survey_for_all() {
    let touchpoints = [
        survey(),
        answering(
            "a",
            "after-service",
            &[("friends", "10"), ("staff", "6"), ("time", "5")],
        ),
        answering(
            "b",
            "after-service",
            &[("recommend", "10"), ("satisfaction", "5")],
        ),
        answering(
            "c",
            "other",
            &[("recommend", "0"), ("satisfaction", "4"), ("effort", "1")],
        ),
    ];
    let groups = world(&touchpoints).groups(GroupBy::Survey);
    let n = |key: &str| {
        let scores = scores(&groups[key]);
        let all = [
            &scores.nps,
            &scores.csat,
            &scores.ces_mean,
            &scores.ces_top_three,
        ];
        all.map(|figure| figure.as_ref().unwrap().n)
    };
    assert_eq!(n("after-service"), [1, 1, 1, 1]);
    assert_eq!(n("other"), [1, 1, 1, 1]);
}

#[test]
fn without_an_answer_to_the_question_the_score_counts() {
    let mut touchpoints = many("d1", 28, 9);
    let with = |feedback: &str, answer: &str, score| {
        let mut touchpoints = answering(feedback, "", &[("recommend", answer)]);
        if let Some(Payload::FeedbackReceived(it)) = &mut touchpoints.touchpoint.payload {
            it.score = Some(score);
        }
        touchpoints
    };
    // The question comes first; what cannot be used is told, and the score stands in for it.
    touchpoints.push(with("a", "0", 10));
    touchpoints.push(with("b", "11", 9));
    touchpoints.push(with("c", "", 9));
    let total = world(&touchpoints).total();
    assert_eq!((nps(&total).n, nps(&total).unusable), (31, 1));
    assert!((nps(&total).point.unwrap() - 100.0 * 29.0 / 31.0).abs() < 1e-6);
}

#[test]
fn an_answer_that_is_no_whole_number_of_the_scale_is_counted_as_unusable() {
    let odd = ["ten", "9.5", "-1", "8", " 7"];
    let touchpoints = odd.iter().enumerate();
    let touchpoints = touchpoints.map(|(at, odd)| {
        answering(
            &format!("f{at}"),
            "after-service",
            &[("friends", odd), ("staff", odd), ("time", odd)],
        )
    });
    let mut touchpoints: Vec<FeedbackTouchpoint> = touchpoints.collect();
    touchpoints.insert(0, survey());
    let total = world(&touchpoints).total();
    let scores = scores(&total);
    let of = |figure: &Option<ScoreFigure>| {
        let figure = figure.as_ref().unwrap();
        (figure.n, figure.unusable)
    };
    assert_eq!(of(&scores.nps), (1, 4));
    assert_eq!(of(&scores.csat), (0, 5));
    assert_eq!(of(&scores.ces_mean), (0, 5));
    assert_eq!(of(&scores.ces_top_three), (0, 5));
}

#[test]
fn an_item_counts_in_the_month_of_its_receipt_in_the_zone_of_its_dealer() {
    // 1970-01-31, 20:00 UTC: already February in Tokyo; it was told a day later.
    let hour = 30 * 24 + 20;
    let touchpoints = [
        registered("d1", "JP", "Asia/Tokyo"),
        score("a", hour, 9),
        score("b", hour, 9).at_dealer("d2"),
        score("c", hour - 24, 9).at_dealer("d2").arrived(hour + 24),
    ];
    let groups = world(&touchpoints).groups(GroupBy::Month);
    let n: Vec<_> = groups
        .iter()
        .map(|(key, it)| (key.as_str(), nps(it).n))
        .collect();
    assert_eq!(n, [("1970-01", 1), ("1970-02", 2)]);
    assert_eq!(
        world(&touchpoints).groups(GroupBy::Market)["JP"].received,
        1
    );
}

#[test]
fn the_model_is_that_of_the_vehicle_else_of_the_order_else_not_known() {
    let car = Payload::VehicleRegistered(VehicleRegistered {
        brand: "Halcyra".to_owned(),
        model: "Vela".to_owned(),
        ..VehicleRegistered::default()
    });
    let order = Payload::OrderPlaced(OrderPlaced {
        model: "Orsa".to_owned(),
        ..OrderPlaced::default()
    });
    let with = |touchpoint: FeedbackTouchpoint, vin: &str, order: &str| {
        touchpoint.about(|subjects| {
            subjects.vin = vin.to_owned();
            subjects.order_id = order.to_owned();
        })
    };
    let touchpoints = [
        with(FeedbackTouchpoint::new("car", 0, car), "V1", "").of(""),
        with(FeedbackTouchpoint::new("order", 0, order), "", "o1").of(""),
        with(score("a", 1, 9), "V1", "o1"),
        with(score("b", 1, 9), "", "o1"),
        with(score("c", 1, 9), "V2", ""),
        // The stream names the car, not the feedback.
        score("d", 1, 9),
        with(reply("r", 2), "V1", "").of("d"),
        // The feedback names another car than its stream did before.
        with(score("e", 1, 9), "V2", ""),
        with(edited("x", 0, false), "V1", "").of("e"),
    ];
    let world = world(&touchpoints);
    let groups = world.groups(GroupBy::Model);
    let n: Vec<_> = groups
        .iter()
        .map(|(key, it)| (key.as_str(), nps(it).n))
        .collect();
    assert_eq!(n, [("", 2), ("Orsa", 1), ("Vela", 2)]);
    let of_model = Asking {
        scope: Scope {
            model: Some("Vela".to_owned()),
            ..Scope::default()
        },
        ..Asking::default()
    };
    assert_eq!(nps(&world.ask(&of_model).0).n, 2);
}

#[test]
fn unsolicited_feedback_counts_and_is_shown() {
    let touchpoints = [
        score("a", 1, 9),
        feedback_with("b", 1, |it| {
            it.score = Some(2);
            it.solicited = false;
        }),
    ];
    let total = world(&touchpoints).total();
    assert_eq!(
        (total.received, total.unsolicited, nps(&total).n),
        (2, 1, 2)
    );
}
