//! Corrections and retractions of touchpoints that affect an obligation.

use ownerline_projections::Position;
use ownerline_projections::feedback::load;
use ownerline_projections::obligation::{ItemState, Remark, State, details};

use super::touchpoints::*;

#[test]
fn a_corrected_reply_counts_at_its_corrected_time_as_known_from_then_on() {
    let late = reply("r2", 30).correcting("r");
    let folded = folded(&[received(0), reply("r", 2), late]);
    let outcome = |known_at| {
        let item = load(&folded.feedback, &folded.known_at(known_at), "f").unwrap();
        let state = ItemState::at(&item.unwrap(), &default_rules(), 100 * HOUR);
        first(&state).outcome.state
    };
    assert_eq!(outcome(Position(1)), State::Open);
    assert_eq!(outcome(Position(2)), State::AnsweredInTime);
    assert_eq!(outcome(Position(3)), State::AnsweredLate);
}

#[test]
fn a_retracted_exclusion_excludes_nothing() {
    let touchpoints = [received(0), excluded("x", 1), retracted("t", 2, "x")];
    assert_eq!(first(&state(&touchpoints, 10)).outcome.state, State::Open);
}

#[test]
fn withdrawing_a_corrected_reply_withdraws_its_correction() {
    let corrected = reply("r2", 3).correcting("r");
    let touchpoints = [
        received(0),
        reply("r", 2),
        corrected,
        withdrawn("w", 5, "r"),
    ];
    assert_eq!(first(&state(&touchpoints, 10)).outcome.state, State::Open);
}

#[test]
fn a_corrected_feedback_keeps_the_name_of_its_obligation() {
    let mut corrected = received(1).at_dealer("d9").correcting("fb");
    corrected.touchpoint.id = "fb2".to_owned();
    let mut again = received(2).at_dealer("d8").correcting("fb2");
    again.touchpoint.id = "fb3".to_owned();
    let before = state(&[received(0)], 10);
    let after = state(&[received(0), corrected, again], 10);
    assert_eq!(first(&after).start, 0);
    assert_eq!(first(&after).opened_by.id, "fb3");
    assert_eq!(first(&before).obligation_id, first(&after).obligation_id);
}

/// A correction of the feedback that changes nothing but its words.
fn reworded(id: &str, hour: i64, arrived: i64, corrects: &str) -> FeedbackTouchpoint {
    let mut touchpoints = received(hour).arrived(arrived).correcting(corrects);
    touchpoints.touchpoint.id = id.to_owned();
    touchpoints
}

#[test]
fn a_correction_of_words_moves_no_clock() {
    let touchpoints = [received(0), reply("r", 74), reworded("fb2", 0, 98, "fb")];
    let before = state(&touchpoints[..2], 200);
    let after = state(&touchpoints, 200);
    let late = first(&after);
    assert_eq!((late.start, late.outcome.spent), (0, i128::from(74 * HOUR)));
    assert_eq!(late.outcome.state, State::AnsweredLate);
    assert!(!late.reply_first);
    assert_eq!(late.outcome, first(&before).outcome);
    assert_eq!(after.received.as_ref().unwrap().start, 0);
}

#[test]
fn the_clock_starts_with_the_first_of_the_chain_whatever_arrived_first() {
    let touchpoints = [
        reworded("fb3", 0, 50, "fb2"),
        reworded("fb2", 0, 40, "fb"),
        received(0).arrived(3),
        retracted("t", 60, "fb3"),
    ];
    for known in [3, 4] {
        assert_eq!(first(&state(&touchpoints[..known], 100)).start, 3 * HOUR);
    }
    // Until what it corrects is known, a correction stands for itself.
    assert_eq!(first(&state(&touchpoints[..1], 100)).start, 50 * HOUR);
}

#[test]
fn a_live_correction_leaves_an_imported_feedback_imported() {
    let touchpoints = [received(0).imported(90), reworded("fb2", 0, 98, "fb")];
    let state = state(&touchpoints, 200);
    let received = state.received.as_ref().unwrap();
    assert!(received.imported);
    assert_eq!(received.start, 0);
}

#[test]
fn whichever_member_of_its_chain_is_withdrawn_the_reply_is_meant() {
    let mut touchpoints = vec![
        received(0),
        reply("r", 2),
        reply("r2", 3).correcting("r"),
        reply("r3", 4).correcting("r2"),
        retracted("t", 5, "r3"),
    ];
    assert_eq!(
        first(&state(&touchpoints, 10)).outcome.state,
        State::AnsweredInTime
    );
    for named in ["r", "r2", "r3"] {
        touchpoints.push(withdrawn("w", 6, named));
        assert_eq!(
            first(&state(&touchpoints, 10)).outcome.state,
            State::Open,
            "{named}"
        );
        touchpoints.pop();
    }
}

#[test]
fn an_item_that_was_received_before_it_occurred_is_flagged() {
    let remarks = |touchpoints: &[FeedbackTouchpoint]| {
        let item = folded(touchpoints).item("f").unwrap();
        let state = ItemState::at(&item, &default_rules(), 100 * HOUR);
        details(&item, &state, &default_rules(), (100 * HOUR).into())[0]
            .remarks
            .clone()
    };
    assert_eq!(remarks(&[received(5)]), []);
    let flagged = [Remark::ReceivedBeforeOccurred];
    assert_eq!(remarks(&[received(5).arrived(3)]), flagged);
    // So is one whose correction says that it occurred later than the centre had it.
    assert_eq!(
        remarks(&[received(5), reworded("fb2", 9, 9, "fb")]),
        flagged
    );
}
