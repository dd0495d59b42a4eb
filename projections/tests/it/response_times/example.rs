//! The example of docs/response-times.md, and single rules.

use ownerline_projections::calendar::BudgetClock;
use ownerline_projections::feedback::Part;
use ownerline_projections::response_times::{GroupBy, Scope};
use ownerline_proto::v1::response_times::Incidence;
use ownerline_proto::v1::{Channel, ResponseTimes};
use pbjson_types::Duration;

use super::{Asking, Figures, counted, network, published};
use crate::feedback::touchpoints::*;

fn hours(hours: i64) -> Option<Duration> {
    Some(Duration {
        seconds: hours * 3_600,
        nanos: 0,
    })
}

fn asking(group_by: Option<GroupBy>, as_of: i64) -> Asking {
    Asking {
        scope: Scope::default(),
        group_by,
        as_of: as_of * HOUR,
    }
}

fn figures(touchpoints: &[FeedbackTouchpoint], asking: &Asking) -> Figures {
    let (network, rules) = (network(), default_rules());
    let folded = folded(touchpoints);
    let question = asking.question(&rules, &network);
    let kept = published(counted(&folded, question, true, Part::WHOLE, None));
    let read = published(counted(&folded, question, false, Part::WHOLE, None));
    assert_eq!(kept, read);
    kept
}

fn example() -> Vec<FeedbackTouchpoint> {
    let feedback = |id: &str, hour| {
        let mut touchpoints = received(hour).of(id).at_dealer("d1");
        touchpoints.touchpoint.id = format!("fb-{id}");
        touchpoints
    };
    vec![
        feedback("a", 0),
        feedback("b", 0),
        feedback("c", 0),
        feedback("d", 0),
        feedback("e", 70),
        feedback("f", 90),
        feedback("g", 0),
        reply("ra", 2).of("a"),
        reply("rb", 24).of("b"),
        reply("rc", 30).of("c"),
        closed("cd", 48).of("d"),
        excluded("xg", 20).of("g"),
    ]
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!(
        (found - expected).abs() < 1e-12,
        "{found} is not {expected}"
    );
}

#[test]
fn the_example_of_the_documentation_comes_out_as_computed_by_hand() {
    let (total, groups, cut) = figures(&example(), &asking(None, 100));
    assert!(groups.is_empty() && !cut);
    let counts = [total.received, total.due, total.answered, total.in_time];
    assert_eq!(counts, [7, 5, 3, 2]);
    let counts = [
        total.closed_unanswered,
        total.open,
        total.open_beyond_target,
        total.excluded,
    ];
    assert_eq!(counts, [1, 2, 1, 1]);
    assert_eq!(total.oldest_open, hours(30));
    let on_time = total.on_time.unwrap();
    close(on_time.share, 0.4);
    close(on_time.low, 0.117_620_774_232_647_86);
    close(on_time.high, 0.769_275_718_723_987);
    let [median, p90] = &total.quantiles[..] else {
        panic!("{:?}", total.quantiles)
    };
    assert_eq!((median.at, p90.at), (hours(30), None));
    assert_eq!(total.target, hours(24));
    close(total.survival_at_target.unwrap().survival, 9.0 / 14.0);
    assert_eq!(total.naive_median_of_answered, hours(24));
    let [_, target] = &total.incidences[..] else {
        panic!("{:?}", total.incidences)
    };
    assert_eq!(target.at, hours(24));
    close(target.answered, 5.0 / 14.0);
    close(target.closed_unanswered, 0.0);
    // 2 + 24 + 30 + 48 + 30 + 10.
    assert_eq!(total.waited, hours(144));
    let bars: Vec<_> = total.distribution.iter().map(|it| it.answered).collect();
    assert_eq!(bars, [0, 1, 0, 1, 1, 0, 0, 0, 0, 0]);
}

#[test]
fn outcomes_add_up_to_all_items_once_none_is_open() {
    let (network, rules) = (network(), default_rules());
    let folded = folded(&example());
    let asking = asking(None, 100);
    let question = asking.question(&rules, &network);
    let counted = counted(&folded, question, true, Part::WHOLE, None);
    let (total, ..) = counted.publish(&[168 * 3_600], false);
    let last: &Incidence = total.incidences.last().unwrap();
    close(last.answered, 4.0 / 7.0);
    close(last.closed_unanswered, 3.0 / 7.0);
}

#[test]
fn nothing_received_is_zero_items_and_no_figure() {
    let (total, groups, _) = figures(&[], &asking(Some(GroupBy::Dealer), 100));
    assert!(groups.is_empty());
    assert_eq!((total.received, total.due), (0, 0));
    let on_time = total.on_time.unwrap();
    assert_eq!(
        (on_time.share, on_time.low, on_time.high),
        (None, None, None)
    );
    assert!(total.quantiles.iter().all(|it| it.at.is_none()));
    assert!(total.survival_at_target.is_none() && total.oldest_open.is_none());
    assert!(total.incidences.iter().all(|it| it.answered.is_none()));
}

fn of<'f>(figures: &'f Figures, key: &str) -> &'f ResponseTimes {
    let group = figures.1.iter().find(|it| it.key == key);
    group.unwrap().times.as_ref().unwrap()
}

#[test]
fn an_item_counts_for_the_dealer_at_its_end_and_both_are_given_their_time() {
    let touchpoints = [
        received(0),
        reassigned("m", 10, "d2"),
        reply("r", 30).by("amy", "d2"),
    ];
    let figures = figures(&touchpoints, &asking(Some(GroupBy::Dealer), 100));
    assert_eq!(
        (of(&figures, "d1").received, of(&figures, "d2").received),
        (0, 1)
    );
    assert_eq!(of(&figures, "d1").waited, hours(10));
    assert_eq!(of(&figures, "d2").waited, hours(20));
    assert_eq!(figures.0.waited, hours(30));
}

#[test]
fn a_reply_of_another_dealer_is_credited_to_who_gave_it() {
    let touchpoints = [received(0), reply("r", 30).by("zoe", "d9")];
    let figures = figures(&touchpoints, &asking(Some(GroupBy::Responder), 100));
    assert_eq!((figures.0.answered, figures.0.answered_by_others), (1, 1));
    assert_eq!(of(&figures, "zoe").answered, 1);
}

#[test]
fn an_item_counts_in_the_month_in_which_its_dealer_received_it() {
    // 1970-01-31T20:00Z is February in Tokyo, where the dealer has moved, and January in New York.
    let hour = 30 * 24 + 20;
    let touchpoints = [
        received(hour).of("a"),
        received(hour).of("b").at_dealer("d2"),
        received(hour).of("c").at_dealer("d9"),
    ];
    let mut touchpoints = touchpoints.to_vec();
    for (touchpoints, id) in touchpoints.iter_mut().zip(["a", "b", "c"]) {
        touchpoints.touchpoint.id = id.to_owned();
    }
    let months = figures(&touchpoints, &asking(Some(GroupBy::Month), 2_000));
    assert_eq!(
        (
            of(&months, "1970-01").received,
            of(&months, "1970-02").received
        ),
        (2, 1)
    );
    let markets = figures(&touchpoints, &asking(Some(GroupBy::Market), 2_000));
    let keys: Vec<_> = markets.1.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["", "JP", "US"]);
}

#[test]
fn channels_are_named_in_lower_case_and_surveys_by_their_id() {
    let touchpoints = [received(0).through(Channel::InPerson)];
    let channels = figures(&touchpoints, &asking(Some(GroupBy::Channel), 9));
    assert_eq!(of(&channels, "in_person").received, 1);
    let surveys = figures(&touchpoints, &asking(Some(GroupBy::Survey), 9));
    assert_eq!(of(&surveys, "nps").received, 1);
}

#[test]
fn a_reply_in_a_later_episode_counts_in_total_only() {
    let touchpoints = [
        received(0),
        closed("c", 10),
        reopened("o", 20),
        reply("r", 50),
    ];
    let (total, ..) = figures(&touchpoints, &asking(None, 100));
    assert_eq!(
        (total.answered, total.closed_unanswered, total.reopened),
        (0, 1, 1)
    );
    assert_eq!(total.answered_in_total, 1);
    assert_eq!(total.naive_median_in_total, hours(50));
    assert_eq!(total.naive_median_of_answered, None);
}

#[test]
fn where_no_first_reply_is_owed_items_are_received_and_said_to_owe_none() {
    let (network, rules) = (network(), rules(Vec::new()));
    let folded = folded(&example());
    let asking = asking(Some(GroupBy::Dealer), 100);
    let question = asking.question(&rules, &network);
    let figures = published(counted(&folded, question, false, Part::WHOLE, None));
    assert_eq!(
        (figures.0.received, figures.0.not_owed, figures.0.due),
        (7, 7, 0)
    );
    assert_eq!(of(&figures, "d1").not_owed, 7);
}

#[test]
fn targets_that_differ_are_not_shown_as_one() {
    use ownerline_projections::obligation::terms::{InForce, Terms};
    use ownerline_proto::v1::sla_policy::obligation::Kind;
    use std::sync::Arc;

    #[derive(Debug)]
    struct ByStart;
    impl InForce for ByStart {
        fn terms(&self, _: &str, start: i64) -> Arc<Terms> {
            let mut one = term(Kind::FirstReply, if start > 0 { 12 } else { 24 });
            one.clock = BudgetClock::Elapsed;
            rules(vec![one]).0
        }
    }
    let network = network();
    let folded = folded(&example());
    let asking = asking(None, 100);
    let question = asking.question(&ByStart, &network);
    let (total, ..) = published(counted(&folded, question, true, Part::WHOLE, None));
    assert_eq!((total.target, total.survival_at_target), (None, None));
    assert_eq!(total.incidences.len(), 2);
}
