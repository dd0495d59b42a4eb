//! Warnings and the breach.

use std::collections::BTreeSet;

use ownerline_projections::TouchpointKey;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CaseOpened, CasePausedOnOwner, CaseResumed};

use super::*;

const ALL: [(i64, i64); 4] = [(50, 720), (75, 1080), (90, 1296), (100, 1440)];

#[test]
fn warnings_come_at_half_three_quarters_and_nine_tenths_and_then_the_breach() {
    let rules = first_reply();
    let kept = Keeper::by(&rules).looks(&[received(0)], 30);
    assert_eq!(levels_of(&kept.notices), ALL);
    assert_eq!(kept.next, None);
    let first = &kept.notices[0];
    assert_eq!(first.due_at, Some(24 * HOUR));
    assert_eq!(first.opened_by, TouchpointKey::new("crm", "fb"));
    assert_eq!(first.dealer_id, "d1");
}

#[test]
fn a_level_is_said_from_its_own_instant_on_and_the_next_one_is_known() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let before = keeper.looks(&[received(0)], 11);
    assert_eq!((before.notices.len(), before.next), (0, Some(12 * HOUR)));
    assert_eq!(before.wakes_at(), Some(12 * HOUR));
    let at = keeper.looks(&[received(0)], 12);
    assert_eq!(levels_of(&at.notices), ALL[..1]);
    assert_eq!(at.next, Some(18 * HOUR));
    // Who replies at the deadline is in time.
    let last = keeper.looks(&[received(0)], 24);
    assert_eq!(levels_of(&last.notices), ALL[..3]);
    assert_eq!(last.next, Some(24 * HOUR + 1));
}

#[test]
fn a_reply_in_between_stops_it_and_one_at_the_deadline_is_in_time() {
    let rules = first_reply();
    let said = |reply_at| {
        let kept = Keeper::by(&rules).looks(&[received(0), reply("r", reply_at)], 30);
        assert_eq!(kept.next, None);
        levels_of(&kept.notices)
    };
    assert_eq!(said(13), ALL[..1]);
    assert_eq!(said(24), ALL[..3]);
    assert_eq!(said(25), ALL);
}

#[test]
fn a_reply_reported_late_prevents_only_later_notices() {
    let rules = first_reply();
    let touchpoints = [received(0), reply("r", 13).arrived(40)];
    let kept = Keeper::by(&rules).looks(&touchpoints, 41);
    assert_eq!(levels_of(&kept.notices), ALL[..1]);
}

#[test]
fn after_downtime_nothing_is_skipped_and_everything_is_the_same_event() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut once = vec![received(0)];
    let mut often = once.clone();
    let at_once = keeper.keeps(&mut once, 30);
    let mut one_by_one = Vec::new();
    for hour in 0..=30 {
        one_by_one.extend(keeper.keeps(&mut often, hour));
    }
    assert_eq!(at_once, one_by_one);
    assert_eq!(levels_of(&at_once), ALL);
}

#[test]
fn each_level_is_said_at_most_once() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut touchpoints = vec![received(0)];
    assert_eq!(keeper.keeps(&mut touchpoints, 50).len(), 4);
    assert_eq!(keeper.looks(&touchpoints, 60), NoticesDue::default());
}

#[test]
fn a_policy_published_later_warns_of_its_own_levels() {
    let (first, second) = (first_reply(), rules(vec![term(Kind::FirstReply, 10)]));
    let second = Rules(std::sync::Arc::new(
        ownerline_projections::obligation::terms::Terms {
            version: 2,
            ..(*second.0).clone()
        },
    ));
    let mut touchpoints = vec![received(0)];
    let before = Keeper::by(&first).keeps(&mut touchpoints, 13);
    assert_eq!(levels_of(&before), ALL[..1]);
    let after = Keeper::by(&second).keeps(&mut touchpoints, 13);
    assert_eq!(
        levels_of(&after),
        [(50, 300), (75, 450), (90, 540), (100, 600)]
    );
    let ids: BTreeSet<_> = before.iter().chain(&after).map(|it| &it.id).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn levels_before_the_keeping_began_are_history() {
    let rules = first_reply();
    let mut keeper = Keeper::by(&rules);
    keeper.since = 20;
    let kept = keeper.looks(&[received(0)], 30);
    assert_eq!(levels_of(&kept.notices), ALL[2..]);
    keeper.since = 25;
    assert_eq!(keeper.looks(&[received(0)], 30), NoticesDue::default());
}

#[test]
fn imported_feedback_and_obligations_opened_by_imports_get_no_warnings() {
    let rules = rules(vec![term(Kind::FirstReply, 24), term(Kind::NextReply, 24)]);
    let keeper = Keeper::by(&rules);
    let imported = [
        received(0).imported(2),
        message("m", 3),
        edited("e", 4, true),
    ];
    assert_eq!(keeper.looks(&imported, 90), NoticesDue::default());
    let live = [received(0), reply("r", 1), message("m", 2).imported(3)];
    assert_eq!(keeper.looks(&live, 90), NoticesDue::default());
}

#[test]
fn issued_levels_stay_issued_after_a_reopening_which_has_levels_of_its_own() {
    let rules = first_reply();
    let keeper = Keeper::by(&rules);
    let mut touchpoints = vec![received(0)];
    assert_eq!(levels_of(&keeper.keeps(&mut touchpoints, 13)), ALL[..1]);
    touchpoints.extend([closed("c", 14), reopened("o", 20)]);
    let again = keeper.keeps(&mut touchpoints, 100);
    assert_eq!(
        levels_of(&again),
        ALL.map(|(share, minute)| (share, minute + 20 * 60))
    );
    assert!(again.iter().all(|it| it.episode == 1));
}

#[test]
fn a_withdrawn_reply_breaches_only_deadlines_after_its_withdrawal() {
    let rules = first_reply();
    let touchpoints = [received(0), reply("r", 5), withdrawn("w", 20, "r")];
    let kept = Keeper::by(&rules).looks(&touchpoints, 30);
    assert_eq!(levels_of(&kept.notices), ALL[2..]);
}

#[test]
fn an_obligation_open_after_a_withdrawal_is_warned_of_as_far_as_it_ran() {
    let rules = rules(vec![term(Kind::FirstReply, 24), term(Kind::NextReply, 4)]);
    let touchpoints = [
        received(0),
        reply("r", 1),
        message("m", 2),
        withdrawn("w", 5, "r"),
    ];
    // The message waits for the first reply again from hour 5 on.
    let kept = Keeper::by(&rules).looks(&touchpoints, 7);
    assert_eq!(levels_of(&kept.notices), [(50, 240)]);
}

#[test]
fn a_stopped_clock_wakes_nothing_and_goes_on_afterwards() {
    let mut resolution = term(Kind::Resolution, 48);
    resolution.pauses_on_owner = true;
    let rules = rules(vec![resolution]);
    let keeper = Keeper::by(&rules);
    let case = |id: &str, hour, payload| FeedbackTouchpoint::new(id, hour, payload).of_case("c1");
    let opened = Payload::CaseOpened(CaseOpened {
        origin_feedback_id: "f".to_owned(),
        ..CaseOpened::default()
    });
    let mut touchpoints = vec![
        received(0),
        case("co", 1, opened),
        case("p", 10, Payload::CasePausedOnOwner(CasePausedOnOwner {})),
    ];
    assert_eq!(keeper.looks(&touchpoints, 40), NoticesDue::default());
    touchpoints.push(case("q", 40, Payload::CaseResumed(CaseResumed {})));
    assert_eq!(keeper.looks(&touchpoints, 40).next, Some(54 * HOUR));
}

#[test]
fn a_touchpoint_ahead_of_the_clock_is_judged_when_it_occurs() {
    let rules = first_reply();
    let kept = Keeper::by(&rules).looks(&[received(5)], 3);
    assert_eq!((kept.notices.len(), kept.next), (0, Some(5 * HOUR)));
    // Without its feedback a reply is held, and nothing is owed.
    let held = Keeper::by(&rules).looks(&[reply("r", 1)], 90);
    assert_eq!(held, NoticesDue::default());
}

#[test]
fn an_event_names_a_dealer_only_where_that_says_nothing_new() {
    let rules = first_reply();
    let mut nobody = received(0);
    nobody
        .touchpoint
        .subjects
        .as_mut()
        .unwrap()
        .dealer_id
        .clear();
    let mut touchpoints = vec![nobody, reassigned("m", 5, "d2")];
    let said = Keeper::by(&rules).keeps(&mut touchpoints, 30);
    assert!(said.iter().all(|it| it.dealer_id.is_empty()));
    let mut touchpoints = vec![received(0), reassigned("m", 15, "d2")];
    let said = Keeper::by(&rules).keeps(&mut touchpoints, 30);
    let dealers: Vec<_> = said.iter().map(|it| &*it.dealer_id).collect();
    assert_eq!(dealers, ["d1", "d2", "d2", "d2"]);
}
