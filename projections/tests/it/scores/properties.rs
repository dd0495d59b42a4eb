//! Properties over random histories: arrival, parts and the way an item is found change nothing.

use jiff::ToSpan;
use jiff::civil::Date;
use ownerline_projections::Position;
use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{InvitationBounced, SurveyEligible, SurveyNotInvited};
use proptest::prelude::*;

use super::*;
use crate::cases::cases;

/// A touchpoint: its kind, stream, instant and dealer, and its target if it corrects or retracts.
type Made = (
    usize,
    usize,
    i64,
    &'static str,
    i32,
    i64,
    Option<(usize, bool)>,
);

fn made() -> impl Strategy<Value = Vec<Made>> {
    let one = (
        0_usize..10,
        0_usize..6,
        0_i64..60,
        prop::sample::select(&["", "d1", "d1", "d2", "d3"]),
        0_i32..=10,
        0_i64..4,
        prop::option::weighted(0.15, (0_usize..60, any::<bool>())),
    );
    prop_oneof![
        9 => prop::collection::vec(one.clone(), 1..60),
        1 => prop::collection::vec(one, 300..500),
    ]
}

fn touchpoints(made: &[Made]) -> Vec<FeedbackTouchpoint> {
    let mut touchpoints: Vec<FeedbackTouchpoint> = Vec::new();
    for (at, (kind, stream, hour, dealer, points, late, _)) in made.iter().enumerate() {
        let feedback = &format!("f{stream}");
        let survey = if points % 2 == 0 {
            "service"
        } else {
            "handover"
        };
        let it = match kind {
            0..3 => feedback_with(feedback, *hour, |it| {
                it.score = (*points > 0).then_some(*points);
                it.survey = survey.to_owned();
                it.solicited = points % 3 > 0;
                let ticked = [("satisfaction", points / 2), ("effort", points - 1)];
                let ticked = ticked.map(|(name, ticked)| (name.to_owned(), ticked.to_string()));
                it.answers = ticked.into();
            }),
            3 => invited(feedback, *hour, survey),
            4 | 5 => delivered(feedback, *hour),
            6 => asking_of(
                feedback,
                *hour,
                "",
                Payload::InvitationBounced(InvitationBounced {}),
            ),
            7 => asking_of(
                feedback,
                *hour,
                "",
                Payload::SurveyEligible(SurveyEligible {}),
            ),
            8 => reassigned("", *hour, "d2").of(feedback),
            _ if *points < 8 => {
                let payload = Payload::SurveyNotInvited(SurveyNotInvited::default());
                asking_of(feedback, *hour, "", payload)
            }
            _ => excluded("", *hour).of(feedback),
        };
        let mut it = it.at_dealer(dealer).arrived(hour + late);
        it.touchpoint.id = format!("t{at}");
        touchpoints.push(it);
    }
    for (at, it) in made.iter().enumerate() {
        let Some((target, retracts)) = it.6 else {
            continue;
        };
        let target = touchpoints[target % touchpoints.len()].touchpoint.clone();
        let feedback = target.subjects.clone().unwrap_or_default().feedback_id;
        if retracts {
            let id = touchpoints[at].touchpoint.id.clone();
            touchpoints[at] = retracted(&id, it.2, &target.id).of(&feedback);
        } else {
            let own = &mut touchpoints[at].touchpoint;
            let subjects = own.subjects.get_or_insert_default();
            subjects.feedback_id = feedback;
            own.payload = target.payload;
            own.corrects = named(&target.id);
        }
    }
    touchpoints
}

fn day(number: i64) -> Date {
    Date::constant(1970, 1, 1) + number.days()
}

fn asking() -> impl Strategy<Value = Asking> {
    let groups = &[
        GroupBy::Dealer,
        GroupBy::Market,
        GroupBy::Survey,
        GroupBy::Month,
    ];
    let text = |texts: &'static [&'static str]| {
        prop::option::weighted(0.25, prop::sample::select(texts).prop_map(str::to_owned))
    };
    let hour = prop::option::weighted(0.25, 0_i64..60);
    let date = prop::option::weighted(0.2, -1_i64..4);
    (
        text(&["GB", "US", ""]),
        text(&["d1", "d2", "d3", ""]),
        text(&["service", "handover"]),
        (hour.clone(), hour),
        (date.clone(), date),
        prop::option::of(prop::sample::select(groups)),
        prop_oneof![Just(i64::MAX), (0_i64..70).prop_map(|hour| hour * HOUR)],
    )
        .prop_map(
            |(market, dealer_id, survey, period, dates, group_by, as_of)| Asking {
                scope: Scope {
                    market,
                    dealer_id,
                    survey,
                    model: None,
                    period: Period {
                        from: period.0.map(|hour| hour * HOUR),
                        until: period.1.map(|hour| hour * HOUR),
                        from_date: dates.0.map(day),
                        until_date: dates.1.map(day),
                    },
                },
                group_by,
                as_of,
                ..Asking::default()
            },
        )
}

fn dealers() -> Vec<FeedbackTouchpoint> {
    vec![
        registered("d1", "GB", "Europe/London"),
        registered("d2", "US", "America/New_York"),
    ]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_order_of_arrival_and_any_parts_give_the_same(
        (made, order) in made().prop_flat_map(|made| {
            let order: Vec<usize> = (0..made.len()).collect();
            (Just(made), Just(order).prop_shuffle())
        }),
        asking in asking(),
    ) {
        let history = touchpoints(&made);
        let shuffled: Vec<FeedbackTouchpoint> = order.iter().map(|at| history[*at].clone()).collect();
        let expected = world(&[dealers(), history].concat()).ask(&asking);
        let arrived = world(&[shuffled, dealers()].concat());
        prop_assert_eq!(&arrived.ask(&asking), &expected);
        let in_parts = Asking { parts: 3, ..asking };
        prop_assert_eq!(&arrived.ask(&in_parts), &expected);
    }

    #[test]
    fn as_known_then_equals_a_server_that_stopped_there(
        made in made(),
        asking in asking(),
        share in 0.0_f64..1.0,
    ) {
        let history = [dealers(), touchpoints(&made)].concat();
        let position = (history.len() as f64 * share) as usize;
        let known = Asking { known_at: Position(position as u64), ..asking.clone() };
        let stopped = world(&history[..position]).ask(&asking);
        prop_assert_eq!(world(&history).ask(&known), stopped);
    }

    #[test]
    fn groups_add_up_to_the_total_and_each_dealer_is_found_alone(
        made in made(),
        asking in asking(),
    ) {
        let history = [dealers(), touchpoints(&made)].concat();
        let world = world(&history);
        let by_dealer = Asking { group_by: Some(GroupBy::Dealer), ..asking.clone() };
        let (total, groups, _) = world.ask(&by_dealer);
        let figures: [fn(&ScoreResults) -> u64; 9] = [
            |it| it.received,
            |it| it.excluded,
            |it| it.unsolicited,
            |it| nps(it).n,
            |it| with_excluded(it).n,
            |it| asked(it).eligible,
            |it| asked(it).delivered,
            |it| asked(it).answered,
            |it| asked(it).bounced,
        ];
        for figure in figures {
            let sum: u64 = groups.iter().map(|it| figure(it.results.as_ref().unwrap())).sum();
            prop_assert_eq!(sum, figure(&total));
        }
        // The way by dealer and period finds what the way over all items counts.
        for group in groups {
            let alone = Asking {
                scope: Scope { dealer_id: Some(group.key), ..asking.scope.clone() },
                group_by: None,
                ..asking.clone()
            };
            let (found, ..) = world.ask(&alone);
            prop_assert_eq!(plain(found), plain(group.results.unwrap()));
        }
    }
}

/// The results without the figures that only groups have.
fn plain(mut results: ScoreResults) -> ScoreResults {
    let scores = [&mut results.scores, &mut results.with_excluded];
    for scores in scores.into_iter().flatten() {
        let all = [
            &mut scores.nps,
            &mut scores.csat,
            &mut scores.ces_mean,
            &mut scores.ces_top_three,
        ];
        all.into_iter().flatten().for_each(alone);
    }
    if let Some(invitations) = &mut results.invitations {
        invitations.response_rate.iter_mut().for_each(alone);
    }
    results
}

fn alone(figure: &mut ScoreFigure) {
    figure.shrunken = None;
    figure.no_shrunken = 0;
    figure.funnel = None;
}
