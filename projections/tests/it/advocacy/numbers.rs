//! The arithmetic of the score, against numbers computed apart from it.

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Component, Means, Model, means, month_start};
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, CommitmentBroken, CommitmentKept, IntegritySignalRaised, RefereePurchased,
    ReferralMade, Repurchased, ResolutionConfirmed, TouchpointRef,
};

use super::{DAY, feedback, in_matter, judge, judged, lexicon, made_of, model, of_ann, scoring};
use crate::history::{TestTouchpoint, log};

fn story_against(id: &str, at: i64) -> TestTouchpoint {
    let observed = AdvocacyObserved {
        kind: Kind::Negative.into(),
        ..AdvocacyObserved::default()
    };
    of_ann(id, at, Payload::AdvocacyObserved(observed))
}

fn referral(id: &str, at: i64) -> TestTouchpoint {
    of_ann(id, at, Payload::ReferralMade(ReferralMade::default()))
}

/// Evidence of every component, by day.
fn example() -> Vec<TestTouchpoint> {
    let purchased = Payload::RefereePurchased(RefereePurchased::default());
    let signal = Payload::IntegritySignalRaised(IntegritySignalRaised {
        test: "burst".to_owned(),
        evidence: vec![TouchpointRef {
            source: "crm".to_owned(),
            id: "s2".to_owned(),
        }],
        ..IntegritySignalRaised::default()
    });
    let signal = TestTouchpoint::with_payload("signal", 830 * DAY, signal);
    vec![
        referral("a1", 400 * DAY),
        of_ann("a2", 460 * DAY, purchased),
        story_against("a3", 900 * DAY),
        of_ann("r", 100 * DAY, Payload::Repurchased(Repurchased::default())),
        in_matter(
            "s1",
            950 * DAY,
            "feedback-1",
            feedback(Some(9), "Friendly, but we waited."),
        ),
        in_matter(
            "s2",
            820 * DAY,
            "feedback-2",
            feedback(Some(5), "Heard nothing"),
        ),
        in_matter(
            "c1",
            635 * DAY,
            "case-1",
            Payload::CommitmentKept(CommitmentKept::default()),
        ),
        in_matter(
            "c2",
            700 * DAY,
            "case-1",
            Payload::CommitmentBroken(CommitmentBroken::default()),
        ),
        in_matter(
            "c3",
            990 * DAY,
            "feedback-1",
            Payload::ResolutionConfirmed(ResolutionConfirmed {}),
        ),
        signal.about(|subjects| subjects.dealer_id = "d".to_owned()),
    ]
}

/// The points that the brand means of the example add.
const PRIOR_SHARES: [f64; 5] = [
    -3.882_468_308_978_628_7,
    5.627_228_283_901_529,
    0.0,
    0.0,
    -0.370_438_741_391_219_74,
];

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn a_score_equals_the_calculation_by_hand() {
    let answer = judge(&example())
        .ask("ann", 1000 * DAY, Position(100))
        .unwrap();
    near(answer.score.score.unwrap(), 57.751_876_898_059_54);
    near(answer.score.confidence, 0.375_347_088_462_308_74);
    // Evidence weight, value, reliability.
    let expected = [
        [
            2.842_473_527_039_021_3,
            0.185_435_360_594_152_14,
            0.486_518_854_366_053_63,
        ],
        [
            1.304_558_503_441_863,
            0.303_064_414_712_625_46,
            0.303_064_414_712_625_46,
        ],
        [
            1.074_860_594_335_302_5,
            -0.061_351_792_095_057_034,
            0.263_778_494_859_315_65,
        ],
        [
            2.046_878_305_048_726_7,
            0.131_863_569_522_479_5,
            0.405_573_144_690_471_07,
        ],
        [
            0.805_395_000_087_188_5,
            0.074_430_381_089_433_19,
            0.211_645_571_634_149_8,
        ],
    ];
    for (it, expected) in answer.score.components.iter().zip(expected) {
        near(it.evidence_weight, expected[0]);
        near(it.value, expected[1]);
        near(it.reliability, expected[2]);
        near(it.prior_share, 0.0);
    }
    near(made_of(&answer)[0].share, 1.797_339_614_270_055_5);
}

#[test]
fn the_mean_of_the_brand_pulls_as_a_calculator_says() {
    let mut said = example();
    let of_ben = |mut said: TestTouchpoint, matter: bool| {
        said.subjects.owner_id = "ben".to_owned();
        if matter {
            said.subjects.feedback_id = said.id.clone();
        }
        said
    };
    let month = 396 * DAY;
    assert_eq!(month_start(420 * DAY), Some(month));
    said.extend([
        of_ben(referral("b1", month - 540 * DAY), false),
        of_ben(story_against("b2", month), false),
        of_ben(
            in_matter("b3", month - 90 * DAY, "feedback-3", feedback(Some(10), "")),
            true,
        ),
        of_ben(
            in_matter("b4", month, "feedback-4", feedback(Some(0), "")),
            true,
        ),
    ]);
    let judged = judge(&said);
    let means = means(judged.states(), &model(), month, Position(100)).unwrap();
    let expected = [-1.0 / 3.0, 1.0, 0.0, 0.0, -1.0 / 3.0];
    for (component, expected) in Component::ALL.into_iter().zip(expected) {
        near(means.of(component), expected);
    }
    near(means.weight(Component::Advocacy), 1.5);
    let answer = judged
        .ask_with(&model(), &means, "ann", 1000 * DAY, Position(100))
        .unwrap();
    near(answer.score.score.unwrap(), 59.126_198_131_591_224);
    for (it, expected) in answer.score.components.iter().zip(PRIOR_SHARES) {
        near(it.prior_share, expected);
    }
    let shares: f64 = made_of(&answer).iter().map(|it| it.share).sum();
    let priors: f64 = PRIOR_SHARES.iter().sum();
    near(50.0 + shares + priors, answer.score.score.unwrap());
}

#[test]
fn half_is_left_after_exactly_one_half_life() {
    let lives = [540, 1460, 180, 365, 90];
    let judged = judge(&[
        referral("1", 0),
        of_ann("2", 0, Payload::Repurchased(Repurchased::default())),
        in_matter("3", 0, "feedback-1", feedback(Some(10), "friendly")),
        in_matter(
            "4",
            0,
            "case-1",
            Payload::CommitmentKept(CommitmentKept::default()),
        ),
    ]);
    for (place, days) in lives.into_iter().enumerate() {
        for (ages, left) in [(0, 1.0), (1, 0.5), (2, 0.25)] {
            let answer = judged.ask("ann", ages * days * DAY, Position(100)).unwrap();
            let one = &answer.score.components[place].contributions[0];
            assert_eq!(one.decay.to_bits(), f64::to_bits(left));
        }
    }
}

#[test]
fn without_evidence_there_is_no_score_and_never_fifty() {
    let nothing =
        TestTouchpoint::new("news_sent", "1", 5).about(|it| it.owner_id = "ann".to_owned());
    let judged = judge(&[nothing, referral("2", 10)]);
    let answer = judged.ask("ann", 9, Position(100)).unwrap();
    assert_eq!((answer.score.score, answer.score.confidence), (None, 0.0));
    assert!(made_of(&answer).is_empty());
    assert!(
        judged
            .ask("ann", 10, Position(100))
            .unwrap()
            .score
            .score
            .is_some()
    );
    assert_eq!(
        judged.ask("ann", 10, Position(1)).unwrap().score.score,
        None
    );
    assert!(
        judged.ask("ann", 10, Position::START).is_err(),
        "not known yet"
    );
    assert!(judged.ask("eve", 10, Position(100)).is_err(), "never known");
    // Evidence against is a score, as low as it is.
    let answer = judge(&[story_against("1", 5)])
        .ask("ann", 5, Position(1))
        .unwrap();
    near(answer.score.score.unwrap(), 37.5);
}

#[test]
fn a_model_asked_about_and_the_same_in_force_answer_the_same_and_another_does_not() {
    let judged = judge(&example());
    let ask = |model: &Model| {
        let answer = judged.ask_with(model, &Means::none(), "ann", 1000 * DAY, Position(100));
        format!("{:?}", answer.unwrap())
    };
    assert_eq!(
        ask(&model()),
        ask(&Model::new(&scoring(), &lexicon()).unwrap())
    );
    assert_eq!(model().digest(), model().digest());
    let mut other = scoring();
    other.k = 1.0;
    let other = Model::new(&other, &lexicon()).unwrap();
    assert_ne!(ask(&model()), ask(&other));
    assert_ne!(model().digest(), other.digest());
    let mut words = lexicon();
    words.themes[0].sign = -1;
    let words = Model::new(&scoring(), &words).unwrap();
    assert_ne!(ask(&model()), ask(&words));
    assert_ne!(model().digest(), words.digest());
}

#[test]
fn a_model_that_pulls_towards_nothing_scores_and_shares_all_the_same() {
    let mut scoring = scoring();
    scoring.k = 0.0;
    let model = Model::new(&scoring, &lexicon()).unwrap();
    let judged = judge(&[story_against("1", 5)]);
    let answer = judged
        .ask_with(&model, &Means::none(), "ann", 5, Position(1))
        .unwrap();
    near(answer.score.score.unwrap(), 0.0);
    near(answer.score.confidence, 0.35);
    near(made_of(&answer)[0].share, -50.0);
}

#[test]
fn an_invalid_model_is_refused_with_every_violation() {
    let mut scoring = scoring();
    scoring.weights[0].value = -1.0;
    scoring.half_lives[1].name = "score".to_owned();
    scoring.strengths[2] = scoring.strengths[1].clone();
    scoring.k = f64::NAN;
    let refused = Model::new(&scoring, &lexicon()).unwrap_err();
    assert_eq!(
        refused.violations,
        [
            "weights: advocacy is not a number of at least 0",
            "half_lives: \"score\" is not known",
            "half_lives: repurchase is missing",
            "strengths: consideration_listed is there twice",
            "strengths: referee_test_drove is missing",
            "k: is not a number of at least 0",
        ]
    );
    let mut scoring = super::scoring();
    scoring.weights[0].value = 0.4;
    scoring.half_lives[4].value = 0.0;
    let refused = Model::new(&scoring, &lexicon()).unwrap_err();
    assert_eq!(refused.violations.len(), 2, "{refused}");
}

#[test]
fn months_begin_in_utc() {
    // 2024-02-29T23:59:59.999999999Z and the nanosecond behind it.
    let march = 1_709_251_200_000_000_000;
    let february = 1_706_745_600_000_000_000;
    assert_eq!(month_start(march - 1), Some(february));
    assert_eq!(month_start(march), Some(march));
    assert_eq!(month_start(-1), Some(-31 * DAY));
}

#[test]
fn before_anything_is_recorded_every_mean_is_nothing_and_says_so() {
    let judged = judged(&log(&example()));
    let means = means(judged.states(), &model(), 396 * DAY, Position::START).unwrap();
    assert_eq!((means, means.month), (Means::none(), None));
}
