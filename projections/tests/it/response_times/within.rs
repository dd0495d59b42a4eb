//! Within the target is the same in every figure of an answer, also in open hours.

use ownerline_projections::feedback::items;
use ownerline_projections::obligation::FirstReply;
use proptest::prelude::*;
use std::ops::ControlFlow;

use super::*;
use crate::cases::cases;
use crate::feedback::open_hours::office_hours;
use crate::feedback::properties::histories;
use crate::feedback::touchpoints::*;

fn total(touchpoints: &[FeedbackTouchpoint], rules: &Rules, as_of: i64) -> ResponseTimes {
    let asking = Asking {
        scope: Scope::default(),
        group_by: None,
        as_of: as_of * HOUR,
    };
    let network = network();
    let question = asking.question(rules, &network);
    published(counted(
        &folded(touchpoints),
        question,
        true,
        Part::WHOLE,
        None,
    ))
    .0
}

/// Replies within the target, by the bars of the distribution.
fn within_target(total: &ResponseTimes) -> u64 {
    let target = total.target.unwrap().seconds;
    let bars = total.distribution.iter();
    let within = bars.filter(|bar| bar.until.is_some_and(|until| until.seconds <= target));
    within.map(|bar| bar.answered).sum()
}

#[test]
fn a_reply_in_closed_time_right_after_the_deadline_is_in_time_in_every_figure() {
    // Thursday, 1 January 1970: received at 8, due at 16, answered at 20.
    let total = total(&[received(8), reply("r", 20)], &office_hours(8), 40);
    assert_eq!(
        (total.in_time, total.in_time_as_known, total.due),
        (1, 1, 1)
    );
    assert_eq!(within_target(&total), 1);
    let survival = total.survival_at_target.as_ref().unwrap();
    assert_eq!(survival.survival, Some(0.0));
    let target = total.target;
    let at_target = total.incidences.iter().find(|it| it.at == target).unwrap();
    assert_eq!(at_target.answered, Some(1.0));
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_reply_is_in_time_if_it_took_no_longer_than_the_target(
        touchpoints in histories(),
        as_of in 0_i64..70,
        hours in 1_i64..12,
        is_open_hours in any::<bool>(),
    ) {
        let rules = match is_open_hours {
            true => office_hours(hours),
            false => rules(vec![term(ownerline_proto::v1::sla_policy::obligation::Kind::FirstReply, hours)]),
        };
        let total = total(&touchpoints, &rules, as_of);
        if total.target.is_some() {
            prop_assert_eq!(total.in_time, within_target(&total));
        }
        let folded = folded(&touchpoints);
        items(&folded.feedback, &folded.validity(), &mut |item| {
            if let Some(summary) = FirstReply::of(&item, (as_of * HOUR).into())
                && let Some(outcome) = summary.outcome(&rules.0, (as_of * HOUR).into())
            {
                let is_within = outcome.spent <= i128::from(hours * HOUR);
                if let Some(touchpoints) = outcome.in_time_as_told {
                    let is_answered = summary.answer(false).is_some();
                    assert_eq!(touchpoints, is_answered && is_within);
                }
                let until = outcome.in_time_until;
                let end = outcome.ended_at.unwrap_or(as_of * HOUR);
                assert_eq!(is_within, until.is_none_or(|until| end <= until));
                assert!(outcome.due_at <= until || until.is_none());
            }
            ControlFlow::Continue(())
        }).unwrap();
    }
}
