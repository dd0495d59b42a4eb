//! Help beyond the sale: turn-aways, what became of them, what owners said, cars of other brands, and goodwill.

mod narrow;
mod properties;
mod story;

use std::collections::BTreeSet;

use ownerline_projections::assistance::{
    AssistanceFigures, AssistanceQuestion, GroupBy, Link, answer,
};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::v1::actor::Kind;
use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::feedback_excluded::Reason as Excluded;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AssistanceDeclined, DealerRegistered, DefectLinked, DefectUnlinked, FeedbackExcluded,
    FeedbackReceived, GoodwillGranted, RepairAttempted, VehicleRegistered, WorkPerformed,
};

use crate::history::{TestTouchpoint, answered, log};

const DAY: i64 = 86_400 * 1_000_000_000;

fn dealer(dealer_id: &str, brands: &[&str]) -> TestTouchpoint {
    let payload = Payload::DealerRegistered(DealerRegistered {
        market: "GB".to_owned(),
        brands: brands.iter().map(|&it| it.to_owned()).collect(),
        ..DealerRegistered::default()
    });
    TestTouchpoint::with_payload(dealer_id, 0, payload)
        .about(|it| it.dealer_id = dealer_id.to_owned())
}

fn vehicle(vin: &str, brand: &str) -> TestTouchpoint {
    let payload = Payload::VehicleRegistered(VehicleRegistered {
        brand: brand.to_owned(),
        ..VehicleRegistered::default()
    });
    TestTouchpoint::with_payload(vin, 0, payload).about(|it| it.vin = vin.to_owned())
}

fn of_visit(said: TestTouchpoint, visit: &str, dealer: &str) -> TestTouchpoint {
    said.about(|it| {
        it.visit_id = visit.to_owned();
        it.dealer_id = dealer.to_owned();
        it.owner_id = "o".to_owned();
        it.vin = "V".to_owned();
    })
}

fn declined(id: &str, at: i64, visit: &str, dealer: &str, told: bool) -> TestTouchpoint {
    let payload = Payload::AssistanceDeclined(AssistanceDeclined {
        reason: Reason::StaffAbsent.into(),
        owner_told_next_step: told,
        ..AssistanceDeclined::default()
    });
    of_visit(TestTouchpoint::with_payload(id, at, payload), visit, dealer)
}

fn tried(id: &str, at: i64, visit: &str, dealer: &str, outcome: Outcome) -> TestTouchpoint {
    let payload = Payload::RepairAttempted(RepairAttempted {
        outcome: outcome.into(),
    });
    of_visit(TestTouchpoint::with_payload(id, at, payload), visit, dealer)
}

fn worked(id: &str, at: i64, visit: &str, dealer: &str) -> TestTouchpoint {
    let payload = Payload::WorkPerformed(WorkPerformed::default());
    of_visit(TestTouchpoint::with_payload(id, at, payload), visit, dealer)
}

fn feedback(id: &str, at: i64, visit: &str, score: i32) -> TestTouchpoint {
    let payload = Payload::FeedbackReceived(FeedbackReceived {
        score: Some(score),
        solicited: true,
        ..FeedbackReceived::default()
    });
    TestTouchpoint::with_payload(id, at, payload).about(|it| {
        it.feedback_id = id.to_owned();
        it.owner_id = "o".to_owned();
        it.visit_id = visit.to_owned();
    })
}

fn ask(
    said: &[TestTouchpoint],
    as_of: i64,
    viewer: &Viewer,
    question: &AssistanceQuestion,
) -> Result<AssistanceFigures, AnswerError> {
    let log = log(said);
    let known_at = Position(log.len() as u64);
    answered(&log, known_at, as_of, viewer, |snapshots, vantage| {
        answer(snapshots, vantage, question)
    })
}

fn figures(said: &[TestTouchpoint], as_of: i64) -> AssistanceFigures {
    let question = AssistanceQuestion::default();
    ask(said, as_of, &Viewer::unrestricted(), &question).unwrap()
}

/// What solved each turn-away, newest first: its id, the link and the days since.
fn solutions(found: &AssistanceFigures) -> Vec<Option<(&str, Link, i64)>> {
    let solved = found.turn_aways.iter().map(|it| it.solution.as_ref());
    let shown = solved.map(|it| it.map(|it| (it.key.id.as_str(), it.link, it.after / DAY)));
    shown.collect()
}

#[test]
fn a_link_comes_before_the_vehicle_alone_and_the_vehicle_counts_for_thirty_days() {
    let of_case = |said: TestTouchpoint| said.about(|it| it.case_id = "c".to_owned());
    let away = declined("away", DAY, "v1", "d1", false);
    let near = worked("near", 31 * DAY, "v2", "d2");
    let far = worked("far", 31 * DAY + 1, "v2", "d2");
    let linked = of_case(worked("linked", 90 * DAY, "v3", "d3"));
    let solved = |said: &[TestTouchpoint]| {
        let found = figures(said, 100 * DAY);
        let solved = solutions(&found)[0];
        solved.map(|(id, link, days)| (id.to_owned(), link, days))
    };
    let by_vehicle = Some(("near".to_owned(), Link::Vehicle, 30));
    assert_eq!(solved(&[away.clone(), near.clone()]), by_vehicle);
    assert_eq!(solved(&[away.clone(), far]), None);
    let all = [of_case(away), near, linked];
    assert_eq!(solved(&all), Some(("linked".to_owned(), Link::Case, 89)));
    // As of the time between, only the vehicle connects anything.
    assert_eq!(
        solutions(&figures(&all, 40 * DAY)),
        [Some(("near", Link::Vehicle, 30))]
    );
}

#[test]
fn work_solves_nothing_in_a_visit_with_a_refusal_or_a_failed_attempt() {
    let away = declined("away", DAY, "v1", "d1", false);
    let solved = |said: &[TestTouchpoint]| solutions(&figures(said, 100 * DAY))[0].is_some();
    let work = worked("work", 3 * DAY, "v2", "d2");
    let failed = tried("failed", 4 * DAY, "v2", "d2", Outcome::PartPending);
    let fixed = tried("fixed", 5 * DAY, "v2", "d2", Outcome::Fixed);
    let in_same = worked("same", 2 * DAY, "v1", "d1");
    assert!(solved(&[away.clone(), work.clone()]));
    assert!(!solved(&[away.clone(), in_same]));
    assert!(!solved(&[away.clone(), work.clone(), failed.clone()]));
    assert!(solved(&[away.clone(), work, failed, fixed]));
    // A repair in the visit of the refusal itself solves it.
    let after_all = tried("after all", 2 * DAY, "v1", "d1", Outcome::Fixed);
    assert!(solved(&[away, after_all]));
}

#[test]
fn a_defect_that_a_human_linked_is_the_same_and_one_that_a_program_linked_is_not() {
    let about =
        |said: TestTouchpoint, defect: &str| said.about(|it| it.defect_id = defect.to_owned());
    let linked = |id: &str, by: Kind, payload: Payload| {
        let said = TestTouchpoint::with_payload(id, 2 * DAY, payload).by("x", by);
        said.about(|it| it.case_id = "c".to_owned())
    };
    let (defect_id, same_as) = ("light".to_owned(), "engine".to_owned());
    let link = Payload::DefectLinked(DefectLinked {
        defect_id: defect_id.clone(),
        same_as: same_as.clone(),
    });
    let unlink = Payload::DefectUnlinked(DefectUnlinked { defect_id, same_as });
    let mut said = vec![
        about(declined("away", DAY, "v1", "d1", false), "light"),
        about(
            tried("fixed", 90 * DAY, "v2", "d2", Outcome::Fixed),
            "engine",
        ),
    ];
    let solved = |said: &[TestTouchpoint]| solutions(&figures(said, 100 * DAY))[0].map(|it| it.1);
    assert_eq!(solved(&said), None);
    said.push(linked("by a program", Kind::System, link.clone()));
    assert_eq!(solved(&said), None);
    said.push(linked("by a human", Kind::Human, link));
    assert_eq!(solved(&said), Some(Link::Defect));
    said.push(linked("taken back", Kind::Human, unlink));
    assert_eq!(solved(&said), None);
}

#[test]
fn two_refusals_may_have_one_solution_and_the_unsolved_are_never_dropped() {
    let said = [
        declined("1", DAY, "v1", "d1", true),
        declined("2", 2 * DAY, "v2", "d2", false),
        worked("work", 4 * DAY, "v3", "d2"),
        declined("3", 50 * DAY, "v4", "d1", false),
    ];
    let found = figures(&said, 60 * DAY);
    let solved = [
        None,
        Some(("work", Link::Vehicle, 2)),
        Some(("work", Link::Vehicle, 3)),
    ];
    assert_eq!(solutions(&found), solved);
    let outcome = found.total.outcome.unwrap();
    let share = outcome.solved.unwrap();
    assert_eq!((share.count, share.of, share.share), (2, 3, None));
    assert_eq!((outcome.solutions, outcome.solved_by_vehicle), (1, 2));
    assert_eq!(
        (
            outcome.solved_by_same_dealer,
            outcome.solved_by_other_dealer
        ),
        (1, 1)
    );
    assert_eq!(outcome.oldest_not_solved.unwrap().seconds, 10 * 86_400);
    // Below ten turn-aways there is no figure.
    assert!(outcome.quantiles.iter().all(|it| it.at.is_none()));
}

#[test]
fn from_ten_turn_aways_on_the_time_to_the_solution_counts_those_who_still_wait() {
    let mut said = Vec::new();
    for owner in 0..10 {
        let name = format!("o{owner}");
        let of = |said: TestTouchpoint, id: String| {
            let mut said = said.about(|it| {
                it.owner_id.clone_from(&name);
                it.vin = format!("V{owner}");
                it.visit_id = format!("{id}-{owner}");
            });
            said.id = format!("{id}{owner}");
            said
        };
        said.push(of(declined("", DAY, "", "d1", false), "away".to_owned()));
        if owner < 6 {
            let at = (2 + owner) * DAY;
            said.push(of(worked("", at, "", "d2"), "work".to_owned()));
        }
    }
    let outcome = figures(&said, 40 * DAY).total.outcome.unwrap();
    // Five of ten within five days: those who wait count as waiting.
    assert_eq!(outcome.quantiles[0].at.unwrap().seconds, 5 * 86_400);
    assert_eq!(outcome.quantiles[1].at, None);
    let after: Vec<Option<f64>> = outcome.not_solved_after.iter().map(|it| it.open).collect();
    assert_eq!(after, [Some(0.9), Some(0.4), Some(0.4)]);
}

#[test]
fn groups_are_by_dealer_brand_market_and_month_and_the_brand_is_unknown_where_nobody_says_it() {
    let said = [
        dealer("d1", &["Halcyra"]),
        dealer("d2", &[]),
        vehicle("V", "Other"),
        declined("1", 40 * DAY, "v1", "d1", true),
        worked("2", 41 * DAY, "v2", "d2"),
        declined("3", 80 * DAY, "v3", "d2", false).about(|it| it.vin = "V9".to_owned()),
    ];
    let by = |group_by: GroupBy| {
        let question = AssistanceQuestion {
            group_by: Some(group_by),
            ..AssistanceQuestion::default()
        };
        let found = ask(&said, 90 * DAY, &Viewer::unrestricted(), &question).unwrap();
        let groups = found.groups.into_iter().map(|it| {
            let of = it.assistance.unwrap();
            let away = of.turn_aways.unwrap();
            let other = (away.other_brand, away.brand_not_known);
            (it.key, away.turn_aways, other, of.help.unwrap().visits)
        });
        groups.collect::<Vec<_>>()
    };
    let row = |key: &str, away: u64, other: (u64, u64), visits: u64| {
        (key.to_owned(), away, other, visits)
    };
    assert_eq!(
        by(GroupBy::Dealer),
        [row("d1", 1, (1, 0), 0), row("d2", 1, (0, 1), 1)]
    );
    assert_eq!(
        by(GroupBy::Brand),
        [row("", 1, (0, 1), 0), row("Other", 1, (1, 0), 1)]
    );
    assert_eq!(by(GroupBy::Market), [row("GB", 2, (1, 1), 1)]);
    assert_eq!(
        by(GroupBy::Month),
        [row("1970-02", 1, (1, 0), 1), row("1970-03", 1, (0, 1), 0)]
    );
}

#[test]
fn goodwill_is_summed_by_currency_for_the_dealer_it_names_or_of_its_visit() {
    let granted = |id: &str, visit: &str, currency: &str, value: i64| {
        let payload = Payload::GoodwillGranted(GoodwillGranted {
            currency: currency.to_owned(),
            value_minor: value,
            ..GoodwillGranted::default()
        });
        TestTouchpoint::with_payload(id, 5, payload).about(|it| {
            it.owner_id = "o".to_owned();
            it.visit_id = visit.to_owned();
        })
    };
    let said = [
        dealer("d1", &[]),
        worked("w", 1, "v1", "d1"),
        granted("1", "v1", "EUR", 300),
        granted("2", "v1", "EUR", 50),
        granted("3", "", "GBP", 7),
    ];
    let mut question = AssistanceQuestion::default();
    let sums = |question: &AssistanceQuestion| {
        let found = ask(&said, 9, &Viewer::unrestricted(), question).unwrap();
        let sums = found.total.goodwill.into_iter();
        sums.map(|it| (it.currency, it.times, it.value_minor))
            .collect::<Vec<_>>()
    };
    let euro = ("EUR".to_owned(), 2, 350);
    assert_eq!(sums(&question), [euro.clone(), ("GBP".to_owned(), 1, 7)]);
    question.scope.dealer_id = Some("d1".to_owned());
    assert_eq!(sums(&question), [euro]);
}

#[test]
fn a_viewer_of_one_dealer_learns_that_another_helped_and_not_who() {
    let said = [
        dealer("d1", &[]),
        dealer("d2", &[]),
        declined("away", DAY, "v1", "d1", false),
        worked("work", 2 * DAY, "v2", "d2"),
    ];
    let of_d1 = Viewer {
        dealers: DealerScope::Only(BTreeSet::from(["d1".to_owned()])),
        ..Viewer::unrestricted()
    };
    let mut question = AssistanceQuestion::default();
    let refused = ask(&said, 9 * DAY, &of_d1, &question);
    assert!(matches!(refused, Err(AnswerError::OutOfScope { .. })));
    question.scope.dealer_id = Some("d2".to_owned());
    let refused = ask(&said, 9 * DAY, &of_d1, &question);
    assert!(matches!(refused, Err(AnswerError::UnknownName { .. })));
    question.scope.dealer_id = Some("d1".to_owned());
    let found = ask(&said, 9 * DAY, &of_d1, &question).unwrap();
    assert_eq!(found.total.outcome.unwrap().solved_by_other_dealer, 1);
    let solution = found.turn_aways[0].solution.clone().unwrap();
    let hidden = [&solution.key.id, &solution.visit_id, &solution.dealer_id];
    assert_eq!(hidden, [""; 3]);
    question.scope.dealer_id = None;
    question.scope.brand = Some("Nothing".to_owned());
    let unknown = ask(&said, 9 * DAY, &Viewer::unrestricted(), &question);
    assert!(matches!(unknown, Err(AnswerError::UnknownName { .. })));
}

#[test]
fn below_ten_answers_the_experience_is_their_number_and_excluded_ones_are_in_no_score() {
    let said = |n: i32| {
        let mut said = vec![declined("away", DAY, "v1", "d1", false)];
        let scored = (0..n).map(|it| feedback(&format!("f{it}"), 2 * DAY, "v1", 9));
        said.extend(scored);
        said.push(feedback("out", 2 * DAY, "v1", 0));
        let excludes = Payload::FeedbackExcluded(FeedbackExcluded {
            reason: Excluded::Spam.into(),
        });
        let excluded = TestTouchpoint::with_payload("x", 3 * DAY, excludes);
        said.push(excluded.about(|it| it.feedback_id = "out".to_owned()));
        said
    };
    let nps = |n: i32| {
        let experience = figures(&said(n), 9 * DAY).total.experience.unwrap();
        assert_eq!(
            (experience.feedback, experience.excluded),
            (u64::from(n.unsigned_abs()) + 1, 1)
        );
        assert_eq!(experience.nps, experience.nps_where_turned_away);
        experience.nps.unwrap()
    };
    assert_eq!((nps(9).n, nps(9).low), (9, None));
    assert!(nps(10).low.is_some() && nps(10).point.is_none());
    assert_eq!(nps(30).point, Some(100.0));
}

#[test]
fn a_retracted_refusal_was_none_and_a_corrected_one_says_what_it_says_now() {
    let retracted = |at| of_visit(TestTouchpoint::new("", "r", at), "v1", "").retracting("", "1");
    let said = [declined("1", DAY, "v1", "d1", false), retracted(2 * DAY)];
    let turned_away = |said: &[TestTouchpoint]| {
        let away = figures(said, 9 * DAY).total.turn_aways.unwrap();
        (away.turn_aways, away.told_next_step.unwrap().count)
    };
    assert_eq!(turned_away(&said), (0, 0));
    let corrected = declined("2", DAY, "v1", "d1", true).correcting("1");
    let said = [declined("1", DAY, "v1", "d1", false), corrected];
    assert_eq!(turned_away(&said), (1, 1));
}
