//! Large traces, what is left out of them, and what a viewer may see.

use std::collections::BTreeSet;

use ownerline_projections::trace::TraceQuestion;
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Viewer};

use super::touchpoints::*;
use super::{ask, ids, question, traced};

#[test]
fn a_trace_of_five_thousand_touchpoints_is_complete_and_a_cut_one_says_so() {
    let said = (0..5_000).map(|number: i64| match number % 3 {
        0 => note(&format!("{number:04}"), number, "c1").correlated("K"),
        1 => contact(&format!("{number:04}"), number).caused_by(&format!("{:04}", number - 1)),
        _ => goodwill(&format!("{number:04}"), number).correlated("K"),
    });
    let log = log(said);
    let trace = traced(&log, "c1", DAY);
    assert_eq!((trace.entries.len(), trace.total), (5_000, 5_000));
    assert!(!trace.is_cut && trace.is_complete);
    let limited = TraceQuestion {
        limit: 1_000,
        ..question("c1")
    };
    let viewer = Viewer::unrestricted();
    let cut = ask(&log, &limited, Position(5_000), DAY, &viewer).unwrap();
    assert_eq!(cut.entries, trace.entries[..1_000]);
    assert_eq!((cut.total, cut.in_force), (5_000, 5_000));
    assert_eq!(cut.period, trace.period);
    assert!(cut.is_cut);
}

#[test]
fn a_search_that_ends_early_says_so() {
    let said = (0..100).map(|number: i64| goodwill(&number.to_string(), number).correlated("K"));
    let said = said.chain([note("note", 0, "c1").correlated("K")]);
    let log = log(said);
    let bounded = |most_found| {
        let bounded = TraceQuestion {
            most_found,
            ..question("c1")
        };
        let viewer = Viewer::unrestricted();
        ask(&log, &bounded, Position(101), DAY, &viewer).unwrap()
    };
    let early = bounded(40);
    assert_eq!((early.total, early.is_complete), (40, false));
    let exactly = bounded(101);
    assert_eq!((exactly.total, exactly.is_complete), (101, true));
}

#[test]
fn matters_of_other_dealers_are_left_out_and_lead_nowhere() {
    let of = |dealer: &str, said: Said| said.about(|it| it.dealer_id = dealer.to_owned());
    let log = log([
        of("d1", opened("open", DAY, "c1", "")),
        note("theirs", 2 * DAY, "c1"),
        of("d2", contact("hidden", 3 * DAY)).caused_by("open"),
        of("d1", contact("beyond", 4 * DAY)).caused_by("hidden"),
        of("d2", opened("other", DAY, "c2", "")),
    ]);
    let viewer = Viewer {
        dealers: DealerScope::Only(BTreeSet::from(["d1".to_owned()])),
        ..Viewer::unrestricted()
    };
    let ask = |case_id| ask(&log, &question(case_id), Position(5), 9 * DAY, &viewer);
    let trace = ask("c1").unwrap();
    assert_eq!(
        ids(&trace),
        ["open", "theirs"],
        "a stream's dealer is filled in"
    );
    let unknown = ask("c2").unwrap_err();
    assert!(matches!(unknown, AnswerError::Unknown { what: "case", .. }));
    assert_eq!(traced(&log, "c1", 9 * DAY).total, 4);
}
