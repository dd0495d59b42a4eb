//! A viewer who may not see every visit of a car.

use std::collections::BTreeSet;

use ownerline_projections::repairs::{Flag, Outcome, RepairStatus};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Viewer};

use super::constructed::notation::history;
use super::{at, known, rule};

/// A car that was at two dealers, with 20, 12 and 1 days.
const HISTORY: [&str; 5] = [
    "car US-CA 2024-01-15 America/Los_Angeles",
    "dealer d2 America/Los_Angeles",
    "visit v1 d1 2024-03-01T17:00Z 2024-03-20T17:00Z f1 not_fixed m=100000",
    "visit v2 d2 2024-05-01T17:00Z 2024-05-12T17:00Z f1 not_fixed m=900000",
    "visit v3 d1 2024-06-01T17:00Z 2024-06-01T18:00Z f1 fixed",
];

fn seen(dealers: DealerScope) -> Result<RepairStatus, AnswerError> {
    let said = history(&HISTORY);
    let viewer = Viewer {
        dealers,
        ..Viewer::unrestricted()
    };
    known(&said, at("2024-12-01T00:00Z"), 100, &viewer)
}

fn only(dealer: &str) -> DealerScope {
    DealerScope::Only(BTreeSet::from([dealer.to_owned()]))
}

#[test]
fn who_sees_every_dealer_sees_every_visit() {
    let all = seen(DealerScope::Every).unwrap();
    assert_eq!((all.visits.len(), all.days_out), (3, 33));
    assert_eq!(rule(&all, "us-ca").outcome, Ok(Outcome::Met));
    assert_eq!(all.visits[2].odometer_metres, Some(900_000));
    assert!(!all.flags.contains(&Flag::SomeDealersOnly));
}

#[test]
fn who_sees_one_dealer_gets_its_visits_alone_and_is_told_so() {
    let own = seen(only("d1")).unwrap();
    let visits: Vec<&str> = own.visits.iter().map(|it| it.visit_id.as_str()).collect();
    assert_eq!((visits, own.days_out), (vec!["v1", "v3"], 21));
    assert_eq!(rule(&own, "us-ca").outcome, Ok(Outcome::NotMet));
    assert!(own.flags.contains(&Flag::SomeDealersOnly));
    // The greater reading is of a visit that they do not see.
    assert_eq!(own.visits[1].odometer_metres, Some(100_000));
    // What is the car's and not a visit's is the same.
    assert_eq!((own.used, own.jurisdictions.len()), (Some(false), 1));
}

#[test]
fn who_sees_none_of_its_visits_does_not_know_the_car() {
    let unknown = seen(only("d3")).unwrap_err();
    assert!(matches!(
        unknown,
        AnswerError::Unknown {
            what: "vehicle",
            ..
        }
    ));
}
