//! The mistakes of other products, each as a test.

use ownerline_projections::obligation::State;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, actor};

use super::touchpoints::*;

#[test]
fn a_late_first_reply_does_not_disappear_after_a_second_one() {
    let touchpoints = [received(0), reply("r", 30), reply("r2", 31)];
    let state = state(&touchpoints, 100);
    assert_eq!(first(&state).outcome.state, State::AnsweredLate);
    assert_eq!(first(&state).outcome.ended_at, Some(30 * HOUR));
    let again = [
        touchpoints.as_slice(),
        &[closed("c", 32), reopened("o", 40), reply("r3", 41)],
    ]
    .concat();
    let again = super::touchpoints::state(&again, 100);
    assert_eq!(first(&again).outcome.state, State::AnsweredLate);
}

#[test]
fn bot_replies_are_not_counted_as_first_response() {
    let touchpoints = [
        received(0),
        reply("bot", 1).by_kind(actor::Kind::Bot),
        reply("r", 30),
    ];
    assert_eq!(
        first(&state(&touchpoints, 100)).outcome.state,
        State::AnsweredLate
    );
}

#[test]
fn unanswered_items_are_not_filtered_out() {
    let open = state(&[received(0)], 1000);
    assert_eq!(first(&open).outcome.state, State::Open);
    assert_eq!(first(&open).outcome.spent, (1000 * HOUR).into());
    assert!(first(&open).outcome.is_due());
}

#[test]
fn a_reply_recorded_by_a_non_assignee_is_credited_to_them() {
    let touchpoints = [received(0), reply("r", 1).by("bob", "d2")];
    let state = state(&touchpoints, 10);
    let answer = first(&state).answer.as_ref().unwrap();
    assert_eq!(answer.actor_id, "bob");
    assert_eq!(answer.dealer_id, "d2");
}

#[test]
fn reply_and_closing_in_one_step_do_not_lose_the_reply() {
    for (reply_id, closing_id) in [("a", "b"), ("b", "a")] {
        let touchpoints = [received(0), closed(closing_id, 2), reply(reply_id, 2)];
        let outcome = first(&state(&touchpoints, 10)).outcome;
        assert_eq!(outcome.state, State::AnsweredInTime);
        assert_eq!(outcome.ended_at, Some(2 * HOUR));
    }
}

#[test]
fn the_answer_of_an_owner_on_another_channel_is_a_message_like_any() {
    let touchpoints = [
        received(0).through(Channel::Survey),
        reply("r", 1).through(Channel::Email),
        message("m", 2).through(Channel::Message),
    ];
    assert_eq!(owed(&state(&touchpoints, 3), Kind::NextReply).len(), 1);
}

#[test]
fn figures_are_there_before_anything_was_reopened() {
    let state = state(&[received(0), reply("r", 1)], 2);
    assert_eq!(state.episodes.len(), 1);
    assert_eq!(first(&state).outcome.spent, HOUR.into());
}
