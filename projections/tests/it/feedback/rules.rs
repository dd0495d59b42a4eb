//! The table of obligations and response times, row by row.

use ownerline_projections::TouchpointKey;
use ownerline_projections::obligation::{Flag, State};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, actor, dealer_replied, feedback_excluded};

use super::touchpoints::*;

#[test]
fn the_clock_starts_when_the_feedback_reached_the_centre() {
    let state = state(&[received(0).arrived(5)], 10);
    let (first, received) = (first(&state), state.received.as_ref().unwrap());
    assert_eq!((first.start, received.occurred_at), (5 * HOUR, 0));
    assert_eq!(first.outcome.due_at, Some(29 * HOUR));
    assert_eq!(first.outcome.spent, (5 * HOUR).into());
    assert_eq!((received.survey.as_str(), received.score), ("nps", Some(3)));
}

#[test]
fn an_item_counts_from_when_it_happened_and_is_held_without_its_feedback() {
    let held = state(&[reply("r", 1), closed("c", 2)], 10);
    assert!(held.received.is_none() && held.obligations.is_empty() && held.episodes.is_empty());
    let late = [received(5), reply("r", 6)];
    assert!(state(&late, 4).received.is_none());
    assert!(state(&late, 5).received.is_some());
}

#[test]
fn a_reply_at_the_deadline_is_in_time_and_one_just_after_it_is_late() {
    let at = |nanos: i64| {
        let mut reply = reply("r", 24);
        reply.occurred_at += nanos;
        first(&state(&[received(0), reply], 100)).outcome
    };
    assert_eq!(at(0).state, State::AnsweredInTime);
    assert_eq!((at(0).share, at(0).in_time_as_told), (1.0, Some(true)));
    assert_eq!(at(1).state, State::AnsweredLate);
    assert_eq!(at(1).in_time_as_told, Some(false));
}

#[test]
fn only_a_visible_reply_by_a_human_that_arrived_stops_the_clock() {
    use dealer_replied::Kind as By;
    let never = [
        no_reply("r", 1, |it| it.kind = By::Automatic.into()),
        no_reply("r", 1, |it| it.kind = By::Template.into()),
        no_reply("r", 1, |it| it.kind = By::Unspecified.into()),
        no_reply("r", 1, |it| it.visible_to_owner = false),
        no_reply("r", 1, |it| it.bounced = true),
        reply("r", 1).by_kind(actor::Kind::Bot),
        reply("r", 1).by_kind(actor::Kind::System),
        reply("r", 1).by_kind(actor::Kind::Vehicle),
    ];
    for other in never {
        let state = state(&[received(0), other.clone()], 2);
        assert_eq!(first(&state).outcome.state, State::Open, "{other:?}");
    }
    let unsaid = reply("r", 1).by_kind(actor::Kind::Unspecified);
    let state = state(&[received(0), unsaid], 2);
    assert_eq!(first(&state).outcome.state, State::AnsweredInTime);
}

#[test]
fn a_reply_without_a_dealer_is_not_taken_for_another_dealers() {
    let unsaid = |id: &str, hour| reply(id, hour).by("amy", "");
    let nobody_named = [
        received(0).at_dealer(""),
        reassigned("m", 1, "d2"),
        unsaid("r", 2),
    ];
    let of_state = state(&nobody_named, 10);
    let answer = first(&of_state).answer.as_ref().unwrap();
    assert!(answer.by_responsible);
    assert_eq!(answer.dealer_id, "");
    // The first dealer that the stream names, whoever is responsible meanwhile.
    let filled_in = [received(0), reassigned("m", 1, "d2"), unsaid("r", 2)];
    let of_state = state(&filled_in, 10);
    let answer = first(&of_state).answer.as_ref().unwrap();
    assert_eq!(
        (answer.dealer_id.as_str(), answer.by_responsible),
        ("d1", false)
    );
}

#[test]
fn a_confirmation_by_the_owner_is_of_no_other_dealer() {
    use ownerline_proto::v1::ResolutionConfirmed;
    use ownerline_proto::v1::touchpoint::Payload;
    let confirmed =
        FeedbackTouchpoint::new("k", 3, Payload::ResolutionConfirmed(ResolutionConfirmed {}));
    let state = state(&[received(0), reassigned("m", 1, "d2"), confirmed], 10);
    let resolution = owed(&state, Kind::Resolution)[0];
    assert!(resolution.answer.as_ref().unwrap().by_responsible);
}

#[test]
fn a_reply_recorded_before_its_feedback_is_paired_on_arrival() {
    let state = state(&[reply("r", 3).arrived(3), received(2).arrived(6)], 10);
    let first = first(&state);
    assert_eq!(first.outcome.state, State::AnsweredInTime);
    assert_eq!(first.outcome.spent, 0);
    assert!(first.reply_first);
}

#[test]
fn a_reply_older_than_its_feedback_answers_it_at_once() {
    let touchpoints = [received(5), reply("r", 2).arrived(6)];
    let touchpoints = state(&touchpoints, 10);
    assert_eq!(first(&touchpoints).outcome.spent, 0);
    assert!(first(&touchpoints).reply_first);
    let recorded_first = [reply("r", 6).arrived(6), received(5).arrived(5)];
    assert!(!first(&state(&recorded_first, 10)).reply_first);
}

#[test]
fn a_reply_by_another_dealer_stops_the_clock_and_both_are_reported() {
    let touchpoints = [received(0), reply("r", 1).by("bob", "d2")];
    let any = state(&touchpoints, 10);
    let any = first(&any);
    let answer = any.answer.as_ref().unwrap();
    assert_eq!(any.outcome.state, State::AnsweredInTime);
    assert_eq!(any.dealer_at_end, "d1");
    assert_eq!(
        (answer.dealer_id.as_str(), answer.actor_id.as_str()),
        ("d2", "bob")
    );
    assert!(!answer.by_responsible);
    let mut only = term(Kind::FirstReply, 24);
    only.responsible_only = true;
    let only = by(&rules(vec![only]), &touchpoints, 10);
    assert_eq!(first(&only).outcome.state, State::Open);
}

#[test]
fn an_edit_does_not_restart_and_a_new_question_opens_a_new_obligation() {
    let plain = state(&[received(0), edited("e", 5, false)], 10);
    assert_eq!(first(&plain).start, 0);
    assert!(owed(&plain, Kind::NextReply).is_empty());
    let touchpoints = [
        received(0),
        edited("e", 5, true).arrived(6),
        edited("e2", 7, true),
    ];
    let asked = state(&touchpoints, 10);
    let next = owed(&asked, Kind::NextReply);
    assert_eq!(first(&asked).start, 0);
    assert_eq!((next.len(), next[0].start), (1, 6 * HOUR));
    assert_eq!(next[0].outcome.due_at, Some(30 * HOUR));
}

#[test]
fn a_reply_withdrawn_or_bounced_leaves_the_obligation_open_from_its_original_start() {
    for gone in [withdrawn("w", 10, "r"), bounced("b", 10, "r")] {
        let touchpoints = [received(0), reply("r", 2), gone];
        assert_eq!(
            first(&state(&touchpoints, 9)).outcome.state,
            State::AnsweredInTime
        );
        let open = state(&touchpoints, 10);
        let open = first(&open);
        assert_eq!(open.outcome.state, State::Open);
        assert_eq!((open.start, open.outcome.spent), (0, (10 * HOUR).into()));
        assert!(open.answer.is_none());
        let again = [touchpoints.as_slice(), &[reply("r2", 30)]].concat();
        assert_eq!(first(&state(&again, 40)).outcome.state, State::AnsweredLate);
    }
}

#[test]
fn several_unanswered_messages_are_one_obligation_from_the_oldest() {
    let touchpoints = [received(0), message("m1", 3), message("m2", 4)];
    let waiting = state(&touchpoints, 10);
    assert!(owed(&waiting, Kind::NextReply).is_empty());
    assert_eq!(first(&waiting).joined, 2);
    let touchpoints = [
        received(0),
        reply("r", 1),
        message("m1", 3),
        message("m2", 4),
        reply("r2", 8),
        message("m3", 9),
    ];
    let answered = state(&touchpoints, 10);
    let next = owed(&answered, Kind::NextReply);
    let starts: Vec<_> = next.iter().map(|it| (it.start, it.outcome.state)).collect();
    assert_eq!(
        starts,
        [(3 * HOUR, State::AnsweredInTime), (9 * HOUR, State::Open)]
    );
    assert_eq!(next[0].joined, 1);
    assert_eq!(next[0].outcome.spent, (5 * HOUR).into());
}

#[test]
fn a_reopening_begins_an_episode_and_the_former_keeps_its_outcome() {
    let touchpoints = [
        received(0),
        reply("r", 2),
        closed("c", 3),
        reopened("o", 50).arrived(51),
        reply("r2", 60),
    ];
    let state = state(&touchpoints, 100);
    let all = owed(&state, Kind::FirstReply);
    let seen: Vec<_> = all
        .iter()
        .map(|it| (it.episode, it.start, it.outcome.spent))
        .collect();
    let spent = [2 * HOUR, 9 * HOUR].map(i128::from);
    assert_eq!(seen, [(0, 0, spent[0]), (1, 51 * HOUR, spent[1])]);
    assert_ne!(all[0].obligation_id, all[1].obligation_id);
    assert_eq!(state.episodes.len(), 2);
    assert_eq!(state.episodes[1].first_reply.as_ref().unwrap().1, 60 * HOUR);
}

#[test]
fn the_total_runs_from_the_original_start_to_the_first_reply_of_any_episode() {
    let touchpoints = [
        received(0),
        closed("c", 3),
        reopened("o", 50),
        reply("r", 60),
    ];
    let state = state(&touchpoints, 100);
    assert_eq!(first(&state).outcome.state, State::ClosedUnanswered);
    let mut replies = state
        .episodes
        .iter()
        .filter_map(|it| it.first_reply.as_ref());
    assert_eq!(
        replies.next().unwrap().1 - state.episodes[0].start,
        60 * HOUR
    );
    assert_eq!(
        owed(&state, Kind::FirstReply)[1].outcome.spent,
        (10 * HOUR).into()
    );
}

#[test]
fn reassigned_to_another_dealer_the_clock_runs_on_and_both_segments_are_attributed() {
    let touchpoints = [
        received(0),
        reassigned("x", 10, "d2"),
        reply("r", 30).by("bob", "d2"),
    ];
    let state = state(&touchpoints, 100);
    let first = first(&state);
    assert_eq!(first.outcome.spent, (30 * HOUR).into());
    assert_eq!(first.outcome.state, State::AnsweredLate);
    assert_eq!(
        (first.dealer_at_start.as_str(), first.dealer_at_end.as_str()),
        ("d1", "d2")
    );
    assert!(first.answer.as_ref().unwrap().by_responsible);
    let segments = state.dealers.iter();
    let segments: Vec<_> = segments
        .map(|it| (it.dealer_id.as_str(), it.from, it.until))
        .collect();
    assert_eq!(
        segments,
        [("d1", 0, Some(10 * HOUR)), ("d2", 10 * HOUR, None)]
    );
}

#[test]
fn excluded_only_by_event_with_its_reason_and_shown() {
    let touchpoints = [received(0), reply("r", 2), excluded("x", 10)];
    assert_eq!(
        first(&state(&touchpoints, 9)).outcome.state,
        State::AnsweredInTime
    );
    let after = state(&touchpoints, 10);
    assert_eq!(first(&after).outcome.state, State::Excluded);
    assert_eq!(first(&after).outcome.ended_at, Some(10 * HOUR));
    assert!(!first(&after).outcome.is_due());
    let reason = feedback_excluded::Reason::Spam;
    assert_eq!(after.excluded, Some((reason, 10 * HOUR)));
    assert!(first(&after).answer.is_some());
}

#[test]
fn closed_without_reply_is_a_miss_and_never_silently_answered() {
    let touchpoints = [received(0), closed("c", 2)];
    let outcome = first(&state(&touchpoints, 3)).outcome;
    assert_eq!(outcome.state, State::ClosedUnanswered);
    assert_eq!(outcome.ended_at, Some(2 * HOUR));
    assert_eq!(outcome.in_time_as_told, Some(false));
}

#[test]
fn a_human_reply_after_the_closing_answers_it_and_the_closing_stays_on_record() {
    let touchpoints = [received(0), closed("c", 2), reply("r", 5)];
    let state = state(&touchpoints, 10);
    assert_eq!(first(&state).outcome.state, State::AnsweredInTime);
    assert_eq!(first(&state).outcome.ended_at, Some(5 * HOUR));
    assert_eq!(state.episodes[0].closed.as_ref().unwrap().1, 2 * HOUR);
}

#[test]
fn a_next_reply_is_closed_unanswered_under_the_same_rule() {
    let touchpoints = [
        received(0),
        reply("r", 1),
        message("m", 2),
        closed("c", 3),
        reopened("o", 5),
        reply("r2", 6),
    ];
    let then = state(&touchpoints, 4);
    assert_eq!(
        owed(&then, Kind::NextReply)[0].outcome.state,
        State::ClosedUnanswered
    );
    let later = state(&touchpoints, 10);
    let next = owed(&later, Kind::NextReply)[0];
    assert_eq!(next.outcome.state, State::ClosedUnanswered);
    let answered = [&touchpoints[..4], &[reply("r2", 6)]].concat();
    let answered = state(&answered, 10);
    let next = owed(&answered, Kind::NextReply)[0];
    assert_eq!(next.outcome.state, State::AnsweredInTime);
}

#[test]
fn a_message_after_a_closing_waits_for_a_reply_of_its_own() {
    let touchpoints = [
        received(0),
        closed("c", 2),
        message("m", 3),
        closed("c2", 4),
    ];
    let state = state(&touchpoints, 10);
    assert_eq!(first(&state).outcome.state, State::ClosedUnanswered);
    assert_eq!(owed(&state, Kind::NextReply)[0].outcome.state, State::Open);
}

#[test]
fn open_inside_the_target_is_not_due_and_past_it_is() {
    let touchpoints = [received(0)];
    assert!(!first(&state(&touchpoints, 24)).outcome.is_due());
    let past = first(&state(&touchpoints, 25)).outcome;
    assert_eq!(
        (past.state, past.in_time_as_told),
        (State::Open, Some(false))
    );
}

#[test]
fn repeated_and_unmatched_touchpoints_are_flagged_and_have_no_effect() {
    let mut twice = received(9);
    twice.touchpoint.id = "fb2".to_owned();
    let touchpoints = [
        received(0),
        twice,
        reopened("o", 1),
        closed("c", 2),
        closed("c2", 3),
    ];
    let state = state(&touchpoints, 10);
    let key = |id: &str| TouchpointKey::new("crm", id);
    assert_eq!(
        state.flags,
        [
            (Flag::ReceivedTwice, key("fb2")),
            (Flag::ClosedTwice, key("c2")),
            (Flag::ReopenedWhileOpen, key("o")),
        ]
    );
    assert_eq!(first(&state).start, 0);
    assert_eq!(first(&state).outcome.ended_at, Some(2 * HOUR));
    assert_eq!(state.episodes.len(), 1);
}

#[test]
fn missing_subjects_are_taken_from_the_first_touchpoint_of_the_stream_that_names_them() {
    let feedback = received(5).at_dealer("");
    let first_named = edited("e", 1, false).at_dealer("d7").about(|subjects| {
        subjects.owner_id = "ann".to_owned();
    });
    let later = edited("e2", 6, false).at_dealer("d8");
    let replied = reply("r", 7).by("amy", "");
    let state = state(&[later, replied, feedback, first_named], 10);
    assert_eq!(state.received.as_ref().unwrap().owner_id, "ann");
    assert_eq!(state.dealer_id, "d7");
    let answer = first(&state).answer.as_ref().unwrap();
    assert_eq!(answer.dealer_id, "d7");
    assert!(answer.by_responsible);
}

#[test]
fn in_time_as_told_and_as_known_by_the_deadline_are_distinguished() {
    let touchpoints = [received(0), reply("r", 2).arrived(30)];
    let outcome = first(&state(&touchpoints, 40)).outcome;
    assert_eq!(outcome.in_time_as_told, Some(true));
    assert_eq!(outcome.in_time_as_known, Some(false));
    // An import was received long before it was recorded.
    let imported = [received(0), reply("r", 2).imported(1000)];
    let outcome = first(&state(&imported, 1001)).outcome;
    assert_eq!(outcome.in_time_as_known, Some(true));
}

#[test]
fn terms_are_those_for_the_dealer_responsible_at_the_start() {
    #[derive(Debug)]
    struct ByDealer;
    impl ownerline_projections::obligation::terms::InForce for ByDealer {
        fn terms(
            &self,
            dealer: &str,
            start: i64,
        ) -> std::sync::Arc<ownerline_projections::obligation::terms::Terms> {
            assert_eq!(start, 0);
            let hours = if dealer == "d1" { 24 } else { 48 };
            rules(vec![term(Kind::FirstReply, hours)]).0
        }
    }
    let touchpoints = [received(0), reassigned("x", 1, "d2"), reply("r", 30)];
    let item = folded(&touchpoints).item("f").unwrap();
    let state = ownerline_projections::obligation::ItemState::at(&item, &ByDealer, 40 * HOUR);
    assert_eq!(first(&state).outcome.due_at, Some(24 * HOUR));
}

#[test]
fn any_channel_counts() {
    let touchpoints = [
        received(0).through(Channel::Survey),
        reply("r", 1).through(Channel::Email),
        message("m", 2).through(Channel::Phone),
    ];
    let state = state(&touchpoints, 10);
    assert_eq!(owed(&state, Kind::NextReply)[0].start, 2 * HOUR);
}
