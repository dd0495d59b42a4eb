//! In time as known: whether by the deadline the log knew of any reply that met it.

use ownerline_projections::TouchpointKey;
use ownerline_projections::{Position, Recorded};
use ownerline_proto::v1::dealer_replied::Kind as By;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Origin, actor};
use proptest::prelude::*;

use super::properties::histories;
use super::touchpoints::*;
use crate::cases::cases;
use crate::standing_model::Known;

/// In time as told, and as known.
fn in_time(touchpoints: &[FeedbackTouchpoint]) -> (Option<bool>, Option<bool>) {
    let state = state(touchpoints, 200);
    let outcome = first(&state).outcome;
    (outcome.in_time_as_told, outcome.in_time_as_known)
}

const BOTH: (Option<bool>, Option<bool>) = (Some(true), Some(true));
const AS_TOLD: (Option<bool>, Option<bool>) = (Some(true), Some(false));

#[test]
fn a_report_that_arrives_late_makes_nothing_worse_that_was_known() {
    let reported_late = reply("r1", 2).arrived(50);
    let reported_at_once = reply("r2", 3);
    assert_eq!(in_time(&[received(0), reported_late.clone()]), AS_TOLD);
    assert_eq!(in_time(&[received(0), reported_at_once.clone()]), BOTH);
    assert_eq!(
        in_time(&[received(0), reported_late, reported_at_once]),
        BOTH
    );
}

#[test]
fn a_version_of_a_reply_after_the_deadline_is_no_knowledge_by_then() {
    let touchpoints = [received(0), reply("r1", 2).arrived(50), reply("r2", 30)];
    assert_eq!(in_time(&touchpoints), AS_TOLD);
    let late = [received(0), reply("r1", 30), reply("r2", 31)];
    assert_eq!(in_time(&late), (Some(false), Some(false)));
}

#[test]
fn a_typo_that_is_corrected_later_changes_nothing_that_was_known() {
    let corrected = reply("r2", 2).arrived(90).correcting("r");
    assert_eq!(in_time(&[received(0), reply("r", 2), corrected]), BOTH);
    let twice = [
        received(0),
        reply("r", 2).arrived(40),
        reply("r2", 2).arrived(20).correcting("r"),
        reply("r3", 2).arrived(90).correcting("r2"),
    ];
    assert_eq!(in_time(&twice), BOTH);
}

#[test]
fn a_reply_corrected_to_be_a_humans_was_not_known_as_one_before() {
    let automatic = no_reply("r", 2, |it| it.kind = By::Automatic.into());
    let corrected = reply("r2", 2).arrived(90).correcting("r");
    assert_eq!(
        in_time(&[received(0), automatic, corrected.clone()]),
        AS_TOLD
    );
    let bot = reply("r", 2).by_kind(actor::Kind::Bot);
    assert_eq!(in_time(&[received(0), bot, corrected]), AS_TOLD);
}

#[test]
fn a_withdrawn_reply_was_none_that_met_it() {
    let touchpoints = [
        received(0),
        reply("r1", 2),
        withdrawn("w", 30, "r1"),
        reply("r2", 3).arrived(50),
    ];
    assert_eq!(in_time(&touchpoints), AS_TOLD);
}

#[test]
fn only_a_reply_of_the_same_episode_counts() {
    let touchpoints = [
        received(0),
        reply("r1", 2).arrived(50),
        closed("c", 4),
        reply("r2", 5),
        reopened("o", 6),
        reply("r3", 7).arrived(50),
        reply("r4", 8),
    ];
    assert_eq!(in_time(&touchpoints), BOTH);
    let without = [&touchpoints[..3], &touchpoints[4..]].concat();
    assert_eq!(in_time(&without), AS_TOLD);
}

#[test]
fn where_only_the_responsible_dealer_may_answer_only_those_replies_count() {
    let mut only = term(Kind::FirstReply, 24);
    only.responsible_only = true;
    let touchpoints = [
        received(0),
        reply("r1", 2).arrived(50),
        reply("r2", 3).by("bob", "d2"),
    ];
    let judged = by(&rules(vec![only]), &touchpoints, 100);
    assert_eq!(first(&judged).outcome.in_time_as_known, Some(false));
    assert_eq!(in_time(&touchpoints), BOTH);
}

#[test]
fn the_same_holds_for_a_next_reply_even_one_after_a_closing() {
    let known = |touchpoints: &[FeedbackTouchpoint]| {
        let state = state(touchpoints, 200);
        owed(&state, Kind::NextReply)[0].outcome.in_time_as_known
    };
    let touchpoints = [
        received(0),
        reply("r0", 1),
        message("m", 2),
        reply("r1", 3).arrived(50),
        reply("r2", 4),
    ];
    assert_eq!(known(&touchpoints), Some(true));
    assert_eq!(known(&touchpoints[..4]), Some(false));
    let closed_first = [
        received(0),
        reply("r0", 1),
        closed("c", 2),
        message("m", 3),
        reply("r1", 4).arrived(50),
        reopened("o", 5),
        reply("r2", 6),
    ];
    // Without the first reply it had waited on behind the reopening.
    assert_eq!(known(&closed_first), Some(true));
    assert_eq!(known(&closed_first[..6]), Some(false));
}

#[test]
fn a_resolution_that_was_reported_late_was_known_by_another() {
    use ownerline_proto::v1::ResolutionConfirmed;
    let confirmed = Payload::ResolutionConfirmed(ResolutionConfirmed {});
    let confirmed = FeedbackTouchpoint::new("k", 2, confirmed).arrived(90);
    let known = |touchpoints: &[FeedbackTouchpoint]| {
        let state = state(touchpoints, 200);
        owed(&state, Kind::Resolution)[0].outcome.in_time_as_known
    };
    assert_eq!(known(&[received(0), confirmed.clone()]), Some(false));
    assert_eq!(known(&[received(0), confirmed, closed("c", 4)]), Some(true));
}

/// The whole rule in plain code over everything recorded, for replies by any dealer: when the clock starts, whether any
/// reply came by its end, and whether any was known by then.
fn in_plain_code(recorded: &[Recorded], as_of: i64, budget: i64) -> Option<(i64, bool, bool)> {
    let known = Known(recorded);
    let root = |of: &Recorded| {
        let own = TouchpointKey::new(&of.touchpoint.source, &of.touchpoint.id);
        known.first(of).unwrap_or(own)
    };
    let mut counts: Vec<&Recorded> = recorded
        .iter()
        .filter(|it| &*it.stream == "feedback-f" && it.occurred_at <= as_of)
        .filter(|it| known.in_force(it))
        .collect();
    counts.sort_by(|a, b| Known::history(a).cmp(&Known::history(b)));
    let is_received =
        |it: &&&Recorded| matches!(it.touchpoint.payload, Some(Payload::FeedbackReceived(_)));
    let first = root(counts.iter().find(is_received)?);
    let is_first =
        |it: &&Recorded| (&it.touchpoint.source, &it.touchpoint.id) == (&first.source, &first.id);
    let start = received_at(recorded.iter().find(is_first)?);
    let gone: Vec<_> = counts
        .iter()
        .filter_map(|it| match &it.touchpoint.payload {
            Some(Payload::ReplyWithdrawn(of)) => of.reply.as_ref(),
            Some(Payload::ReplyBounced(of)) => of.reply.as_ref(),
            _ => None,
        })
        .filter_map(|reply| recorded.iter().find(|it| it.touchpoint.id == reply.id))
        .map(root)
        .collect();
    let (mut touchpoints, mut known_in_time, mut is_closed) = (false, false, false);
    for it in counts {
        match &it.touchpoint.payload {
            Some(Payload::FeedbackClosed(_)) => is_closed = true,
            Some(Payload::FeedbackReopened(_)) if is_closed => break,
            Some(Payload::DealerReplied(_)) if stops(it) && !gone.contains(&root(it)) => {
                let is_within = |at: i64| at - start <= budget;
                let chain = recorded
                    .iter()
                    .filter(|other| root(other) == root(it) && stops(other));
                touchpoints |= is_within(it.occurred_at);
                known_in_time |= is_within(it.occurred_at) && chain.map(known_from).any(is_within);
            }
            _ => {}
        }
    }
    Some((start, touchpoints, known_in_time))
}

fn received_at(of: &Recorded) -> i64 {
    ownerline_proto::time::nanos_clamped(of.touchpoint.received_at.as_ref().unwrap())
}

fn known_from(of: &Recorded) -> i64 {
    match of.touchpoint.origin() {
        Origin::Imported => received_at(of),
        _ => of.recorded_at,
    }
}

fn stops(reply: &Recorded) -> bool {
    let Some(Payload::DealerReplied(said)) = &reply.touchpoint.payload else {
        return false;
    };
    let by = reply.touchpoint.actor.as_ref().map(|actor| actor.kind());
    let by_human = matches!(
        by,
        None | Some(actor::Kind::Unspecified | actor::Kind::Human)
    );
    by_human && said.kind() == By::Human && said.visible_to_owner && !said.bounced
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn knowledge_in_time_equals_that_of_plain_code(
        touchpoints in histories(), as_of in 0_i64..45, hours in 1_i64..12,
    ) {
        let recorded: Vec<_> = (1..).zip(&touchpoints).map(|(at, it)| it.recorded(Position(at))).collect();
        let Some(item) = folded(&touchpoints).item("f") else { return Ok(()) };
        let rules = rules(vec![term(Kind::FirstReply, hours)]);
        let state = ownerline_projections::obligation::ItemState::at(&item, &rules, as_of * HOUR);
        let found = state.received.as_ref().map(|received| {
            let outcome = first(&state).outcome;
            let is = |found: Option<bool>| found == Some(true);
            (received.start, is(outcome.in_time_as_told), is(outcome.in_time_as_known))
        });
        let mut expected = in_plain_code(&recorded, as_of * HOUR, hours * HOUR);
        if let (Some(expected), Some(_)) = (&mut expected, state.excluded) {
            (expected.1, expected.2) = (false, false);
        }
        prop_assert_eq!(found, expected);
    }
}
