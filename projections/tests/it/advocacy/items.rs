//! The owner of evidence, and when it counts: exclusion, suspicion, repeats, identity, vehicles, corrections.

use ownerline_projections::Position;
use ownerline_projections::advocacy::Evidence;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::integrity_review_decided::Decision;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CommitmentBroken, DefectLinked, DefectReported, DefectUnlinked, FeedbackExcluded,
    IntegrityReviewDecided, IntegritySignalRaised, ReferralMade, TouchpointRef,
};

use super::{Judged, feedback, in_matter, judge, made_of, of_ann, of_nobody};
use crate::history::TestTouchpoint;

fn survey(id: &str, at: i64) -> TestTouchpoint {
    in_matter(id, at, "feedback-1", feedback(Some(10), "friendly"))
}

fn referral(id: &str, at: i64) -> TestTouchpoint {
    of_ann(id, at, Payload::ReferralMade(ReferralMade::default()))
}

fn excluded(id: &str, at: i64) -> TestTouchpoint {
    let excluded = FeedbackExcluded {
        reason: Reason::Manipulated.into(),
    };
    of_nobody(id, at, "feedback-1", Payload::FeedbackExcluded(excluded))
}

/// A signal, or a decision, of the dealer of these tests.
fn integrity(id: &str, at: i64, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, payload)
        .about(|subjects| subjects.dealer_id = "d".to_owned())
}

fn signal(id: &str, at: i64, evidence: &str) -> TestTouchpoint {
    let evidence = TouchpointRef {
        source: String::new(),
        id: evidence.to_owned(),
    };
    let raised = IntegritySignalRaised {
        evidence: vec![evidence],
        ..IntegritySignalRaised::default()
    };
    integrity(id, at, Payload::IntegritySignalRaised(raised))
}

fn decided(id: &str, at: i64, signal: &str) -> TestTouchpoint {
    let decided = IntegrityReviewDecided {
        signal_id: signal.to_owned(),
        decision: Decision::Dismissed.into(),
        ..IntegrityReviewDecided::default()
    };
    integrity(id, at, Payload::IntegrityReviewDecided(decided))
}

/// (evidence, suspicion, weight > 0) of all that ann's score is made of.
fn suspicions(judged: &Judged, as_of: i64) -> Vec<(Evidence, f64, bool)> {
    let all = judged.made_of(as_of).into_iter();
    all.map(|it| (it.evidence, it.suspicion, it.weight > 0.0))
        .collect()
}

#[test]
fn an_excluded_item_is_shown_and_counts_for_nothing() {
    let judged = judge(&[survey("1", 5), excluded("2", 9)]);
    assert_eq!(
        suspicions(&judged, 8),
        [
            (Evidence::ThemeHit, 0.0, true),
            (Evidence::SurveyAnswered, 0.0, true)
        ]
    );
    assert_eq!(
        suspicions(&judged, 9),
        [
            (Evidence::ThemeHit, 1.0, false),
            (Evidence::SurveyAnswered, 1.0, false)
        ]
    );
    assert_eq!(judged.ask("ann", 9, Position(2)).unwrap().score.score, None);
    assert!(
        judged
            .ask("ann", 9, Position(1))
            .unwrap()
            .score
            .score
            .is_some(),
        "as known before"
    );
    let back = judge(&[
        survey("1", 5),
        excluded("2", 9),
        excluded("3", 10).retracting("crm", "2"),
    ]);
    assert!(
        back.ask("ann", 10, Position(3))
            .unwrap()
            .score
            .score
            .is_some()
    );
}

#[test]
fn a_survey_counts_half_while_a_signal_that_names_it_is_undecided() {
    let judged = judge(&[survey("1", 5), signal("s", 6, "1"), decided("d", 8, "s")]);
    for (as_of, suspicion) in [(5, 0.0), (6, 0.5), (7, 0.5), (8, 0.0)] {
        assert_eq!(
            suspicions(&judged, as_of),
            [
                (Evidence::ThemeHit, 0.0, true),
                (Evidence::SurveyAnswered, suspicion, true)
            ]
        );
    }
    let answer = judged.ask("ann", 6, Position(3)).unwrap();
    assert_eq!(
        answer.score.components[4].evidence_weight,
        0.5 * made_of(&answer)[1].decay
    );
    // A decision about another signal, or another survey, changes nothing.
    let other = judge(&[survey("1", 5), signal("s", 6, "1"), decided("d", 8, "t")]);
    assert_eq!(suspicions(&other, 9)[1].1, 0.5);
    let other = judge(&[survey("1", 5), signal("s", 6, "2")]);
    assert_eq!(suspicions(&other, 9)[1].1, 0.0);
    // Of two signals, one undecided is enough.
    let two = [
        signal("s", 6, "1"),
        signal("t", 6, "1"),
        decided("d", 8, "s"),
    ];
    let two = judge(&[vec![survey("1", 5)], two.to_vec()].concat());
    assert_eq!(suspicions(&two, 9)[1].1, 0.5);
    let excluded = judge(&[survey("1", 5), signal("s", 6, "1"), excluded("2", 7)]);
    assert_eq!(suspicions(&excluded, 9)[1].1, 1.0);
}

#[test]
fn a_signal_keeps_naming_a_survey_that_was_corrected() {
    let corrected = in_matter("2", 5, "feedback-1", feedback(Some(3), "")).correcting("1");
    let judged = judge(&[survey("1", 5), signal("s", 6, "1"), corrected]);
    let all = judged.made_of(9);
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&*all[0].key.id, all[0].value, all[0].suspicion),
        ("2", -1.0, 0.5)
    );
}

fn report(id: &str, at: i64, visit: &str, defect: &str) -> TestTouchpoint {
    let reported = Payload::DefectReported(DefectReported::default());
    in_matter(id, at, visit, reported).about(|subjects| defect.clone_into(&mut subjects.defect_id))
}

fn linked(id: &str, at: i64, one: &str, same_as: &str) -> TestTouchpoint {
    let link = DefectLinked {
        defect_id: one.to_owned(),
        same_as: same_as.to_owned(),
    };
    in_matter(id, at, "case-1", Payload::DefectLinked(link))
}

fn unlinked(id: &str, at: i64, one: &str, same_as: &str) -> TestTouchpoint {
    let unlink = DefectUnlinked {
        defect_id: one.to_owned(),
        same_as: same_as.to_owned(),
    };
    in_matter(id, at, "case-1", Payload::DefectUnlinked(unlink))
}

fn repeats(judged: &Judged, as_of: i64, known_at: Position) -> Vec<String> {
    let answer = judged.ask("ann", as_of, known_at).unwrap();
    let all = made_of(&answer).into_iter();
    all.map(|it| {
        assert_eq!(
            (it.evidence, it.value, it.strength),
            (Evidence::DefectRepeated, -0.7, 1.0)
        );
        it.key.id
    })
    .collect()
}

#[test]
fn a_defect_repeats_with_each_later_visit_once_a_human_linked_them() {
    let judged = judge(&[
        report("1", 5, "visit-1", "x"),
        report("2", 10, "visit-2", "y"),
        report("2 again", 11, "visit-2", "y"),
        report("3", 15, "visit-3", "z"),
        report("other", 16, "visit-4", "q"),
        linked("l", 20, "y", "x"),
        linked("m", 25, "z", "y"),
    ]);
    assert!(repeats(&judged, 19, Position(100)).is_empty());
    assert_eq!(repeats(&judged, 20, Position(100)), ["2"]);
    assert_eq!(repeats(&judged, 25, Position(100)), ["2", "3"]);
    assert!(
        repeats(&judged, 25, Position(5)).is_empty(),
        "as known before the link"
    );
}

#[test]
fn a_link_that_a_bot_made_or_that_was_taken_back_makes_no_repetition() {
    let judged = judge(&[
        report("1", 5, "visit-1", "x"),
        report("2", 10, "visit-2", "y"),
        linked("bot", 12, "y", "x").by("triage", ActorKind::Bot),
        linked("l", 20, "y", "x").by("foreman", ActorKind::Human),
        unlinked("u", 30, "x", "y").by("foreman", ActorKind::Human),
    ]);
    assert!(repeats(&judged, 19, Position(100)).is_empty());
    assert_eq!(repeats(&judged, 29, Position(100)), ["2"]);
    assert!(repeats(&judged, 30, Position(100)).is_empty());
}

#[test]
fn the_same_id_in_another_visit_is_the_same_defect_and_no_id_is_none() {
    let judged = judge(&[
        report("1", 5, "visit-1", "x"),
        report("2", 10, "visit-2", "x"),
        report("3", 15, "visit-3", ""),
        report("4", 16, "visit-4", ""),
    ]);
    assert_eq!(repeats(&judged, 100, Position(100)), ["2"]);
}

#[test]
fn two_ids_of_one_person_are_one_score_without_doubles() {
    let on_other = |mut said: TestTouchpoint| {
        said.subjects.owner_id = "ann2".to_owned();
        said
    };
    let alone = [
        referral("1", 5),
        survey("2", 6),
        report("3", 7, "visit-1", "x"),
        report("4", 8, "visit-2", "x"),
    ];
    let link = referral("l", 1).linking("ann2");
    let mut split = alone.clone();
    split[1] = on_other(split[1].clone());
    split[3] = on_other(split[3].clone());
    let (alone, split) = (judge(&alone), judge(&[split.to_vec(), vec![link]].concat()));
    let one = alone.ask("ann", 50, Position(100)).unwrap();
    for id in ["ann", "ann2"] {
        let both = split.ask(id, 50, Position(100)).unwrap();
        assert_eq!(both.score.score, one.score.score);
        assert_eq!(made_of(&both).len(), made_of(&one).len());
        assert_eq!(both.owner_ids.len(), 2);
    }
    let apart = split.ask("ann", 50, Position(4)).unwrap();
    assert_eq!(made_of(&apart).len(), 1, "as known before the link");
}

#[test]
fn evidence_belongs_to_who_is_named_then_to_the_stream_then_to_who_held_the_vehicle() {
    let broken = || Payload::CommitmentBroken(CommitmentBroken::default());
    let vehicle = |said: TestTouchpoint| said.about(|subjects| subjects.vin = "V1".to_owned());
    let acquired = TestTouchpoint::new("vehicle_acquired", "a", 10);
    let sold = TestTouchpoint::new("vehicle_acquired", "b", 20);
    let said = [
        vehicle(acquired).acquired("ann", true),
        vehicle(sold).acquired("ben", true),
        vehicle(of_nobody("ann's", 15, "case-1", broken())),
        of_nobody("still ann's", 25, "case-1", broken()),
        vehicle(of_nobody("ben's", 25, "case-3", broken())),
        vehicle(of_nobody("nobody's", 5, "case-4", broken())),
        of_nobody("named", 7, "case-2", broken()).about(|it| it.owner_id = "ann".to_owned()),
        of_nobody("filled in", 6, "case-2", broken()),
        of_nobody("other", 8, "case-2", broken()).about(|it| it.owner_id = "ben".to_owned()),
    ];
    let judged = judge(&said);
    let ids = |owner: &str| {
        let answer = judged.ask(owner, 100, Position(100)).unwrap();
        let all = made_of(&answer).into_iter();
        all.map(|it| it.key.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("ann"), ["filled in", "named", "ann's", "still ann's"]);
    assert_eq!(ids("ben"), ["other", "ben's"]);
}

#[test]
fn a_correction_stands_in_and_a_retraction_takes_out_from_when_they_are_known() {
    let judged = judge(&[
        survey("1", 5),
        in_matter("2", 4, "feedback-1", feedback(Some(0), "")).correcting("1"),
        referral("3", 6),
        referral("4", 7).retracting("crm", "3"),
    ]);
    let ids = |known_at| {
        let answer = judged.ask("ann", 100, known_at).unwrap();
        let all = made_of(&answer).into_iter();
        all.map(|it| it.key.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Position(1)), ["1", "1"]);
    assert_eq!(ids(Position(2)), ["2"]);
    assert_eq!(ids(Position(3)), ["3", "2"]);
    assert_eq!(ids(Position(4)), ["2"]);
}

#[test]
fn a_second_answer_in_the_same_feedback_replaces_the_first() {
    let judged = judge(&[
        survey("1", 5),
        in_matter("2", 8, "feedback-1", feedback(Some(2), "")),
    ]);
    let scores = judged.made_of(9);
    let scores = scores
        .iter()
        .filter(|it| it.evidence == Evidence::SurveyAnswered);
    assert_eq!(scores.map(|it| &*it.key.id).collect::<Vec<_>>(), ["2"]);
}
