//! The rules that the law of the product gives, case by case.

use ownerline_projections::repairs::{Lack, Outcome, TestStatus};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::repair_attempted::Outcome as Attempt;

use super::{Story, counting, rule, status};

fn count(test: &TestStatus) -> (u32, u32, u32) {
    let best = &test.counts[0];
    (best.count, test.needed, best.distance)
}

fn missing(test: &TestStatus) -> Vec<Lack> {
    test.counts[0].missing.iter().copied().collect()
}

fn thirty_one_days() -> Story {
    let mut story = Story::of("America/Los_Angeles", "US-CA", "2024-01-15");
    story.visit(
        "v1",
        "f1",
        "2024-03-01T17:00:00Z",
        "2024-03-15T17:00:00Z",
        Attempt::NotFixed,
    );
    story.visit(
        "v2",
        "f1",
        "2024-05-01T17:00:00Z",
        "2024-05-16T17:00:00Z",
        Attempt::NotFixed,
    );
    story
}

#[test]
fn more_than_thirty_days_are_thirty_one_and_need_no_notice() {
    let said = thirty_one_days().said;
    let whole = status(&said, "2025-01-01T00:00:00Z");
    let california = rule(&whole, "us-ca");
    assert_eq!(whole.days_out, 31);
    assert_eq!(count(&california.tests[2]), (31, 31, 0));
    assert_eq!(missing(&california.tests[2]), []);
    assert_eq!(california.outcome, Ok(Outcome::Met));
    assert_eq!(count(&california.tests[0]), (2, 4, 2));
    assert_eq!(missing(&california.tests[0]), [Lack::Notice]);
    assert_eq!(california.window.until.unwrap().to_string(), "2025-07-15");
    let days: Vec<u32> = whole.visits.iter().map(|it| it.days).collect();
    assert_eq!(days, [15, 16]);
    assert!(whole.defects[0].rising_risk() && !whole.defects[0].fixed);
    // In Los Angeles it is still the day before.
    let before = status(&said, "2024-05-15T23:00:00Z");
    assert_eq!(before.days_out, 30);
    assert_eq!(rule(&before, "us-ca").outcome, Ok(Outcome::NotMet));
    assert!(before.visits[1].still_in);
    assert_eq!(
        (
            before.defects[0].visits.len(),
            before.defects[0].attempts.len()
        ),
        (2, 1)
    );
    // Local midnight, not that of UTC, begins the day that makes the difference.
    assert_eq!(status(&said, "2024-05-16T06:59:59Z").days_out, 30);
    let after = status(&said, "2024-05-16T07:00:00Z");
    assert_eq!(
        (after.days_out, rule(&after, "us-ca").outcome),
        (31, Ok(Outcome::Met))
    );
}

#[test]
fn months_are_clamped_to_the_end_of_february_and_the_last_day_is_in() {
    let mut story = Story::of("America/New_York", "US-NJ", "2024-02-29");
    story.visit(
        "v1",
        "f1",
        "2024-02-28T14:00:00Z",
        "2024-03-01T22:00:00Z",
        Attempt::NotFixed,
    );
    story.visit(
        "v2",
        "f1",
        "2026-02-28T15:00:00Z",
        "2026-02-28T20:00:00Z",
        Attempt::NotFixed,
    );
    story.visit(
        "v3",
        "f1",
        "2026-03-01T15:00:00Z",
        "2026-03-01T20:00:00Z",
        Attempt::NotFixed,
    );
    let found = status(&story.said, "2026-04-01T00:00:00Z");
    let jersey = rule(&found, "us-nj");
    assert_eq!(jersey.window.until.unwrap().to_string(), "2026-02-28");
    assert_eq!(found.visits[0].days, 3);
    assert_eq!(found.days_out, 5);
    assert_eq!(counting(&found, &jersey.tests[0]), ["v1", "v2"]);
    assert_eq!(count(&jersey.tests[0]), (2, 3, 1));
    assert_eq!(count(&jersey.tests[2]), (4, 20, 16));
    // There is no safety defect: nothing persists, and no notice is about it.
    assert_eq!(count(&jersey.tests[1]), (0, 1, 1));
    assert_eq!(
        missing(&jersey.tests[1]),
        [Lack::Notice, Lack::FaultPersists]
    );
    assert_eq!(jersey.outcome, Ok(Outcome::NotMet));
}

#[test]
fn a_letter_after_two_attempts_and_ten_days_make_the_presumption_in_new_jersey() {
    let mut story = Story::of("America/New_York", "US-NJ", "2024-01-15");
    for (visit, day) in [
        ("v1", "2024-03-01"),
        ("v2", "2024-04-01"),
        ("v3", "2024-05-01"),
    ] {
        let when = format!("{day}T17:00:00Z");
        story.visit(visit, "f1", &when, &when, Attempt::NotFixed);
    }
    // Before the second attempt; no letter; the letter.
    story.notified("2024-03-15T12:00:00Z", "certified_mail", "");
    story.notified("2024-05-02T12:00:00Z", "phone", "");
    story.notified("2024-05-10T12:00:00Z", "Certified mail", "");
    let stands = |as_of: &str| {
        let found = status(&story.said, as_of);
        let jersey = rule(&found, "us-nj").clone();
        (
            count(&jersey.tests[0]),
            missing(&jersey.tests[0]),
            jersey.outcome,
        )
    };
    let reached = (3, 3, 0);
    let without = (reached, vec![Lack::Notice], Ok(Outcome::NotMet));
    assert_eq!(stands("2024-05-09T00:00:00Z"), without);
    let running = (reached, vec![Lack::FinalOpportunity], Ok(Outcome::NotMet));
    assert_eq!(stands("2024-05-20T16:00:00Z"), running);
    assert_eq!(
        stands("2024-05-21T16:00:00Z"),
        (reached, vec![], Ok(Outcome::Met))
    );
    let found = status(&story.said, "2024-05-20T16:00:00Z");
    let best = &rule(&found, "us-nj").tests[0].counts[0];
    assert_eq!(
        best.final_opportunity_until.unwrap().to_string(),
        "2024-05-20"
    );
    // A visit after the letter is the final opportunity; if it helps, the fault persists no longer.
    let mut tried = story.clone();
    tried.visit(
        "v4",
        "f1",
        "2024-05-12T14:00:00Z",
        "2024-05-12T15:00:00Z",
        Attempt::NotFixed,
    );
    let found = status(&tried.said, "2024-05-13T12:00:00Z");
    assert_eq!(rule(&found, "us-nj").outcome, Ok(Outcome::Met));
    let mut fixed = story.clone();
    fixed.visit(
        "v4",
        "f1",
        "2024-05-12T14:00:00Z",
        "2024-05-12T15:00:00Z",
        Attempt::Fixed,
    );
    let found = status(&fixed.said, "2024-06-13T12:00:00Z");
    assert_eq!(
        missing(&rule(&found, "us-nj").tests[0]),
        [Lack::FaultPersists]
    );
    // Unless it comes back.
    fixed
        .in_at("v5", "2024-06-20T14:00:00Z")
        .reported("v5", "2024-06-20T14:00:00Z", "f1", false);
    let found = status(&fixed.said, "2024-06-21T12:00:00Z");
    assert_eq!(rule(&found, "us-nj").outcome, Ok(Outcome::Met));
}

#[test]
fn overlapping_visits_count_each_day_once_and_services_count_none() {
    let mut story = Story::of("America/Los_Angeles", "US-CA", "2024-01-15");
    story.visit(
        "v1",
        "f1",
        "2024-03-01T17:00:00Z",
        "2024-03-10T17:00:00Z",
        Attempt::NotFixed,
    );
    story.visit(
        "v2",
        "f2",
        "2024-03-08T17:00:00Z",
        "2024-03-12T17:00:00Z",
        Attempt::NotFixed,
    );
    story.visit(
        "v3",
        "f1",
        "2024-03-12T17:00:00Z",
        "2024-03-14T17:00:00Z",
        Attempt::NotFixed,
    );
    story
        .in_at("v4", "2024-03-14T16:00:00Z")
        .out_at("v4", "2024-03-14T23:00:00Z");
    story
        .in_at("v5", "2024-04-01T16:00:00Z")
        .out_at("v5", "2024-04-01T20:00:00Z");
    let found = status(&story.said, "2025-01-01T00:00:00Z");
    assert_eq!(found.days_out, 14);
    let days: Vec<(u32, bool)> = found.visits.iter().map(|it| (it.days, it.counts)).collect();
    assert_eq!(
        days,
        [(10, true), (5, true), (3, true), (1, false), (1, false)]
    );
    let defects: Vec<(usize, bool)> = found
        .defects
        .iter()
        .map(|it| (it.attempts.len(), it.rising_risk()))
        .collect();
    assert_eq!(defects, [(2, true), (1, false)]);
    let california = rule(&found, "us-ca");
    assert_eq!(count(&california.tests[2]), (14, 31, 17));
    assert_eq!(counting(&found, &california.tests[2]), ["v1", "v2", "v3"]);
}

#[test]
fn the_light_that_came_back_is_one_defect_once_a_foreman_says_so() {
    let mut story = Story::of("America/Los_Angeles", "US-CA", "2024-06-01");
    story.visit(
        "v1",
        "f1",
        "2025-01-10T17:00:00Z",
        "2025-01-13T17:00:00Z",
        Attempt::Fixed,
    );
    story.visit(
        "v2",
        "f2",
        "2025-02-03T17:00:00Z",
        "2025-02-07T17:00:00Z",
        Attempt::NotFixed,
    );
    story.linked("2025-02-11T10:00:00Z", "f2", "f1", ActorKind::Human);
    story.notified("2025-02-20T10:00:00Z", "phone", "");
    story.visit(
        "v3",
        "f3",
        "2025-02-24T17:00:00Z",
        "2025-02-27T17:00:00Z",
        Attempt::Fixed,
    );
    story.linked("2025-02-24T18:00:00Z", "f3", "f2", ActorKind::Human);
    let found = status(&story.said, "2025-04-01T00:00:00Z");
    assert_eq!(found.defects.len(), 1);
    let defect = &found.defects[0];
    assert_eq!((defect.visits.len(), defect.fixed), (3, true));
    assert_eq!(defect.ids, ["f1", "f2", "f3"]);
    assert_eq!(found.days_out, 13);
    let california = rule(&found, "us-ca");
    assert_eq!(count(&california.tests[0]), (3, 4, 1));
    assert_eq!(missing(&california.tests[0]), []);
    assert_eq!(california.outcome, Ok(Outcome::NotMet));
    assert_eq!(found.used, Some(false));
    let before = status(&story.said, "2025-02-10T00:00:00Z");
    assert_eq!((before.defects.len(), before.days_out), (2, 9));
    assert!(!before.defects.iter().any(|it| it.rising_risk()));
}

#[test]
fn the_car_that_was_sold_before_the_visit_has_been_in_and_was_used() {
    let mut story = Story::of("Europe/London", "GB", "2024-01-01");
    let acquired = crate::history::TestTouchpoint::new(
        "vehicle_acquired",
        "",
        super::at("2025-02-10T12:00:00Z"),
    );
    story.say(
        acquired
            .about(|it| it.vin = super::VIN.to_owned())
            .acquired("bob", true),
    );
    story
        .in_at("w1", "2025-02-20T09:10:00Z")
        .out_at("w1", "2025-02-20T17:00:00Z");
    let found = status(&story.said, "2025-03-01T12:00:00Z");
    assert_eq!(
        (found.visits.len(), found.days_out, found.used),
        (1, 0, Some(true))
    );
    assert_eq!((found.visits[0].days, found.visits[0].counts), (1, false));
    assert!(found.rules.is_empty());
}
