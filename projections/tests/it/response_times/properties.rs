//! Properties over random histories: kept first replies and items folded on read give the same counts.

use std::ops::ControlFlow;

use jiff::ToSpan;
use jiff::civil::Date;
use ownerline_projections::civil::Period;
use ownerline_projections::feedback::{Part, items};
use ownerline_projections::obligation::{ItemState, State, segments};
use ownerline_projections::response_times::{Counted, Counter, GroupBy, One, Scope};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, ResponseTimes};
use proptest::prelude::*;

use super::{Asking, counted, network, published};
use crate::cases::cases;
use crate::feedback::properties::{Mixed, histories};
use crate::feedback::touchpoints::*;

fn text(texts: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.3, prop::sample::select(texts).prop_map(str::to_owned))
}

/// Instants, or dates, which are read in the zone of each item.
fn period() -> impl Strategy<Value = Period> {
    let hour = || prop::option::weighted(0.3, (-2_i64..45).prop_map(|hour| hour * HOUR));
    let day = || {
        prop::option::weighted(
            0.2,
            (-1_i64..4).prop_map(|day| Date::constant(1970, 1, 1) + day.days()),
        )
    };
    (hour(), hour(), day(), day()).prop_map(|(from, until, from_date, until_date)| Period {
        from,
        until,
        from_date,
        until_date,
    })
}

fn asking() -> impl Strategy<Value = Asking> {
    let groups = &[
        GroupBy::Dealer,
        GroupBy::Market,
        GroupBy::Channel,
        GroupBy::Survey,
        GroupBy::Month,
        GroupBy::Responder,
    ];
    (
        text(&["GB", "JP", "US", ""]),
        text(&["d1", "d2", "d3", ""]),
        text(&["nps", "csat"]),
        text(&["amy", "bob"]),
        prop::option::weighted(0.1, Just(Channel::Unspecified)),
        period(),
        prop::option::of(prop::sample::select(groups)),
        -1_i64..70,
    )
        .prop_map(|it| {
            let (market, dealer_id, survey, responder_id, channel, period, group_by, as_of) = it;
            Asking {
                scope: Scope {
                    market,
                    dealer_id,
                    channel,
                    survey,
                    responder_id,
                    period,
                },
                group_by,
                as_of: as_of * HOUR,
            }
        })
}

/// The counts in plain code: every item, one after the other, with its whole state.
fn by_brute_force(folded: &Folded, asking: &Asking) -> Counted {
    let network = network();
    let mut counter = Counter::new(asking.question(&Mixed, &network));
    items(&folded.feedback, &folded.validity(), &mut |item| {
        if let Some(summary) =
            ownerline_projections::obligation::FirstReply::of(&item, asking.as_of.into())
        {
            let segments = segments(&item, asking.as_of.into());
            counter.add(&One {
                names: item.names(),
                summary: &summary,
                segments: Some(&segments),
                booked: None,
            });
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    counter.finish()
}

fn parts(folded: &Folded, asking: &Asking, from_summaries: bool) -> Counted {
    let network = network();
    let question = asking.question(&Mixed, &network);
    let mut whole = Counted::default();
    for part in Part::split(3) {
        whole.merge(counted(folded, question, from_summaries, part, None));
    }
    whole
}

fn sum(figures: &[ResponseTimes], figure: fn(&ResponseTimes) -> u64) -> u64 {
    figures.iter().map(figure).sum()
}

/// Nanoseconds.
fn waited(times: &ResponseTimes) -> u64 {
    let waited = times.waited.unwrap_or_default();
    u64::try_from(waited.seconds).unwrap() * 1_000_000_000 + u64::try_from(waited.nanos).unwrap()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn kept_summaries_and_folding_on_read_give_the_same_figures(
        touchpoints in histories(),
        asking in asking(),
    ) {
        let folded = folded(&touchpoints);
        let network = network();
        let question = asking.question(&Mixed, &network);
        let expected = published(by_brute_force(&folded, &asking));
        for from_summaries in [true, false] {
            let found = counted(&folded, question, from_summaries, Part::WHOLE, None);
            prop_assert_eq!(&published(found), &expected, "{}", from_summaries);
            if asking.scope.dealer_id.is_none() {
                prop_assert_eq!(&published(parts(&folded, &asking, from_summaries)), &expected);
            }
        }
    }

    #[test]
    fn every_item_is_somewhere_and_groups_add_up_to_the_total(
        touchpoints in histories(),
        asking in asking(),
    ) {
        let folded = folded(&touchpoints);
        let (total, groups, _) = published(by_brute_force(&folded, &asking));
        let inside = total.open - total.open_beyond_target;
        prop_assert_eq!(total.received, total.due + inside + total.excluded + total.not_owed);
        prop_assert_eq!(
            total.due,
            total.answered + total.closed_unanswered + total.open_beyond_target
        );
        prop_assert!(total.in_time <= total.answered);
        prop_assert_eq!(total.distribution.iter().map(|it| it.answered).sum::<u64>(), total.answered);
        if asking.group_by.is_some() {
            let groups: Vec<_> = groups.into_iter().filter_map(|it| it.times).collect();
            let figures: [fn(&ResponseTimes) -> u64; 6] = [
                |it| it.received,
                |it| it.due,
                |it| it.in_time,
                |it| it.open,
                |it| it.excluded,
                waited,
            ];
            for figure in figures {
                prop_assert_eq!(sum(&groups, figure), figure(&total));
            }
        }
    }

    #[test]
    fn the_total_is_the_sum_over_the_items(touchpoints in histories(), as_of in -1_i64..70) {
        let folded = folded(&touchpoints);
        let asking = Asking { scope: Scope::default(), group_by: None, as_of: as_of * HOUR };
        let mut expected = [0_u64; 5];
        items(&folded.feedback, &folded.validity(), &mut |item| {
            let state = ItemState::at(&item, &Mixed, asking.as_of);
            let mut first = state.obligations.iter().filter(|it| it.kind == Kind::FirstReply);
            if let Some(first) = first.find(|it| it.episode == 0) {
                let at = match first.outcome.state {
                    State::Open => 0,
                    State::AnsweredInTime => 1,
                    State::AnsweredLate => 2,
                    State::ClosedUnanswered => 3,
                    State::Excluded => 4,
                };
                expected[at] += 1;
            }
            ControlFlow::Continue(())
        }).unwrap();
        let (total, ..) = published(by_brute_force(&folded, &asking));
        let late = total.answered - total.in_time;
        let found = [total.open, total.in_time, late, total.closed_unanswered, total.excluded];
        prop_assert_eq!(found, expected);
    }
}
