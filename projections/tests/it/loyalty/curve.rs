//! The curve by length of ownership, against lifelines (`vectors/generate.py`).

use ownerline_proto::v1::repurchased::Kind;
use pbjson_types::Duration;

use super::{DAY, Story, of_make};
use crate::history::TestTouchpoint;
use crate::stats::{assert_close, count, number, rows};

const HOUR: i64 = DAY / 24;

fn days(duration: Option<&Duration>) -> u64 {
    let seconds = u64::try_from(duration.unwrap().seconds).unwrap();
    assert_eq!(seconds % 86_400, 0);
    seconds / 86_400
}

/// The histories of the vectors; each return is reported in another way.
fn story() -> Story {
    let mut story = Story::default();
    for (person, row) in rows(include_str!("vectors/histories.csv"))
        .iter()
        .enumerate()
    {
        let hours = |cell: &str| i64::try_from(count(cell)).unwrap();
        let owner = format!("p{person}");
        let begin = story.0.len();
        story = story.car(0, &owner, &format!("V{person}a"), "Halden");
        for said in &mut story.0[begin..] {
            said.occurred_at = hours(row[0]) * HOUR;
        }
        if row[1].is_empty() {
            continue;
        }
        let back = story.0.len();
        story = match row[2] {
            "left" => story.left(0, &owner, "Other"),
            "other" => story.car(0, &owner, &format!("V{person}b"), "Sylt"),
            _ if person % 2 == 0 => story.again(0, &owner, "", Kind::Lease, "Halden"),
            _ => story.car(0, &owner, &format!("V{person}b"), "Halden"),
        };
        for said in &mut story.0[back..] {
            said.occurred_at = hours(row[1]) * HOUR;
        }
    }
    story
}

#[test]
fn the_curve_of_generated_histories_is_that_of_lifelines() {
    let figures = story().world().on(6_000);
    let halden = of_make(&figures, "Halden");
    let expected = rows(include_str!("vectors/curve.csv"));
    assert_eq!(halden.curve.len(), expected.len());
    for (point, row) in halden.curve.iter().zip(expected) {
        assert_eq!(days(point.at.as_ref()), count(row[0]));
        assert_eq!(point.at_risk, count(row[1]), "{row:?}");
        let found = [
            point.not_returned,
            point.low,
            point.high,
            point.same_brand,
            point.other_brand,
        ];
        for (found, expected) in found.into_iter().zip(&row[2..]) {
            // Six decimals on the wire.
            let rounded = (number(expected) * 1e6).round() / 1e6;
            assert_close(found.unwrap(), &rounded.to_string(), &row);
        }
    }
    let median = halden.median.unwrap();
    let found = [&median.at, &median.low, &median.high].map(|it| days(it.as_ref()));
    let row = &rows(include_str!("vectors/median.csv"))[0];
    assert_eq!(found, [count(row[0]), count(row[1]), count(row[2])]);
}

#[test]
fn an_anniversary_is_within_the_year_and_the_day_after_is_not() {
    let at_risk = |hours: i64| {
        let mut story = Story::default()
            .car(0, "ann", "A1", "Halden")
            .car(0, "ann", "A2", "Halden");
        for said in &mut story.0[2..] {
            said.occurred_at = hours * HOUR;
        }
        let halden = of_make(&story.world().on(2_000), "Halden");
        (halden.curve[0].not_returned, halden.curve[1].at_risk)
    };
    // A leap year to the hour.
    assert_eq!(at_risk(24 * 366), (Some(0.5), 1));
    assert_eq!(at_risk(24 * 366 + 1), (Some(1.0), 1));
}

#[test]
fn a_median_that_is_not_reached_is_absent() {
    let mut story = Story::default();
    for person in 0..10 {
        story = story.car(0, &format!("p{person}"), &format!("V{person}"), "Halden");
    }
    let halden = of_make(&story.world().on(4_000), "Halden");
    let median = halden.median.unwrap();
    assert_eq!((median.at, median.low, median.high), (None, None, None));
    let last = halden.curve.last().unwrap();
    assert_eq!((last.at_risk, last.not_returned), (10, Some(1.0)));
}

#[test]
fn nobody_is_a_curve_without_figures() {
    let figures = Story::default()
        .says(TestTouchpoint::new("news_sent", "n", 0).about(|it| it.owner_id = "ann".to_owned()))
        .world()
        .on(10);
    assert!(figures.groups.is_empty());
    let first = &figures.total.curve[0];
    assert_eq!(
        (first.at_risk, first.not_returned, first.low),
        (0, None, None)
    );
    assert_eq!(figures.total.rate.unwrap().rate, None);
}
