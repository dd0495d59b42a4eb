//! Invitations, and how many of them were answered.

use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{InvitationBounced, SurveyEligible, SurveyNotInvited};

use super::*;

fn bounce(feedback: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::InvitationBounced(InvitationBounced {});
    asking_of(feedback, hour, "bounced", payload)
}

fn eligible(feedback: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::SurveyEligible(SurveyEligible {});
    asking_of(feedback, hour, "eligible", payload)
}

fn not_invited(feedback: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::SurveyNotInvited(SurveyNotInvited {
        reason: "no consent".to_owned(),
    });
    asking_of(feedback, hour, "not-invited", payload)
}

/// The numbers of eligible, invited, not invited, bounced, delivered, answered and unanswered.
fn counts(results: &ScoreResults) -> [u64; 7] {
    let it = asked(results);
    [
        it.eligible,
        it.invited,
        it.not_invited,
        it.bounced,
        it.delivered,
        it.answered,
        it.unanswered,
    ]
}

#[test]
fn an_invitation_without_an_answer_stays_in_the_denominator() {
    let mut touchpoints = Vec::new();
    for number in 0..40 {
        let feedback = format!("f{number}");
        touchpoints.extend([
            eligible(&feedback, 1),
            invited(&feedback, 2, "service"),
            delivered(&feedback, 3),
        ]);
        if number < 10 {
            touchpoints.push(score(&feedback, 9, 8));
        }
    }
    touchpoints.extend([eligible("n", 1), not_invited("n", 2)]);
    let total = world(&touchpoints).total();
    assert_eq!(counts(&total), [41, 40, 1, 0, 40, 10, 30]);
    let rate = asked(&total).response_rate.as_ref().unwrap();
    assert_eq!((rate.n, rate.point), (40, Some(0.25)));
    // Wilson, computed apart.
    assert!((rate.low.unwrap() - 0.141_871).abs() < 1e-5, "{rate:?}");
    assert!((rate.high.unwrap() - 0.401_940).abs() < 1e-5, "{rate:?}");
}

#[test]
fn an_invitation_that_bounced_later_was_not_delivered_unless_it_arrived_again() {
    let mut touchpoints = vec![
        invited("f", 1, "service"),
        delivered("f", 2),
        score("f", 9, 8),
    ];
    assert_eq!(counts(&world(&touchpoints).total()), [0, 1, 0, 0, 1, 1, 0]);
    touchpoints.push(bounce("f", 5));
    let bounced = world(&touchpoints);
    assert_eq!(counts(&bounced.total()), [0, 1, 0, 1, 0, 0, 0]);
    // The answer counts all the same.
    assert_eq!(nps(&bounced.total()).n, 1);
    let before = bounced.ask(&Asking {
        as_of: 4 * HOUR,
        ..Asking::default()
    });
    assert_eq!(counts(&before.0), [0, 1, 0, 0, 1, 0, 1]);
    touchpoints.push(delivered("f", 6));
    assert_eq!(counts(&world(&touchpoints).total()), [0, 1, 0, 0, 1, 1, 0]);
}

#[test]
fn a_reminder_is_no_second_invitation() {
    let touchpoints = [
        invited("f", 1, "service"),
        delivered("f", 2),
        invited("f", 5, "service"),
        delivered("f", 6),
    ];
    assert_eq!(counts(&world(&touchpoints).total()), [0, 1, 0, 0, 1, 0, 1]);
}

#[test]
fn an_answer_without_a_delivered_invitation_is_no_response() {
    let touchpoints = [
        score("a", 1, 9),
        invited("b", 1, "service"),
        score("b", 2, 9),
    ];
    let total = world(&touchpoints).total();
    assert_eq!(counts(&total), [0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(nps(&total).n, 2);
}

#[test]
fn an_invitation_counts_when_and_for_whom_it_was_delivered() {
    let touchpoints = [
        invited("f", 1, "service"),
        delivered("f", 2).at_dealer(""),
        score("f", 50, 9).at_dealer("d2"),
        reassigned("m", 3, "d3").of("f"),
    ];
    let world = world(&touchpoints);
    let by_dealer = world.groups(GroupBy::Dealer);
    assert_eq!(counts(&by_dealer["d1"]), [0, 1, 0, 0, 1, 1, 0]);
    assert_eq!(nps(&by_dealer["d1"]).n, 0);
    assert_eq!(nps(&by_dealer["d3"]).n, 1);
    let in_period = |dealer: &str, from: i64, until: i64| {
        let scope = Scope {
            dealer_id: Some(dealer.to_owned()),
            survey: None,
            period: Period {
                from: Some(from * HOUR),
                until: Some(until * HOUR),
                ..Period::default()
            },
            ..Scope::default()
        };
        world.ask(&Asking {
            scope,
            ..Asking::default()
        })
    };
    // The item is found under its dealer by its delivery, though it was received in another period.
    assert_eq!(counts(&in_period("d1", 2, 3).0), [0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(counts(&in_period("d1", 3, 90).0), [0; 7]);
    assert_eq!(in_period("d3", 3, 90).0.received, 1);
}

#[test]
fn an_invitation_that_names_no_dealer_is_of_the_first_that_its_stream_names() {
    // The feedback names d2 before any invitation names a dealer.
    let touchpoints = [
        invited("f", 1, "service").at_dealer(""),
        score("f", 2, 9).at_dealer("d2"),
        delivered("f", 3).at_dealer("d4"),
    ];
    let by_dealer = world(&touchpoints).groups(GroupBy::Dealer);
    assert_eq!(counts(&by_dealer["d2"]), [0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&by_dealer["d4"]), [0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(nps(&by_dealer["d2"]).n, 1);
}

#[test]
fn each_touchpoint_of_an_invitation_counts_for_the_dealer_it_names() {
    let touchpoints = [
        eligible("f", 1).at_dealer("d1"),
        invited("f", 2, "service").at_dealer("d2"),
        delivered("f", 3).at_dealer(""),
    ];
    let by_dealer = world(&touchpoints).groups(GroupBy::Dealer);
    assert_eq!(counts(&by_dealer["d1"]), [1, 0, 0, 0, 1, 0, 1]);
    assert_eq!(counts(&by_dealer["d2"]), [0, 1, 0, 0, 0, 0, 0]);
}

#[test]
fn the_survey_of_an_invitation_is_the_one_it_names() {
    let touchpoints = [
        invited("a", 1, "service"),
        delivered("a", 2),
        invited("b", 1, "handover"),
        delivered("b", 2),
    ];
    let world = world(&touchpoints);
    assert_eq!(
        asked(&world.groups(GroupBy::Survey)["service"]).delivered,
        1
    );
    let scope = Scope {
        survey: Some("handover".to_owned()),
        ..Scope::default()
    };
    let answer = world.ask(&Asking {
        scope,
        ..Asking::default()
    });
    assert_eq!(asked(&answer.0).delivered, 1);
}
