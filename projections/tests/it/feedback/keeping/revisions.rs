//! Revisions of outcomes that are no longer true.

use std::sync::Arc;

use ownerline_projections::obligation::State;
use ownerline_projections::obligation::terms::Terms;
use ownerline_projections::{Position, TouchpointKey};
use ownerline_proto::v1::dealer_replied;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::*;

/// The notices after a breach, once more is reported.
fn after_the_breach(more: &[FeedbackTouchpoint]) -> Vec<(String, String, String)> {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut touchpoints = vec![received(0)];
    assert_eq!(keeper.keeps(&mut touchpoints, 25).len(), 4);
    let mut said = Vec::new();
    for one in more {
        touchpoints.push(one.clone());
        let hour = one.recorded_at / HOUR;
        let notices = keeper.keeps(&mut touchpoints, hour);
        assert!(notices.iter().all(|it| it.occurred_at == hour * HOUR));
        said.extend(revisions_of(&notices));
    }
    assert_eq!(keeper.looks(&touchpoints, 1_000), NoticesDue::default());
    said
}

fn revision(previous: &str, now: &str, because: &str) -> (String, String, String) {
    (previous.to_owned(), now.to_owned(), because.to_owned())
}

#[test]
fn a_reply_in_time_that_is_reported_late_revises_the_breach() {
    assert_eq!(
        after_the_breach(&[reply("r", 10).arrived(26), reply("s", 30)]),
        [revision("BREACHED", "ANSWERED_IN_TIME", "r")]
    );
}

#[test]
fn withdrawing_a_reply_that_is_not_a_humans_is_no_cause() {
    let rules = first_reply();
    let automatic = no_reply("a", 3, |it| {
        it.kind = dealer_replied::Kind::Automatic.into();
    });
    let touchpoints = [
        received(0),
        reply("r", 2),
        automatic,
        withdrawn("w", 29, "r"),
        withdrawn("x", 30, "a"),
    ];
    let notices = Keeper::by(&rules).looks(&touchpoints, 31).notices;
    assert_eq!(
        revisions_of(&notices),
        [revision("ANSWERED_IN_TIME", "BREACHED", "w")]
    );
}

#[test]
fn a_late_answer_and_a_closing_do_not_change_a_breach() {
    assert_eq!(after_the_breach(&[reply("r", 26)]), []);
    assert_eq!(
        after_the_breach(&[closed("c", 26), reopened("o", 27), reply("r", 28)]),
        []
    );
}

#[test]
fn an_exclusion_revises_the_breach_and_its_retraction_revises_it_again() {
    assert_eq!(
        after_the_breach(&[excluded("x", 26), retracted("t", 27, "x")]),
        [
            revision("BREACHED", "EXCLUDED", "x"),
            revision("EXCLUDED", "BREACHED", "t")
        ]
    );
}

#[test]
fn the_same_answer_can_revise_twice() {
    let touchpoints = [
        reply("r", 10).arrived(26),
        withdrawn("w", 27, "r"),
        retracted("t", 28, "w"),
    ];
    assert_eq!(
        after_the_breach(&touchpoints),
        [
            revision("BREACHED", "ANSWERED_IN_TIME", "r"),
            revision("ANSWERED_IN_TIME", "BREACHED", "w"),
            revision("BREACHED", "ANSWERED_IN_TIME", "t"),
        ]
    );
}

#[test]
fn a_reply_withdrawn_after_the_deadline_is_a_revision() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut touchpoints = vec![received(0), reply("r", 5), bounced("b", 30, "r")];
    assert_eq!(keeper.looks(&touchpoints, 29).notices, []);
    let said = keeper.keeps(&mut touchpoints, 40);
    assert_eq!(levels_of(&said), []);
    assert_eq!(
        revisions_of(&said),
        [revision("ANSWERED_IN_TIME", "BREACHED", "b")]
    );
    assert_eq!(said[0].occurred_at, 30 * HOUR);
}

#[test]
fn an_obligation_met_in_time_is_not_revised_by_later_touchpoints() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    for ended in [reply("r", 5), closed("c", 5), excluded("x", 5)] {
        let touchpoints = [received(0), ended, excluded("y", 50)];
        assert_eq!(keeper.looks(&touchpoints, 60).notices, []);
    }
}

#[test]
fn a_policy_with_more_time_revises_notices_of_the_former() {
    let former = first_reply();
    let mut touchpoints = vec![received(0), reply("r", 30)];
    assert_eq!(Keeper::by(&former).keeps(&mut touchpoints, 29).len(), 4);
    let longer = Rules(Arc::new(Terms {
        version: 2,
        ..(*rules(vec![term(Kind::FirstReply, 48)]).0).clone()
    }));
    let mut keeper = Keeper::by(&longer);
    let published = Cause {
        key: TouchpointKey::new("//hq", "p2"),
        position: Position(1_000),
        known_at: 50 * HOUR,
    };
    keeper.known.0.insert(2, published);
    let said = keeper.keeps(&mut touchpoints, 60);
    assert_eq!(levels_of(&said), [(50, 1440)]);
    let revised = revisions_of(&said);
    assert_eq!(revised.len(), 1);
    assert_eq!(revised[0].1, "ANSWERED_IN_TIME");
    assert!(said.iter().all(|it| it.policy.1 == 2));
}

#[test]
fn a_revision_whose_cause_is_ahead_of_the_clock_waits_for_it() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut touchpoints = vec![received(0)];
    assert_eq!(keeper.keeps(&mut touchpoints, 25).len(), 4);
    // The log's time runs ahead of a clock that was set back.
    touchpoints.push(reply("r", 10).arrived(40));
    let kept = keeper.looks(&touchpoints, 26);
    assert_eq!((kept.notices.len(), kept.next), (0, Some(40 * HOUR)));
}

#[test]
fn notices_change_no_state() {
    let rules = default_rules();
    let keeper = Keeper::by(&rules);
    let quiet = vec![received(0), reassigned("m", 5, "d2"), reply("r", 30)];
    let mut said = quiet.clone();
    assert!(!keeper.keeps(&mut said, 60).is_empty());
    assert_eq!(state(&quiet, 100), state(&said, 100));
    assert_eq!(first(&state(&said, 100)).outcome.state, State::AnsweredLate);
}
