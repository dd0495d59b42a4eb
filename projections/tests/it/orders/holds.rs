//! Holds: an order is held while any is open, and their days are counted once.

use ownerline_projections::orders::OrderFlag;

use super::shown::{holds, silence};
use super::{
    Said, ask, cancelled, dealer, flags, handed_over, held, lifted, now, placed, promised,
};
use crate::history::TestTouchpoint;

#[test]
fn a_hold_inside_another_adds_no_days() {
    let said = [
        placed("2025-01-01"),
        held("2025-02-01", "h1", "2025-02-10"),
        held("2025-02-05", "h2", "2025-02-12").for_dealers(),
        lifted("2025-02-10", "h2").for_dealers(),
        lifted("2025-02-21", "h1"),
    ];
    let dealer = |as_of| ask("o1", as_of).of_dealer();
    let shown = |asked: super::Ask| asked.sheet(&said, |it| (holds(it), silence(it)));
    let (held, heard) = shown(dealer("2025-02-12"));
    let right = [
        "h1 2025-02-01..open, past its release",
        "h2 2025-02-05..2025-02-10",
        "held, 11d",
    ];
    assert_eq!(held, right);
    assert_eq!(heard, "word 2025-02-01, age 11d (11d), longest 31d (31d)");
    let (held, heard) = shown(dealer("2025-03-01"));
    let right = [
        "h1 2025-02-01..2025-02-21",
        "h2 2025-02-05..2025-02-10",
        "not held, 20d",
    ];
    assert_eq!(held, right);
    let right = "word 2025-02-21, age 8d (8d), longest 31d (31d)";
    assert_eq!(heard, right);
    let (held, heard) = shown(ask("o1", "2025-03-01").of_owner("ann"));
    assert_eq!(held, ["h1 2025-02-01..2025-02-21", "not held, 20d"]);
    assert_eq!(heard, right);
}

#[test]
fn holds_that_overlap_or_lie_apart_are_united() {
    let said = [
        placed("2025-01-01"),
        held("2025-02-01", "a", ""),
        held("2025-02-03", "b", ""),
        lifted("2025-02-05", "a"),
        lifted("2025-02-07", "b"),
        held("2025-02-10", "c", ""),
    ];
    let sum = |as_of| now(&said, as_of, |it| holds(it).last().unwrap().clone());
    assert_eq!(sum("2025-02-06"), "held, 5d");
    assert_eq!(sum("2025-02-09"), "not held, 6d");
    assert_eq!(sum("2025-02-12"), "held, 8d");
}

#[test]
fn a_hold_that_was_lifted_before_it_was_set_ends_at_once() {
    let said = [
        placed("2025-01-01"),
        lifted("2025-02-01", "h"),
        held("2025-02-05", "h", ""),
    ];
    let right = ["h 2025-02-05..2025-02-05, lifted first", "not held, 0d"];
    assert_eq!(now(&said, "2025-03-01", holds), right);
    assert_eq!(
        flags(&said, "2025-03-01"),
        [OrderFlag::HoldLiftedFirst].into()
    );
    // As of before, and as known before, there is nothing odd.
    assert_eq!(flags(&said, "2025-02-04"), [].into());
    // The next time it is set it stays.
    let again = [&said[..], &[held("2025-02-10", "h", "")]].concat();
    assert_eq!(
        now(&again, "2025-02-12", holds)[1..],
        ["h 2025-02-10..open", "held, 2d"]
    );
    // Two systems tell the same lifting: it is one.
    let twice = lifted("2025-02-02", "h");
    let twice = [&again[..], &[twice]].concat();
    assert_eq!(
        now(&twice, "2025-02-12", holds)[1..],
        ["h 2025-02-10..open", "held, 2d"]
    );
}

#[test]
fn a_lifting_that_is_told_twice_does_not_end_the_next_hold() {
    let said = [
        placed("2025-01-01"),
        held("2025-02-01", "h", ""),
        lifted("2025-02-03", "h"),
        lifted("2025-02-04", "h"),
        held("2025-02-10", "h", ""),
    ];
    let right = ["h 2025-02-01..2025-02-03", "h 2025-02-10..open", "held, 4d"];
    assert_eq!(now(&said, "2025-02-12", holds), right);
    assert_eq!(flags(&said, "2025-02-12"), [].into());
}

#[test]
fn a_hold_that_is_set_again_while_it_is_open_has_a_new_release() {
    let said = [
        placed("2025-01-01"),
        held("2025-02-01", "h", "2025-02-05"),
        held("2025-02-04", "h", "2025-02-20"),
        held("2025-02-06", "h", "2025-02-25"),
    ];
    let shown = |as_of| now(&said, as_of, |it| holds(it)[0].clone());
    assert_eq!(shown("2025-02-03"), "h 2025-02-01..open");
    assert_eq!(
        shown("2025-02-06"),
        "h 2025-02-01..open, again 2: 2025-02-25"
    );
    let past = "h 2025-02-01..open, again 2: 2025-02-25, past its release";
    assert_eq!(
        shown("2025-02-25"),
        "h 2025-02-01..open, again 2: 2025-02-25"
    );
    assert_eq!(shown("2025-02-26"), past);
}

#[test]
fn a_release_is_past_when_its_day_is_over_at_the_dealer() {
    let said = [
        dealer("d1", "America/Los_Angeles"),
        placed("2025-01-01"),
        held("2025-02-01", "h", "2025-02-10"),
    ];
    let is_past = |as_of| now(&said, as_of, |it| it.holds.all[0].past_expected_release);
    assert!(!is_past("2025-02-11T07:59:59Z"));
    assert!(is_past("2025-02-11T08:00:00Z"));
}

#[test]
fn what_an_ended_order_left_open_was_never_lifted() {
    for end in [cancelled("2025-02-10"), handed_over("2025-02-10", "")] {
        let said = [
            placed("2025-01-01"),
            held("2025-02-01", "h", "2025-02-05"),
            end,
        ];
        let right = ["h 2025-02-01..2025-02-10, never lifted", "not held, 9d"];
        assert_eq!(now(&said, "2025-03-01", holds), right);
        assert_eq!(
            flags(&said, "2025-03-01"),
            [OrderFlag::HoldNeverLifted].into()
        );
    }
    // An order that goes on is still held.
    let said = [
        placed("2025-01-01"),
        held("2025-02-01", "h", ""),
        cancelled("2025-02-10"),
        promised("2025-02-20", "2025-06-01", ""),
    ];
    assert_eq!(
        now(&said, "2025-02-21", holds),
        ["h 2025-02-01..open", "held, 20d"]
    );
}

#[test]
fn at_one_instant_a_hold_is_set_before_it_is_lifted() {
    let midnight = "2025-02-01T00:00:00Z";
    let of = |first: TestTouchpoint, second: TestTouchpoint| {
        let said = [placed("2025-01-01"), first.named("1"), second.named("2")];
        now(&said, "2025-02-02", holds)
    };
    let begins = of(lifted(midnight, "h"), held(midnight, "h", ""));
    let right = [
        format!("h {midnight}..{midnight}"),
        "not held, 0d".to_owned(),
    ];
    assert_eq!(begins, right);
    let (other, held_from) = (held(midnight, "new", ""), held("2025-01-20", "old", ""));
    let said = [
        placed("2025-01-01"),
        held_from,
        lifted(midnight, "old"),
        other,
    ];
    let sum = now(&said, "2025-02-01", |it| holds(it)[2].clone());
    assert_eq!(sum, "held, 12d", "one hold follows the other without a gap");
}
