//! Groups compared with the network they belong to.

use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::v1::funnel_position::Standing;
use ownerline_proto::v1::score_figure::NoShrunken;

use super::*;

/// Five dealers of two markets: a large one, a large bad one, one of six answers and two of twelve with nothing but
/// praise.
fn network() -> Vec<FeedbackTouchpoint> {
    let mut touchpoints = vec![
        registered("d1", "GB", "Europe/London"),
        registered("d2", "GB", "Europe/London"),
        registered("d3", "JP", "Asia/Tokyo"),
        registered("d4", "JP", "Asia/Tokyo"),
        registered("d5", "JP", "Asia/Tokyo"),
    ];
    touchpoints.extend(many("d1", 60, 10));
    touchpoints.extend(many("d1", 20, 7));
    touchpoints.extend(many("d1", 20, 3));
    touchpoints.extend(many("d2", 20, 10));
    touchpoints.extend(many("d2", 20, 7));
    touchpoints.extend(many("d2", 60, 3));
    touchpoints.extend(many("d3", 6, 10));
    touchpoints.extend(many("d4", 12, 10));
    touchpoints.extend(many("d5", 12, 10));
    touchpoints
}

fn of_dealer(dealer: &str, group_by: Option<GroupBy>) -> Asking {
    Asking {
        scope: Scope {
            dealer_id: Some(dealer.to_owned()),
            ..Scope::default()
        },
        group_by,
        ..Asking::default()
    }
}

#[test]
fn the_figure_of_a_small_group_is_drawn_towards_the_network_and_says_how_far() {
    let groups = world(&network()).groups(GroupBy::Dealer);
    let small = nps(&groups["d4"]);
    assert_eq!((small.n, small.point), (12, None));
    let drawn = small.shrunken.as_ref().unwrap();
    assert_eq!(small.no_shrunken(), NoShrunken::Unspecified);
    assert!(drawn.expected > 3.0 && drawn.expected < 98.0, "{drawn:?}");
    assert!(drawn.low < drawn.expected && drawn.expected < drawn.high);
    let large = nps(&groups["d1"]).shrunken.as_ref().unwrap();
    assert!(
        large.network_share < drawn.network_share,
        "{large:?} {drawn:?}"
    );
    assert!((large.expected - 40.0).abs() < 4.0, "{large:?}");
}

#[test]
fn without_enough_answers_or_peers_there_is_no_figure_but_a_reason() {
    let reason = |touchpoints: &[FeedbackTouchpoint], dealer: &str| {
        let groups = world(touchpoints).groups(GroupBy::Dealer);
        let figure = nps(&groups[dealer]);
        assert_eq!(
            figure.shrunken.is_none(),
            figure.no_shrunken() != NoShrunken::Unspecified
        );
        figure.no_shrunken()
    };
    // Of six answers no figure of any kind is shown, whatever the network.
    assert_eq!(reason(&network(), "d3"), NoShrunken::FewAnswers);
    let four: Vec<FeedbackTouchpoint> = (1..=4)
        .flat_map(|dealer| many(&format!("d{dealer}"), 50, 9))
        .collect();
    assert_eq!(reason(&four, "d1"), NoShrunken::FewGroups);
    let dealers = |each: usize| -> Vec<FeedbackTouchpoint> {
        let all = (1..=9).flat_map(|dealer| many(&format!("d{dealer}"), each, 9));
        all.collect()
    };
    assert_eq!(reason(&dealers(11), "d1"), NoShrunken::FewNetworkAnswers);
    assert_eq!(reason(&dealers(12), "d1"), NoShrunken::Unspecified);
    let alone = world(&many("d1", 1, 10)).groups(GroupBy::Dealer);
    assert_eq!(nps(&alone["d1"]).n, 1);
    assert!(nps(&alone["d1"]).shrunken.is_none());
}

#[test]
fn a_group_is_placed_in_its_funnel_only_where_its_point_may_be_shown() {
    let groups = world(&network()).groups(GroupBy::Dealer);
    assert!(nps(&groups["d3"]).funnel.is_none());
    let standing = |dealer: &str| nps(&groups[dealer]).funnel.as_ref().unwrap().standing();
    assert_eq!(standing("d1"), Standing::Above);
    assert_eq!(standing("d2"), Standing::FarBelow);
    let funnel = nps(&groups["d1"]).funnel.as_ref().unwrap();
    // 110 promoters, 80 detractors of 230; the variance of p + d − (p − d)² over 100.
    let (p, d) = (110.0_f64 / 230.0, 80.0_f64 / 230.0);
    let error = ((p + d - (p - d) * (p - d)) / 100.0).sqrt();
    let expected = [100.0 * (p - d), 100.0 * (p - d + 1.96 * error)];
    for (found, expected) in [funnel.centre, funnel.warning_high].iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn the_comparison_of_a_group_does_not_depend_on_what_is_shown() {
    let world = world(&network());
    let all = world.groups(GroupBy::Dealer);
    let (total, one, _) = world.ask(&of_dealer("d3", Some(GroupBy::Dealer)));
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].results.as_ref(), Some(&all["d3"]));
    assert_eq!(total.received, 6);
    let market = Asking {
        scope: Scope {
            market: Some("GB".to_owned()),
            ..Scope::default()
        },
        ..by(GroupBy::Dealer)
    };
    let (_, of_market, _) = world.ask(&market);
    let of_market = by_key(of_market);
    assert_eq!(of_market.len(), 2);
    assert_eq!(of_market["d2"], all["d2"]);
}

#[test]
fn a_period_and_a_survey_limit_the_network_that_groups_are_compared_with() {
    let mut touchpoints = network();
    let later = score("later", 50, 3).at_dealer("d1");
    touchpoints.push(later);
    let until = Asking {
        scope: Scope {
            period: Period {
                until: Some(50 * HOUR),
                ..Period::default()
            },
            ..Scope::default()
        },
        ..by(GroupBy::Dealer)
    };
    let before = world(&network()).groups(GroupBy::Dealer);
    assert_eq!(by_key(world(&touchpoints).ask(&until).1), before);
}

#[test]
fn where_not_all_groups_are_kept_figures_are_still_drawn_towards_the_whole_network() {
    let one = |number: usize| match number {
        5 => [many("d00005", 8, 10), many("d00005", 2, 0)].concat(),
        _ => many(&format!("d{number:05}"), 1, 10),
    };
    let mut touchpoints: Vec<FeedbackTouchpoint> = (0..10_000).flat_map(one).collect();
    touchpoints.extend(many("z", 3_000, 0));
    let groups = world(&touchpoints).groups(GroupBy::Dealer);
    assert!(
        !groups.contains_key("z"),
        "the keys that come first are kept"
    );
    let drawn = nps(&groups["d00005"]).shrunken.as_ref().unwrap();
    // It is at 60 itself, the groups that are kept at 100 but for it, the network at (10,007 − 3,002) ÷ 13,009.
    assert!((53.8..60.0).contains(&drawn.expected), "{drawn:?}");
}

#[test]
fn months_and_totals_have_no_peers() {
    let world = world(&network());
    let (total, months, _) = world.ask(&by(GroupBy::Month));
    let all = [&total, months[0].results.as_ref().unwrap()];
    for results in all {
        let figure = nps(results);
        assert!(figure.point.is_some());
        assert!(figure.shrunken.is_none() && figure.funnel.is_none());
    }
    let markets = world.groups(GroupBy::Market);
    assert!(nps(&markets["JP"]).funnel.is_some());
    assert_eq!(nps(&markets["JP"]).no_shrunken(), NoShrunken::FewGroups);
}

#[test]
fn the_dealers_together_are_the_network() {
    let (total, groups, is_cut) = world(&network()).ask(&by(GroupBy::Dealer));
    let n: u64 = groups
        .iter()
        .map(|it| nps(it.results.as_ref().unwrap()).n)
        .sum();
    assert_eq!((n, nps(&total).n, is_cut), (230, 230, false));
}
