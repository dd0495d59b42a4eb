//! Thresholds that are near or reached.

use std::collections::BTreeSet;

use ownerline_projections::repairs::{Lack, Outcome as Decided, RepairStatus, gather};
use ownerline_projections::{Position, Viewer};
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;

use super::{Story, VIN, at, status};
use crate::history::{answered, log};

/// Rule, what is counted, count, needed, and the outcome of each threshold.
fn near(status: &RepairStatus) -> Vec<(&str, Kind, u32, u32, Decided)> {
    let near = status.near().into_iter();
    near.map(|it| {
        let (rule, test) = (it.rule.rule_id.as_str(), it.test);
        (rule, test.kind, it.count.count, test.needed, it.outcome)
    })
    .collect()
}

/// A car of New Jersey with so many visits of two days for one defect, a month apart, none of which fixes it.
fn visited(times: u32) -> Story {
    let mut story = Story::of("America/New_York", "US-NJ", "2024-01-10");
    for number in 1..=times {
        let (from, until) = (
            format!("2024-0{}-05T14:00:00Z", number + 1),
            format!("2024-0{}-06T20:00:00Z", number + 1),
        );
        let visit = format!("v{number}");
        story.visit(&visit, "light", &from, &until, Outcome::NotFixed);
    }
    story
}

#[test]
fn a_threshold_is_near_with_one_attempt_to_go_and_said_when_it_is_reached() {
    let as_of = "2024-07-01T00:00:00Z";
    assert!(near(&status(&visited(1).said, as_of)).is_empty());
    let two = status(&visited(2).said, as_of);
    let same = Kind::SameDefect;
    assert_eq!(near(&two), [("us-nj", same, 2, 3, Decided::NotMet)]);
    let missing = BTreeSet::from([Lack::Notice]);
    assert_eq!(two.near()[0].count.missing, missing);
    let mut said = visited(3);
    let three = status(&said.said, as_of);
    assert_eq!(near(&three), [("us-nj", same, 3, 3, Decided::NotMet)]);
    assert_eq!(three.near()[0].count.missing, missing);
    said.notified("2024-05-01T15:00:00Z", "certified_mail", "");
    let noticed = status(&said.said, as_of);
    assert_eq!(near(&noticed), [("us-nj", same, 3, 3, Decided::Met)]);
}

#[test]
fn what_is_near_in_a_window_that_is_over_or_no_longer_persists_is_not_said() {
    let mut two = visited(2);
    assert_eq!(status(&two.said, "2026-01-10T12:00:00Z").near().len(), 1);
    assert!(status(&two.said, "2026-01-11T12:00:00Z").near().is_empty());
    let three = visited(3);
    let long_after = status(&three.said, "2026-01-11T12:00:00Z");
    assert_eq!(long_after.near().len(), 1, "what is reached stays reached");
    two.visit(
        "v9",
        "light",
        "2024-04-05T14:00:00Z",
        "2024-04-06T20:00:00Z",
        Outcome::Fixed,
    );
    assert!(status(&two.said, "2024-07-01T00:00:00Z").near().is_empty());
}

#[test]
fn days_out_are_near_with_five_to_go() {
    let as_of = |day: &str| format!("2024-03-{day}T18:00:00Z");
    let mut story = Story::of("America/New_York", "US-NJ", "2024-01-10");
    story.in_at("v1", "2024-03-01T14:00:00Z").reported(
        "v1",
        "2024-03-01T14:00:00Z",
        "light",
        false,
    );
    assert!(near(&status(&story.said, &as_of("14"))).is_empty());
    let days = |count| [("us-nj", Kind::DaysOut, count, 20, Decided::NotMet)];
    assert_eq!(near(&status(&story.said, &as_of("15"))), days(15));
    assert_eq!(near(&status(&story.said, &as_of("20"))), days(20));
}

#[test]
fn of_a_car_of_which_more_is_told_than_wanted_nothing_is_said() {
    let three = log(&visited(3).said);
    let known_at = Position(u64::try_from(three.len()).unwrap());
    let (as_of, viewer) = (at("2024-07-01T00:00:00Z"), Viewer::unrestricted());
    let is_cut = |most| {
        let fold = answered(&three, known_at, as_of, &viewer, |snapshots, vantage| {
            gather(snapshots, vantage, VIN, most)
        });
        fold.unwrap().is_cut()
    };
    // Three visits of a drop-off, a report, an attempt and a pick-up.
    assert_eq!((is_cut(12), is_cut(11), is_cut(2)), (false, true, true));
}
