//! Circles of causation, and long chains of it.

use super::touchpoints::*;
use super::{ids, reasons, traced};

#[test]
fn what_causes_its_own_cause_is_a_cause_and_an_effect() {
    // An alert caused the case, the case a note, and the note, so it says, the alert.
    let trace = traced(
        &log([
            opened("open", 2 * DAY, "c1", "").caused_by("alert"),
            contact("alert", DAY).caused_by("note"),
            goodwill("sibling", DAY + HOUR).caused_by("alert"),
            note("note", 3 * DAY, "c1").caused_by("open"),
            goodwill("news", 4 * DAY),
        ]),
        "c1",
        9 * DAY,
    );
    assert_eq!(ids(&trace), ["alert", "sibling", "open", "note"]);
    for (id, why) in [
        ("alert", "Cause through open, Effect through note"),
        ("sibling", "Effect through alert"),
        ("open", "Case, Cause through note, Effect through alert"),
        ("note", "Case, Cause through alert, Effect through open"),
    ] {
        assert_eq!(reasons(&trace, id), why, "{id}");
    }
}

#[test]
fn two_touchpoints_may_cause_each_other() {
    let trace = traced(
        &log([
            note("one", DAY, "c1").caused_by("two"),
            contact("two", 2 * DAY).caused_by("one"),
        ]),
        "c1",
        9 * DAY,
    );
    assert_eq!(
        reasons(&trace, "two"),
        "Cause through one, Effect through one"
    );
    assert_eq!(
        reasons(&trace, "one"),
        "Case, Cause through two, Effect through two"
    );
}

#[test]
fn a_chain_of_causes_of_any_length_ends() {
    let links = 1..400;
    let mut said = vec![note("0", 1_000, "c1").caused_by("1")];
    said.extend(links.map(|number: i64| {
        let cause = (number + 1).to_string();
        contact(&number.to_string(), 1_000 - number).caused_by(&cause)
    }));
    let trace = traced(&log(said), "c1", 9 * DAY);
    assert_eq!((trace.total, trace.is_complete), (400, true));
    assert_eq!(reasons(&trace, "399"), "Cause through 398");
}
