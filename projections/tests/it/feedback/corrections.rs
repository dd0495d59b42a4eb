//! Corrections and retractions of what bears on an obligation.

use ownerline_projections::obligation::{ItemState, State};
use ownerline_projections::view::feedback::load;

use super::told::*;

#[test]
fn a_corrected_reply_counts_at_its_corrected_time_as_known_from_then_on() {
    let late = reply("r2", 30).correcting("r");
    let folded = folded(&[received(0), reply("r", 2), late]);
    let outcome = |known_at| {
        let item = load(&folded.feedback, &folded.known_at(known_at), "f").unwrap();
        let state = ItemState::at(&item.unwrap(), &default_rules(), 100 * HOUR);
        first(&state).outcome.state
    };
    assert_eq!(outcome(1), State::Open);
    assert_eq!(outcome(2), State::AnsweredInTime);
    assert_eq!(outcome(3), State::AnsweredLate);
}

#[test]
fn a_retracted_exclusion_excludes_nothing() {
    let told = [received(0), excluded("x", 1), retracted("t", 2, "x")];
    assert_eq!(first(&state(&told, 10)).outcome.state, State::Open);
}

#[test]
fn withdrawing_a_reply_that_was_corrected_means_what_counts_in_its_place() {
    let corrected = reply("r2", 3).correcting("r");
    let told = [
        received(0),
        reply("r", 2),
        corrected,
        withdrawn("w", 5, "r"),
    ];
    assert_eq!(first(&state(&told, 10)).outcome.state, State::Open);
}

#[test]
fn a_corrected_feedback_keeps_the_name_of_its_obligation() {
    let mut corrected = received(1).at_dealer("d9").correcting("fb");
    corrected.touchpoint.id = "fb2".to_owned();
    let mut again = received(2).at_dealer("d8").correcting("fb2");
    again.touchpoint.id = "fb3".to_owned();
    let before = state(&[received(0)], 10);
    let after = state(&[received(0), corrected, again], 10);
    assert_eq!(first(&after).start, 2 * HOUR);
    assert_eq!(first(&after).opened_by.1, "fb3");
    assert_eq!(first(&before).obligation_id, first(&after).obligation_id);
}
