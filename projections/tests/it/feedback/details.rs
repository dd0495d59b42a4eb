//! Remarks, and the instants at which time alone changes an obligation.

use ownerline_projections::obligation::{Detail, ItemState, Remark, details};
use ownerline_proto::v1::dealer_replied;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::touchpoints::*;

fn all(touchpoints: &[FeedbackTouchpoint], as_of: i64) -> Vec<Detail> {
    let item = folded(touchpoints).item("f").unwrap();
    let rules = rules(vec![term(Kind::FirstReply, 24), term(Kind::NextReply, 24)]);
    let state = ItemState::at(&item, &rules, as_of);
    details(&item, &state, &rules, as_of.into())
}

fn remarks(touchpoints: &[FeedbackTouchpoint]) -> Vec<Remark> {
    all(touchpoints, 100 * HOUR).remove(0).remarks
}

#[test]
fn noteworthy_facts_are_flagged() {
    assert_eq!(remarks(&[received(0), reply("r", 2)]), []);
    assert_eq!(remarks(&[received(0)]), []);
    let early = [reply("r", -2), received(0)];
    assert_eq!(remarks(&early), [Remark::ReplyFirst]);
    let other = [received(0), reply("r", 2).by("bob", "d2")];
    assert_eq!(remarks(&other), [Remark::ByOtherDealer]);
    let late = [received(0), reply("r", 2).arrived(30)];
    assert_eq!(remarks(&late), [Remark::ReportedLate]);
    let after = [received(0), closed("c", 1), reply("r", 2)];
    assert_eq!(remarks(&after), [Remark::AnsweredAfterClosing]);
    let before = [received(0), reply("r", 2), closed("c", 3)];
    assert_eq!(remarks(&before), []);
}

#[test]
fn a_withdrawn_reply_is_flagged_on_the_obligation_it_would_have_met() {
    let gone = [received(0), reply("r", 2), withdrawn("w", 4, "r")];
    assert_eq!(remarks(&gone), [Remark::ReplyWithdrawn]);
    let again = [gone.as_slice(), &[reply("s", 5)]].concat();
    assert_eq!(remarks(&again), [Remark::ReplyWithdrawn]);
    let bounced = [received(0), no_reply("r", 2, |it| it.bounced = true)];
    assert_eq!(remarks(&bounced), [Remark::ReplyWithdrawn]);
    let another = [
        received(0),
        reply("r", 1),
        reply("s", 2),
        withdrawn("w", 4, "s"),
    ];
    assert_eq!(remarks(&another), [], "it was met before");
    let bot = |it: &mut ownerline_proto::v1::DealerReplied| {
        it.kind = dealer_replied::Kind::Automatic.into();
        it.bounced = true;
    };
    assert_eq!(remarks(&[received(0), no_reply("r", 2, bot)]), []);
}

#[test]
fn time_changes_an_open_obligation_at_its_levels_and_after_its_deadline() {
    let touchpoints = [received(0)];
    let mut as_of = 0;
    let mut turns = Vec::new();
    while let Some(turn) = all(&touchpoints, as_of).remove(0).turns_at(as_of.into()) {
        turns.push(turn);
        as_of = turn;
    }
    assert_eq!(
        turns,
        [
            12 * HOUR,
            18 * HOUR,
            21 * HOUR + HOUR * 6 / 10,
            24 * HOUR + 1
        ]
    );
    // Nothing else happens in between, and at each of them something does.
    let seen = |as_of: i64| {
        let detail = all(&touchpoints, as_of).remove(0);
        let come = detail.levels_come(as_of.into());
        (come, detail.obligation.outcome.in_time_as_told)
    };
    for turn in turns {
        assert_ne!(seen(turn - 1), seen(turn));
    }
    assert_eq!(seen(12 * HOUR), seen(18 * HOUR - 1));
    assert_eq!(
        seen(24 * HOUR),
        seen(24 * HOUR - 1),
        "the deadline is in time"
    );
    let met = all(&[received(0), reply("r", 2)], 3 * HOUR).remove(0);
    assert_eq!(
        (met.turns_at((3 * HOUR).into()), met.levels.len()),
        (None, 0)
    );
}

#[test]
fn a_share_of_the_budget_is_used_up_when_the_clock_says() {
    let detail = all(&[received(0)], HOUR).remove(0);
    assert_eq!(detail.uses_up(0.25), Some(6 * HOUR));
    assert_eq!(detail.uses_up(3.0), Some(72 * HOUR));
    assert_eq!(detail.uses_up(f64::INFINITY), Some(i64::MAX));
    let met = all(&[received(0), reply("r", 2)], 3 * HOUR).remove(0);
    assert_eq!(met.uses_up(0.5), None);
}
