//! The table of evidence, row by row.

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Component, Evidence};
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, CommitmentBroken, CommitmentKept, ConsiderationListed, Defected,
    IntentStated, ObligationBreached, OwnerMessageReceived, RefereePurchased, RefereeTestDrove,
    ReferralMade, Repurchased, ResolutionConfirmed, ResolutionRejected,
};

use super::{feedback, in_matter, judge, of_ann};
use crate::history::TestTouchpoint;

/// One touchpoint is one piece of evidence of this value and strength, in this component.
fn counts(
    said: TestTouchpoint,
    evidence: Evidence,
    component: Component,
    value: f64,
    strength: f64,
) {
    counts_in(&[said], evidence, component, value, strength);
}

/// As [`counts`], where the touchpoint with id 1 is the piece.
fn counts_in(
    said: &[TestTouchpoint],
    evidence: Evidence,
    component: Component,
    value: f64,
    strength: f64,
) {
    let at = said.last().unwrap().occurred_at;
    let known_at = Position(said.len() as u64);
    let answer = judge(said).ask("ann", at, known_at).unwrap();
    let all = super::made_of(&answer);
    let [one] = all.as_slice() else {
        panic!("{} pieces", all.len());
    };
    assert_eq!(one.evidence, evidence);
    assert_eq!(
        (one.value, one.strength, one.suspicion),
        (value, strength, 0.0)
    );
    assert_eq!((one.decay, one.weight), (1.0, strength));
    assert_eq!((&*one.key.id, &*one.owner_id), ("1", "ann"));
    for it in &answer.score.components {
        assert_eq!(
            it.contributions.len(),
            usize::from(it.component == component)
        );
    }
}

#[test]
fn acts_among_friends_and_in_public_are_advocacy() {
    let advocacy = |payload, evidence, value, strength| {
        counts(
            of_ann("1", 5, payload),
            evidence,
            Component::Advocacy,
            value,
            strength,
        );
    };
    advocacy(
        Payload::ReferralMade(ReferralMade::default()),
        Evidence::ReferralMade,
        1.0,
        1.0,
    );
    let listed = Payload::ConsiderationListed(ConsiderationListed::default());
    advocacy(listed, Evidence::ConsiderationListed, 1.0, 0.7);
    let drove = Payload::RefereeTestDrove(RefereeTestDrove::default());
    advocacy(drove, Evidence::RefereeTestDrove, 1.0, 1.5);
    let purchased = Payload::RefereePurchased(RefereePurchased::default());
    advocacy(purchased, Evidence::RefereePurchased, 1.0, 3.0);
    for (kind, value) in [(Kind::Positive, 1.0), (Kind::Negative, -1.0)] {
        let observed = AdvocacyObserved {
            kind: kind.into(),
            ..AdvocacyObserved::default()
        };
        let observed = Payload::AdvocacyObserved(observed);
        advocacy(observed, Evidence::AdvocacyObserved, value, 1.0);
    }
}

#[test]
fn a_story_that_is_neither_for_nor_against_is_no_evidence() {
    let observed = Payload::AdvocacyObserved(AdvocacyObserved::default());
    let answer = judge(&[of_ann("1", 5, observed)])
        .ask("ann", 5, Position(1))
        .unwrap();
    assert_eq!(answer.score.score, None);
}

#[test]
fn the_next_purchase_of_an_owner_is_repurchase() {
    let repurchase = |payload, evidence, value| {
        counts(
            of_ann("1", 5, payload),
            evidence,
            Component::Repurchase,
            value,
            2.0,
        );
    };
    repurchase(
        Payload::Repurchased(Repurchased::default()),
        Evidence::Repurchased,
        1.0,
    );
    repurchase(
        Payload::Defected(Defected::default()),
        Evidence::Defected,
        -1.0,
    );
}

#[test]
fn a_theme_in_the_words_of_an_owner_is_verbatim() {
    for (words, value) in [("so friendly", 1.0), ("rude", -1.0)] {
        let said = in_matter("1", 5, "feedback-f", feedback(None, words));
        counts(said, Evidence::ThemeHit, Component::Verbatim, value, 0.5);
    }
}

#[test]
fn how_matters_are_handled_is_case_experience() {
    let case = |matter, payload, evidence, value| {
        counts(
            in_matter("1", 5, matter, payload),
            evidence,
            Component::Case,
            value,
            1.0,
        );
    };
    let kept = Payload::CommitmentKept(CommitmentKept::default());
    case("case-c", kept, Evidence::CommitmentKept, 0.5);
    let broken = Payload::CommitmentBroken(CommitmentBroken::default());
    case("case-c", broken, Evidence::CommitmentBroken, -1.0);
    let confirmed = Payload::ResolutionConfirmed(ResolutionConfirmed {});
    case("feedback-f", confirmed, Evidence::ResolutionConfirmed, 1.0);
    let rejected = Payload::ResolutionRejected(ResolutionRejected {});
    case("feedback-f", rejected, Evidence::ResolutionRejected, -0.5);
    for matter in ["feedback-f", "case-c"] {
        let breached = Payload::ObligationBreached(ObligationBreached::default());
        // Whom the clock-keeper names it only repeats.
        let wrote = Payload::OwnerMessageReceived(OwnerMessageReceived::default());
        let said = [
            in_matter("0", 4, matter, wrote),
            in_matter("1", 5, matter, breached),
        ];
        let evidence = Evidence::ObligationBreached;
        counts_in(&said, evidence, Component::Case, -0.5, 1.0);
        let alone = judge(&said[1..]).ask("ann", 5, Position(1)).unwrap();
        assert!(super::made_of(&alone).is_empty(), "{matter}");
    }
}

#[test]
fn a_score_is_a_survey_answer_between_minus_one_and_one() {
    let values = [
        (0, -1.0),
        (5, -1.0),
        (6, -0.6),
        (7, -0.2),
        (8, 0.2),
        (9, 0.6),
        (10, 1.0),
    ];
    for (score, value) in values {
        let said = in_matter("1", 5, "feedback-f", feedback(Some(score), ""));
        counts(
            said,
            Evidence::SurveyAnswered,
            Component::Survey,
            value,
            1.0,
        );
    }
}

#[test]
fn intentions_are_no_evidence() {
    let intent = Payload::IntentStated(IntentStated {
        repurchase: Some(10),
        recommend: Some(10),
    });
    let answer = judge(&[of_ann("1", 5, intent)])
        .ask("ann", 5, Position(1))
        .unwrap();
    assert_eq!(answer.score.score, None);
}
