//! A fact counts once, whichever system reports it under whichever id; a fact that was undone is no evidence.

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Component, Evidence, census, means};
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, CaseOpened, CommitmentBroken, CommitmentKept, CommitmentMade,
    ConsiderationListed, Defected, DeliveryDateRevised, FeedbackExcluded, ObligationBreached,
    ObligationOutcomeRevised, OrderCancelled, RefereePurchased, RefereeTestDrove, ReferralMade,
    Repurchased, ResolutionConfirmed, ResolutionRejected, TaskAssigned,
};

use super::{Judged, feedback, in_matter, judge, model, of_ann, of_nobody};
use crate::history::TestTouchpoint;

/// The same, reported by another system under another id of ann.
fn also(said: &TestTouchpoint) -> TestTouchpoint {
    let mut again = said.clone();
    "dms".clone_into(&mut again.source);
    again.id = format!("{} again", said.id);
    if again.subjects.owner_id == "ann" {
        "ann2".clone_into(&mut again.subjects.owner_id);
    }
    again
}

fn link() -> TestTouchpoint {
    of_ann("link", 0, Payload::ReferralMade(ReferralMade::default())).linking("ann2")
}

/// The ids of the evidence of ann's score, in the order of the components.
fn ids(said: &[TestTouchpoint]) -> Vec<String> {
    let all = judge(said).made_of(100).into_iter();
    all.map(|it| it.key.id).collect()
}

/// The evidence and the score, of facts reported once and again by another system under another id.
fn counts_once(said: &[TestTouchpoint]) {
    let once = judge(&[said, &[link()]].concat());
    let again: Vec<TestTouchpoint> = said.iter().map(also).collect();
    let twice = judge(&[said, &again, &[link()]].concat());
    let answer = |judged: &Judged| judged.ask("ann", 100, Position(1_000)).unwrap();
    let (one, two) = (answer(&once), answer(&twice));
    assert!(one.score.score.is_some());
    assert_eq!(two.score.score, one.score.score, "{:?}", said[0].kind);
    assert_eq!(
        ids(&[said, &again, &[link()]].concat()),
        ids(&[said, &[link()]].concat())
    );
    // For everybody, too: the mean, and the census that is made of everybody's scores.
    let mean = |judged: &Judged| means(judged.states(), &model(), 100, Position(1_000)).unwrap();
    assert_eq!(mean(&twice), mean(&once));
    let counted = |judged: &Judged| {
        let mean = mean(judged);
        census(
            judged.states(),
            &model(),
            &mean,
            100.into(),
            Position(1_000),
        )
        .unwrap()
        .all
    };
    assert_eq!(counted(&twice), counted(&once));
}

fn friend(name: &str) -> String {
    format!("crm~{name}")
}

fn referred(id: &str, at: i64, name: &str) -> TestTouchpoint {
    let made = ReferralMade {
        referee_ref: friend(name),
        ..ReferralMade::default()
    };
    of_ann(id, at, Payload::ReferralMade(made))
}

fn repurchased(id: &str, at: i64, order: &str) -> TestTouchpoint {
    let payload = Payload::Repurchased(Repurchased {
        order_id: order.to_owned(),
        ..Repurchased::default()
    });
    of_ann(id, at, payload).about(|it| order.clone_into(&mut it.order_id))
}

fn of_order(id: &str, at: i64, order: &str, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, payload).about(|it| order.clone_into(&mut it.order_id))
}

fn cancelled(id: &str, at: i64, order: &str) -> TestTouchpoint {
    of_order(
        id,
        at,
        order,
        Payload::OrderCancelled(OrderCancelled::default()),
    )
}

fn excluded(id: &str, at: i64) -> TestTouchpoint {
    let excluded = Payload::FeedbackExcluded(FeedbackExcluded::default());
    of_nobody(id, at, "feedback-1", excluded)
}

fn breached(id: &str, at: i64, matter: &str, version: i32) -> TestTouchpoint {
    let breached = ObligationBreached {
        obligation_id: "owed".to_owned(),
        policy: "sla".to_owned(),
        policy_version: version,
        ..ObligationBreached::default()
    };
    of_nobody(id, at, matter, Payload::ObligationBreached(breached))
}

fn revised(id: &str, at: i64, matter: &str, version: i32, now: &str) -> TestTouchpoint {
    let revised = ObligationOutcomeRevised {
        obligation_id: "owed".to_owned(),
        policy: "sla".to_owned(),
        policy_version: version,
        now: now.to_owned(),
        ..ObligationOutcomeRevised::default()
    };
    of_nobody(id, at, matter, Payload::ObligationOutcomeRevised(revised))
}

fn received(id: &str, at: i64) -> TestTouchpoint {
    in_matter(id, at, "feedback-1", feedback(None, ""))
}

fn confirmed(id: &str, at: i64, matter: &str) -> TestTouchpoint {
    in_matter(
        id,
        at,
        matter,
        Payload::ResolutionConfirmed(ResolutionConfirmed {}),
    )
}

#[test]
fn an_order_reported_by_two_systems_under_two_ids_is_one_repurchase() {
    let both = [
        repurchased("1", 5, "o1"),
        also(&repurchased("1", 5, "o1")),
        link(),
    ];
    // W = 2 against k = 3: x = 2 ÷ 5, and so the score is 50 + 50 · .4, with a confidence of .2 · .4.
    let answer = judge(&both).ask("ann2", 5, Position(100)).unwrap();
    assert_eq!(answer.score.score, Some(70.0));
    assert!((answer.score.confidence - 0.08).abs() < 1e-12);
    let two = [repurchased("1", 5, "o1"), repurchased("2", 5, "o2")];
    assert_eq!(ids(&two), ["1", "2"]);
    // Without an order nothing says that two are one.
    assert_eq!(
        ids(&[repurchased("1", 5, ""), repurchased("2", 6, "")]),
        ["1", "2"]
    );
}

#[test]
fn every_fact_with_a_name_counts_once() {
    let kept = Payload::CommitmentKept(CommitmentKept {
        commitment_id: "c".to_owned(),
    });
    let broken = Payload::CommitmentBroken(CommitmentBroken {
        commitment_id: "c".to_owned(),
    });
    let listed = Payload::ConsiderationListed(ConsiderationListed {
        referee_ref: friend("f"),
    });
    let drove = Payload::RefereeTestDrove(RefereeTestDrove {
        referee_ref: friend("f"),
    });
    let bought = Payload::RefereePurchased(RefereePurchased {
        referee_ref: friend("f"),
        order_id: "o".to_owned(),
    });
    let story = Payload::AdvocacyObserved(AdvocacyObserved {
        kind: Kind::Positive.into(),
        url: "https://forum.example/1".to_owned(),
        verbatim: "So friendly. They kept their word".to_owned(),
    });
    let left = Payload::Defected(Defected {
        brand: "Sylt".to_owned(),
    });
    for said in [
        referred("1", 5, "f"),
        repurchased("1", 5, "o1"),
        of_ann("1", 5, listed),
        of_ann("1", 5, drove),
        of_ann("1", 5, bought),
        of_ann("1", 5, story),
        of_ann("1", 5, left),
        in_matter("1", 5, "case-1", kept),
        in_matter("1", 5, "case-1", broken),
        confirmed("1", 5, "feedback-1"),
        in_matter(
            "1",
            5,
            "feedback-1",
            Payload::ResolutionRejected(ResolutionRejected {}),
        ),
    ] {
        counts_once(&[said]);
    }
    counts_once(&[received("1", 5), breached("2", 6, "feedback-1", 1)]);
    assert_eq!(
        ids(&[referred("1", 5, "f"), referred("2", 5, "g")]),
        ["1", "2"]
    );
}

#[test]
fn the_first_in_history_order_counts_in_any_order_of_arrival() {
    let early = also(&referred("early", 3, "f"));
    let said = [referred("late", 5, "f"), early, link()];
    assert_eq!(ids(&said), ["early again"]);
}

#[test]
fn a_confirmation_concerns_the_case_that_it_names() {
    let opened = CaseOpened {
        origin_feedback_id: "1".to_owned(),
        ..CaseOpened::default()
    };
    let opened = in_matter("opened", 1, "case-7", Payload::CaseOpened(opened));
    let of_case = |id: &str, at, matter: &str| {
        confirmed(id, at, matter).about(|it| it.case_id = "7".to_owned())
    };
    let twice = [
        opened.clone(),
        confirmed("by the origin", 5, "feedback-1"),
        of_case("by the name", 6, "feedback-2"),
    ];
    assert_eq!(ids(&twice), ["by the origin"]);
    let named_first = [
        opened.clone(),
        of_case("1", 4, "feedback-2"),
        twice[1].clone(),
    ];
    assert_eq!(ids(&named_first), ["1"]);
    // Without the opening nothing says that they are one, and another feedback is of another matter.
    assert_eq!(ids(&twice[1..]), ["by the origin", "by the name"]);
    let other = confirmed("other", 7, "feedback-3");
    let both = [opened, confirmed("1", 5, "feedback-1"), other];
    assert_eq!(ids(&both), ["1", "other"]);
}

#[test]
fn a_promise_made_again_after_its_end_is_another() {
    let made = |id: &str, at| {
        let made = CommitmentMade {
            commitment_id: "c".to_owned(),
            ..CommitmentMade::default()
        };
        in_matter(id, at, "case-1", Payload::CommitmentMade(made))
    };
    let kept = |id: &str, at| {
        let kept = CommitmentKept {
            commitment_id: "c".to_owned(),
        };
        in_matter(id, at, "case-1", Payload::CommitmentKept(kept))
    };
    let said = [
        made("made", 1),
        made("moved", 2),
        kept("kept", 3),
        kept("told again", 4),
        made("anew", 5),
        kept("kept anew", 6),
    ];
    assert_eq!(ids(&said), ["kept", "kept anew"]);
}

#[test]
fn a_purchase_by_an_order_that_is_cancelled_is_none_until_the_order_goes_on() {
    let friends = RefereePurchased {
        referee_ref: friend("f"),
        order_id: "o1".to_owned(),
    };
    let date = DeliveryDateRevised {
        date: "1970-02-01".to_owned(),
        ..DeliveryDateRevised::default()
    };
    let judged = judge(&[
        repurchased("own", 5, "o1"),
        of_ann("friend", 6, Payload::RefereePurchased(friends)),
        cancelled("cancelled", 10, "o1"),
        of_order("goes on", 20, "o1", Payload::DeliveryDateRevised(date)),
    ]);
    let ids = |as_of| {
        let all = judged.made_of(as_of).into_iter();
        all.map(|it| it.key.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(9), ["friend", "own"]);
    assert!(ids(10).is_empty());
    assert_eq!(ids(20), ["friend", "own"]);
    let before = judged.ask("ann", 15, Position(2)).unwrap();
    assert_eq!(super::made_of(&before).len(), 2, "as known before");
    let back = [
        repurchased("own", 5, "o1"),
        cancelled("cancelled", 10, "o1"),
        cancelled("no", 11, "o1").retracting("crm", "cancelled"),
    ];
    assert_eq!(
        judge(&back).made_of(50).len(),
        1,
        "it was not cancelled after all"
    );
}

#[test]
fn a_breach_that_was_revised_away_does_not_count_until_it_is_revised_back() {
    let said = [
        received("feedback", 5),
        breached("breach", 10, "feedback-1", 1),
        revised("in time", 20, "feedback-1", 1, "ANSWERED_IN_TIME"),
        revised("late", 30, "feedback-1", 1, "ANSWERED_LATE"),
    ];
    let judged = judge(&said);
    // W = 1 against k = 3, of value −.5: x = −.125, and so the score is 50 − 6.25.
    assert_eq!(
        judged.ask("ann", 10, Position(100)).unwrap().score.score,
        Some(43.75)
    );
    let after = judged.ask("ann", 20, Position(100)).unwrap();
    assert_eq!((after.score.score, super::made_of(&after).len()), (None, 0));
    assert_eq!(judged.made_of(30)[0].key.id, "breach");
    // The open obligation of a longer budget is no breach either; that of an earlier version says nothing of a later.
    let longer = [
        said[0].clone(),
        said[1].clone(),
        revised("open", 20, "feedback-1", 2, "OPEN"),
    ];
    assert!(ids(&longer).is_empty());
    let shorter = [
        said[0].clone(),
        breached("breach", 8, "feedback-1", 2),
        said[2].clone(),
    ];
    assert_eq!(ids(&shorter), ["breach"]);
}

#[test]
fn in_an_excluded_feedback_nothing_counts_and_only_score_and_words_are_shown() {
    let said = [
        in_matter("said", 5, "feedback-1", feedback(Some(10), "friendly")),
        breached("breach", 6, "feedback-1", 1),
        confirmed("confirmed", 7, "feedback-1"),
        excluded("spam", 9),
    ];
    let judged = judge(&said);
    assert_eq!(judged.made_of(8).len(), 4);
    let answer = judged.ask("ann", 9, Position(100)).unwrap();
    assert_eq!((answer.score.score, answer.score.confidence), (None, 0.0));
    let shown = super::made_of(&answer);
    let shown: Vec<_> = shown.iter().map(|it| (it.evidence, it.weight)).collect();
    let expected = [(Evidence::ThemeHit, 0.0), (Evidence::SurveyAnswered, 0.0)];
    assert_eq!(shown, expected);
    let mean = means(judged.states(), &model(), 9, Position(100)).unwrap();
    assert!(Component::ALL.iter().all(|it| mean.weight(*it) == 0.0));
}

#[test]
fn a_breach_of_a_retracted_promise_or_of_a_task_does_not_count() {
    let caused =
        |cause: &str, matter: &str| breached("breach", 10, matter, 1).caused_by("crm", cause);
    let gone = [
        received("feedback", 5),
        caused("feedback", "feedback-1"),
        received("retraction", 11).retracting("crm", "feedback"),
    ];
    assert!(ids(&gone).is_empty());
    let corrected = [
        received("feedback", 5),
        caused("feedback", "feedback-1"),
        received("typo", 5).correcting("feedback"),
    ];
    assert_eq!(ids(&corrected), ["breach"]);
    let task = in_matter(
        "task",
        5,
        "case-1",
        Payload::TaskAssigned(TaskAssigned::default()),
    );
    assert!(ids(&[task, caused("task", "case-1")]).is_empty());
}

#[test]
fn a_promise_that_was_missed_counts_once_declared_broken_or_run_out_of_time() {
    let promise = CommitmentMade {
        commitment_id: "c".to_owned(),
        ..CommitmentMade::default()
    };
    let made = in_matter("made", 5, "case-1", Payload::CommitmentMade(promise));
    let broken = |id: &str, at| {
        let broken = CommitmentBroken {
            commitment_id: "c".to_owned(),
        };
        in_matter(id, at, "case-1", Payload::CommitmentBroken(broken))
    };
    let breach = breached("breach", 10, "case-1", 1).caused_by("crm", "made");
    let late = [made.clone(), breach.clone(), broken("broken", 12)];
    assert_eq!(ids(&late), ["breach"]);
    let early = [made, breach, broken("broken", 8)];
    assert_eq!(ids(&early), ["broken"]);
}

#[test]
fn owners_named_by_the_clock_keeper_decide_nothing() {
    let mut said = vec![received("feedback", 5)];
    said[0].subjects.owner_id = "ben".to_owned();
    let mut breach = breached("breach", 6, "feedback-1", 1);
    breach.subjects.owner_id = "ann".to_owned();
    said.push(breach);
    let judged = judge(&said);
    let of = |owner: &str| {
        judged
            .ask(owner, 10, Position(100))
            .map(|it| super::made_of(&it).len())
    };
    assert_eq!(of("ben").unwrap(), 1);
    assert_eq!(of("ann").unwrap_or_default(), 0);
}
