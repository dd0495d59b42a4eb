//! Months and periods of scores: civil dates are read in the zone of each dealer.

use jiff::civil::Date;
use ownerline_projections::scores::{GroupBy, Scope};

use super::*;

/// `until_month` is exclusive; months of 1970.
fn in_months(world: &World, from: i8, until: i8) -> ScoreResults {
    let period = Period {
        from_date: Some(Date::constant(1970, from, 1)),
        until_date: Some(Date::constant(1970, until, 1)),
        ..Period::default()
    };
    let asking = Asking {
        scope: Scope {
            period,
            ..Scope::default()
        },
        ..Asking::default()
    };
    world.ask(&asking).0
}

#[test]
fn a_month_that_is_asked_for_by_dates_is_the_month_of_the_groups() {
    // 19:00 UTC on the last day of January is half past midnight in India.
    let hour = 30 * 24 + 19;
    let touchpoints = [
        registered("d1", "IN", "Asia/Kolkata"),
        invited("f", hour, "service"),
        delivered("f", hour),
        score("f", hour, 9),
    ];
    let world = world(&touchpoints);
    let months = world.groups(GroupBy::Month);
    assert_eq!(months.keys().collect::<Vec<_>>(), ["1970-02"]);
    assert_eq!(in_months(&world, 1, 2).received, 0);
    let february = in_months(&world, 2, 3);
    assert_eq!(february.received, 1);
    assert_eq!(asked(&february).delivered, 1);
}

#[test]
fn a_correction_of_an_answer_moves_it_into_no_other_month() {
    let answered = score("f", 10, 9);
    let mut corrected = score("f", 10, 8).arrived(40 * 24);
    corrected.touchpoint.id = "corrected".to_owned();
    corrected.touchpoint.corrects = named(&answered.touchpoint.id);
    let world = world(&[answered, corrected]);
    let months = world.groups(GroupBy::Month);
    assert_eq!(months.keys().collect::<Vec<_>>(), ["1970-01"]);
    assert_eq!(in_months(&world, 1, 2).received, 1);
}
